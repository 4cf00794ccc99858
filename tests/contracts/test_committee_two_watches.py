"""Several questions about one claim: each has its own groups, bonds and money, whatever is done in the other's name."""

from collections.abc import Iterator

import boa
import pytest

from tests.contracts.bracket_machine.world import BOND, JOIN_SECONDS, Contracts, World
from tests.contracts.committee_world import (
    FALSE,
    MODEL,
    PAY,
    TRUE,
    Deployed,
    Panel,
    answer,
    deploy_committee,
    gains,
    pass_time,
    person,
    staked,
)

WATCH_WINDOW = 1_000


@pytest.fixture(scope="module")
def everything(deployed: Contracts) -> Deployed:
    deployed.artifacts.register_model(MODEL.header, MODEL.descriptors.root, bytes(32), bytes(32))
    return deploy_committee(deployed)


@pytest.fixture
def ready(everything: Deployed) -> Iterator[Deployed]:
    with boa.env.anchor():
        yield staked(everything)


def watched_twice(ready: Deployed, claimant: str) -> tuple[World, Panel, Panel]:
    """A false claim, and two questions whose watchers all find it false; the first has appealed."""
    world = World.begin(ready.trunk, MODEL, person("requester"), window=WATCH_WINDOW)
    world.assert_result(claimant, FALSE)
    panels = []
    for name in ("funder", "another"):
        panels.append(Panel.watch(ready, world.job, person(name)))
        pass_time(1)
    for panel in panels:
        panel.draw()
        panel.answer_with([TRUE] * 3)
        panel.settle()
    panels[0].committee.appeal(panels[0].question, 0, answer(TRUE))
    world.defend(claimant, FALSE)
    return world, panels[0], panels[1]


def end(world: World, *panels: Panel) -> None:
    world.play()
    pass_time(JOIN_SECONDS)
    world.resolve()
    for panel in panels:
        panel.conclude()


def assert_every_wei_is_there(*panels: Panel) -> None:
    """What the Committee holds is owed to people or was burnt."""
    first = panels[0]
    people = {*first.seats(), *(seat for panel in panels for seat in panel.seats())}
    people |= {str(panel.question.requester) for panel in panels}
    owed = sum(first.committee.credit_of(person) for person in people)
    trunk, address = first.deployed.trunk, first.committee.address
    held = boa.env.get_balance(address) + trunk.arbiter.credit_of(address) + trunk.bracket.credit_of(address)
    assert held == owed + sum(panel.burnt for panel in panels)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_reward_is_for_the_question_that_put_up_the_bond(ready: Deployed, order: tuple[int, int]) -> None:
    world, first, second = watched_twice(ready, person("claimant"))
    first.join(world, TRUE)
    end(world, *((first, second)[number] for number in order))
    assert gains(first) == [PAY + BOND // 2 // 3] * 3
    assert gains(second) == [PAY] * 3
    assert_every_wei_is_there(first, second)


def test_nobody_joins_or_reclaims_in_the_name_of_another_question(ready: Deployed) -> None:
    world, first, second = watched_twice(ready, person("claimant"))
    with boa.reverts("committee/group"):
        second.join(world, TRUE)
    first.join(world, TRUE)
    with boa.reverts("committee/group"):
        second.committee.reclaim(second.question, 0, answer(TRUE))
    end(world, first, second)
    assert gains(first) == [PAY + BOND // 2 // 3] * 3
    assert_every_wei_is_there(first, second)
