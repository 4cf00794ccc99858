"""Tree ensembles: what onnxruntime gives, for every form that is supported; every other form is refused by name."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from lockstep.errors import GraphError, LockstepError
from lockstep.exec.run import Program
from lockstep.ir.check import check_graph
from lockstep.ir.format import model_bytes, parse_model
from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model
from lockstep.ir.importer.decision_tree import build_tree, place_branches
from lockstep.ir.limits import TREE_DEPTH, TREE_TILES
from lockstep.ir.ops import Opcode
from lockstep.ir.quantise import dequantise_output, quantise_input
from lockstep.ir.trees import TILE_NODES
from tests.unit.ir.tree_cases import FEATURES, Forest, classifier, flat, grow, regressor

ROWS = 300
THREE = (range(3),)
BY_CLASS = ((0,), (1,), (2,))

CASES: dict[str, Callable[[], onnx.ModelProto]] = {
    "one target": lambda: regressor(grow(1, 20)),
    "base": lambda: regressor(grow(2, 20), base_values=[152.5]),
    "average": lambda: regressor(grow(3, 7), aggregate_function="AVERAGE", base_values=[-3.5]),
    "three targets": lambda: regressor(grow(5, 6, outputs=THREE), base_values=[1.0, -2.0, 0.5]),
    "a target a tree": lambda: regressor(grow(6, 12, outputs=BY_CLASS), base_values=[1.0, -2.0, 0.5]),
    "less than": lambda: regressor(grow(7, 20, modes=("BRANCH_LT", "BRANCH_LEQ"))),
    "deep": lambda: regressor(grow(8, 3, depth=9)),
    "one leaf": lambda: regressor(grow(9, 3, depth=0)),
    "more than a step sums": lambda: regressor(grow(10, 1100, depth=1)),
    "two classes, margin": lambda: classifier(grow(11, 20), [0, 1]),
    "two classes, logistic": lambda: classifier(grow(12, 20), [0, 1], post_transform="LOGISTIC", base_values=[0.25]),
    "two classes, votes": lambda: classifier(grow(14, 10, weights=(0.0, 0.1)), [3, 8]),
    "three classes": lambda: classifier(grow(15, 10, outputs=THREE), [0, 1, 2]),
    "three classes, softmax": lambda: classifier(
        grow(16, 12, outputs=BY_CLASS), [0, 1, 2], post_transform="SOFTMAX", base_values=[0.5, 0.0, -0.5]
    ),
    "three classes, logistic": lambda: classifier(
        grow(17, 12, outputs=BY_CLASS), [-70000, 5, 6], post_transform="LOGISTIC"
    ),
    "flat": flat,
    "flat average": lambda: flat(aggregate_function=0),
}


def compiled(model: onnx.ModelProto, folder: Path) -> Graph:
    onnx.save(model, folder / "trees.onnx")
    return compile_model(folder / "trees.onnx")


def rows() -> NDArray[np.float32]:
    """Half of the values lie exactly on thresholds, some a hair beside them."""
    random = np.random.default_rng(3)
    exact = random.integers(-8, 9, (ROWS, FEATURES)) / 4
    beside = np.nextafter(exact.astype(np.float32), np.float32(np.inf))
    anywhere = random.normal(size=(ROWS, FEATURES))
    chosen = np.choose(random.integers(0, 4, exact.shape), [exact, exact, beside, anywhere])
    return chosen.astype(np.float32)


@pytest.mark.parametrize("name", CASES)
def test_ensemble_equals_onnxruntime(name: str, tmp_path: Path) -> None:
    graph = compiled(CASES[name](), tmp_path)
    session = onnxruntime.InferenceSession(str(tmp_path / "trees.onnx"), providers=["CPUExecutionProvider"])
    program = Program(graph, threads=1)
    for row in rows():
        ours = program.run([quantise_input(graph.inputs[0], row[None])])
        theirs = session.run(None, {"x": row[None]})
        for spec, values, wanted in zip(graph.outputs, ours, theirs, strict=True):
            assert values.shape == wanted.shape
            if wanted.dtype == np.int64:
                np.testing.assert_array_equal(dequantise_output(spec, values), wanted)
            else:
                np.testing.assert_allclose(dequantise_output(spec, values), wanted, rtol=0, atol=1.01 * spec.scale)


def test_a_class_a_tree_is_one_value_a_leaf(tmp_path: Path) -> None:
    """12 trees of 3 classes: 12 values in the trace and not 36; one SUM gives all classes."""
    graph = compiled(CASES["three classes, softmax"](), tmp_path)
    trees, total = graph.nodes[:2]
    assert (trees.opcode, trees.shape) == (Opcode.TREES, (1, 1, 12))
    assert (total.opcode, total.shape, total.attributes[:2]) == (Opcode.SUM, (1, 3), (4, 4))


def test_edges_come_back_from_the_file(tmp_path: Path) -> None:
    graph = compiled(CASES["less than"](), tmp_path)
    data = model_bytes(graph)
    assert parse_model(data).inputs == graph.inputs
    assert model_bytes(parse_model(data)) == data
    assert compiled(CASES["less than"](), tmp_path).inputs == graph.inputs


REFUSED: dict[str, tuple[str, Callable[[], onnx.ModelProto]]] = {
    "mode": ("trees has mode BRANCH_GT", lambda: regressor(grow(1, 2, modes=("BRANCH_GT",)))),
    "aggregate": ("aggregate_function MAX", lambda: regressor(grow(1, 2), aggregate_function="MAX")),
    "transform": ("post_transform PROBIT", lambda: regressor(grow(1, 2), post_transform="PROBIT")),
    "logistic target": ("post_transform LOGISTIC", lambda: regressor(grow(4, 20), post_transform="LOGISTIC")),
    "two columns": ("scores of the second of two", lambda: classifier(grow(1, 2, outputs=((0, 1),)), [0, 1])),
    "second column": ("scores of the second of two", lambda: classifier(grow(1, 2, outputs=((1,),)), [0, 1])),
    "one class": ("one class", lambda: classifier(grow(1, 2), [0])),
    "base": ("2 base values for 1 columns", lambda: classifier(grow(1, 2), [0, 1], base_values=[0.5, 0.25])),
    "softmax of one column": (
        "SOFTMAX of one column",
        lambda: classifier(grow(1, 2), [0, 1], post_transform="SOFTMAX"),
    ),
    "logistic votes": (
        "LOGISTIC of one column",
        lambda: classifier(grow(1, 2, weights=(0.0, 1.0)), [0, 1], post_transform="LOGISTIC"),
    ),
    "large label": ("labels beyond 32 bits", lambda: classifier(grow(1, 2), [0, 1 << 40])),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_ensemble_is_refused_by_name(name: str, tmp_path: Path) -> None:
    message, build = REFUSED[name]
    with pytest.raises(LockstepError, match=rf"^model/unsupported-op: .*{message}"):
        compiled(build(), tmp_path)


def changed(**lists: dict[int, Any]) -> onnx.ModelProto:
    """A sound forest with other entries in its lists of nodes."""
    forest: Forest = grow(1, 2)
    for key, values in lists.items():
        for place, value in values.items():
            forest.nodes[f"nodes_{key}"][place] = value
    return regressor(forest)


BROKEN: dict[str, tuple[str, Callable[[], onnx.ModelProto]]] = {
    "feature": ("model/shape", lambda: changed(featureids={0: FEATURES})),
    "negative feature": ("model/shape", lambda: changed(featureids={0: -1})),
    "child that is missing": ("model/corrupt", lambda: changed(truenodeids={0: 999})),
    "one child twice": ("model/corrupt", lambda: changed(truenodeids={0: 2})),
    "circle": ("model/corrupt", lambda: changed(truenodeids={0: 0})),
    "number twice": ("model/corrupt", lambda: changed(nodeids={1: 0})),
    "threshold": ("model/not-finite", lambda: changed(values={0: float("nan")})),
    "threshold below all": ("model/not-finite", lambda: changed(values={0: -3.5e38}, modes={0: "BRANCH_LT"})),
    "weight": (
        "model/not-finite",
        lambda: regressor(grow(1, 2), target_weights=[float("inf")] * len(grow(1, 2).leaves)),
    ),
    "lists": ("model/corrupt", lambda: regressor(grow(1, 2), nodes_values=[0.0])),
    "target": ("model/corrupt", lambda: regressor(grow(1, 2, outputs=((3,),)), n_targets=2)),
    "negative target": ("model/corrupt", lambda: regressor(grow(1, 2, outputs=((-1, 0),)), n_targets=2)),
    "targets": ("model/corrupt", lambda: regressor(grow(1, 2), n_targets=1 << 40)),
    "root": ("model/corrupt", lambda: flat(tree_roots=[-1, 2])),
    "too deep": ("model/too-long", lambda: regressor(chain(TREE_DEPTH + 1))),
}


def chain(length: int) -> Forest:
    """One tree in which every branch has a leaf on one side."""
    forest = Forest()
    for number in range(2 * length + 1):
        row: tuple[Any, ...] = (0, number, 0, 0.0, "LEAF", 0, 0)
        if number < length:
            row = (0, number, 0, float(number), "BRANCH_LEQ", number + 1, length + 1 + number)
        else:
            forest.leaves.append((0, number, 0, float(number)))
        for values, value in zip(forest.nodes.values(), row, strict=True):
            values.append(value)
    return forest


@pytest.mark.parametrize("name", BROKEN)
def test_unsound_ensemble_is_refused(name: str, tmp_path: Path) -> None:
    code, build = BROKEN[name]
    with pytest.raises(LockstepError) as refusal:
        compiled(build(), tmp_path)
    assert refusal.value.code == code


def test_the_longest_walk_is_as_deep_as_the_limit(tmp_path: Path) -> None:
    graph = compiled(regressor(chain(TREE_DEPTH)), tmp_path)
    assert graph.nodes[0].attributes[5] == TREE_DEPTH


@pytest.mark.parametrize("seed", range(5))
def test_a_walk_enters_few_tiles(seed: int) -> None:
    """The deepest tree that there may be, as unlucky as chance makes it, opens no more than a step may."""
    random = np.random.default_rng(seed)
    branches: dict[int, tuple[int, float, int, int]] = {}
    leaves: dict[int, NDArray[np.float64]] = {}
    depths = {0: 1}
    waiting = [0]
    for number in waiting:
        if depths[number] > TREE_DEPTH or (len(depths) > 3000 and depths[number] > 1):
            leaves[number] = np.zeros(1)
            continue
        true, false = len(depths), len(depths) + 1
        depths |= {true: depths[number] + 1, false: depths[number] + 1}
        branches[number] = (0, 0.0, true, false)
        waiting.append(true)
        leaves[false] = np.zeros(1)
        if random.random() < 0.7 and depths[false] <= TREE_DEPTH:
            del leaves[false]
            waiting.append(false)
    tree = build_tree(0, branches, leaves, "tree")
    rows_of = place_branches(tree)
    assert len(set(rows_of.tolist())) == len(tree.branches)
    entered = [1] * len(tree.branches)
    for number, (_, _, *children) in enumerate(tree.branches):
        for child in children:
            if child > 0:
                assert rows_of[child] > rows_of[number]
                entered[child] = entered[number] + int(rows_of[child] // TILE_NODES != rows_of[number] // TILE_NODES)
    assert max(entered) <= TREE_TILES


@pytest.mark.parametrize("name", ["three classes, softmax", "flat"])
def test_damaged_file_compiles_or_is_refused_with_a_code(name: str, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    sound, path = CASES[name]().SerializeToString(), tmp_path / "damaged.onnx"
    for _ in range(100):
        data = bytearray(sound)
        data[random.integers(len(data))] = random.choice([0, 1, 2, 127, 128, 255])
        path.write_bytes(data)
        try:
            compile_model(path)
        except LockstepError as refusal:
            assert refusal.code.startswith(("model/", "graph/"))


def test_an_operator_beside_the_trees_is_refused(tmp_path: Path) -> None:
    model = regressor(grow(1, 2))
    model.graph.node[-1].op_type = "Relu"
    with pytest.raises(LockstepError, match="model/unsupported-op: operator Relu of node 'y' beside a tree ensemble"):
        compiled(model, tmp_path)


@pytest.mark.parametrize(
    "edges",
    [((1.0, 1.0),), ((2.0, 1.0),), ((float("inf"),),), ((float("nan"),),), ((1e300,),), ((0.1,),), ()],
    ids=["equal", "falling", "infinite", "nan", "too large", "no binary32", "missing"],
)
def test_unsound_edges_are_refused(edges: tuple[tuple[float, ...], ...], tmp_path: Path) -> None:
    graph = compiled(regressor(grow(1, 2)), tmp_path)
    rest = graph.inputs[0].edges[1:]
    spec = replace(graph.inputs[0], edges=(*edges, *rest))
    with pytest.raises(GraphError, match=r"^graph/edges"):
        check_graph(replace(graph, inputs=(spec,)))


def test_only_an_unscaled_input_with_an_axis_has_edges(tmp_path: Path) -> None:
    graph = compiled(regressor(grow(1, 2)), tmp_path)
    given, result = graph.inputs[0], graph.outputs[0]
    for spec in (replace(given, shape=()), replace(given, scale=2.0), replace(given, zero_point=1)):
        with pytest.raises(GraphError, match=r"^graph/edges"):
            check_graph(replace(graph, inputs=(spec,)))
    with pytest.raises(GraphError, match=r"^graph/edges: only an input"):
        check_graph(replace(graph, outputs=(replace(result, scale=1.0, zero_point=0, edges=((1.0,),)),)))
