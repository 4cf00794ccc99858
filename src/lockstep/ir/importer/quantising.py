"""fp32 to QDQ with onnxruntime's own static quantiser: onnxruntime on that file is the oracle (decision 0014)."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from lockstep.errors import ModelError
from lockstep.ir.importer.input_encodings import encode_inputs
from lockstep.ir.importer.loading import require_supported

SAMPLES = 16
"""Inputs drawn from N(0, 1) when no calibration data are given."""

ACTIVATIONS = {8: QuantType.QUInt8, 16: QuantType.QUInt16}
NOT_QUANTISED = ("ArgMax", "Constant", "Shape", "Gather", "Cast")
Sample = dict[str, NDArray[np.float32]]


class _Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """What onnxruntime's calibrator asks for samples."""

    def __init__(self, samples: Iterable[Sample], on_progress: Callable[[str], None]) -> None:
        self._samples: Iterator[Sample] = iter(samples)
        self._on_progress = on_progress
        self._count = 0

    def get_next(self) -> Sample | None:
        self._count += 1
        self._on_progress(f"calibrating, sample {self._count}")
        return next(self._samples, None)


def quantise_model(
    model: onnx.ModelProto,
    calibration: Iterable[Sample] | None,
    *,
    activation_bits: int,
    on_progress: Callable[[str], None],
) -> onnx.ModelProto:
    """The same model in QDQ form: per-channel i8 weights, 8- or 16-bit activations, batch norm folded."""
    if activation_bits not in ACTIVATIONS:
        raise ModelError("model/bits", "activations have 8 or 16 bits", value=activation_bits)
    samples = list(calibration) if calibration is not None else draw_samples(model)
    _check_samples(model, samples)
    with tempfile.TemporaryDirectory() as folder:
        plain, prepared, quantised = (Path(folder) / f"{stage}.onnx" for stage in ("plain", "prepared", "quantised"))
        on_progress("folding constants and batch norms")
        onnx.save(
            without_factors(model), plain
        )  # given no file, the pre-processor mislays what it holds as external data
        quant_pre_process(plain, prepared, skip_symbolic_shape=True)
        ready = with_plain_sums(onnx.load(prepared))
        require_supported(ready)
        kinds = sorted({node.op_type for node in ready.graph.node} - set(NOT_QUANTISED))
        logging.getLogger().setLevel(logging.ERROR)  # the quantiser warns on the root logger about every choice
        quantize_static(
            ready,
            quantised,
            _Reader(samples, on_progress),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=kinds,
            nodes_to_exclude=averages_between_quantised(ready, kinds),
            per_channel=True,
            activation_type=ACTIVATIONS[activation_bits],
            weight_type=QuantType.QInt8,
            extra_options={"ForceQuantizeNoInputCheck": True, "UseQDQContribOps": activation_bits == 16},
        )
        result = onnx.load(quantised)
        encode_inputs(result, samples, activation_bits)
        return result


def without_factors(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with alpha and beta of every Gemm multiplied into its constants; the quantiser forgets beta."""
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    constants = {tensor.name: tensor for tensor in changed.graph.initializer}
    for node in changed.graph.node:
        if node.op_type != "Gemm":
            continue
        factors = {attribute.name: attribute for attribute in node.attribute if attribute.name in ("alpha", "beta")}
        for place, name in ((1, "alpha"), (2, "beta")):
            if name in factors and factors[name].f != 1.0 and node.input[place : place + 1]:
                tensor = constants.get(node.input[place])
                if tensor is None:
                    continue
                scaled = (numpy_helper.to_array(tensor) * factors[name].f).astype(np.float32)
                node.input[place] = f"{tensor.name}/{node.output[0]}"
                changed.graph.initializer.append(numpy_helper.from_array(scaled, node.input[place]))
                factors[name].f = 1.0
    return changed


def with_plain_sums(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same model with every Gemm that adds something computed as a product and an Add again.

    The pre-processor fuses them, but then the product, unlike the sum, would have no encoding.
    """
    changed = onnx.ModelProto()
    changed.CopyFrom(model)
    del changed.graph.node[:]
    constants = {tensor.name for tensor in model.graph.initializer}
    for node in model.graph.node:
        changed.graph.node.append(node)
        if node.op_type != "Gemm" or len(node.input) < 3 or node.input[2] in constants or not node.input[2]:
            continue
        if any(attribute.name == "beta" and attribute.f != 1.0 for attribute in node.attribute):
            raise ModelError(
                "model/unsupported-op", f"Gemm of node {node.name!r} scales something that is not constant"
            )
        product = changed.graph.node[-1]
        addend, result = product.input.pop(), product.output[0]
        product.output[0] = f"{result}/product"
        changed.graph.node.append(helper.make_node("Add", [product.output[0], addend], [result], f"{node.name}/sum"))
    return changed


def averages_between_quantised(model: onnx.ModelProto, kinds: list[str]) -> list[str]:
    """Average pools that get an encoding of their own from the operators around them.

    The quantiser would give such a pool the scale of its input. Then a quarter of all means of four lie exactly between
    two integers, where rounding is a matter of convention, and the range that means leave is wasted.
    """
    kinds = [kind for kind in kinds if kind != "AveragePool"]
    made_by = {name: node.op_type for node in model.graph.node for name in node.output}
    results = {value.name for value in model.graph.output}
    found = []
    for node in model.graph.node:
        users = [user.op_type for user in model.graph.node if node.output[0] in user.input]
        is_between = made_by.get(node.input[0]) in kinds and set(users) <= set(kinds) and node.output[0] not in results
        if node.op_type == "AveragePool" and node.name and is_between:
            found.append(node.name)
    return found


def draw_samples(model: onnx.ModelProto) -> list[Sample]:
    """Standard normal inputs, the same every time."""
    random = np.random.default_rng(0)
    shapes = _input_shapes(model)
    return [
        {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
        for _ in range(SAMPLES)
    ]


def _input_shapes(model: onnx.ModelProto) -> dict[str, tuple[int, ...]]:
    constants = {tensor.name for tensor in model.graph.initializer}
    return {
        value.name: tuple(extent.dim_value for extent in value.type.tensor_type.shape.dim)
        for value in model.graph.input
        if value.name not in constants
    }


def _check_samples(model: onnx.ModelProto, samples: list[Sample]) -> None:
    """Raises ``ModelError`` ``model/calibration`` unless every sample gives every input, finite and in its shape."""
    shapes = _input_shapes(model)
    for number, sample in enumerate(samples):
        given = {name: np.shape(values) for name, values in sample.items()}
        if given != shapes:
            raise ModelError(
                "model/calibration", f"sample {number} does not fit the inputs", value=given, remedy=f"give {shapes}"
            )
        if not all(np.isfinite(values).all() for values in sample.values()):
            raise ModelError("model/calibration", f"sample {number} has a value that is not a finite number")
    if not samples:
        raise ModelError("model/calibration", "no samples to calibrate with", remedy="give some, or none at all")
