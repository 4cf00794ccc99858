"""What a node knows is folded from events: each kind changes what it names, and replaying gives the same again."""

from copy import deepcopy
from dataclasses import replace

import pytest

from lockstep.chain.binding import Event, Log, LoggedEvent
from lockstep.chain.bindings.arbiter import Asserted, Delivered, Disputed, Finalised, Requested, Status, Voided
from lockstep.chain.bindings.bracket import (
    Challenged,
    Decided,
    Joined,
    Match,
    Moved,
    Phase,
    Reclaimed,
    Resolved,
    Revealed,
    Started,
    TakenOver,
)
from lockstep.chain.bindings.shared import Job
from lockstep.crypto.hashing import keccak256
from lockstep.dispute.moves import NO_KIDS, Shown
from lockstep.features.inference.view import JobsView, JobView, MatchView
from lockstep.types import ZERO_DIGEST, Address, Amount, Digest

ALICE = Address("0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
BOB = Address("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC")


def digest(name: str) -> Digest:
    return keccak256(name.encode())


def sixteen(name: str) -> tuple[Digest, ...]:
    return tuple(digest(f"{name}{kid}") for kid in range(16))


JOB_ID, OTHER_ID = digest("job"), digest("another job")
CLAIM_A, CLAIM_B, MATCH = digest("claim a"), digest("claim b"), digest("match")
TERMS = Job(ALICE, digest("model"), digest("input"), 1, Amount(5), Amount(10), 60, 99, 0, 0)
LOG = Log(BOB, (), b"", 1, digest("block"), digest("transaction"), 0)
START = Match(
    job_id=JOB_ID,
    claim_a=CLAIM_A,
    claim_b=CLAIM_B,
    trace_a=digest("trace a"),
    trace_b=digest("trace b"),
    node_a=digest("trace a"),
    node_b=digest("trace b"),
    phase=Phase.TRACE,
    turn=0,
    position=0,
    levels=8,
    item=0,
    tiles=0,
    moved_at=1000,
)
SECOND = replace(START, turn=1, position=3, levels=4, moved_at=1005)
THIRD = replace(SECOND, turn=0, phase=Phase.REVEAL, levels=0, item=55, tiles=1, moved_at=1010)
FOURTH = replace(THIRD, turn=1, phase=Phase.SETTLE, moved_at=1020)
REQUESTED = Requested(JOB_ID, ALICE, TERMS.model_id, TERMS, b"input bytes")
ASSERTED = Asserted(JOB_ID, BOB, digest("output a"))
JOINED = (
    Joined(JOB_ID, CLAIM_A, BOB, digest("output a"), digest("trace a"), sixteen("a")),
    Joined(JOB_ID, CLAIM_B, ALICE, digest("output b"), digest("trace b"), sixteen("b")),
)
DISPUTE: tuple[Event, ...] = (
    REQUESTED,
    ASSERTED,
    Disputed(JOB_ID),
    Challenged(JOB_ID, ALICE, digest("commitment"), 1),
    *JOINED,
    Started(MATCH, JOB_ID, START),
    Moved(MATCH, JOB_ID, SECOND, sixteen("first move")),
    Moved(MATCH, JOB_ID, THIRD, NO_KIDS),
    Revealed(MATCH, JOB_ID, FOURTH, b"\x05" * 512),
    Decided(MATCH, JOB_ID, CLAIM_B),
    Finalised(JOB_ID, digest("output b")),
    Resolved(JOB_ID, CLAIM_B, ALICE, digest("output b"), 5, 5),
    Delivered(JOB_ID, True),
)


def folded(*events: Event) -> JobsView:
    view = JobsView()
    for event in events:
        view.apply(LoggedEvent(event, LOG))
    return view


def job_after(count: int) -> JobView:
    return folded(*DISPUTE[:count]).jobs[JOB_ID]


def match_after(count: int) -> MatchView:
    return job_after(count).matches[MATCH]


def test_asked_job_is_open() -> None:
    assert job_after(1) == JobView(JOB_ID, TERMS, b"input bytes")
    assert not job_after(1).is_over


def test_asserted_job_has_a_claimant_and_a_root() -> None:
    job = job_after(2)
    assert (job.status, job.claimant) == (Status.ASSERTED, BOB)
    assert job.asserted_root == job.output_root == digest("output a")


def test_challenge_and_claims() -> None:
    job = job_after(6)
    assert job.status is Status.DISPUTED
    assert job.challengers == {ALICE: 1}
    assert (job.claims[CLAIM_A].owner, job.claims[CLAIM_A].kids) == (BOB, sixteen("a"))
    assert (job.claims[CLAIM_B].output_root, job.claims[CLAIM_B].trace_root) == (digest("output b"), digest("trace b"))


def test_match_begins_with_what_the_claims_showed() -> None:
    match = match_after(7)
    assert (match.state, match.moves, match.survivor) == (START, 0, None)
    assert match.kids == [sixteen("a"), sixteen("b")]


def test_digests_are_those_of_the_side_that_moved() -> None:
    assert match_after(8).kids == [sixteen("first move"), sixteen("b")]
    assert match_after(9).kids == [sixteen("first move"), NO_KIDS]
    assert match_after(9).state == THIRD


def test_tile_is_of_the_side_that_revealed() -> None:
    match = match_after(10)
    assert match.tiles == [b"\x05" * 512, b""]
    assert (match.state, match.moves) == (FOURTH, 3)


def test_each_side_is_shown_what_the_other_did() -> None:
    job, match = job_after(10), match_after(10)
    assert job.shown(match, 1) == Shown(sixteen("first move"), b"\x05" * 512, digest("output a"))
    assert job.shown(match, 0) == Shown(NO_KIDS, b"", digest("output b"))


def test_end_of_a_dispute() -> None:
    assert match_after(11).survivor == CLAIM_B
    assert not job_after(11).is_over
    job = job_after(len(DISPUTE))
    assert (job.status, job.is_over, job.is_resolved, job.is_delivered) == (Status.FINAL, True, True, True)
    assert (job.asserted_root, job.output_root) == (digest("output a"), digest("output b"))


def test_match_without_a_survivor_is_decided() -> None:
    job = folded(*DISPUTE[:10], Decided(MATCH, JOB_ID, ZERO_DIGEST), Voided(JOB_ID)).jobs[JOB_ID]
    assert job.matches[MATCH].survivor == ZERO_DIGEST
    assert (job.status, job.is_over) == (Status.VOID, True)


def test_claim_that_is_taken_over_has_another_owner() -> None:
    job = folded(*DISPUTE[:6], TakenOver(JOB_ID, CLAIM_B, BOB)).jobs[JOB_ID]
    assert job.claims[CLAIM_B].owner == BOB
    assert job.claims[CLAIM_B].kids == sixteen("b")


def test_survivor_begins_its_next_match_with_its_first_digests() -> None:
    next_match, third = digest("next match"), digest("claim c")
    joined = Joined(JOB_ID, third, BOB, digest("output c"), digest("trace c"), sixteen("c"))
    state = replace(START, claim_a=CLAIM_B, claim_b=third)
    job = folded(*DISPUTE[:11], joined, Started(next_match, JOB_ID, state)).jobs[JOB_ID]
    assert job.matches[next_match].kids == [sixteen("b"), sixteen("c")]
    assert job.matches[MATCH].survivor == CLAIM_B


def test_failed_delivery_is_not_a_delivery() -> None:
    assert not folded(*DISPUTE[:-1], Delivered(JOB_ID, False)).jobs[JOB_ID].is_delivered


def test_events_of_unknown_jobs_are_ignored() -> None:
    assert folded(*DISPUTE[1:]).jobs == {}


def test_events_that_say_nothing_about_a_job_change_nothing() -> None:
    view = folded(*DISPUTE)
    before = deepcopy(view.jobs)
    view.apply(LoggedEvent(Reclaimed(JOB_ID, ALICE), LOG))
    assert view.jobs == before


def test_jobs_do_not_mix() -> None:
    other = replace(REQUESTED, job_id=OTHER_ID)
    jobs = folded(other, *DISPUTE).jobs
    assert jobs[OTHER_ID] == JobView(OTHER_ID, TERMS, b"input bytes")
    assert jobs[JOB_ID] == job_after(len(DISPUTE))


@pytest.mark.parametrize("count", range(len(DISPUTE) + 1))
def test_replay_after_clear_gives_the_same(count: int) -> None:
    """A reorganisation forgets the end and reads another one; nothing of the forgotten part may remain."""
    view = folded(*DISPUTE)
    view.clear()
    assert view.jobs == {}
    for event in DISPUTE[:count]:
        view.apply(LoggedEvent(event, LOG))
    assert view.jobs == folded(*DISPUTE[:count]).jobs


def test_state_hash_names_the_state() -> None:
    states = (START, SECOND, THIRD, FOURTH, replace(START, moved_at=1001), replace(START, node_a=digest("x")))
    assert len({MatchView(state, []).state_hash for state in states}) == len(states)
    assert MatchView(START, []).state_hash == MatchView(replace(START), [sixteen("a")], moves=3).state_hash
