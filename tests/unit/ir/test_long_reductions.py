"""Reductions longer than a step reads are split, and nothing but the number of nodes changes."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from bench.models import Builder
from lockstep.exec.run import Program
from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model
from lockstep.ir.ops import Opcode
from lockstep.ir.quantise import dequantise_output, quantise_input


def compiled(builder: Builder, output: str, shapes: tuple[list[int], list[int]], folder: Path, kind: int) -> Graph:
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, shapes[0])]
    outputs = [helper.make_tensor_value_info(output, kind, shapes[1])]
    graph = helper.make_graph(builder.nodes, "long", inputs, outputs, builder.initializers)
    path = folder / "long.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return compile_model(path)


@pytest.mark.parametrize("classes", [4097, 5003, 9000])
def test_argmax_over_many_classes_is_the_first_of_the_greatest(tmp_path: Path, classes: int) -> None:
    builder = Builder()
    logits = builder.dense("x", 8, classes)
    output = builder.add("ArgMax", logits, axis=1, keepdims=0)
    graph = compiled(builder, output, ([1, 8], [1]), tmp_path, TensorProto.INT64)
    program = Program(graph)
    product = next(n for n, node in enumerate(graph.nodes) if node.opcode is Opcode.MATMUL)
    for seed in range(10):
        values = np.random.default_rng(seed).standard_normal((1, 8))
        trace = program.run_trace([quantise_input(graph.inputs[0], values)])
        found = int(trace.values(0, len(graph.nodes) - 1).reshape(-1)[0])
        assert found == int(trace.values(0, product).argmax())


def test_softmax_over_a_prime_number_of_classes_adds_up(tmp_path: Path) -> None:
    builder = Builder()
    output = builder.add("Softmax", builder.dense("x", 8, 1031), axis=1)
    graph = compiled(builder, output, ([1, 8], [1, 1031]), tmp_path, TensorProto.FLOAT)
    values = quantise_input(graph.inputs[0], np.random.default_rng(0).standard_normal((1, 8)))
    shares = dequantise_output(graph.outputs[0], Program(graph).run([values])[0])
    assert abs(shares.sum() - 1) < 1031 * graph.outputs[0].scale


def test_average_over_a_window_that_opens_too_much_is_a_split_convolution(tmp_path: Path) -> None:
    builder = Builder()
    output = builder.add("AveragePool", builder.conv("x", (3, 1024), kernel=1), kernel_shape=[7, 7], strides=[2, 2])
    graph = compiled(builder, output, ([1, 3, 9, 9], [1, 1024, 2, 2]), tmp_path, TensorProto.FLOAT)
    assert Opcode.AVGPOOL not in {node.opcode for node in graph.nodes}
    image = quantise_input(graph.inputs[0], np.random.default_rng(1).standard_normal((1, 3, 9, 9)))
    trace = Program(graph).run_trace([image])
    first = next(n for n, node in enumerate(graph.nodes) if node.opcode is Opcode.CONV)
    before, spec = trace.values(0, first).astype(np.int64), graph.nodes[first]
    windows = [before[:, y : y + 7, x : x + 7].mean(axis=(1, 2)) - spec.zero_point for y in (0, 2) for x in (0, 2)]
    after = dequantise_output(graph.outputs[0], trace.values(0, len(graph.nodes) - 1)).reshape(1024, 4)
    scale = np.abs(after).max() / np.abs(np.stack(windows, axis=-1)).max()
    assert np.abs(after - scale * np.stack(windows, axis=-1).reshape(1024, 4)).max() <= 1.5 * graph.outputs[0].scale
