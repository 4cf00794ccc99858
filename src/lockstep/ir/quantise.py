"""Between the real values that people have and the integers that a graph takes and gives."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lockstep.errors import ShapeError
from lockstep.ir.edges import count_edges_below
from lockstep.ir.graph import TensorSpec


def quantise_input(spec: TensorSpec, values: ArrayLike) -> NDArray[np.signedinteger]:
    """``round(value / scale) + zero_point``, clamped to the type, or the number of edges below; shape as ``spec``.

    Raises ``ShapeError``.
    """
    real = np.asarray(values, dtype=np.float64)
    if real.size != np.prod(spec.shape):
        raise ShapeError(
            "input/shape", f"input {spec.name} has another shape", value=real.shape, remedy=f"give {list(spec.shape)}"
        )
    if not np.isfinite(real).all():
        raise ShapeError("input/not-finite", f"input {spec.name} has a value that is not a finite number")
    if spec.edges:
        return count_edges_below(spec, real)
    integers = np.rint(real.reshape(spec.shape) / spec.scale) + spec.zero_point
    clamped: NDArray[np.float64] = np.clip(integers, spec.dtype.minimum, spec.dtype.maximum)
    return clamped.astype(spec.dtype.numpy)


def dequantise_output(spec: TensorSpec, integers: NDArray[np.signedinteger]) -> NDArray[np.float64]:
    """``scale · (integer − zero_point)``."""
    return spec.scale * (integers.astype(np.float64) - spec.zero_point)
