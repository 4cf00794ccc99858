"""Whole games about forests: whoever lies about a tree, a sum, a label or a probability does not survive."""

from functools import cache

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.claims.model import commit_model
from lockstep.dispute.moves import Settle
from lockstep.exec.run import Program
from lockstep.exec.trace import Trace
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import quantise_input
from lockstep.testing.forged import forge
from lockstep.testing.liar import changed_values
from tests.unit.dispute.players import JOB, World, play
from tests.unit.dispute.referee import Referee
from tests.unit.ir.tree_cases import FEATURES, classifier, grow

PASSES = 2


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> World:
    """20 trees of three classes, deeper than a tile, with labels and probabilities."""
    path = tmp_path_factory.mktemp("forest") / "forest.onnx"
    forest = grow(1, 20, outputs=(range(3),), depth=7)
    onnx.save(classifier(forest, [0, 1, 2], post_transform="LOGISTIC"), path)
    graph = compile_model(path)
    random = np.random.default_rng(1)
    inputs = tuple((quantise_input(graph.inputs[0], random.normal(size=(1, FEATURES))),) for _ in range(PASSES))
    trace = Program(graph).run_trace(*inputs)
    return World(graph, inputs, trace, Referee(commit_model(graph), JOB, trace.input_root, PASSES))


@cache
def places(known: World) -> list[tuple[int, int, int]]:
    """Every element of every node in every pass."""
    return [
        (pass_index, number, element)
        for pass_index in range(known.passes)
        for number, node in enumerate(known.graph.nodes)
        for element in range(node.elements)
    ]


@settings(max_examples=30, deadline=None)
@given(st.data(), st.booleans())
def test_a_forged_element_of_a_forest_is_found(known: World, data: st.DataObject, is_a: bool) -> None:
    place = data.draw(st.sampled_from(places(known)))
    liar = known.solver(forge(known.trace, known.graph, place, passes=known.passes))
    game = play(known.referee, (known.honest, liar) if is_a else (liar, known.honest))
    assert game.survives == (is_a, not is_a)
    assert isinstance(game.moves[-1][1], Settle)


@settings(max_examples=30, deadline=None)
@given(st.data(), st.booleans())
def test_a_consistent_lie_about_a_tree_is_found(known: World, data: st.DataObject, is_a: bool) -> None:
    """One tree answers with another leaf, and everything after it follows from that."""
    pass_index, element = data.draw(st.integers(0, PASSES - 1)), data.draw(st.integers(0, 59))
    values = [known.trace.values(pass_index, number) for number in range(len(known.graph.nodes))]
    lie = int(values[0].reshape(-1)[element]) + data.draw(st.sampled_from((1, -1, 1 << 20)))
    false = changed_values(known.graph, known.inputs[pass_index], values, (0, element, lie))
    passes = [
        (known.trace.inputs(k), false if k == pass_index else [known.trace.values(k, n) for n in range(len(values))])
        for k in range(known.passes)
    ]
    liar = known.solver(Trace.of(known.graph, passes))
    game = play(known.referee, (known.honest, liar) if is_a else (liar, known.honest))
    assert game.survives == (is_a, not is_a)
    assert game.moves[-1][0].item == pass_index << known.node_levels
