"""Whole games between solvers: the honest side survives wherever the other lies, and two liars can both lose."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.crypto.hashing import LEAF_BYTES, keccak256, leaf_hash
from lockstep.crypto.merkle import levels_for
from lockstep.dispute.moves import (
    NO_KIDS,
    Descend,
    Enter,
    Move,
    OpenOutputs,
    Phase,
    Reveal,
    Settle,
    SettleOutput,
    Shown,
)
from lockstep.dispute.solver import Solver, outputs_tree
from lockstep.errors import LockstepError, ProtocolError
from lockstep.exec.trace import Trace
from lockstep.testing.forged import forge
from lockstep.testing.liar import changed_values
from tests.unit.dispute.players import Game, PatchedTrace, World, patched, patched_outputs, play, world
from tests.unit.dispute.referee import State

FALSE = keccak256(b"something else")
worlds = st.builds(
    lambda passes, is_small: world(passes, is_small=is_small), st.sampled_from((1, 3, 17)), st.booleans()
)


def settle_between(honest_world: World, liar: Solver, *, is_a: bool) -> Game:
    """Play the honest side against a liar; it must survive and the liar must not."""
    honest = honest_world.honest
    game = play(honest_world.referee, (honest, liar) if is_a else (liar, honest))
    assert game.survives == (is_a, not is_a)
    return game


def draw_place(data: st.DataObject, known: World) -> tuple[int, int, int]:
    pass_index = data.draw(st.integers(0, known.passes - 1), label="pass")
    node = data.draw(st.integers(0, len(known.graph.nodes) - 1), label="node")
    return pass_index, node, data.draw(st.integers(0, known.graph.nodes[node].elements - 1), label="element")


@given(worlds, st.data(), st.booleans())
def test_one_forged_element(known: World, data: st.DataObject, is_a: bool) -> None:
    place = draw_place(data, known)
    forged = forge(known.trace, known.graph, place, passes=known.passes)
    game = settle_between(known, known.solver(forged), is_a=is_a)
    state, move = game.moves[-1]
    assert isinstance(move, Settle)
    assert state.item == (place[0] << known.node_levels) + place[1]
    assert state.position == place[2] * known.graph.nodes[place[1]].dtype.size // LEAF_BYTES


@given(worlds, st.data(), st.booleans())
def test_consistent_lie_with_other_outputs(known: World, data: st.DataObject, is_a: bool) -> None:
    pass_index, node, element = draw_place(data, known)
    values = [known.trace.values(pass_index, number) for number in range(len(known.graph.nodes))]
    truth = int(values[node].reshape(-1)[element])
    lie = data.draw(st.integers(-128, 127).filter(lambda value: value != truth), label="lie")
    false = changed_values(known.graph, known.inputs[pass_index], values, (node, element, lie))
    passes = [
        (known.trace.inputs(k), false if k == pass_index else [known.trace.values(k, n) for n in range(len(values))])
        for k in range(known.passes)
    ]
    game = settle_between(known, known.solver(Trace.of(known.graph, passes)), is_a=is_a)
    assert game.moves[-1][0].item == (pass_index << known.node_levels) + node


@given(worlds, st.data(), st.booleans())
def test_something_where_the_trace_has_ended(known: World, data: st.DataObject, is_a: bool) -> None:
    items = 1 << (levels_for(known.passes) + known.node_levels)
    nodes = len(known.graph.nodes)
    outside = [
        i for i in range(items) if i >> known.node_levels >= known.passes or i % (1 << known.node_levels) >= nodes
    ]
    item = data.draw(st.sampled_from(outside), label="item")
    levels = levels_for(known.passes) + known.node_levels
    liar = PatchedTrace(known.trace, patched(known.trace.digest_at, levels, item, FALSE))
    game = settle_between(known, known.solver(liar), is_a=is_a)
    assert isinstance(game.moves[-1][1], Enter)


@given(worlds, st.data(), st.booleans())
def test_tile_after_the_last_one(known: World, data: st.DataObject, is_a: bool) -> None:
    node = data.draw(st.sampled_from((0, 1, 2)), label="node")
    pass_index = data.draw(st.integers(0, known.passes - 1), label="pass")
    tiles = known.graph.nodes[node].tiles
    levels = levels_for(tiles)
    tile = data.draw(st.integers(tiles, (1 << levels) - 1), label="tile")
    index = (((pass_index << known.node_levels) + node) << levels) + tile
    depth = levels_for(known.passes) + known.node_levels + levels
    liar = PatchedTrace(known.trace, patched(known.trace.digest_at, depth, index, FALSE))
    game = settle_between(known, known.solver(liar), is_a=is_a)
    assert isinstance(game.moves[-1][1], Descend)


@given(worlds, st.data(), st.booleans())
def test_bytes_after_the_end_of_a_tensor(known: World, data: st.DataObject, is_a: bool) -> None:
    pass_index = data.draw(st.integers(0, known.passes - 1), label="pass")
    node = data.draw(st.integers(0, len(known.graph.nodes) - 1), label="node")
    tiles, true = known.graph.nodes[node].tiles, known.trace.tensor_bytes(pass_index, node)
    after = tiles * LEAF_BYTES - len(true)
    if not after:
        return
    bytes_after = bytearray(after)
    bytes_after[data.draw(st.integers(0, after - 1), label="byte")] = 1
    false, levels = true + bytes(bytes_after), levels_for(tiles)
    index = (((pass_index << known.node_levels) + node) << levels) + tiles - 1
    depth = levels_for(known.passes) + known.node_levels + levels
    changed = patched(known.trace.digest_at, depth, index, leaf_hash(false[-LEAF_BYTES:]))
    liar = PatchedTrace(known.trace, changed, {(pass_index, node): false})
    game = settle_between(known, known.solver(liar), is_a=is_a)
    assert game.moves[-1][1].witness == b""  # type: ignore[union-attr]


@given(worlds, st.data(), st.booleans())
def test_true_trace_with_another_output(known: World, data: st.DataObject, is_a: bool) -> None:
    tree = known.honest.outputs
    index = data.draw(st.integers(0, (1 << tree.levels) - 1), label="output")
    game = settle_between(known, known.solver(known.trace, patched_outputs(tree, index, FALSE)), is_a=is_a)
    assert game.moves[-1][0].position == index
    assert [type(move) for _, move in game.moves][:: len(game.moves) - 1] == [OpenOutputs, SettleOutput]


@given(worlds, st.data())
def test_liars_who_differ_at_one_element_both_lose(known: World, data: st.DataObject) -> None:
    pass_index, node, element = draw_place(data, known)
    first = forge(known.trace, known.graph, (pass_index, node, element), passes=known.passes)
    again = forge(first, known.graph, (pass_index, node, element), passes=known.passes)
    if again.root == known.trace.root:
        return
    assert play(known.referee, (known.solver(first), known.solver(again))).survives == (False, False)


def test_liars_about_the_same_output_both_lose() -> None:
    known = world(3)
    tree = known.honest.outputs
    liars = [known.solver(known.trace, patched_outputs(tree, 17, keccak256(bytes([lie])))) for lie in (1, 2)]
    assert play(known.referee, (liars[0], liars[1])).survives == (False, False)


@given(st.data())
@settings(max_examples=10)
def test_the_first_lie_decides_between_two_liars(data: st.DataObject) -> None:
    known = world(3)
    places = sorted((draw_place(data, known), draw_place(data, known)))
    if places[0][:2] == places[1][:2]:
        return
    early, late = (known.solver(forge(known.trace, known.graph, place, passes=known.passes)) for place in places)
    assert play(known.referee, (early, late)).survives == (False, True)
    assert play(known.referee, (late, early)).survives == (True, False)


@pytest.mark.parametrize(("passes", "is_small", "most"), [(1, True, 5), (1, False, 6), (3, False, 7), (17, False, 8)])
def test_game_is_as_long_as_its_trees_are_high(passes: int, is_small: bool, most: int) -> None:
    """A move for four levels, one to reveal, one to settle."""
    known = world(passes, is_small=is_small)
    liar = known.solver(forge(known.trace, known.graph, (passes - 1, 0, 4799), passes=passes))
    assert len(play(known.referee, (known.honest, liar)).moves) == most


def test_outputs_tree_is_the_one_that_the_run_gives() -> None:
    for known in (world(1), world(3), world(17), world(1, is_small=True), world(17, is_small=True)):
        assert outputs_tree(known.graph, known.trace, known.passes).root == known.trace.output_root


def test_claim_that_shows_the_same_digests_has_no_move() -> None:
    known = world(1)
    state = known.referee.start((FALSE, FALSE), (known.trace.root, FALSE))
    with pytest.raises(ProtocolError) as refused:
        known.honest.next_move(state, Shown(known.honest.kids))
    assert refused.value.code == "bracket/same"


def test_unknown_phase_has_no_move() -> None:
    known = world(1)
    state = replace(known.referee.start((FALSE, FALSE), (known.trace.root, FALSE)), phase=Phase.TRACE | Phase.TILES)
    with pytest.raises(ProtocolError) as refused:
        known.honest.next_move(state, Shown())
    assert refused.value.code == "bracket/phase"


def tampered(move: Move) -> list[tuple[str, Move]]:
    """The move with each of its parts changed, and the code that refuses it."""
    cases: list[tuple[str, Move]] = []
    if isinstance(move, Descend | Enter):
        descent = move.descent
        wrong = {
            "bracket/same": replace(descent, child_theirs=descent.child_mine),
            "bracket/path": replace(descent, index=descent.index ^ 1),
        }
        cases += [(code, replace(move, descent=other)) for code, other in wrong.items()]
        if move.next != NO_KIDS:
            cases.append(("bracket/next", replace(move, next=(FALSE, *move.next[1:]))))
    if isinstance(move, Enter | Settle):
        cases.append(("descriptor/path", replace(move, descriptor=bytes(LEAF_BYTES))))
    if isinstance(move, Reveal):
        cases.append(("tile/preimage", Reveal(bytes(LEAF_BYTES))))
    if isinstance(move, Settle):
        cases.append(("tile/preimage", replace(move, tile_a=move.tile_b)))
        cases.append(("witness/length", replace(move, witness=move.witness + b"\x00")))
        cases.append(("opening/trace", replace(move, witness=bytes(len(move.witness)))))
    if isinstance(move, OpenOutputs):
        cases.append(("bracket/outputs", replace(move, output_a=FALSE)))
    if isinstance(move, SettleOutput):
        cases.append(("opening/trace", replace(move, tensor_root=FALSE)))
    return cases


def test_referee_refuses_every_tampered_move() -> None:
    """Else nothing above would mean anything."""
    known = world(3)
    liars = [
        known.solver(forge(known.trace, known.graph, (2, 2, 2800), passes=3)),
        known.solver(known.trace, patched_outputs(known.honest.outputs, 17, FALSE)),
    ]
    codes = set()
    for liar in liars:
        for state, move in play(known.referee, (liar, known.honest)).moves:
            for code, false in tampered(move):
                codes.add(code)
                assert refusal(known, state, false) == code
    assert codes == {
        *("bracket/same", "bracket/path", "bracket/next", "bracket/outputs"),
        *("descriptor/path", "tile/preimage", "witness/length", "opening/trace"),
    }


def refusal(known: World, state: State, move: Move) -> str:
    with pytest.raises(LockstepError) as refused:
        known.referee.play(state, move)
    return refused.value.code


def test_values_of_the_toy_are_not_all_the_same() -> None:
    known = world(1)
    for number in range(len(known.graph.nodes)):
        assert len(np.unique(known.trace.values(0, number))) > 1
