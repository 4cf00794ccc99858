"""Who is drawn: shares of the stake, the cap, and chances that a formula gives."""

from dataclasses import replace
from fractions import Fraction
from math import comb

import numpy as np
import pytest

from lockstep.features.simulation.estimates import Estimate
from lockstep.features.simulation.population import CHEATING, LAZY, Population, Shares, populate
from lockstep.features.simulation.setting import Setting

ROUNDS = 40_000


def test_strategies_have_their_share_of_the_stake_and_nobody_is_above_the_cap() -> None:
    people = populate(np.random.default_rng(5), 10_000, Shares(lazy=0.1, cheating=0.2), cap=Fraction(1, 20), floor=64)
    assert people.tickets.max() <= 0.05 * people.tickets.sum()
    assert people.share(LAZY) == pytest.approx(0.1, abs=0.01)
    assert people.share(CHEATING) == pytest.approx(0.2, abs=0.01)


def test_a_small_cap_cuts_the_largest_to_it() -> None:
    people = populate(np.random.default_rng(5), 1_000, Shares(), cap=Fraction(1, 200), floor=1)
    assert people.tickets.max() <= 0.005 * people.tickets.sum()


def test_no_operator_has_two_seats_however_unequal_stakes_are() -> None:
    people = Population(np.array([900, 50, 20, 10, 10, 10]), np.zeros(6, dtype=np.int8))
    drawn = people.draw_operators(np.random.default_rng(1), 300, 5)
    assert all(len(set(seats)) == 5 for seats in drawn.tolist())


@pytest.mark.parametrize("size", [3, 5, 7])
def test_chance_of_a_lying_majority_is_hypergeometric(size: int) -> None:
    nodes, liars = 1000, 200
    strategies = np.zeros(nodes, dtype=np.int8)
    strategies[:liars] = CHEATING
    people = Population(np.ones(nodes, dtype=np.int64), strategies)
    drawn = (people.draw(np.random.default_rng(3), ROUNDS, size) == CHEATING).sum(axis=1)
    more = range(size // 2 + 1, size + 1)
    exact = sum(comb(liars, k) * comb(nodes - liars, size - k) for k in more) / comb(nodes, size)
    found = Estimate.of(2 * drawn > size)
    assert abs(found.mean - exact) < 2 * found.half
    # The table of the design, p = 0.2: 1.0e-1, 5.8e-2, 3.3e-2.
    assert exact == pytest.approx({3: 0.104, 5: 0.058, 7: 0.033}[size], rel=0.02)


def test_the_same_seed_gives_the_same_population_and_another_seed_another() -> None:
    first, second = Setting(nodes=500), Setting(nodes=500)
    assert (first.population.strategies == second.population.strategies).all()
    assert (first.population.strategies != replace(first, seed=2).population.strategies).any()
