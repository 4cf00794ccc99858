"""Collects the nodes and constants of a graph under construction."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lockstep.ir.dtypes import DType
from lockstep.ir.graph import ATTRIBUTES, Constant, Node, Operand, TensorSpec
from lockstep.ir.importer.fixed_point import fixed_point
from lockstep.ir.importer.values import Encoding, Parameter, Value
from lockstep.ir.limits import RANK
from lockstep.ir.ops import Opcode, OperandKind

Range = tuple[int, int]


@dataclass
class GraphBuilder:
    """Nodes, constants and inputs so far; methods add a node and return its value."""

    inputs: list[TensorSpec] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    constants: list[Constant] = field(default_factory=list)
    name: str = ""
    """The ONNX node that is being compiled; nodes are named after it."""

    def add_input(self, name: str, shape: tuple[int, ...], encoding: Encoding) -> Value:
        self.inputs.append(TensorSpec(name, encoding.dtype, shape, encoding.scale, encoding.zero_point))
        return Value(OperandKind.INPUT, len(self.inputs) - 1, shape, tuple(range(len(shape))), encoding)

    def add_constant(self, values: NDArray[np.integer], dtype: DType, *, zero_point: int = 0) -> Operand:
        """A constant as an operand."""
        stored = np.ascontiguousarray(np.atleast_1d(values), dtype=dtype.numpy)
        self.constants.append(Constant(dtype, stored))
        return Operand(OperandKind.WEIGHT, len(self.constants) - 1, dtype, stored.shape, zero_point)

    def add_table(self, biases: NDArray[np.int64], multipliers: NDArray[np.int64]) -> Operand:
        """A channel table: rows of (bias, multiplier)."""
        return self.add_constant(np.stack([biases, multipliers], axis=1), DType.I64)

    def add(
        self,
        opcode: Opcode,
        operands: Sequence[Operand],
        shape: tuple[int, ...],
        encoding: Encoding,
        *,
        order: tuple[int, ...] | None = None,
        attributes: Sequence[int] = (),
        multiplier: int = 1,
        multiplier2: int = 1,
        shift: int = 0,
        clamp: Range | None = None,
    ) -> Value:
        """A node whose result has ``encoding``; ``shape`` is physical."""
        low, high = clamp or (encoding.dtype.minimum, encoding.dtype.maximum)
        self.nodes.append(
            Node(
                name=f"{self.name}/{opcode.name.lower()}",
                opcode=opcode,
                operands=tuple(self._as_made(operand) for operand in operands),
                dtype=encoding.dtype,
                shape=shape,
                low=low,
                high=high,
                zero_point=encoding.zero_point,
                multiplier=int(multiplier),
                multiplier2=int(multiplier2),
                shift=shift,
                attributes=tuple(int(a) for a in attributes) + (0,) * (ATTRIBUTES - len(attributes)),
            )
        )
        return Value(OperandKind.TRACE, len(self.nodes) - 1, shape, order or tuple(range(len(shape))), encoding)

    def _as_made(self, operand: Operand) -> Operand:
        """The operand under the shape that it was made with: a file knows no other."""
        if operand.kind is OperandKind.WEIGHT:
            return operand
        made = self.inputs if operand.kind is OperandKind.INPUT else self.nodes
        return replace(operand, shape=made[operand.index].shape)

    def arranged(self, value: Value, order: tuple[int, ...]) -> Value:
        """The value with its bytes in the given order of ONNX axes; a COPY only where bytes really move."""
        present = [axis for axis, extent in zip(value.order, value.shape, strict=True) if extent > 1]
        wanted = [axis for axis in order if value.logical_shape[axis] > 1]
        shape = tuple(value.logical_shape[axis] for axis in order)
        if present == wanted:
            return Value(value.kind, value.index, shape, order, value.encoding)
        strides = value.strides()
        steps = [strides[axis] for axis in order]
        encoding = Encoding(value.encoding.dtype, value.encoding.scale, value.encoding.zero_point)
        return self.add(Opcode.COPY, [value.operand()], shape, encoding, order=order, attributes=steps)

    def logical(self, value: Value) -> Value:
        """The value with its bytes in ONNX order."""
        return self.arranged(value, tuple(range(len(value.shape))))

    def requantised(self, value: Value, encoding: Encoding, clamp: Range | None = None) -> Value:
        """The value in another encoding; nothing is added when it has it already and is not clamped."""
        if value.encoding == encoding and clamp is None:
            return value
        ratio = np.array([value.encoding.scale / encoding.scale])
        multipliers, shift = fixed_point(ratio, value.encoding.reach)
        return self.add(
            Opcode.REQUANT,
            [value.operand()],
            value.shape,
            encoding,
            order=value.order,
            multiplier=multipliers[0],
            shift=shift,
            clamp=clamp,
        )

    def held(self, parameter: Parameter, dtype: DType) -> tuple[Operand, Encoding]:
        """A constant of an elementwise operator as an operand of ``dtype``, in ONNX order."""
        if parameter.scales is not None and parameter.zero_points is not None and parameter.scales.size == 1:
            zero_point = int(parameter.zero_points[0])
            kind = DType.I8 if parameter.values.itemsize == 1 else dtype
            encoding = Encoding(kind, float(parameter.scales[0]), zero_point)
            return self.add_constant(parameter.values, kind, zero_point=zero_point), encoding
        real = parameter.real()
        scale = float(np.abs(real).max()) / dtype.maximum or 1.0
        return self.add_constant(np.rint(real / scale).astype(np.int64), dtype), Encoding(dtype, scale, 0)


def view_attributes(strides: Sequence[Sequence[int]]) -> list[int]:
    """Attributes a0 … a13 of an elementwise operator: six strides an operand, no offset."""
    flat: list[int] = []
    for steps in strides:
        flat += [*steps, *(0,) * (RANK - len(steps))]
    return flat
