"""What a move has to show, in every phase, and what becomes of everybody who shows something else (section 4)."""

from dataclasses import dataclass
from typing import Any

import boa
import pytest

from tests.contracts.bracket_machine.alphabet import Alphabet, Shape
from tests.contracts.bracket_machine.claims import Claim, Lie, honest_claim, lying_claim
from tests.contracts.bracket_machine.moves import NO_KIDS, Phase
from tests.contracts.bracket_machine.trees import siblings
from tests.contracts.bracket_machine.world import CLOCK_SECONDS, JOIN_SECONDS, Contracts, Status, World

# Two passes; tensors of two levels, one level and none; two outputs; widths 8, 16 and 32.
LARGE = Alphabet((Shape(8200, 8), Shape(700, 16), Shape(256, 16), Shape(10, 32)), 2, 2)
SMALL = Alphabet((Shape(600, 8), Shape(520, 8)), 1, 1)
TINY = Alphabet((Shape(3, 64),), 1, 3)
UNDECIDED, A_SURVIVES, B_SURVIVES = 1, 2, 4


def disputed(trunk: Contracts, people: dict[str, str], first: Claim, second: Claim) -> World:
    """Two claims in a match; the first one is the claimant's, and moves first."""
    world = World.begin(trunk, first.alphabet, people["requester"])
    world.assert_result(people["claimant"], first)
    world.challenge(people["challenger"], second)
    world.defend(people["claimant"], first)
    world.join(people["challenger"], second)
    return world


def only_match(world: World) -> bytes:
    (match_id,) = world.duels
    return match_id


def play_to(world: World, phase: Phase) -> bytes:
    match_id = only_match(world)
    while world.duels[match_id].phase != phase:
        assert world.move(match_id)
    return match_id


@pytest.fixture
def world(trunk: Contracts, people: dict[str, str]) -> World:
    """The liar changed letter 0 of node 0 in pass 0: every tree is descended to its left end."""
    return disputed(trunk, people, lying_claim(LARGE, Lie.LETTER, 8), honest_claim(LARGE))


@pytest.fixture
def output_world(trunk: Contracts, people: dict[str, str]) -> World:
    return disputed(trunk, people, lying_claim(LARGE, Lie.OUTPUT, 3), honest_claim(LARGE))


# --- every lie, from either side


@pytest.mark.parametrize("lie", Lie, ids=lambda lie: lie.name)
@pytest.mark.parametrize("is_liar_first", [True, False], ids=["liar moves first", "truth moves first"])
def test_the_true_claim_survives_every_lie(
    trunk: Contracts, people: dict[str, str], lie: Lie, is_liar_first: bool
) -> None:
    for model in (LARGE, SMALL, TINY):
        # 24: node 0 of the first missing pass of the large model, whose number would be that of a node.
        for seed in (0, 24, 1009, 2018, 3027):
            truth, false = honest_claim(model), lying_claim(model, lie, seed)
            with boa.env.anchor():
                world = disputed(trunk, people, *((false, truth) if is_liar_first else (truth, false)))
                world.play()
                for match_id in list(world.duels):
                    assert world.duels[match_id].mover == world.id_of(false), "the truth can always be opened"
                    world.pass_time(CLOCK_SECONDS)
                    world.timeout(match_id)
                assert world.survivors == [world.id_of(truth)]


def test_two_lies_about_one_letter_are_both_out_and_the_job_is_void(trunk: Contracts, people: dict[str, str]) -> None:
    liars = lying_claim(SMALL, Lie.LETTER, 0), lying_claim(SMALL, Lie.LETTER, 2)
    assert liars[0].data[0][0] != liars[1].data[0][0]
    world = disputed(trunk, people, *liars)
    world.play()
    assert world.survivors == [bytes(32)]
    world.pass_time(JOIN_SECONDS)
    world.resolve()
    assert world.status == Status.VOID


def test_the_contract_names_the_number_that_it_recomputed(world: World) -> None:
    match_id = play_to(world, Phase.SETTLE)
    call = world.call_for(match_id)
    assert call is not None
    getattr(world.contracts.bracket, call[0])(*call[1])
    event = next(e for e in world.contracts.bracket.get_logs() if type(e).__name__ == "Recomputed")
    letter = int(LARGE.inputs[0][1])
    assert (event.item, event.element, event.value) == (0, 1, (letter + 129) % 256 - 128)
    assert event.claimed_b == event.value
    assert event.claimed_a != event.value


def test_anybody_moves_for_either_side(world: World, people: dict[str, str]) -> None:
    while world.duels:
        assert world.move(only_match(world), people["stranger"])
    assert world.survivors == [world.id_of(honest_claim(LARGE))]


def test_the_winner_meets_the_next_claim(trunk: Contracts, people: dict[str, str]) -> None:
    truth, others = honest_claim(SMALL), [lying_claim(SMALL, Lie.LETTER, seed) for seed in (1, 2, 3)]
    world = World.begin(trunk, SMALL, people["requester"])
    world.assert_result(people["claimant"], others[0])
    for role, claim in zip(("challenger", "second_challenger", "stranger"), (truth, *others[1:]), strict=True):
        world.challenge(people[role], claim)
    world.defend(people["claimant"], others[0])
    for role, claim in zip(("challenger", "second_challenger", "stranger"), (truth, *others[1:]), strict=True):
        world.join(people[role], claim)
    assert len(world.duels) == 2
    world.play()
    world.pass_time(JOIN_SECONDS)
    world.resolve()
    assert world.contracts.arbiter.record_of(world.job_id).output_root == truth.output.root


# --- one altered argument after the other


@dataclass
class Altered:
    """A move with one thing wrong, and the code that names it."""

    code: str
    position: int
    value: Any


def refuse(world: World, match_id: bytes, *alterations: Altered) -> None:
    """Each alteration is refused with its code; the move itself is not."""
    call = world.call_for(match_id)
    assert call is not None
    name, arguments = call
    for altered in alterations:
        changed = (*arguments[: altered.position], altered.value, *arguments[altered.position + 1 :])
        with boa.reverts(altered.code):
            getattr(world.contracts.bracket, name)(*changed)
    assert world.move(match_id)


def state_with(world: World, match_id: bytes, **changes: Any) -> Any:
    return world.duels[match_id].state._replace(**changes)


@pytest.mark.parametrize(
    "field",
    [
        "job_id",
        "claim_a",
        "claim_b",
        "trace_a",
        "trace_b",
        "node_a",
        "node_b",
        "phase",
        "turn",
        "position",
        "levels",
        "item",
        "tiles",
        "moved_at",
    ],
)
def test_a_move_names_the_whole_state(world: World, field: str) -> None:
    match_id = only_match(world)
    old = getattr(world.duels[match_id].state, field)
    value = Phase.TILES if field == "phase" else old + 1 if isinstance(old, int) else bytes(31) + b"\x01"
    call = world.call_for(match_id)
    assert call is not None
    with boa.reverts("bracket/state"):
        getattr(world.contracts.bracket, call[0])(state_with(world, match_id, **{field: value}), *call[1][1:])


def test_a_descent_is_the_path_to_the_first_difference(world: World) -> None:
    match_id = only_match(world)
    assert world.duels[match_id].phase == Phase.TRACE
    call = world.call_for(match_id)
    assert call is not None
    _, shown, kids = call[1]
    index, mine, theirs, my_path, their_path = shown
    noise = b"\x07" * 32
    refuse(
        world,
        match_id,
        Altered("bracket/path", 1, (index + 16, mine, theirs, my_path, their_path)),
        Altered("bracket/path", 1, (index + 1, mine, theirs, my_path, their_path)),
        Altered("bracket/path", 1, (index, noise, theirs, my_path, their_path)),
        Altered("bracket/path", 1, (index, mine, noise, my_path, their_path)),
        Altered("bracket/path", 1, (index, mine, theirs, [noise, *my_path[1:]], their_path)),
        Altered("bracket/path", 1, (index, mine, theirs, my_path, [*their_path[:3], noise])),
        Altered("bracket/same", 1, (index, mine, mine, my_path, their_path)),
        Altered("bracket/next", 2, [*kids[:15], noise]),
        Altered("bracket/next", 2, NO_KIDS),
    )


def test_a_later_difference_cannot_be_shown(trunk: Contracts, people: dict[str, str]) -> None:
    """The two claims differ in items 0 and after; a liar would like to be asked about item 1."""
    false, truth = lying_claim(LARGE, Lie.LETTER, 0), honest_claim(LARGE)
    world = disputed(trunk, people, false, truth)
    match_id = only_match(world)
    assert world.move(match_id)
    mine, theirs = truth.trace.kids(1, 0), false.trace.kids(1, 0)
    later = next(i for i in range(1, 16) if mine[i] != theirs[i])
    shown = (later, mine[later], theirs[later], siblings(mine, later), siblings(theirs, later))
    node = LARGE.place(later)[1]
    arguments = (LARGE.descriptor(node), LARGE.descriptors.path(node), truth.tensor(later).kids(0, 0))
    with boa.reverts("bracket/path"):
        world.contracts.bracket.enter(world.job, world.duels[match_id].state, shown, *arguments)


def test_entering_a_tensor_opens_its_descriptor(world: World) -> None:
    match_id = only_match(world)
    world.move(match_id)
    call = world.call_for(match_id)
    assert call is not None
    assert call[0] == "enter"
    job, _, shown, descriptor, path, kids = call[1]
    index, mine, _, my_path, their_path = shown
    refuse(
        world,
        match_id,
        Altered("bracket/state", 0, job._replace(nonce=9)),
        Altered("bracket/path", 2, (index, mine, b"\x07" * 32, my_path, their_path)),
        Altered("descriptor/path", 3, LARGE.descriptor(1)),
        Altered("descriptor/path", 3, descriptor[:-1]),
        Altered("descriptor/path", 4, path[:-1]),
        Altered("descriptor/path", 4, [*path[:-1], b"\x07" * 32]),
        Altered("bracket/next", 5, [b"\x07" * 32, *kids[1:]]),
    )


def test_a_revealed_tile_is_the_movers(world: World) -> None:
    match_id = play_to(world, Phase.REVEAL)
    call = world.call_for(match_id)
    assert call is not None
    tile = call[1][1]
    refuse(
        world,
        match_id,
        Altered("tile/preimage", 1, tile[:-1]),
        Altered("tile/preimage", 1, b""),
        Altered("tile/preimage", 1, bytes([tile[0] ^ 1]) + tile[1:]),
    )


def test_settling_takes_both_tiles_and_the_one_witness(world: World) -> None:
    match_id = play_to(world, Phase.SETTLE)
    call = world.call_for(match_id)
    assert call is not None
    job, _, tile_a, tile_b, _, path, witness = call[1]
    refuse(
        world,
        match_id,
        Altered("bracket/state", 0, job._replace(nonce=9)),
        Altered("tile/preimage", 2, tile_b),
        Altered("tile/preimage", 3, tile_a),
        Altered("tile/preimage", 2, tile_a[:511]),
        Altered("descriptor/path", 4, LARGE.descriptor(1)),
        Altered("descriptor/path", 5, path[:-1]),
        Altered("witness/length", 6, witness[:-1]),
        Altered("witness/length", 6, witness + b"\x00"),
        Altered("opening/input", 6, bytes([witness[0] ^ 1]) + witness[1:]),
        Altered("opening/input", 6, witness[:-1] + bytes([witness[-1] ^ 1])),
    )
    assert world.survivors == [world.id_of(honest_claim(LARGE))]


def test_operands_are_opened_under_the_movers_trace(trunk: Contracts, people: dict[str, str]) -> None:
    """A lie in node 1 of pass 1, so that the operand is in the trace; each side in turn is the one to settle."""
    for seed in (5, 5 + 8 * 100):
        for is_liar_first in (True, False):
            with boa.env.anchor():
                truth, false = honest_claim(LARGE), lying_claim(LARGE, Lie.LETTER, seed)
                world = disputed(trunk, people, *((false, truth) if is_liar_first else (truth, false)))
                match_id = play_to(world, Phase.SETTLE)
                call = world.call_for(match_id)
                assert call is not None
                witness = call[1][6]
                refuse(world, match_id, Altered("opening/trace", 6, witness[:-1] + bytes([witness[-1] ^ 1])))
                assert world.survivors == [world.id_of(truth)]


def test_output_roots_are_those_of_the_claims(output_world: World) -> None:
    world = output_world
    match_id = only_match(world)
    assert world.duels[match_id].phase == Phase.OUTPUT_ROOTS
    call = world.call_for(match_id)
    assert call is not None
    job, _, output_a, output_b, kids = call[1]
    refuse(
        world,
        match_id,
        Altered("bracket/state", 0, job._replace(nonce=9)),
        Altered("bracket/outputs", 2, output_b),
        Altered("bracket/outputs", 3, output_a),
        Altered("bracket/next", 4, [b"\x07" * 32, *kids[1:]]),
    )


def test_an_output_is_what_the_agreed_trace_holds(output_world: World) -> None:
    world = output_world
    match_id = play_to(world, Phase.OUTPUT)
    call = world.call_for(match_id)
    assert call is not None
    job, _, root, path = call[1]
    refuse(
        world,
        match_id,
        Altered("bracket/state", 0, job._replace(nonce=9)),
        Altered("opening/trace", 2, b"\x07" * 32),
        Altered("opening/trace", 2, bytes(32)),
        Altered("opening/trace", 3, path[:-1]),
        Altered("opening/trace", 3, [*path[:-1], b"\x07" * 32]),
    )
    assert world.survivors == [world.id_of(honest_claim(LARGE))]
    assert root == honest_claim(LARGE).tensor(world.model.item(1, 3)).root


PHASES_OF = {
    "descend": Phase.TRACE | Phase.TILES | Phase.OUTPUTS,
    "enter": Phase.TRACE,
    "reveal": Phase.REVEAL,
    "settle": Phase.SETTLE,
    "open_outputs": Phase.OUTPUT_ROOTS,
    "settle_output": Phase.OUTPUT,
}


@pytest.mark.parametrize("phase", [Phase.TRACE, Phase.TILES, Phase.REVEAL, Phase.SETTLE])
def test_a_call_of_another_phase_is_refused(world: World, phase: Phase) -> None:
    refuse_other_phases(world, phase)


@pytest.mark.parametrize("phase", [Phase.OUTPUT_ROOTS, Phase.OUTPUTS, Phase.OUTPUT])
def test_a_call_of_another_phase_is_refused_about_outputs(output_world: World, phase: Phase) -> None:
    refuse_other_phases(output_world, phase)


def refuse_other_phases(world: World, phase: Phase) -> None:
    state = world.duels[play_to(world, phase)].state
    descent = (0, bytes(32), bytes(32), [bytes(32)] * 4, [bytes(32)] * 4)
    arguments = {
        "descend": (state, descent, NO_KIDS),
        "enter": (world.job, state, descent, bytes(512), [], NO_KIDS),
        "reveal": (state, bytes(512)),
        "settle": (world.job, state, bytes(512), bytes(512), bytes(512), [], b""),
        "open_outputs": (world.job, state, bytes(32), bytes(32), NO_KIDS),
        "settle_output": (world.job, state, bytes(32), []),
    }
    for name, phases in PHASES_OF.items():
        if not phases & phase:
            with boa.reverts("bracket/phase"):
                getattr(world.contracts.bracket, name)(*arguments[name])


def test_the_last_trace_move_enters_and_no_other_does(world: World) -> None:
    match_id = only_match(world)
    descent = (0, bytes(32), bytes(32), [bytes(32)] * 4, [bytes(32)] * 4)
    assert world.duels[match_id].state.levels == 8
    with boa.reverts("bracket/phase"):
        world.contracts.bracket.enter(world.job, world.duels[match_id].state, descent, bytes(512), [], NO_KIDS)
    world.move(match_id)
    with boa.reverts("bracket/phase"):
        world.contracts.bracket.descend(world.duels[match_id].state, descent, NO_KIDS)


# --- models that say nonsense


class WrongField(Alphabet):
    """A model with one descriptor field that no valid graph has."""

    field, value = 0, 2

    def descriptor(self, node: int) -> bytes:
        data = super().descriptor(node)
        return data[: 4 * self.field] + self.value.to_bytes(4, "big") + data[4 * self.field + 4 :]


class WrongWidth(WrongField):
    field, value = 1, 12


@pytest.mark.parametrize(("model_type", "code"), [(WrongField, "step/opcode"), (WrongWidth, "descriptor/malformed")])
def test_a_model_that_cannot_be_recomputed_ends_by_the_clock(
    trunk: Contracts, people: dict[str, str], model_type: type[Alphabet], code: str
) -> None:
    model = model_type((Shape(600, 8), Shape(520, 8)), 1, 1)
    world = disputed(trunk, people, lying_claim(model, Lie.LETTER, 2), honest_claim(model))
    match_id = play_to(world, Phase.SETTLE)
    with boa.reverts(code):
        world.move(match_id)
    world.pass_time(CLOCK_SECONDS)
    world.timeout(match_id)
    world.resolve()
    assert world.status == Status.FINAL


# --- clocks


def test_only_the_movers_clock_runs(world: World) -> None:
    match_id = only_match(world)
    a, b = world.duels[match_id].mover, world.duels[match_id].waiter
    clock = world.contracts.bracket.claim_of
    world.pass_time(100)
    world.move(match_id)
    assert (clock(a).clock, clock(b).clock) == (CLOCK_SECONDS - 100, CLOCK_SECONDS)
    world.pass_time(30)
    world.move(match_id)
    assert (clock(a).clock, clock(b).clock) == (CLOCK_SECONDS - 100, CLOCK_SECONDS - 30)


def test_a_move_comes_before_the_clock_has_run_out_and_a_timeout_after(world: World) -> None:
    match_id = only_match(world)
    state, verdict = world.duels[match_id].state, world.contracts.bracket.verdict
    world.pass_time(CLOCK_SECONDS - 1)
    assert verdict(state, state.moved_at + CLOCK_SECONDS - 1) == UNDECIDED
    assert verdict(state, state.moved_at + CLOCK_SECONDS) == B_SURVIVES
    with boa.reverts("bracket/clock"):
        world.timeout(match_id)
    with boa.env.anchor():
        call = world.call_for(match_id)
        assert call is not None
        world.contracts.bracket.descend(*call[1])
    world.pass_time(1)
    with boa.reverts("bracket/clock"):
        world.move(match_id)
    world.timeout(match_id)
    assert world.survivors == [world.id_of(honest_claim(LARGE))]


def test_the_second_side_can_run_out_too(world: World) -> None:
    match_id = only_match(world)
    world.move(match_id)
    state = world.duels[match_id].state
    assert world.contracts.bracket.verdict(state, state.moved_at + CLOCK_SECONDS) == A_SURVIVES
    world.pass_time(CLOCK_SECONDS)
    world.timeout(match_id)
    assert world.survivors == [state.claim_a]


def test_the_winner_keeps_its_clock_whatever_deciding_took(world: World) -> None:
    truth = world.id_of(honest_claim(LARGE))
    match_id = play_to(world, Phase.SETTLE)
    before = world.contracts.bracket.claim_of(truth).clock
    world.pass_time(50)
    world.move(match_id)
    assert world.contracts.bracket.claim_of(truth).clock == before


def test_a_decided_match_is_told_from_a_wrong_state(world: World) -> None:
    match_id = only_match(world)
    state = world.duels[match_id].state
    world.play()
    with boa.reverts("bracket/already-done"):
        world.contracts.bracket.timeout(state)
    with boa.reverts("bracket/already-done"):
        world.contracts.bracket.verdict(state, state.moved_at)
    with boa.reverts("bracket/state"):
        world.contracts.bracket.timeout(state._replace(claim_a=bytes(32)))
