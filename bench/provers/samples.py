"""What both sides are fed: inputs from one seed, and the fp32 outputs that theirs are held against."""

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

SAMPLES = 20
SEED = 7


def draw_samples(model: onnx.ModelProto, count: int = SAMPLES) -> NDArray[np.float32]:
    """Standard normal inputs, ``[count, …]``: all calibrate, the first is proved."""
    shape = [axis.dim_value for axis in model.graph.input[0].type.tensor_type.shape.dim]
    return np.random.default_rng(SEED).normal(size=(count, *shape[1:])).astype(np.float32)


def distance_from_fp32(model: onnx.ModelProto, sample: NDArray[np.float32], outputs: NDArray[np.float64]) -> float:
    """The largest difference between the outputs that were proved and onnxruntime's."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = session.run(None, {model.graph.input[0].name: sample})[0].reshape(-1)
    return float(np.abs(outputs.reshape(-1) - expected).max())
