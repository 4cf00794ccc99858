"""MATMUL and CONV where floating point could fail: sums at 2^24 and past it, all windows, split sums, threads."""

import numpy as np
import pytest

from lockstep.exec import reference
from lockstep.exec.fusion import fuse_partial_sums
from lockstep.exec.plan_products import BINARY32, BINARY64, Product, _choose
from lockstep.exec.product_plan import describe_products, weights_of
from lockstep.exec.run import Program
from lockstep.ir.check import check_graph
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Graph
from lockstep.testing.product_graphs import ConvShape, conv_graph

RANDOM = np.random.default_rng(11)


def table_of(outputs: int) -> np.ndarray:
    biases = RANDOM.integers(-3000, 3000, outputs)
    return np.stack([biases, RANDOM.integers(2**30, 2**31 - 1, outputs)], axis=1)


def arithmetic_of(graph: Graph):  # type: ignore[no-untyped-def]
    node = graph.nodes[0]
    patches, first = next(iter(describe_products(node)))
    weights = weights_of(node, graph.constants[0].values, first)
    x = np.zeros(1, graph.inputs[0].dtype.numpy)
    zeros = np.zeros(patches.outputs, np.int64)
    product = Product(node, patches, x, x)
    return _choose(product, weights, type("Channels", (), {"bias": zeros, "multiplier": zeros + 1}))


def assert_equal_to_reference(graph: Graph, x: np.ndarray) -> None:
    check_graph(graph)
    expected = reference.run(graph, [x])
    program = Program(graph)
    trace = program.run_trace([x])
    for number, values in enumerate(expected):
        np.testing.assert_array_equal(trace.values(0, number), values)
    np.testing.assert_array_equal(program.run([x])[0].reshape(-1), expected[-1].reshape(-1))


@pytest.mark.parametrize("length", [1024, 1025, 1041, 1501, 4097])
@pytest.mark.parametrize(("x_value", "w_value"), [(-128, -128), (-128, 127), (127, -128), (127, 127)])
def test_sums_at_and_past_the_bound_of_binary32(length: int, x_value: int, w_value: int) -> None:
    shape = ConvShape(1, 2, length, 3)
    weights = np.full(shape.weights, w_value)
    weights[1] = RANDOM.integers(-128, 128, weights[1].shape)
    weights[2, ..., ::2] -= 1 if w_value > 0 else -1
    graph = conv_graph(shape, weights, table_of(3), shift=48, areas=((0, 1, 0, length),))  # i32 sums, not rounded
    x = np.full((1, 1, 2, length), x_value, np.int8)
    x[0, 0, 1] = RANDOM.integers(-128, 128, length)
    assert_equal_to_reference(graph, x)


def test_terms_are_cut_only_where_the_bound_is_passed() -> None:
    shape = ConvShape(1, 1, 1025, 1)
    fits = np.full(shape.weights, -128)
    fits[..., 0] = 0
    for weights, terms in ((fits, 1), (np.full(shape.weights, -128), 2)):
        arithmetic, cut = arithmetic_of(conv_graph(shape, weights, shift=20))
        assert arithmetic is BINARY32
        assert len(cut) == terms


def test_sixteen_bits_take_binary64() -> None:
    shape = ConvShape(1, 1, 64, 2)
    arithmetic, _ = arithmetic_of(conv_graph(shape, np.ones(shape.weights, np.int64), dtype=DType.I16))
    assert arithmetic is BINARY64


WINDOWS = {
    "padding": ConvShape(6, 7, 3, 5, kernel=(3, 3), pads=(1, 1)),
    "one channel": ConvShape(9, 9, 1, 6, kernel=(5, 5), pads=(2, 2)),
    "strides": ConvShape(9, 8, 4, 3, kernel=(3, 2), strides=(2, 3)),
    "dilation": ConvShape(9, 9, 2, 3, kernel=(2, 3), dilations=(3, 2), pads=(1, 2)),
    "groups": ConvShape(5, 5, 6, 4, kernel=(3, 3), pads=(1, 1), groups=2),
    "depthwise": ConvShape(6, 6, 19, 19, kernel=(3, 3), pads=(1, 1), strides=(2, 1), groups=19),
    "depthwise, two outputs a channel": ConvShape(4, 4, 3, 6, kernel=(3, 3), pads=(1, 1), groups=3),
    "kernel wider than the image": ConvShape(2, 2, 3, 2, kernel=(5, 5), pads=(2, 2)),
    "pointwise": ConvShape(4, 5, 17, 9),
}


@pytest.mark.parametrize("dtype", [DType.I8, DType.I16], ids=lambda dtype: dtype.name.lower())
@pytest.mark.parametrize("zero_points", [(0, 0, 0), (-128, 0, -128), (7, -3, 11)], ids=str)
@pytest.mark.parametrize("name", WINDOWS)
def test_every_window_equals_the_reference(name: str, zero_points: tuple[int, int, int], dtype: DType) -> None:
    shape = WINDOWS[name]
    weights = RANDOM.integers(-127, 128, shape.weights)
    shift = 42 if dtype is DType.I16 else 38
    graph = conv_graph(shape, weights, table_of(shape.outputs), dtype=dtype, zero_points=zero_points, shift=shift)
    x = RANDOM.integers(dtype.minimum, dtype.maximum, graph.inputs[0].shape, dtype=dtype.numpy, endpoint=True)
    assert_equal_to_reference(graph, x)


@pytest.mark.parametrize("shift", [0, 1, 30, 42, 43, 44, 45, 60, 62])
def test_every_shift_equals_the_reference(shift: int) -> None:
    shape = ConvShape(4, 4, 5, 7)
    weights = RANDOM.integers(-127, 128, shape.weights)
    table = table_of(shape.outputs)
    table[::2] *= -1
    graph = conv_graph(shape, weights, table, zero_points=(-128, 0, 5), shift=shift)
    assert_equal_to_reference(graph, RANDOM.integers(-128, 128, graph.inputs[0].shape, dtype=np.int8))


AREAS = {
    "rows": ((0, 1, 0, 6), (1, 3, 0, 6)),
    "channels": ((0, 3, 0, 2), (0, 3, 2, 6)),
    "both": ((0, 2, 0, 6), (2, 3, 0, 1), (2, 3, 1, 6)),
}


@pytest.mark.parametrize("areas", AREAS.values(), ids=AREAS)
def test_split_sums_are_joined_and_equal(areas: tuple[tuple[int, int, int, int], ...]) -> None:
    shape = ConvShape(5, 6, 6, 4, kernel=(3, 3), pads=(1, 1))
    weights = RANDOM.integers(-127, 128, shape.weights)
    graph = conv_graph(shape, weights, table_of(4), zero_points=(-5, 0, 3), shift=40, areas=areas)
    assert len(fuse_partial_sums(graph)) == 1
    assert_equal_to_reference(graph, RANDOM.integers(-128, 128, graph.inputs[0].shape, dtype=np.int8))


@pytest.mark.parametrize("areas", [((0, 1, 0, 6), (0, 3, 0, 6)), ((0, 1, 0, 6), (2, 3, 0, 6))], ids=["twice", "gap"])
def test_sums_that_are_no_partition_stay_apart(areas: tuple[tuple[int, int, int, int], ...]) -> None:
    shape = ConvShape(5, 6, 6, 4, kernel=(3, 3), pads=(1, 1))
    weights = RANDOM.integers(-127, 128, shape.weights)
    graph = conv_graph(shape, weights, table_of(4), shift=40, areas=areas)
    assert len(fuse_partial_sums(graph)) == len(areas) + 1
    assert_equal_to_reference(graph, RANDOM.integers(-128, 128, graph.inputs[0].shape, dtype=np.int8))


@pytest.mark.parametrize(
    "shape",
    [ConvShape(40, 40, 32, 33, kernel=(3, 3), pads=(1, 1)), ConvShape(7, 7, 256, 131, kernel=(3, 3), pads=(1, 1))],
    ids=["pixels shared", "outputs shared"],
)
def test_threads_do_not_change_a_value(shape: ConvShape) -> None:
    weights = RANDOM.integers(-127, 128, shape.weights)
    graph = conv_graph(shape, weights, table_of(shape.outputs), zero_points=(-128, 0, -9), shift=42)
    x = RANDOM.integers(-128, 128, graph.inputs[0].shape, dtype=np.int8)
    alone = Program(graph, threads=1).run_trace([x])
    for threads in (2, 3):
        np.testing.assert_array_equal(Program(graph, threads).run([x])[0], alone.values(0, 0))
    for element in RANDOM.integers(0, graph.nodes[0].elements, 60).tolist():
        expected = reference.evaluate_element(graph, 0, element, [x], [])
        assert alone.values(0, 0).reshape(-1)[element] == expected
