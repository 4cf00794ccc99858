"""A trace is the one tree of section 1: its roots are those of the reference, and every digest can be asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.codec import encode_values
from lockstep.crypto.hashing import leaf_hash, node_hash
from lockstep.crypto.merkle import digest_tree, pass_tree, tensor_root
from lockstep.errors import ProofError, ShapeError
from lockstep.exec.run import Program
from lockstep.exec.trace import Trace
from lockstep.ir.graph import Graph
from lockstep.testing.product_graphs import ConvShape, conv_graph
from lockstep.types import Digest

SHAPE = ConvShape(9, 9, 12, 10, kernel=(3, 3), pads=(1, 1))
AREAS = ((0, 1, 0, 12), (1, 3, 0, 5), (1, 3, 5, 12))


@pytest.fixture(scope="module")
def graph() -> Graph:
    weights = np.random.default_rng(1).integers(-127, 128, SHAPE.weights)
    table = np.stack([np.arange(10), np.full(10, 2**30 + 12345)], axis=1)
    return conv_graph(SHAPE, weights, table, shift=41, areas=AREAS)


@pytest.fixture(scope="module")
def program(graph: Graph) -> Program:
    return Program(graph)


def images(passes: int, seed: int) -> list[list[np.ndarray]]:
    generator = np.random.default_rng(seed)
    return [[generator.integers(-128, 128, (1, 9, 9, 12), dtype=np.int8)] for _ in range(passes)]


def reference_root(graph: Graph, trace: Trace, passes: int) -> Digest:
    roots = []
    for index in range(passes):
        tensors = [encode_values(trace.values(index, n), node.dtype.width) for n, node in enumerate(graph.nodes)]
        roots.append(digest_tree([tensor_root(data) for data in tensors], 4).root)
    return pass_tree(roots, 4).root


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([1, 2, 16, 17]), st.integers(0, 1000))
def test_roots_are_those_of_the_reference_tree(program: Program, graph: Graph, passes: int, seed: int) -> None:
    inputs = images(passes, seed)
    trace = program.run_trace(*inputs)
    assert trace.root == reference_root(graph, trace, passes)
    outputs = [tensor_root(encode_values(program.run(tensors)[0], 8)) for tensors in inputs]
    assert trace.output_root == pass_tree(outputs, 0).root
    assert trace.input_root == pass_tree([tensor_root(encode_values(x, 8)) for (x,) in inputs], 0).root
    assert trace.root == Trace.of(graph, [(x, node_values(trace, p)) for p, x in enumerate(inputs)]).root


def node_values(trace: Trace, pass_index: int) -> list[np.ndarray]:
    return [trace.values(pass_index, node) for node in range(len(trace.graph.nodes))]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_every_digest_is_the_hash_of_its_children_down_to_the_leaf(program: Program, data: st.DataObject) -> None:
    passes = data.draw(st.sampled_from([1, 3]))
    trace = program.run_trace(*images(passes, 5))
    pass_index, node = data.draw(st.integers(0, passes - 1)), data.draw(st.integers(0, 3))
    tree = trace.tensor_tree(pass_index, node)
    tile = data.draw(st.integers(0, trace.graph.nodes[node].tiles - 1))
    index = (((pass_index << trace.node_levels) + node) << tree.levels) + tile
    depth = trace.pass_levels + trace.node_levels + tree.levels
    assert trace.digest_at(depth, index) == leaf_hash(trace.leaf(pass_index, node, tile))
    assert trace.tensor_bytes(pass_index, node)[512 * tile :][:512].ljust(512, b"\0") == trace.leaf(
        pass_index, node, tile
    )
    for level in range(depth, 0, -1):
        below = index >> (depth - level) & ~1
        children = trace.digest_at(level, below), trace.digest_at(level, below + 1)
        assert trace.digest_at(level - 1, below >> 1) == node_hash(*children)
    assert trace.digest_at(0, 0) == trace.root
    assert trace.descendants(0, 0)[0] == trace.digest_at(4, 0)
    assert trace.tensor_digest(pass_index, node) == tree.root


def test_a_changed_value_changes_its_tensor_and_nothing_beside_it(program: Program, graph: Graph) -> None:
    (inputs,) = images(1, 3)
    honest = program.run_trace(inputs)
    values = [tensor.copy() for tensor in node_values(honest, 0)]
    values[1].reshape(-1)[200] += 1
    liar = Trace.of(graph, [(inputs, values)])
    assert liar.root != honest.root
    assert [node for node in range(4) if liar.tensor_digest(0, node) != honest.tensor_digest(0, node)] == [1]
    assert liar.output_root == honest.output_root


def test_a_trace_does_not_change_with_the_next_run(program: Program) -> None:
    first, second = images(2, 4)
    trace = program.run_trace(first)
    before = trace.values(0, 3).copy()
    program.run_trace(second)
    program.run(second)
    np.testing.assert_array_equal(trace.values(0, 3), before)


def test_positions_outside_the_tree_are_refused(program: Program) -> None:
    trace = program.run_trace(*images(1, 1))
    for level, index in ((4, 16), (5, 8), (-1, 0)):
        with pytest.raises(ProofError, match="tree/position"):
            trace.digest_at(level, index)
    with pytest.raises(ProofError, match="tree/empty"):
        program.run_trace()


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ([], "input/count"),
        ([np.zeros((9, 9, 12), np.int8)], "input/shape"),
        ([np.zeros((1, 9, 9, 12))], "input/dtype"),
        ([np.full((1, 9, 9, 12), 128)], "input/range"),
    ],
)
def test_unfit_inputs_are_refused(program: Program, inputs: list[np.ndarray], code: str) -> None:
    with pytest.raises(ShapeError, match=code):
        program.run(inputs)
    with pytest.raises(ShapeError, match=code):
        program.run_trace(inputs)
