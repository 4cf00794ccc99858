"""Watchers of optimistic claims, planted questions, and what questions may ask for."""

from collections.abc import Iterator
from typing import Any

import boa
import pytest
from eth.exceptions import Revert

from lockstep.claims.committee import seal
from lockstep.types import Digest
from tests.contracts.bracket_machine.claims import Claim
from tests.contracts.bracket_machine.world import BOND, CHALLENGE_BOND, JOIN_SECONDS, MINIMUM_BOND, Contracts, World
from tests.contracts.committee_world import (
    APPEAL,
    BEACON_BLOCKS,
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

SALT = Digest(b"\x09" * 32)
WATCH_WINDOW = 1_000


@pytest.fixture(scope="module")
def everything(deployed: Contracts) -> Deployed:
    deployed.artifacts.register_model(MODEL.header, MODEL.descriptors.root, bytes(32), bytes(32))
    return deploy_committee(deployed)


@pytest.fixture
def ready(everything: Deployed) -> Iterator[Deployed]:
    with boa.env.anchor():
        yield staked(everything)


def claimed(ready: Deployed, claim: Claim, claimant: str = "") -> World:
    """Somebody's optimistic claim."""
    world = World.begin(ready.trunk, MODEL, person("requester"), window=WATCH_WINDOW)
    world.assert_result(claimant or person("claimant"), claim)
    return world


# --- watchers


def test_watchers_who_agree_are_paid(ready: Deployed) -> None:
    world = claimed(ready, TRUE)
    panel = Panel.watch(ready, world.job, person("funder"))
    panel.draw()
    panel.answer_with([TRUE] * 3)
    panel.settle()
    pass_time(WATCH_WINDOW)
    ready.trunk.arbiter.finalise(world.job)
    panel.conclude()
    assert gains(panel) == [PAY] * 3
    assert panel.gained(panel.question.requester) == -3 * PAY
    assert_nothing_is_missing(panel)


def test_watchers_overturn_a_false_claim_with_their_stakes(ready: Deployed) -> None:
    claimant = person("claimant")
    world = claimed(ready, FALSE, claimant)
    panel = Panel.watch(ready, world.job, person("funder"))
    panel.draw()
    panel.answer_with([TRUE, FALSE, None])
    pass_time(REVEAL)
    panel.settle()
    panel.committee.appeal(panel.question, 0, answer(TRUE))
    world.defend(claimant, FALSE)
    panel.join(world, TRUE)
    world.play()
    pass_time(JOIN_SECONDS)
    world.resolve()
    panel.conclude()
    left = (TICKET + SILENCE) // 2
    assert gains(panel) == [PAY + BOND // 2 + left, -TICKET, -SILENCE]
    assert panel.gained(panel.question.requester) == -PAY
    assert_nothing_is_missing(panel)


def test_watchers_who_agree_are_not_dragged_into_a_game(ready: Deployed) -> None:
    panel = Panel.watch(ready, claimed(ready, TRUE).job, person("funder"))
    panel.draw()
    panel.answer_with([TRUE] * 3)
    panel.settle()
    with boa.reverts("committee/group"):
        panel.committee.appeal(panel.question, 0, answer(TRUE))


def test_watchers_stand_for_a_true_claim_that_its_claimant_does_not_defend(ready: Deployed) -> None:
    world = claimed(ready, TRUE)
    panel = Panel.watch(ready, world.job, person("funder"))
    panel.draw()
    panel.answer_with([TRUE, FALSE, TRUE])
    panel.settle()
    panel.committee.appeal(panel.question, 1, answer(FALSE))
    panel.join(world, FALSE)
    for outsider in (person("stranger"), panel.seats()[1]):
        with boa.reverts("committee/group"):
            panel.committee.appeal(panel.question, 0, answer(TRUE), sender=outsider)
    panel.committee.appeal(panel.question, 0, answer(TRUE), sender=panel.seats()[2])
    panel.join(world, TRUE)
    world.play()
    pass_time(JOIN_SECONDS)
    world.resolve()
    panel.conclude()
    share = (CHALLENGE_BOND // 2 + (TICKET - CHALLENGE_BOND) // 2) // 2
    assert gains(panel) == [PAY + share, -TICKET, PAY + share]
    assert_nothing_is_missing(panel)


def test_watchers_are_drawn_by_lot(ready: Deployed) -> None:
    """One in 100: a claimant cannot know; what is not spent comes back."""
    panel = Panel.watch(ready, claimed(ready, TRUE).job, person("funder"), size=15, one_in=100)
    panel.draw()
    drawn = len(panel.seats())
    assert drawn < 4
    if not drawn:
        assert panel.progress.stage == Stage.DONE
        assert panel.gained(panel.question.requester) == 0


def test_watchers_come_in_time_for_a_challenge(ready: Deployed) -> None:
    world = claimed(ready, TRUE)
    panel = Panel.watch(ready, world.job, person("funder"))
    pass_time(WATCH_WINDOW - COMMIT - REVEAL - APPEAL + 1)
    with boa.reverts("committee/deadline"):
        Panel.watch(ready, world.job, person("funder"))
    panel.draw()
    assert panel.progress.stage == Stage.DONE
    assert panel.gained(panel.question.requester) == 0


# --- planted questions


def planted(ready: Deployed, members: Claim, expected: Claim) -> Panel:
    panel = Panel.convene(ready, person("planter"), seal=seal(*map(Digest, answer(expected)), SALT))
    panel.draw()
    panel.answer_with([members] * 5)
    panel.settle()
    return panel


def expose(panel: Panel, expected: Claim, **changes: Any) -> None:
    options = {"value": CHALLENGE_BOND, "sender": panel.question.requester} | changes
    panel.committee.expose(panel.question, answer(expected), SALT, **options)
    if answer(expected) not in panel.answers:
        panel.answers.append(answer(expected))


def played(panel: Panel, *claims: Claim) -> None:
    world = panel.world()
    for claim in claims:
        panel.join(world, claim)
    world.play()
    pass_time(JOIN_SECONDS)
    world.resolve()
    panel.conclude()


def test_a_committee_that_answers_a_planted_question_wrong_loses_its_stakes(ready: Deployed) -> None:
    panel = planted(ready, FALSE, TRUE)
    expose(panel, TRUE)
    played(panel, FALSE, TRUE)
    assert gains(panel) == [-TICKET] * 5
    assert panel.gained(panel.question.requester) == TICKET // 2 + 4 * TICKET // 2
    assert_nothing_is_missing(panel)


def test_a_planter_with_a_false_answer_loses_its_bond(ready: Deployed) -> None:
    panel = planted(ready, TRUE, FALSE)
    expose(panel, FALSE)
    played(panel, TRUE, FALSE)
    assert gains(panel) == [PAY + CHALLENGE_BOND // 2 // 5] * 5
    assert panel.gained(panel.question.requester) == -5 * PAY - CHALLENGE_BOND
    assert_nothing_is_missing(panel)


def test_a_planted_question_that_is_answered_right_costs_its_fee(ready: Deployed) -> None:
    panel = planted(ready, TRUE, TRUE)
    expose(panel, TRUE)
    panel.finalise()
    panel.conclude()
    assert gains(panel) == [PAY] * 5
    assert panel.gained(panel.question.requester) == -5 * PAY
    assert_nothing_is_missing(panel)


def test_a_planter_supports_members_who_say_the_same(ready: Deployed) -> None:
    panel = Panel.convene(ready, person("planter"), seal=seal(*map(Digest, answer(TRUE)), SALT))
    panel.draw()
    panel.answer_with([FALSE, FALSE, TRUE, FALSE, FALSE])
    panel.settle()
    expose(panel, TRUE)
    played(panel, FALSE, TRUE)
    assert [gained < 0 for gained in gains(panel)] == [True, True, False, True, True]
    assert panel.gained(panel.question.requester) == -PAY
    assert_nothing_is_missing(panel)


def test_only_what_was_sealed_is_exposed_once_by_who_asked(ready: Deployed) -> None:
    panel = planted(ready, FALSE, TRUE)
    with boa.reverts("committee/seal"):
        expose(panel, OTHER)
    with boa.reverts("committee/requester"):
        expose(panel, TRUE, sender=person("stranger"))
    with boa.reverts("committee/value"):
        expose(panel, TRUE, value=0)
    expose(panel, TRUE)
    with boa.reverts("committee/already-done"):
        expose(panel, TRUE)


# --- terms


@pytest.mark.parametrize(
    ("code", "terms"),
    [
        ("committee/size", {"size": 2}),
        ("committee/size", {"size": 16}),
        ("committee/pay", {"fee": 1}),
        ("committee/job", {"bond": TICKET + 1}),
        ("committee/job", {"passes": 0}),
        ("committee/job", {"requester": "0x" + "11" * 20}),
        ("committee/window", {"window": APPEAL - 1}),
        ("committee/deadline", {"respond_by": 4 * (BEACON_SECONDS + COMMIT + REVEAL) - 1}),
        ("committee/deadline", {"respond_by": 31_536_001}),
    ],
)
def test_questions_that_could_not_be_settled_are_refused(ready: Deployed, code: str, terms: dict[str, Any]) -> None:
    if "respond_by" in terms:
        terms = terms | {"respond_by": int(boa.env.evm.patch.timestamp) + terms["respond_by"]}
    with boa.reverts(code):
        Panel.convene(ready, person("asker"), **terms)


def test_a_question_is_asked_once_by_who_pays(ready: Deployed) -> None:
    panel = Panel.convene(ready, person("asker"))
    with boa.reverts("committee/already-done"):
        panel.committee.convene(panel.question, b"", value=5 * PAY, sender=panel.question.requester)
    with boa.reverts("committee/requester"):
        panel.committee.convene(panel.question, b"", value=5 * PAY, sender=person("stranger"))
    with boa.reverts("committee/requester"):
        panel.committee.watch(panel.question, value=5 * PAY, sender=person("stranger"))


def test_the_beacon_is_of_the_block_that_was_named(ready: Deployed) -> None:
    panel = Panel.convene(ready, person("asker"))
    with boa.reverts("beacon/early"):
        panel.committee.draw(panel.question, b"")
    with boa.reverts("committee/beacon"):
        panel.committee.await_beacon(panel.question)
    pass_time(1, 300)
    with boa.reverts("beacon/lost"):
        panel.committee.draw(panel.question, b"")
    panel.committee.await_beacon(panel.question)
    assert panel.progress.beacon_block == boa.env.evm.patch.block_number + BEACON_BLOCKS
    assert len(panel.draw()) == 5


def test_money_comes_from_the_trunk_only(ready: Deployed) -> None:
    with pytest.raises(Revert, match="only/trunk"):
        boa.env.raw_call(ready.committee.address, sender=person("stranger"), value=1)
    with boa.reverts("only/arbiter"):
        ready.committee.on_result(bytes(32), bytes(32), b"")


def test_a_committee_whose_parts_do_not_fit_is_refused(ready: Deployed) -> None:
    assert max(CHALLENGE_BOND, MINIMUM_BOND) <= TICKET
    with boa.env.anchor(), boa.reverts("committee/ticket"):
        deploy_committee(ready.trunk, ticket=CHALLENGE_BOND - 1)
    with boa.env.anchor(), boa.reverts("committee/clock"):
        deploy_committee(ready.trunk, commit_seconds=0)
    with boa.env.anchor(), boa.reverts("committee/beacon"):
        deploy_committee(ready.trunk, beacon_blocks=256)
    with boa.env.anchor(), boa.reverts("committee/tiles"):
        deploy_committee(ready.trunk, opening_one_in=0)
    with boa.env.anchor(), boa.reverts("committee/stake"):
        deploy_committee(ready.trunk, between=1)
