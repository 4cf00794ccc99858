"""A quantised ONNX file in double precision: the judge between the integer graph and onnxruntime's float32 sums."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

Real = NDArray[np.float64]


class DequantizeLinear(OpRun):  # type: ignore[misc]  # onnx has no types
    """``(x − zero point) · scale`` in double precision; everything after it stays double."""

    def _run(self, x: Any, scale: Any, zero_point: Any = None, axis: int = 1, **_: object) -> tuple[Real]:
        shape = [1] * x.ndim
        if scale.size > 1:
            shape[axis] = -1
        offset = np.float64(0) if zero_point is None else zero_point.astype(np.float64).reshape(shape)
        return ((x.astype(np.float64) - offset) * scale.astype(np.float64).reshape(shape),)


class QuantizeLinear(OpRun):  # type: ignore[misc]  # onnx has no types
    """``round(x / scale) + zero point``, halves to even, clamped."""

    def _run(self, x: Any, scale: Any, zero_point: Any, **_: object) -> tuple[Any]:
        bounds = np.iinfo(zero_point.dtype)
        integers = np.rint(x / scale.astype(np.float64)) + zero_point
        return (np.clip(integers, bounds.min, bounds.max).astype(zero_point.dtype),)


def exact_runner(model: onnx.ModelProto) -> Callable[[NDArray[np.float32]], Real]:
    """A function from an input to the first output, every sum in double precision."""
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    for node in plain.graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            node.domain = ""  # onnxruntime has 16-bit ones in a domain of its own
    evaluator = ReferenceEvaluator(plain, new_ops=[DequantizeLinear, QuantizeLinear])
    name = plain.graph.input[0].name
    return lambda values: np.asarray(evaluator.run(None, {name: values})[0])
