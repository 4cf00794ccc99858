"""Reads an ONNX file and refuses, by name, what cannot become an integer graph."""

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from lockstep.errors import ModelError
from lockstep.ir.importer.operators import SUPPORTED
from lockstep.ir.importer.trees import ENSEMBLES, has_ensemble

QUANTISERS = ("QuantizeLinear", "DequantizeLinear")


def load_onnx(path: Path) -> onnx.ModelProto:
    """The model with static shapes (a free batch size becomes 1). Raises ``ModelError``."""
    if not path.is_file():
        raise ModelError("model/missing", "no such file", value=path)
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except Exception as error:  # protobuf, the checker and the loader of external data each have errors of their own
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError("model/corrupt", f"not a sound ONNX file: {reason}", value=path) from None
    _require_finite(model)
    if not has_ensemble(model):
        require_supported(model)
    _fix_shapes(model)
    try:
        return shape_inference.infer_shapes(model, strict_mode=False)
    except Exception as error:
        raise ModelError("model/corrupt", f"shapes do not fit together: {error}", value=path) from None


def is_quantised(model: onnx.ModelProto) -> bool:
    """Whether the file is in QDQ form already."""
    return any(node.op_type in QUANTISERS for node in model.graph.node)


def require_supported(model: onnx.ModelProto) -> None:
    """Raises ``ModelError`` ``model/unsupported-op`` with the node's name and what is supported."""
    for node in model.graph.node:
        if node.op_type not in SUPPORTED and node.op_type not in QUANTISERS:
            raise ModelError(
                "model/unsupported-op",
                f"operator {node.op_type} of node {node.name or node.output[0]!r} is not supported",
                remedy="supported: " + ", ".join(sorted(SUPPORTED | ENSEMBLES)),
            )


def _require_finite(model: onnx.ModelProto) -> None:
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ModelError(
                "model/not-finite",
                f"constant {tensor.name!r} holds NaN or infinity",
                remedy="train or export the model again",
            )


def _fix_shapes(model: onnx.ModelProto) -> None:
    constants = {tensor.name for tensor in model.graph.initializer}
    for value in model.graph.input:
        if value.name in constants:
            continue
        if not value.type.tensor_type.HasField("shape"):
            raise ModelError("model/dynamic-shape", f"input {value.name!r} has no shape", remedy="export with shapes")
        for axis, extent in enumerate(value.type.tensor_type.shape.dim):
            if extent.dim_value > 0:
                continue
            if axis > 0:
                raise ModelError(
                    "model/dynamic-shape",
                    f"axis {axis} of input {value.name!r} has no fixed size",
                    value=extent.dim_param or "?",
                    remedy="only the batch size may be free: export with fixed shapes",
                )
            extent.ClearField("dim_param")
            extent.dim_value = 1
    for value in (*model.graph.output, *model.graph.value_info):
        value.type.tensor_type.ClearField("shape")
