"""Challenges that are false: to hurt, to delay, to exhaust (T5–T7)."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lockstep.features.figures import Row
from lockstep.features.simulation.bounds import longest_delay
from lockstep.features.simulation.estimates import Case, Estimate
from lockstep.features.simulation.setting import Setting

HONEST: Final = 0
"""The number of the one true claim."""
CROWDS = (1, 3, 7, 31, 119, 1023)
PLANS = 60
"""Ways of the adversary to arrange its claims, for each crowd."""
SPIKE = 10
"""Gas prices so many times what they were."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long the adversary makes its matches, in turn: of false claims with each other, and against the true one,
    which wins whatever it does. 1 is the longest: both clocks."""

    among: NDArray[np.float64]
    against: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Course:
    """How a tournament went: in lengths of the longest match, and matches that the true claim had to play."""

    length: float
    played: int


def false_challenge(setting: Setting) -> Iterator[Row]:
    """T5: challenge what is right."""
    case, random, world = Case("T5"), setting.random("T5"), setting.world
    for bond, name in _bonds(setting):
        is_lost = random.random(setting.rounds) < world.success
        won = setting.terms.winners_share * setting.terms.asserter_bond - world.dispute_gas
        attacker = Estimate.of(np.where(is_lost, -bond - world.dispute_gas, won))
        twice = -2 * world.dispute_gas
        yield from case.below(f"pay of a false challenge, {name}", attacker, twice, why="−2 × the defender's gas")
        fallen = -setting.terms.asserter_bond - world.dispute_gas - setting.terms.fee_per_member
        reward = setting.terms.winners_share * bond - world.dispute_gas
        defender = Estimate.of(np.where(is_lost, reward, fallen))
        yield from case.above(f"pay of the defender, {name}", defender, 0, why="no challenge")
    least = world.dispute_gas / setting.terms.winners_share
    yield case.bound("least bond B_c that pays the defender's gas", least)


def delay(setting: Setting) -> Iterator[Row]:
    """T6: many claims, so that the true one has to play long."""
    case, random = Case("T6"), setting.random("T6")
    burnt = (1 - setting.terms.winners_share) * setting.terms.challenger_bond
    for crowd in CROWDS:
        longest = max(course.length for course in _courses(random, setting, crowd))
        limit = longest_delay(crowd)
        metric = f"longest delay by {crowd} false claims, of {PLANS} plans"
        yield Row(case.name, metric, longest, "matches", f"<= {limit}", longest <= limit)
        price = crowd * burnt / limit
        yield case.at_least(f"price of each match's delay, {crowd} claims", price, setting.world.dispute_gas)


def exhaustion(setting: Setting) -> Iterator[Row]:
    """T7: many claims, so that the true one runs out of money. Nothing is refunded: half of each lost bond pays."""
    case, random, world = Case("T7"), setting.random("T7"), setting.world
    most = {crowd: max(course.played for course in _courses(random, setting, crowd)) for crowd in CROWDS}
    for crowd, played in most.items():
        yield case.bound(f"most matches of the true claim against {crowd}", played, "matches")
    for bond, name in _bonds(setting):
        for crowd, played in most.items():
            left = setting.terms.winners_share * bond * crowd - played * world.dispute_gas
            yield case.at_least(f"left to the defender against {crowd}, {name}", left, 0)
        covered = min(setting.terms.winners_share * bond * crowd / played for crowd, played in most.items())
        yield case.bound(f"gas prices that the reward covers, {name}", covered / world.dispute_gas, "×")
    bond = setting.deployed_challenge_bond
    least = max(_least_bond(setting, crowd, played) for crowd, played in most.items())
    yield case.bound(f"bond B_c from which the next hold at {SPIKE} × the gas price", least)
    for crowd, played in most.items():
        gas = played * SPIKE * world.dispute_gas
        lost = gas - setting.terms.winners_share * bond * crowd
        limit = 2 * bond * longest_delay(crowd)
        metric = f"loss against {crowd} at {SPIKE} × the gas price, bond as deployed"
        yield Row(case.name, metric, lost, "c", f"< {limit:g} (2 B_c log2 N)", lost < limit)
        yield case.bound(f"what that costs the attacker, against {crowd}", crowd * bond + gas)


def play(random: np.random.Generator, crowd: int, plan: Plan) -> Course:
    """One tournament: who joins or wins waits for the next one or meets who waits (dispute.md, section 3)."""
    running: list[tuple[float, int, int]] = []
    waiting: int | None = None
    turn = played = 0
    now = 0.0
    arriving = [int(number) for number in random.permutation(crowd + 1)]
    while arriving or running:
        if arriving:
            claim = arriving.pop()
        else:
            now, _, claim = heapq.heappop(running)
        if waiting is None:
            waiting = claim
            continue
        is_true = HONEST in (waiting, claim)
        length = plan.against[turn] if is_true else plan.among[turn]
        heapq.heappush(running, (now + float(length), turn, HONEST if is_true else claim))
        played += is_true
        waiting, turn = None, turn + 1
    return Course(now, played)


def _courses(random: np.random.Generator, setting: Setting, crowd: int) -> Iterator[Course]:
    """All matches as long as possible; winners one after the other, each at once against the true claim; anything.

    At once: a match that is not waited for takes its moves, one a block.
    """
    soonest = setting.world.moves * setting.world.block_seconds / (2 * setting.trunk.clock_seconds)
    for number in range(PLANS):
        if number % 3 == 0:
            plan = Plan(np.ones(crowd), np.ones(crowd))
        elif number % 3 == 1:
            plan = Plan(np.arange(1, crowd + 1) / crowd, np.full(crowd, soonest))
        else:
            among, against = random.random((2, crowd)) ** random.integers(1, 6)
            plan = Plan(among, np.maximum(soonest, against))
        yield play(random, crowd, plan)


def _least_bond(setting: Setting, crowd: int, played: int) -> float:
    """Of played · SPIKE · G − ρ N B_c < 2 B_c log2 N."""
    per_bond = setting.terms.winners_share * crowd + 2 * longest_delay(crowd)
    return played * SPIKE * setting.world.dispute_gas / per_bond


def _bonds(setting: Setting) -> tuple[tuple[float, str], ...]:
    return (
        (setting.terms.challenger_bond, f"B_c = {setting.terms.challenger_bond:g}"),
        (setting.deployed_challenge_bond, f"B_c = {setting.deployed_challenge_bond:g} as deployed"),
    )
