"""What a model is given: as many tensors, of the shapes and types that it declares."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ShapeError
from lockstep.ir.graph import Graph

Tensor = NDArray[np.signedinteger]


def check_inputs(graph: Graph, inputs: Sequence[Tensor]) -> list[Tensor]:
    """The inputs as arrays of the types that the graph declares. Raises ``ShapeError``."""
    if len(inputs) != len(graph.inputs):
        remedy = f"give {len(graph.inputs)}: " + ", ".join(spec.name for spec in graph.inputs)
        raise ShapeError("input/count", "the model takes another number of inputs", value=len(inputs), remedy=remedy)
    return [_check_input(graph, number, np.asarray(tensor)) for number, tensor in enumerate(inputs)]


def _check_input(graph: Graph, number: int, tensor: Tensor) -> Tensor:
    spec = graph.inputs[number]
    if tensor.shape != spec.shape:
        remedy = f"give {list(spec.shape)}"
        raise ShapeError("input/shape", f"input {spec.name} has another shape", value=tensor.shape, remedy=remedy)
    if tensor.dtype == spec.dtype.numpy:
        return tensor
    if tensor.dtype.kind not in "iu":
        raise ShapeError("input/dtype", f"input {spec.name} is not of integers", value=tensor.dtype, remedy="quantise")
    if int(tensor.min()) < spec.dtype.minimum or int(tensor.max()) > spec.dtype.maximum:
        raise ShapeError("input/range", f"a value of input {spec.name} does not fit {spec.dtype.width} bits")
    return tensor.astype(spec.dtype.numpy)
