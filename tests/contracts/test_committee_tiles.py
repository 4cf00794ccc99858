"""Keyed trace roots: who has everybody's answers but not the tiles cannot open the one that the beacon picks."""

from collections.abc import Iterator

import boa
import pytest

from lockstep.claims.committee import member_pick
from lockstep.types import Address, Digest
from tests.contracts.bracket_machine.world import Contracts
from tests.contracts.committee_world import (
    BEACON_SECONDS,
    FALSE,
    MODEL,
    OPENING,
    OPENING_DEPOSIT,
    PAY,
    TICKET,
    TRUE,
    Deployed,
    Panel,
    Stage,
    assert_nothing_is_missing,
    deploy_committee,
    gains,
    pass_time,
    person,
    staked,
)

LAZY = Digest(b"\x77" * 32)


@pytest.fixture(scope="module")
def everything(deployed: Contracts) -> Deployed:
    deployed.artifacts.register_model(MODEL.header, MODEL.descriptors.root, bytes(32), bytes(32))
    return deploy_committee(deployed)


@pytest.fixture
def panel(everything: Deployed) -> Iterator[Panel]:
    """Five answered the same; the third has a made-up keyed root."""
    with boa.env.anchor():
        panel = Panel.convene(staked(everything), person("asker"))
        panel.draw()
        for number in range(5):
            panel.commit(number, TRUE, keyed=LAZY if number == 2 else b"")
        for number in range(5):
            panel.reveal(number, TRUE, keyed=LAZY if number == 2 else b"")
        panel.settle()
        yield panel


def end(panel: Panel) -> None:
    pass_time(2 * OPENING)
    panel.finalise()
    panel.conclude()


def test_a_copier_cannot_open_what_the_beacon_picks(panel: Panel) -> None:
    panel.light(2)
    with boa.reverts("committee/opening"):
        panel.open_tile(2, TRUE)
    end(panel)
    share = TICKET // 2 // 4
    assert gains(panel) == [PAY + share, PAY + share, -TICKET, PAY + share, PAY + share]
    assert_nothing_is_missing(panel)


def test_everything_that_others_published_does_not_help_a_copier(everything: Deployed) -> None:
    """Seat 1 copies the keyed root of seat 0, and has its opening, too: the key in the leaf is another."""
    with boa.env.anchor():
        panel = Panel.convene(staked(everything), person("asker"))
        panel.draw()
        copied = panel.keyed(0, TRUE).root
        for number in range(5):
            panel.commit(number, TRUE, keyed=copied if number == 1 else b"")
        for number in range(5):
            panel.reveal(number, TRUE, keyed=copied if number == 1 else b"")
        panel.settle()
        panel.light(1)
        pick = member_pick(Digest(panel.committee.seed_of(panel.question_id, 3)), Address(panel.seats()[1]))
        own = panel.opening(1, TRUE)
        others = panel.keyed(0, TRUE).opening(pick)
        for keyed_path in (own[4], list(others.keyed_path)):
            with boa.reverts("committee/opening"):
                panel.open_tile(1, TRUE, (*own[:4], keyed_path))
        end(panel)
        assert gains(panel)[1] == -TICKET


def test_a_member_opens_what_the_beacon_picks(panel: Panel) -> None:
    panel.light(0, 4)
    for seat in (0, 4):
        panel.open_tile(seat, TRUE)
    with boa.reverts("committee/already-done"):
        panel.open_tile(0, TRUE)
    with boa.reverts("committee/clock"):
        panel.conclude()
    end(panel)
    assert gains(panel) == [PAY] * 5


@pytest.mark.parametrize("seat", range(5))
def test_anybody_may_demand_a_tile_and_pays_for_it(panel: Panel, seat: int) -> None:
    panel.light()
    asker = person("demander")
    with boa.reverts("committee/value"):
        panel.committee.demand(panel.question_id, seat, value=OPENING_DEPOSIT - 1, sender=asker)
    panel.committee.demand(panel.question_id, seat, value=OPENING_DEPOSIT, sender=asker)
    with boa.reverts("committee/already-done"):
        panel.committee.demand(panel.question_id, seat, value=OPENING_DEPOSIT, sender=asker)
    pass_time(OPENING)
    if seat != 2:
        panel.open_tile(seat, TRUE)
    end(panel)
    assert panel.gained(asker) == (0 if seat == 2 else -OPENING_DEPOSIT)
    gained = gains(panel)
    assert gained[seat] == (-TICKET if seat == 2 else PAY + OPENING_DEPOSIT)


def test_demands_leave_time_to_open(panel: Panel) -> None:
    panel.light()
    pass_time(OPENING)
    with boa.reverts("committee/clock"):
        panel.committee.demand(panel.question_id, 0, value=OPENING_DEPOSIT)
    with boa.reverts("committee/member"):
        panel.open_tile(0, TRUE)


def test_an_opening_is_of_the_members_tile_and_in_time(panel: Panel) -> None:
    panel.light(0, 1)
    own, other = panel.opening(0, TRUE), panel.opening(1, TRUE)
    with boa.reverts("committee/opening"):
        panel.open_tile(0, TRUE, (own[0], own[1], own[2], own[3], other[4]))
    with boa.reverts("committee/opening"):
        panel.open_tile(0, TRUE, (own[0], own[1], own[2], own[3][:-1], own[4]))
    with boa.reverts("committee/opening"):
        panel.open_tile(0, TRUE, (own[0], own[1], own[2], own[3], own[4][:-1]))
    with boa.reverts("committee/answer"):
        panel.open_tile(0, FALSE, own)
    pass_time(2 * OPENING)
    with boa.reverts("committee/clock"):
        panel.open_tile(0, TRUE, own)


def test_without_a_second_beacon_nobody_has_to_open(panel: Panel) -> None:
    pass_time(BEACON_SECONDS, 10)
    with boa.reverts("committee/clock"):
        panel.committee.light(panel.question_id, b"")
    assert panel.progress.stage == Stage.SETTLED
    panel.finalise()
    panel.conclude()
    assert gains(panel) == [PAY] * 5
