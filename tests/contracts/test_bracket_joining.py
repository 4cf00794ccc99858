"""Who may join a tournament, with what, until when, and whose bond it is (dispute.md section 3)."""

from typing import Any

import boa
import pytest
from eth.exceptions import Revert

from tests.contracts.bracket_machine.alphabet import Alphabet, Shape
from tests.contracts.bracket_machine.claims import Lie, honest_claim, lying_claim
from tests.contracts.bracket_machine.world import (
    BOND,
    CHALLENGE_BOND,
    CLOCK_SECONDS,
    FEE,
    JOIN_SECONDS,
    MATCH_SECONDS,
    MINIMUM_BOND,
    WINDOW,
    ZERO_ADDRESS,
    Contracts,
    Status,
    World,
    code_of,
    deploy,
    following_address,
)

MODEL = Alphabet((Shape(600, 8), Shape(520, 8)), 1, 1)
TRUE = honest_claim(MODEL)
FALSE = lying_claim(MODEL, Lie.LETTER, 1)
OTHER = lying_claim(MODEL, Lie.LETTER, 2)
SALT = b"\x01" * 32


@pytest.fixture
def world(trunk: Contracts, people: dict[str, str]) -> World:
    """A job whose claimant lied."""
    world = World.begin(trunk, MODEL, people["requester"])
    world.assert_result(people["claimant"], FALSE)
    return world


def now() -> int:
    return int(boa.env.evm.patch.timestamp)


def spent(account: str) -> int:
    return 10**20 - int(boa.env.get_balance(account))


# --- deployment


@pytest.mark.parametrize("times", [{"join": 0}, {"clock": JOIN_SECONDS}, {"match": 0}, {"clock": 2**40}])
def test_clocks_that_could_not_work_are_refused(revm: Any, times: dict[str, int]) -> None:
    with boa.env.anchor(), boa.reverts("bracket/clock"):
        deploy(**times)


def test_a_bracket_that_the_arbiter_does_not_name_is_refused(trunk: Contracts) -> None:
    arbiter = code_of("Arbiter").deploy(trunk.artifacts.address, ZERO_ADDRESS, MINIMUM_BOND)
    assert following_address() != trunk.artifacts.address
    with boa.reverts("bracket/arbiter"):
        code_of("Bracket").deploy(arbiter.address, trunk.artifacts.address, trunk.steps.address, 1, 10, 20, 5)


def test_money_comes_with_a_challenge_or_from_the_arbiter(trunk: Contracts, people: dict[str, str]) -> None:
    with pytest.raises(Revert, match="only/arbiter"):
        boa.env.raw_call(trunk.bracket.address, sender=people["stranger"], value=1)


# --- challenge


def test_the_first_challenge_opens_the_tournament(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    tournament = world.contracts.bracket.tournament_of(world.job_id)
    assert (tournament.opened, tournament.challenges, tournament.held, tournament.alive) == (now(), 1, 1, 0)
    assert world.status == Status.DISPUTED
    assert boa.env.get_balance(world.contracts.bracket.address) == BOND + CHALLENGE_BOND
    assert boa.env.get_balance(world.contracts.arbiter.address) == FEE


@pytest.mark.parametrize("value", [0, CHALLENGE_BOND - 1, CHALLENGE_BOND + 1])
def test_a_challenge_costs_the_challenge_bond(world: World, people: dict[str, str], value: int) -> None:
    with boa.reverts("bracket/value"):
        world.contracts.bracket.challenge(world.job, SALT, value=value, sender=people["challenger"])


def test_the_first_challenge_comes_within_the_window(world: World, people: dict[str, str]) -> None:
    world.pass_time(WINDOW)
    with boa.reverts("job/window"):
        world.challenge(people["challenger"], TRUE)


def test_further_challenges_come_until_joining_ends(world: World, people: dict[str, str]) -> None:
    world.pass_time(WINDOW - 1)
    world.challenge(people["challenger"], TRUE)
    world.pass_time(JOIN_SECONDS - 1)
    world.challenge(people["second_challenger"], OTHER)
    world.pass_time(1)
    with boa.reverts("bracket/closed"):
        world.challenge(people["stranger"], OTHER)


def test_jobs_that_are_not_asserted_cannot_be_challenged(world: World, people: dict[str, str]) -> None:
    stranger = people["stranger"]
    with boa.reverts("job/unknown"):
        world.contracts.bracket.challenge(world.job._replace(nonce=9), SALT, value=CHALLENGE_BOND, sender=stranger)
    world.pass_time(WINDOW)
    world.contracts.arbiter.finalise(world.job)
    with boa.reverts("job/status"):
        world.challenge(stranger, TRUE)


def test_a_copied_commitment_takes_nothing_from_its_maker(world: World, people: dict[str, str]) -> None:
    hidden = world.commitment(people["challenger"], TRUE)
    thief = people["stranger"]
    world.contracts.bracket.challenge(world.job, hidden, value=CHALLENGE_BOND, sender=thief)
    world.challenge(people["challenger"], TRUE)
    with boa.reverts("bracket/commitment"):
        world.join(thief, TRUE)
    world.join(people["challenger"], TRUE)


def test_a_commitment_counts_once(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    with boa.reverts("bracket/already-done"):
        world.challenge(people["challenger"], TRUE)
    world.join(people["challenger"], TRUE)
    with boa.reverts("bracket/already-done"):
        world.join(people["challenger"], TRUE)


# --- join and defend


def test_a_claim_starts_with_what_is_left_of_the_clock(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    world.pass_time(123)
    world.join(people["challenger"], TRUE)
    claim = world.contracts.bracket.claim_of(world.id_of(TRUE))
    assert tuple(claim) == (people["challenger"], CLOCK_SECONDS - 123, 1, True)
    assert world.contracts.bracket.tournament_of(world.job_id).waiting == world.id_of(TRUE)


def test_two_claims_make_a_match_and_the_waiting_one_moves_first(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    world.defend(people["claimant"], FALSE)
    world.join(people["challenger"], TRUE)
    ((match_id, duel),) = world.duels.items()
    assert (duel.state.claim_a, duel.state.claim_b) == (world.id_of(FALSE), world.id_of(TRUE))
    assert (duel.state.node_a, duel.state.node_b) == (FALSE.trace.root, TRUE.trace.root)
    assert (duel.state.turn, duel.state.levels, duel.state.moved_at) == (0, 4, now())
    assert world.contracts.bracket.match_of(match_id) != bytes(32)
    assert world.contracts.bracket.tournament_of(world.job_id).waiting == bytes(32)


def test_nobody_joins_without_an_open_tournament(world: World, people: dict[str, str]) -> None:
    with boa.reverts("bracket/closed"):
        world.join(people["challenger"], TRUE)
    with boa.reverts("bracket/closed"):
        world.defend(people["claimant"], FALSE)
    with boa.reverts("bracket/closed"):
        world.reclaim(people["challenger"], TRUE)
    world.challenge(people["challenger"], TRUE)
    world.pass_time(JOIN_SECONDS)
    with boa.reverts("bracket/closed"):
        world.join(people["challenger"], TRUE)
    with boa.reverts("bracket/closed"):
        world.defend(people["claimant"], FALSE)


def test_a_claim_is_joined_by_who_committed_to_it(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE, SALT)
    for sender, claim, salt in (("stranger", TRUE, SALT), ("challenger", OTHER, SALT), ("challenger", TRUE, bytes(32))):
        with boa.reverts("bracket/commitment"):
            world.join(people[sender], claim, salt)
    world.join(people["challenger"], TRUE, SALT)


def test_an_output_of_zero_is_no_claim(world: World, people: dict[str, str]) -> None:
    with boa.reverts("bracket/closed"):
        world.contracts.bracket.join(world.job, bytes(32), TRUE.trace.root, TRUE.trace.kids(0, 0), SALT)
    world.challenge(people["challenger"], TRUE)
    with boa.reverts("bracket/outputs"):
        world.contracts.bracket.join(world.job, bytes(32), TRUE.trace.root, TRUE.trace.kids(0, 0), SALT)


def test_kids_are_those_of_the_trace_root(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    with boa.reverts("bracket/kids"):
        world.contracts.bracket.join(
            world.job,
            TRUE.output.root,
            TRUE.trace.root,
            FALSE.trace.kids(0, 0),
            bytes(32),
            sender=people["challenger"],
        )


def test_a_model_that_nobody_registered_cannot_be_played_about(trunk: Contracts, people: dict[str, str]) -> None:
    world = World.begin(trunk, MODEL, people["requester"], model_id=b"\x01" * 32)
    world.assert_result(people["claimant"], FALSE)
    world.challenge(people["challenger"], TRUE)
    with boa.reverts("bracket/model"):
        world.join(people["challenger"], TRUE)


def test_only_the_claimant_defends_and_once(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    with boa.reverts("bracket/claimant"):
        world.defend(people["stranger"], FALSE)
    world.defend(people["claimant"], FALSE)
    with boa.reverts("bracket/already-done"):
        world.defend(people["claimant"], FALSE)


def test_one_bond_defends_one_claim(trunk: Contracts, people: dict[str, str]) -> None:
    """Both claims have the asserted output; only their traces differ."""
    other = lying_claim(MODEL, Lie.OTHER_OUTPUT, 1)
    assert (other.output.root == TRUE.output.root, other.trace.root == TRUE.trace.root) == (True, False)
    world = World.begin(trunk, MODEL, people["requester"])
    world.assert_result(people["claimant"], TRUE)
    world.challenge(people["challenger"], FALSE)
    world.defend(people["claimant"], other)
    with boa.reverts("bracket/already-done"):
        world.defend(people["claimant"], TRUE)


def test_the_same_claim_twice_is_one_claim(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    world.challenge(people["second_challenger"], TRUE)
    world.join(people["challenger"], TRUE)
    with boa.reverts("bracket/already-done"):
        world.join(people["second_challenger"], TRUE)
    world.reclaim(people["second_challenger"], TRUE)
    assert world.credits(people["second_challenger"]) == CHALLENGE_BOND
    with boa.reverts("bracket/already-done"):
        world.reclaim(people["second_challenger"], TRUE)
    assert world.contracts.bracket.tournament_of(world.job_id).held == 1


def test_who_committed_first_takes_the_claim_over(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    world.challenge(people["second_challenger"], TRUE)
    world.defend(people["claimant"], FALSE)
    world.join(people["second_challenger"], TRUE)
    world.pass_time(10)
    before = world.contracts.bracket.claim_of(world.id_of(TRUE))
    world.join(people["challenger"], TRUE)
    after = world.contracts.bracket.claim_of(world.id_of(TRUE))
    assert (after.owner, after.order, after.clock) == (people["challenger"], 1, before.clock)
    assert world.credits(people["second_challenger"]) == CHALLENGE_BOND
    assert len(world.duels) == 1


def test_the_claimant_takes_over_whoever_stands_for_its_claim(trunk: Contracts, people: dict[str, str]) -> None:
    world = World.begin(trunk, MODEL, people["requester"])
    world.assert_result(people["claimant"], TRUE)
    world.challenge(people["challenger"], TRUE)
    world.join(people["challenger"], TRUE)
    world.defend(people["claimant"], TRUE)
    claim = world.contracts.bracket.claim_of(world.id_of(TRUE))
    assert (claim.owner, claim.order) == (people["claimant"], 0)
    assert world.credits(people["challenger"]) == CHALLENGE_BOND
    world.challenge(people["second_challenger"], TRUE)
    with boa.reverts("bracket/already-done"):
        world.join(people["second_challenger"], TRUE)


def test_a_bond_for_a_claim_that_is_out_is_lost(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    world.challenge(people["second_challenger"], FALSE)
    with boa.reverts("bracket/alive"):
        world.reclaim(people["second_challenger"], FALSE)
    world.defend(people["claimant"], FALSE)
    world.join(people["challenger"], TRUE)
    world.play()
    assert world.survivors == [world.id_of(TRUE)]
    with boa.reverts("bracket/alive"):
        world.join(people["second_challenger"], FALSE)
    with boa.reverts("bracket/alive"):
        world.reclaim(people["second_challenger"], FALSE)


def test_a_match_begins_with_at_least_the_match_clock(revm: Any) -> None:
    with boa.env.anchor():
        contracts = deploy(clock=JOIN_SECONDS + 5, match=MATCH_SECONDS)
        people = {role: str(boa.env.generate_address()) for role in ("requester", "claimant", "challenger")}
        world = World.begin(contracts, MODEL, people["requester"])
        world.assert_result(people["claimant"], FALSE)
        world.challenge(people["challenger"], TRUE)
        world.defend(people["claimant"], FALSE)
        world.pass_time(JOIN_SECONDS - 1)
        world.join(people["challenger"], TRUE)
        assert contracts.bracket.claim_of(world.id_of(TRUE)).clock == MATCH_SECONDS
        assert contracts.bracket.claim_of(world.id_of(FALSE)).clock == JOIN_SECONDS + 5


# --- payout (section 5)


def finish(world: World) -> Any:
    world.play()
    world.pass_time(JOIN_SECONDS)
    world.resolve()
    return next(e for e in world.contracts.bracket.get_logs() if type(e).__name__ == "Resolved")


def test_a_caught_claimant_pays_the_challenger_and_the_fire(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    world.defend(people["claimant"], FALSE)
    world.join(people["challenger"], TRUE)
    event = finish(world)
    assert world.contracts.arbiter.record_of(world.job_id).output_root == TRUE.output.root
    assert world.credits(people["challenger"]) == CHALLENGE_BOND + BOND // 2
    assert world.credits(people["requester"]) == FEE
    assert world.credits(people["claimant"]) == 0
    assert (event.reward, event.burnt) == (BOND // 2, BOND - BOND // 2)
    assert world.contracts.arbiter.record_of(world.job_id).refunded


def test_a_false_challenge_pays_the_claimant_and_the_fire(trunk: Contracts, people: dict[str, str]) -> None:
    world = World.begin(trunk, MODEL, people["requester"])
    world.assert_result(people["claimant"], TRUE)
    world.challenge(people["challenger"], FALSE)
    world.join(people["challenger"], FALSE)
    world.defend(people["claimant"], TRUE)
    event = finish(world)
    assert world.credits(people["claimant"]) == FEE + BOND + CHALLENGE_BOND // 2
    assert event.burnt == CHALLENGE_BOND // 2
    assert not world.contracts.arbiter.record_of(world.job_id).refunded


def test_a_right_claimant_is_paid_when_somebody_else_defends_it(trunk: Contracts, people: dict[str, str]) -> None:
    world = World.begin(trunk, MODEL, people["requester"])
    world.assert_result(people["claimant"], TRUE)
    world.challenge(people["challenger"], FALSE)
    world.challenge(people["second_challenger"], TRUE)
    world.join(people["challenger"], FALSE)
    world.join(people["second_challenger"], TRUE)
    event = finish(world)
    assert world.credits(people["claimant"]) == FEE + BOND
    assert world.credits(people["second_challenger"]) == CHALLENGE_BOND + CHALLENGE_BOND // 2
    assert event.burnt == CHALLENGE_BOND // 2


def test_a_challenge_that_nobody_opens_voids_the_job_and_burns_all(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    event = finish(world)
    assert world.status == Status.VOID
    assert world.credits(people["requester"]) == FEE
    assert event.burnt == BOND + CHALLENGE_BOND == boa.env.get_balance(world.contracts.bracket.address)


def test_bonds_of_hidden_commitments_go_to_the_pool(world: World, people: dict[str, str]) -> None:
    world.challenge(people["challenger"], TRUE)
    world.challenge(people["second_challenger"], OTHER)
    world.join(people["challenger"], TRUE)
    event = finish(world)
    assert event.reward == (BOND + CHALLENGE_BOND) // 2
    assert world.credits(people["second_challenger"]) == 0
    assert spent(people["second_challenger"]) == CHALLENGE_BOND


def test_a_tournament_is_resolved_once_and_not_early(world: World, people: dict[str, str]) -> None:
    resolve, roots = world.contracts.bracket.resolve, (TRUE.output.root, TRUE.trace.root)
    with boa.reverts("bracket/closed"):
        resolve(world.job, *roots)
    world.challenge(people["challenger"], TRUE)
    world.defend(people["claimant"], FALSE)
    world.join(people["challenger"], TRUE)
    world.pass_time(JOIN_SECONDS - 1)
    with boa.reverts("bracket/clock"):
        resolve(world.job, *roots)
    world.pass_time(1)
    with boa.reverts("bracket/alive"):
        resolve(world.job, *roots)
    world.play()
    with boa.reverts("bracket/alive"):
        resolve(world.job, FALSE.output.root, FALSE.trace.root)
    resolve(world.job, *roots, sender=people["stranger"])
    with boa.reverts("bracket/already-done"):
        resolve(world.job, *roots)
    with boa.reverts("bracket/closed"):
        world.challenge(people["stranger"], OTHER)
