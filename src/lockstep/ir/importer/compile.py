"""Compiles an ONNX file: quantise if need be, then walk the QDQ graph and lower one node at a time."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from lockstep.crypto.hashing import keccak256
from lockstep.errors import ModelError
from lockstep.ir.check import check_graph
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Graph, TensorSpec
from lockstep.ir.importer.builder import GraphBuilder
from lockstep.ir.importer.loading import QUANTISERS, is_quantised, load_onnx
from lockstep.ir.importer.operators import KNOWN_RANGES, OPERATORS, Call, fused_bounds
from lockstep.ir.importer.quantising import Sample, quantise_model
from lockstep.ir.importer.shapes import MOVES
from lockstep.ir.importer.trees import has_ensemble, lower_ensemble
from lockstep.ir.importer.values import Encoding, Parameter, Pending, Value
from lockstep.ir.ops import Opcode, OperandKind

Entry = Value | Parameter | Pending


def compile_model(
    path: Path,
    *,
    calibration: Iterable[Sample] | None = None,
    activation_bits: int = 8,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Graph:
    """The integer graph of an ONNX file: fp32, QDQ or a tree ensemble. Raises ``ModelError``.

    ``calibration``: input arrays by name. Trees need none, and have numbers of 16 bits.
    """
    on_progress("reading " + Path(path).name)
    model = load_onnx(Path(path))
    source = keccak256(Path(path).read_bytes()).hex()
    if has_ensemble(model):
        graph = lower_ensemble(model, source=source)
        check_graph(graph)
        return graph
    if not is_quantised(model):
        model = quantise_model(model, calibration, activation_bits=activation_bits, on_progress=on_progress)
    on_progress("building the integer graph")
    graph = lower_model(model, DType(activation_bits), source=source)
    on_progress("checking value ranges")
    check_graph(graph)
    return graph


def lower_model(model: onnx.ModelProto, dtype: DType, *, source: str = "") -> Graph:
    """The integer graph of a QDQ model; ``dtype`` encodes results whose range is known without calibration."""
    lowering = _Lowering(model, dtype)
    for node in model.graph.node:
        lowering.lower(node)
    return lowering.finish(source)


class _Lowering:
    """What every name stands for so far."""

    def __init__(self, model: onnx.ModelProto, dtype: DType) -> None:
        self._model, self._dtype = model, dtype
        self._builder = GraphBuilder()
        self._uses = Counter(name for node in model.graph.node for name in node.input)
        self._uses.update(value.name for value in model.graph.output)
        self._entries: dict[str, Entry] = {
            tensor.name: Parameter(numpy_helper.to_array(tensor)) for tensor in model.graph.initializer
        }
        self._free = {
            value.name: tuple(extent.dim_value for extent in value.type.tensor_type.shape.dim)
            for value in model.graph.input
            if value.name not in self._entries
        }

    def lower(self, node: onnx.NodeProto) -> None:
        """Gives the node's first output a meaning."""
        self._builder.name = node.name or node.output[0]
        attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        if node.op_type == "Constant":
            self._entries[node.output[0]] = Parameter(numpy_helper.to_array(attributes["value"]))
        elif node.op_type in QUANTISERS:
            self._entries[node.output[0]] = self._requantise(node, attributes)
        else:
            self._entries[node.output[0]] = self._operate(node, attributes)

    def finish(self, source: str) -> Graph:
        """The graph; its outputs are its last nodes."""
        found = [self._finished(value.name) for value in self._model.graph.output]
        names = [value.name for value in self._model.graph.output]
        first = len(self._builder.nodes) - len(found)
        is_last = [v.kind is OperandKind.TRACE and v.index == first + i for i, v in enumerate(found)]
        if not all(is_last):
            self._builder.name = "output"
            found = [self._copied(value) for value in found]
        outputs = [
            TensorSpec(name, v.encoding.dtype, v.logical_shape, v.encoding.scale, v.encoding.zero_point)
            for name, v in zip(names, found, strict=True)
        ]
        builder = self._builder
        return Graph(tuple(builder.inputs), tuple(outputs), tuple(builder.nodes), tuple(builder.constants), source)

    def _copied(self, value: Value) -> Value:
        strides = value.strides()
        return self._builder.add(
            Opcode.COPY,
            [value.operand()],
            value.logical_shape,
            value.encoding,
            attributes=[strides[axis] for axis in range(len(value.shape))],
        )

    def _finished(self, name: str) -> Value:
        """A graph output as a value in ONNX order."""
        entry = self._entries.get(name)
        if isinstance(entry, Pending):
            entry = self._lower_pending(entry, self._known_encoding(name, entry))
        if not isinstance(entry, Value):
            raise ModelError("model/constant", f"output {name!r} does not depend on an input")
        return self._builder.logical(entry)

    def _known_encoding(self, name: str, pending: Pending) -> Encoding:
        if pending.node.op_type == "ArgMax":
            return Encoding(DType.I32, 1.0, 0)
        bounds = KNOWN_RANGES.get(pending.node.op_type)
        if bounds is None:
            raise ModelError(
                "model/not-quantised",
                f"tensor {name!r} has no QuantizeLinear",
                remedy="quantise the whole model, or give the fp32 file",
            )
        scale = (bounds[1] - bounds[0]) / ((1 << self._dtype.width) - 1)
        return Encoding(self._dtype, scale, round(self._dtype.minimum - bounds[0] / scale))

    def _source(self, name: str) -> Value | Parameter | None:
        """What a float operator reads."""
        if not name:
            return None
        entry = self._entries.get(name)
        if isinstance(entry, Pending):
            entry = self._entries[name] = self._lower_pending(entry, self._known_encoding(name, entry))
        if entry is None:
            raise ModelError("model/not-quantised", f"tensor {name!r} has no QuantizeLinear", remedy="quantise inputs")
        return entry

    def _requantise(self, node: onnx.NodeProto, attributes: dict[str, Any]) -> Entry:
        scales, zero_points, dtype = self._scales(node)
        entry = self._entries.get(node.input[0])
        if isinstance(entry, Parameter):
            return _parameter(entry, node.op_type, scales, zero_points, dtype, attributes.get("axis", 1))
        if scales.size != 1:
            raise ModelError("model/unsupported-op", f"node {self._builder.name} quantises an activation by channel")
        encoding = Encoding(dtype, float(scales[0]), int(zero_points[0]))
        if entry is None:
            return self._builder.add_input(node.input[0], self._free[node.input[0]], encoding)
        if node.op_type == "DequantizeLinear":
            return entry
        return self._lower_pending(entry, encoding) if isinstance(entry, Pending) else self._as(entry, encoding)

    def _as(self, value: Value, encoding: Encoding) -> Value:
        return self._builder.requantised(value, encoding)

    def _scales(self, node: onnx.NodeProto) -> tuple[np.ndarray, np.ndarray, DType]:
        """Scales, zero points and type of a QuantizeLinear or DequantizeLinear, in our signed types."""
        scale = self._entries.get(node.input[1])
        given = self._entries.get(node.input[2]) if len(node.input) > 2 and node.input[2] else None
        if not isinstance(scale, Parameter) or isinstance(given, Value | Pending):
            raise ModelError("model/not-constant", f"node {self._builder.name}: scale and zero point must be constants")
        scales = np.atleast_1d(scale.values).astype(np.float64)
        points = np.atleast_1d(given.values) if given is not None else np.zeros(scales.shape, dtype=np.uint8)
        if points.dtype.kind not in "iu" or not (np.isfinite(scales).all() and (scales > 0).all()):
            raise ModelError("model/not-quantised", f"node {self._builder.name}: not an integer encoding")
        dtype = DType(8 * points.dtype.itemsize)
        return scales, points.astype(np.int64) - _offset(points.dtype), dtype

    def _operate(self, node: onnx.NodeProto, attributes: dict[str, Any]) -> Entry:
        op_type, first = node.op_type, self._entries.get(node.input[0])
        if op_type in ("Relu", "Clip") and isinstance(first, Pending) and self._uses[node.input[0]] == 1:
            low, high = fused_bounds(op_type, [None, *map(self._source, node.input[1:])], attributes)
            return replace(first, minimum=max(first.minimum, low), maximum=min(first.maximum, high))
        inputs = tuple(self._source(name) for name in node.input)
        value = inputs[0]
        if op_type in MOVES and isinstance(value, Value):
            return MOVES[op_type](self._builder, value, inputs[1:], attributes)
        if op_type in MOVES and isinstance(value, Parameter) and op_type in ("Identity", "Dropout"):
            return value
        if op_type == "MaxPool" and isinstance(value, Value):
            return self._lower_pending(Pending(node, inputs), value.encoding)
        return Pending(node, inputs)

    def _lower_pending(self, pending: Pending, encoding: Encoding) -> Value:
        node, outer = pending.node, self._builder.name
        self._builder.name = node.name or node.output[0]
        attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        call = Call(self._builder, node.op_type, pending.inputs, attributes, encoding, pending.minimum, pending.maximum)
        value = OPERATORS[node.op_type](call)
        self._builder.name = outer
        return value


def _offset(dtype: np.dtype[Any]) -> int:
    """What turns an unsigned integer into our signed one."""
    return 1 << (8 * dtype.itemsize - 1) if dtype.kind == "u" else 0


def _parameter(
    entry: Parameter, op_type: str, scales: np.ndarray, zero_points: np.ndarray, dtype: DType, axis: int
) -> Parameter:
    """A constant behind a QuantizeLinear or DequantizeLinear."""
    if op_type == "DequantizeLinear":
        values = entry.values
        signed = (values.astype(np.int64) - _offset(values.dtype)).astype(f"i{max(1, values.dtype.itemsize)}")
        return entry if entry.scales is not None else Parameter(signed, scales, zero_points, axis)
    shape = [1] * entry.values.ndim
    if scales.size > 1:
        shape[axis] = -1
    integers = np.rint(entry.real() / scales.reshape(shape)) + zero_points.reshape(shape)
    clipped = np.clip(integers, dtype.minimum, dtype.maximum).astype(dtype.numpy)
    return Parameter(clipped, scales, zero_points, axis)
