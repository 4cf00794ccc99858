"""What a compiled graph looks like: inputs, outputs, names, views that cost nothing, files from elsewhere."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static

from lockstep.exec.run import Program
from lockstep.ir.importer import compile_model
from lockstep.ir.ops import Opcode
from lockstep.ir.quantise import dequantise_output, quantise_input

RANDOM = np.random.default_rng(11)
W = RANDOM.normal(0, 0.5, (4, 6)).astype(np.float32)
V = RANDOM.normal(0, 0.5, (4, 6)).astype(np.float32)
ROW = [1, 4]


def saved(
    path: Path,
    nodes: list[onnx.NodeProto],
    inputs: dict[str, list[int]],
    outputs: dict[str, int],
    **constants: np.ndarray,
) -> Path:
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(name, kind, ["a", "b"]) for name, kind in outputs.items()],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_inputs_and_outputs_keep_names_and_order(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["left", "w"], ["l"], name="l"),
        helper.make_node("MatMul", ["right", "v"], ["r"], name="r"),
        helper.make_node("Add", ["l", "r"], ["both"], name="both"),
        helper.make_node("Tanh", ["both"], ["end"], name="end"),
    ]
    outputs = {"end": TensorProto.FLOAT, "l": TensorProto.FLOAT}
    graph = compile_model(saved(tmp_path / "m.onnx", nodes, {"left": ROW, "right": ROW}, outputs, w=W, v=V))
    assert sorted(spec.name for spec in graph.inputs) == ["left", "right"]
    assert [spec.name for spec in graph.outputs] == ["end", "l"]
    values = {"left": RANDOM.normal(size=ROW), "right": RANDOM.normal(size=ROW)}
    end, left = Program(graph, threads=1).run([quantise_input(spec, values[spec.name]) for spec in graph.inputs])
    expected = values["left"] @ W
    scales = [spec.scale for spec in graph.outputs]
    np.testing.assert_allclose(dequantise_output(graph.outputs[1], left), expected, atol=0.05 + scales[1])
    both = np.tanh(expected + values["right"] @ V)
    np.testing.assert_allclose(dequantise_output(graph.outputs[0], end), both, atol=0.05 + scales[0])


def test_argmax_gives_the_index_itself(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["y"], name="dense"),
        helper.make_node("ArgMax", ["y"], ["best"], name="best", axis=1),
    ]
    graph = compile_model(saved(tmp_path / "m.onnx", nodes, {"x": ROW}, {"best": TensorProto.INT64}, w=W))
    program, (spec,) = Program(graph, threads=1), graph.outputs
    assert (spec.scale, spec.zero_point, spec.dtype.width) == (1.0, 0, 32)
    hits = 0
    for _ in range(20):
        x = RANDOM.normal(size=ROW)
        hits += int(program.run([quantise_input(graph.inputs[0], x)])[0].item() == (x @ W).argmax())
    assert hits >= 18


def test_an_operator_is_named_after_its_onnx_node(tmp_path: Path) -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], name="first dense")]
    graph = compile_model(saved(tmp_path / "m.onnx", nodes, {"x": ROW}, {"y": TensorProto.FLOAT}, w=W))
    assert [node.name for node in graph.nodes] == ["first dense/matmul"]


def test_views_and_fused_activations_are_no_nodes(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["y"], name="dense"),
        helper.make_node("Relu", ["y"], ["relu"], name="relu"),
        helper.make_node("Unsqueeze", ["relu", "axis"], ["z"], name="unsqueeze"),
        helper.make_node("Flatten", ["z"], ["out"], name="flatten"),
    ]
    path = saved(tmp_path / "m.onnx", nodes, {"x": ROW}, {"out": TensorProto.FLOAT}, w=W, axis=np.array([2]))
    assert [node.opcode for node in compile_model(path).nodes] == [Opcode.MATMUL]


class _Samples(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    def __init__(self) -> None:
        self.left = [{"x": RANDOM.normal(size=ROW).astype(np.float32)} for _ in range(8)]

    def get_next(self) -> dict[str, np.ndarray] | None:
        return self.left.pop() if self.left else None


def test_a_file_that_somebody_else_quantised_is_taken_as_it_is(tmp_path: Path) -> None:
    """Unsigned weights with a zero point of their own, one scale for all channels."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["y"], name="dense"),
        helper.make_node("Sigmoid", ["y"], ["out"], name="gate"),
    ]
    plain = saved(tmp_path / "m.onnx", nodes, {"x": ROW}, {"out": TensorProto.FLOAT}, w=W)
    path = tmp_path / "q.onnx"
    quantize_static(plain, path, _Samples(), weight_type=QuantType.QUInt8, activation_type=QuantType.QUInt8)
    graph = compile_model(path)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    judge = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    for _ in range(20):
        x = RANDOM.normal(size=ROW).astype(np.float32)
        ours = Program(graph, threads=1).run([quantise_input(graph.inputs[0], x)])[0]
        expected = judge.run(None, {"x": x})[0]
        spec = graph.outputs[0]
        np.testing.assert_allclose(dequantise_output(spec, ours), expected, rtol=0, atol=1.01 * spec.scale)


def test_progress_is_told(tmp_path: Path) -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"], name="dense")]
    told: list[str] = []
    path = saved(tmp_path / "m.onnx", nodes, {"x": ROW}, {"y": TensorProto.FLOAT}, w=W)
    compile_model(path, on_progress=told.append)
    assert told[0] == "reading m.onnx"
    assert told[-1] == "checking value ranges"
    assert any(line.startswith("calibrating") for line in told)
