"""What a name in an ONNX graph stands for while it is compiled: an integer tensor with a scale and a layout."""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Operand
from lockstep.ir.ops import OperandKind


@dataclass(frozen=True, slots=True)
class Encoding:
    """Real value = scale · (integer − zero_point); signed integers of ``dtype``."""

    dtype: DType
    scale: float
    zero_point: int

    @property
    def reach(self) -> int:
        """The greatest |integer − zero_point|."""
        return max(self.zero_point - self.dtype.minimum, self.dtype.maximum - self.zero_point)

    def quantise(self, real: float) -> int:
        """The nearest integer, clamped."""
        return max(self.dtype.minimum, min(self.dtype.maximum, round(real / self.scale) + self.zero_point))


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor of the graph. Physical axis ``i`` is axis ``order[i]`` of the ONNX tensor; ``shape`` is physical."""

    kind: OperandKind
    index: int
    shape: tuple[int, ...]
    order: tuple[int, ...]
    encoding: Encoding

    @property
    def logical_shape(self) -> tuple[int, ...]:
        """The shape that ONNX knows."""
        shape = [0] * len(self.shape)
        for extent, axis in zip(self.shape, self.order, strict=True):
            shape[axis] = extent
        return tuple(shape)

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def is_logical(self) -> bool:
        """Whether the bytes stand in the order that ONNX knows; axes of size 1 do not matter."""
        order = [axis for axis, extent in zip(self.order, self.shape, strict=True) if extent > 1]
        return order == sorted(order)

    def operand(self, *, zero_point: int | None = None) -> Operand:
        """This value as what a node reads."""
        zero = self.encoding.zero_point if zero_point is None else zero_point
        return Operand(self.kind, self.index, self.encoding.dtype, self.shape, zero)

    def viewed(self, shape: tuple[int, ...]) -> "Value":
        """The same bytes under another ONNX shape; the value must be logical."""
        return replace(self, shape=shape, order=tuple(range(len(shape))))

    def strides(self) -> dict[int, int]:
        """For each ONNX axis, the elements between neighbours along it."""
        strides, step = {}, 1
        for extent, axis in zip(reversed(self.shape), reversed(self.order), strict=True):
            strides[axis] = step
            step *= extent
        return strides


@dataclass(frozen=True, slots=True)
class Parameter:
    """A constant: integers with per-axis or single scales, or plain reals (``scales`` is None)."""

    values: NDArray[Any]
    scales: NDArray[np.float64] | None = None
    zero_points: NDArray[np.int64] | None = None
    axis: int = 0

    def real(self) -> NDArray[np.float64]:
        """The real values."""
        if self.scales is None or self.zero_points is None:
            return self.values.astype(np.float64)
        shape = [1] * self.values.ndim
        if self.scales.size > 1:
            shape[self.axis] = -1
        offset = self.values.astype(np.int64) - self.zero_points.reshape(shape)
        return np.asarray(offset * self.scales.reshape(shape), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Pending:
    """A float operator whose result has no encoding yet: it is compiled when its QuantizeLinear is met."""

    node: Any
    inputs: tuple["Value | Parameter | None", ...]
    minimum: float = -math.inf
    maximum: float = math.inf
