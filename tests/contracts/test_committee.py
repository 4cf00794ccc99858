"""Committees: honest, cheating, silent; who was wrong loses its ticket, the requester gets the truth or its money."""

from collections.abc import Iterator

import boa
import pytest

from lockstep.claims.committee import member_commitment
from lockstep.types import Address, Digest
from tests.contracts.bracket_machine.world import CHALLENGE_BOND, JOIN_SECONDS, Contracts, Status
from tests.contracts.committee_world import (
    BEACON_SECONDS,
    COMMIT,
    FALSE,
    MODEL,
    OTHER,
    PAY,
    REVEAL,
    SILENCE,
    TICKET,
    TRUE,
    Deployed,
    Panel,
    Stage,
    answer,
    assert_nothing_is_missing,
    deploy_committee,
    gains,
    pass_time,
    person,
    staked,
)


@pytest.fixture(scope="module")
def everything(deployed: Contracts) -> Deployed:
    deployed.artifacts.register_model(MODEL.header, MODEL.descriptors.root, bytes(32), bytes(32))
    return deploy_committee(deployed)


@pytest.fixture
def panel(everything: Deployed) -> Iterator[Panel]:
    """A question to five, drawn of sixteen."""
    with boa.env.anchor():
        panel = Panel.convene(staked(everything), person("asker"))
        panel.draw()
        yield panel


def status(panel: Panel) -> int:
    return int(panel.deployed.trunk.arbiter.record_of(panel.job_id).status)


# --- honest


def test_five_honest_members_are_paid(panel: Panel) -> None:
    panel.answer_with([TRUE] * 5)
    panel.settle()
    assert status(panel) == Status.ASSERTED
    panel.finalise()
    panel.conclude()
    assert gains(panel) == [PAY] * 5
    assert panel.progress.stage == Stage.DONE
    assert bytes(panel.deployed.trunk.arbiter.record_of(panel.job_id).output_root) == TRUE.output.root
    assert_nothing_is_missing(panel)
    panel.committee.withdraw(sender=panel.seats()[0])


def test_members_are_different_and_their_tickets_locked(panel: Panel) -> None:
    assert len(set(panel.seats())) == 5
    tickets = [panel.deployed.stake.ticket_of(MODEL.model_id, panel.seat(number).ticket) for number in range(5)]
    assert all(ticket.locked for ticket in tickets)
    assert [str(ticket.operator) for ticket in tickets] == panel.seats()


def test_a_wrong_member_loses_its_ticket_to_the_others(panel: Panel) -> None:
    panel.answer_with([TRUE, TRUE, FALSE, TRUE, TRUE])
    panel.settle()
    panel.finalise()
    panel.conclude()
    assert gains(panel) == [PAY + TICKET // 8] * 2 + [-TICKET] + [PAY + TICKET // 8] * 2
    assert panel.gained(panel.question.requester) == -4 * PAY
    assert_nothing_is_missing(panel)


# --- copiers


def test_a_copied_commitment_is_worth_nothing_to_another_member(panel: Panel) -> None:
    panel.commit(0, TRUE, salt=7)
    copied = panel.commitment(0, TRUE, salt=7)
    panel.committee.commit(panel.question_id, 1, copied, sender=panel.seats()[1])
    pass_time(COMMIT)
    panel.reveal(0, TRUE, salt=7)
    keyed = panel.keyed(0, TRUE).root
    with boa.reverts("committee/commitment"):
        panel.reveal(1, TRUE, salt=7, keyed=keyed)


@pytest.mark.parametrize("bound", ["chain", "contract", "question", "member", "output", "trace", "keyed root"])
def test_a_commitment_binds_all_that_it_is_about(panel: Panel, bound: str) -> None:
    """Made for anything else, it opens nothing here."""
    member, other = Address(panel.seats()[0]), Address(panel.seats()[1])
    terms = {
        "question": Digest(panel.question_id),
        "member": member,
        "output_root": TRUE.output.root,
        "trace_root": TRUE.trace.root,
        "keyed_root": Digest(panel.keyed(0, TRUE).root),
        "salt": Digest(bytes(32)),
    }
    changes = {
        "question": {"question": Digest(bytes(32))},
        "member": {"member": other},
        "output": {"output_root": FALSE.output.root},
        "trace": {"trace_root": FALSE.trace.root},
        "keyed root": {"keyed_root": Digest(panel.keyed(1, TRUE).root)},
    }.get(bound, {})
    place = (2 if bound == "chain" else 1, other if bound == "contract" else Address(str(panel.committee.address)))
    panel.committee.commit(panel.question_id, 0, member_commitment(*place, **(terms | changes)), sender=member)
    pass_time(COMMIT)
    with boa.reverts("committee/commitment"):
        panel.reveal(0, TRUE)


def test_a_seat_is_its_members_only(panel: Panel) -> None:
    with boa.reverts("committee/member"):
        panel.committee.commit(panel.question_id, 0, b"\x01" * 32, sender=panel.seats()[1])
    with boa.reverts("committee/member"):
        panel.committee.commit(panel.question_id, 9, b"\x01" * 32, sender=panel.seats()[1])


def test_the_first_commitment_counts(panel: Panel) -> None:
    panel.commit(0, FALSE)
    with boa.reverts("committee/already-done"):
        panel.commit(0, TRUE)
    with boa.reverts("committee/commitment"):
        panel.committee.commit(panel.question_id, 1, bytes(32), sender=panel.seats()[1])


def test_nobody_reveals_while_somebody_can_commit(panel: Panel) -> None:
    for number in range(4):
        panel.commit(number, TRUE)
    with boa.reverts("committee/clock"):
        panel.reveal(0, TRUE)
    panel.commit(4, TRUE)
    panel.reveal(0, TRUE)
    with boa.reverts("committee/already-done"):
        panel.reveal(0, TRUE)
    pass_time(COMMIT + REVEAL)
    with boa.reverts("committee/clock"):
        panel.reveal(1, TRUE)
    with boa.reverts("committee/clock"):
        panel.commit(1, TRUE)


# --- silence


def test_who_keeps_silent_forfeits_and_the_others_answer(panel: Panel) -> None:
    panel.answer_with([TRUE, TRUE, None, TRUE, TRUE])
    with boa.reverts("committee/clock"):
        panel.settle()
    pass_time(REVEAL)
    panel.settle()
    panel.finalise()
    panel.conclude()
    share = SILENCE // 2 // 4
    assert gains(panel) == [PAY + share, PAY + share, -SILENCE, PAY + share, PAY + share]
    assert_nothing_is_missing(panel)


def test_too_few_reveals_draw_others_at_the_expense_of_the_silent(panel: Panel) -> None:
    panel.answer_with([TRUE, TRUE, TRUE, None, None])
    pass_time(REVEAL)
    panel.settle()
    assert panel.progress.stage == Stage.DRAWING
    assert len(set(panel.draw())) == 7
    with boa.reverts("committee/round"):
        panel.commit(3, TRUE)
    panel.answer_with([TRUE, TRUE], first=5)
    panel.settle()
    panel.finalise()
    panel.conclude()
    share = 2 * SILENCE // 2 // 5
    assert gains(panel) == [PAY + share] * 3 + [-SILENCE] * 2 + [PAY + share] * 2
    assert_nothing_is_missing(panel)


def test_three_silent_rounds_void_the_question(panel: Panel) -> None:
    panel.commit(0, TRUE)
    for _ in range(3):
        pass_time(COMMIT + REVEAL)
        panel.settle()
        if panel.progress.stage == Stage.DRAWING:
            panel.draw()
    assert panel.progress.stage == Stage.DONE
    assert panel.gained(panel.question.requester) == 0
    # Only who had an answer and hid it; a question that nobody can answer harms nobody.
    assert gains(panel) == [-SILENCE] + [0] * (len(panel.seats()) - 1)
    assert_nothing_is_missing(panel)


def test_too_few_operators_void_the_question(everything: Deployed) -> None:
    with boa.env.anchor():
        panel = Panel.convene(staked(everything, 3), person("asker"))
        panel.draw()
        assert panel.progress.stage == Stage.DONE
        assert panel.gained(panel.question.requester) == 0
        assert gains(panel) == [0] * 3
        assert not everything.stake.ticket_of(MODEL.model_id, 0).locked


def test_nobody_is_kept_when_the_answer_comes_too_late(panel: Panel) -> None:
    panel.answer_with([TRUE] * 5)
    pass_time(panel.question.job.respond_by)
    panel.settle()
    assert panel.progress.stage == Stage.DONE
    assert gains(panel) == [0] * 5
    assert panel.gained(panel.question.requester) == 0


# --- the game


def test_no_majority_goes_straight_into_the_bracket(panel: Panel) -> None:
    panel.answer_with([FALSE, FALSE, TRUE, TRUE, TRUE])
    panel.settle()
    assert status(panel) == Status.DISPUTED
    world = panel.world()
    panel.join(world, FALSE)
    panel.join(world, TRUE)
    world.play()
    pass_time(JOIN_SECONDS)
    world.resolve()
    panel.conclude()
    reward = CHALLENGE_BOND // 2
    left = 2 * TICKET - CHALLENGE_BOND
    share = (left // 2 + reward) // 3
    assert gains(panel) == [-TICKET] * 2 + [PAY + share] * 3
    assert_nothing_is_missing(panel)


@pytest.mark.parametrize("by", ["member", "stranger"])
def test_one_honest_member_overturns_a_lying_majority(panel: Panel, by: str) -> None:
    panel.answer_with([FALSE, FALSE, FALSE, FALSE, TRUE])
    panel.settle()
    assert status(panel) == Status.ASSERTED
    sender = panel.seats()[4] if by == "member" else person("stranger")
    panel.committee.appeal(panel.question, 1, answer(TRUE), sender=sender)
    with boa.reverts("committee/already-done"):
        panel.committee.appeal(panel.question, 1, answer(TRUE), sender=sender)
    world = panel.world()
    panel.join(world, FALSE)
    panel.join(world, TRUE)
    world.play()
    pass_time(JOIN_SECONDS)
    world.resolve()
    panel.conclude()
    left = 4 * TICKET - TICKET
    assert gains(panel) == [-TICKET] * 4 + [PAY + left // 2 + TICKET // 2]
    assert panel.gained(panel.question.requester) == -PAY
    assert bytes(panel.deployed.trunk.arbiter.record_of(panel.job_id).output_root) == TRUE.output.root
    assert_nothing_is_missing(panel)


def test_a_stranger_with_its_own_money_overturns_a_lying_committee(panel: Panel) -> None:
    panel.answer_with([FALSE] * 5)
    panel.settle()
    world, stranger = panel.world(), person("stranger")
    world.challenge(stranger, TRUE)
    world.join(stranger, TRUE)
    panel.join(world, FALSE)
    world.play()
    pass_time(JOIN_SECONDS)
    world.resolve()
    panel.conclude()
    assert gains(panel) == [-TICKET] * 5
    assert panel.gained(panel.question.requester) == 0
    assert world.credits(stranger) == CHALLENGE_BOND + TICKET // 2
    assert_nothing_is_missing(panel)


def test_a_bond_comes_back_when_somebody_else_stands_for_the_claim(panel: Panel) -> None:
    panel.answer_with([FALSE, FALSE, FALSE, FALSE, TRUE])
    panel.settle()
    world, stranger = panel.world(), person("stranger")
    world.challenge(stranger, TRUE)
    panel.committee.appeal(panel.question, 1, answer(TRUE))
    world.join(stranger, TRUE)
    panel.committee.reclaim(panel.question, 1, answer(TRUE))
    pass_time(JOIN_SECONDS)
    world.resolve()
    panel.conclude()
    assert gains(panel) == [-TICKET] * 4 + [PAY + 3 * TICKET // 2]
    assert_nothing_is_missing(panel)


def test_a_claim_that_nobody_brings_into_the_game_costs_its_group_the_bond(panel: Panel) -> None:
    panel.answer_with([TRUE, TRUE, TRUE, TRUE, FALSE])
    panel.settle()
    panel.committee.appeal(panel.question, 1, answer(FALSE))
    pass_time(JOIN_SECONDS)
    panel.world().contracts.bracket.resolve(panel.job, bytes(32), bytes(32))
    assert status(panel) == Status.VOID
    panel.conclude()
    # Nobody defended, nobody joined: both claims are gone.
    assert gains(panel) == [-TICKET] * 5
    assert panel.gained(panel.question.requester) == 0
    assert_nothing_is_missing(panel)


def test_only_a_groups_own_other_answer_is_appealed(panel: Panel) -> None:
    panel.answer_with([TRUE, TRUE, TRUE, TRUE, FALSE])
    panel.settle()
    with boa.reverts("committee/group"):
        panel.committee.appeal(panel.question, 0, answer(TRUE))
    with boa.reverts("committee/group"):
        panel.committee.appeal(panel.question, 2, answer(OTHER))
    with boa.reverts("committee/answer"):
        panel.committee.appeal(panel.question, 1, answer(OTHER))
    panel.finalise()
    with boa.reverts("job/status"):
        panel.committee.appeal(panel.question, 1, answer(FALSE))
    with boa.reverts("committee/answer"):
        panel.committee.conclude(panel.question, [])


def test_nothing_is_concluded_before_it_is_decided(panel: Panel) -> None:
    panel.answer_with([TRUE] * 5)
    with boa.reverts("committee/stage"):
        panel.conclude()
    panel.settle()
    with boa.reverts("committee/clock"):
        panel.conclude()
    pass_time(BEACON_SECONDS)
    with boa.reverts("committee/undecided"):
        panel.conclude()
    with boa.reverts("committee/stage"):
        panel.settle()
