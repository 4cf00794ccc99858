"""The rows of the incentive table: simulated means are those of the formulas, and wrong terms make rows fail."""

from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np
import pytest

from lockstep.claims.economics import DEFAULT_COMMITTEE_TERMS, MILLIETHER
from lockstep.features.figures import Row
from lockstep.features.simulation.bounds import (
    claim_gain,
    largest_collusion_value,
    largest_safe_value,
    least_bond,
    least_check_rate,
    least_ticket,
    longest_delay,
)
from lockstep.features.simulation.committees import decide, earned_by, pay_members
from lockstep.features.simulation.estimates import HIGH, LOW, Estimate
from lockstep.features.simulation.optimistic import checked_at, false_claims, watched
from lockstep.features.simulation.population import CHEATING, HONEST, LAZY, Shares
from lockstep.features.simulation.rows import ATTACKS, find_attacks
from lockstep.features.simulation.setting import Setting, World
from lockstep.features.simulation.tournaments import Plan, play
from lockstep.types import Amount

SETTING = Setting(rounds=20_000, nodes=1_000)
TERMS, WORLD = DEFAULT_COMMITTEE_TERMS, World()


def rows_of(name: str, setting: Setting = SETTING) -> list[Row]:
    (attack,) = find_attacks([name])
    return list(attack.simulate(setting))


def figures_of(name: str, setting: Setting = SETTING) -> Mapping[str, float | str]:
    return {row.metric: row.value for row in rows_of(name, setting)}


@pytest.mark.parametrize("is_refuted_by_self", [False, True])
@pytest.mark.parametrize(("rate", "value"), [(0.02, 0), (0.1, 0), (0.1, 10), (0.5, 100)])
def test_pay_of_a_false_claim_is_that_of_the_formula(rate: float, value: float, is_refuted_by_self: bool) -> None:
    random = np.random.default_rng(11)
    checked = checked_at(random, SETTING, rate)
    pay = Estimate.of(false_claims(random, SETTING, checked, value, is_refuted_by_self=is_refuted_by_self))
    exact = claim_gain(TERMS, WORLD, rate, value, is_refuted_by_self=is_refuted_by_self)
    assert abs(pay.mean - exact) < 2 * pay.half


def test_figures_of_the_design_are_found_again() -> None:
    gain = [
        claim_gain(TERMS, WORLD, 0.1, 0, is_refuted_by_self=False),  # T1
        claim_gain(TERMS, WORLD, 0.02, 0, is_refuted_by_self=False),
        claim_gain(TERMS, WORLD, 0.1, 0, is_refuted_by_self=True),  # T2
        claim_gain(TERMS, WORLD, 0.02, 0, is_refuted_by_self=True),
        claim_gain(TERMS, WORLD, 0.1, 10, is_refuted_by_self=False),  # T3
        claim_gain(TERMS, WORLD, 0.5, 100, is_refuted_by_self=False),  # T4
    ]
    assert gain == pytest.approx([-3.2, 0.47, -1.7, 0.80, 5.8, 28.6], rel=0.02, abs=0.03)
    assert least_bond(TERMS, WORLD, 0.1, 10) == pytest.approx(187, abs=12)
    assert least_ticket(TERMS, WORLD) == 18.5
    assert largest_collusion_value(TERMS, WORLD, 0.1, 7) == pytest.approx(31, abs=0.5)
    assert [longest_delay(claims) for claims in (31, 1023)] == [5, 10]


def test_bounds_are_where_a_lie_earns_what_the_truth_does() -> None:
    honest = TERMS.fee_per_member - WORLD.compute
    for rate in (0.05, 0.3, 0.9):
        value = largest_safe_value(TERMS, WORLD, rate)
        assert claim_gain(TERMS, WORLD, rate, value, is_refuted_by_self=True) == pytest.approx(honest)
    least = least_check_rate(TERMS, WORLD, 3, is_refuted_by_self=False)
    assert claim_gain(TERMS, WORLD, least, 3, is_refuted_by_self=False) == pytest.approx(honest)
    bonded = replace(TERMS, asserter_bond=least_bond(TERMS, WORLD, 0.1, 10))
    assert largest_safe_value(bonded, WORLD, 0.1) == pytest.approx(10)


def test_watchers_come_as_often_as_the_formula_says() -> None:
    checked = Estimate.of(watched(np.random.default_rng(2), SETTING, SETTING.watch, SETTING.population))
    exact = SETTING.watch.check_rate(SETTING.population.share(HONEST))
    assert abs(checked.mean - exact) < 2 * checked.half


def test_default_answers_earn_what_planted_questions_leave() -> None:
    figures = figures_of("T15")
    exact = (1 - TERMS.audit_share) * TERMS.fee_per_member - TERMS.audit_share * TERMS.ticket
    assert exact == pytest.approx(-0.575)
    low, high = figures["pay when all are lazy" + LOW], figures["pay when all are lazy" + HIGH]
    assert isinstance(low, float) and isinstance(high, float)
    assert abs((low + high) / 2 - exact) < high - low


def test_money_of_a_committee_is_conserved() -> None:
    """Fees come in; half of what is forfeited and the gas of games go out; the rest is what members have."""
    random = np.random.default_rng(4)
    setting = replace(SETTING, world=World(compute=0, fake=0))
    seats = setting.populate(Shares(lazy=0.2, cheating=0.3)).draw(random, setting.rounds, TERMS.size)
    verdicts = decide(random, setting, seats, outside=0)
    pay = pay_members(setting, seats, verdicts)
    winners = np.where(verdicts.is_true, verdicts.right, verdicts.lying)
    has_winner = winners > 0
    lost = TERMS.ticket * (TERMS.size - winners)
    gas = np.where(verdicts.is_disputed, WORLD.dispute_gas, 0)
    expected = winners * TERMS.fee_per_member - lost * (1 - TERMS.winners_share) - gas
    assert pay.sum(axis=1)[has_winner] == pytest.approx(expected[has_winner])


def test_one_honest_member_is_enough() -> None:
    seats = np.full((20_000, 5), CHEATING, dtype=np.int8)
    seats[:, 0] = HONEST
    random = np.random.default_rng(9)
    verdicts = decide(random, SETTING, seats, outside=0)
    assert Estimate.of(verdicts.is_true).mean == pytest.approx(WORLD.success, abs=0.005)
    assert not decide(random, SETTING, seats, outside=0, has_appeal=False).is_true.any()
    liars = earned_by(seats, pay_members(SETTING, seats, verdicts), CHEATING)
    assert liars.mean() == pytest.approx(-TERMS.ticket * WORLD.success, abs=2)
    assert earned_by(seats, pay_members(SETTING, seats, verdicts), LAZY).size == 0


def test_a_true_claim_wins_in_at_most_log_n_lengths() -> None:
    random = np.random.default_rng(1)
    longest = Plan(np.ones(31), np.ones(31))
    assert {play(random, 31, longest).length for _ in range(20)} == {5.0}
    queued = Plan(np.arange(1, 32) / 31, np.full(31, 0.001))
    assert max(play(random, 31, queued).played for _ in range(20)) > longest_delay(31)


def test_a_stake_of_five_makes_lazy_rows_fail() -> None:
    terms = replace(TERMS, ticket=5.0)
    verdicts = {row.metric: row.holds for row in rows_of("T15", replace(SETTING, terms=terms))}
    assert verdicts["pay when all are lazy"] is False
    assert verdicts["ticket S, at the audit share a"] is False


@pytest.mark.parametrize(
    ("name", "metric", "changes"),
    [
        ("T1", "pay of a cheap result", {"watcher_rate": 0.001}),
        ("T2", "pay of a cheap result, self-refuted", {"winners_share": 1.0, "watcher_rate": 0.002}),
        ("T5", "pay of the defender, B_c = 8", {"challenger_bond": 8.0}),
        ("T13", "pay of a copier who lacks the tiles", {"opening_rate": 0.01}),
        ("T13", "pay of a lazy member", {"ticket": -1.0}),
        ("T17b", "largest safe V, 5 seats, planted questions alone", {"audit_share": 0.02}),
        ("T19", "pay of a lie that is hidden unless all seats lie, V = 10", {"nonreveal_penalty": -1.0}),
        ("T21", "pay of a watcher that does not look", {"watcher_stake": 5.0}),
        ("T23", "pay of planting a wrong answer", {"challenger_bond": 0.5}),
        ("terms", "challenger's bond B_c as deployed", {"challenger_bond": 51.0}),
    ],
)
def test_a_weak_parameter_makes_its_row_fail(name: str, metric: str, changes: dict[str, float]) -> None:
    def verdict(setting: Setting) -> bool | None:
        return {row.metric: row.holds for row in rows_of(name, setting)}[metric]

    weak = replace(SETTING, terms=replace(TERMS, **changes))
    assert verdict(weak) is False
    if "B_c = 8" not in metric:
        assert verdict(SETTING) is True


def test_a_crowd_in_a_gas_spike_is_borne_by_the_deployed_bond_and_not_by_a_smaller_one() -> None:
    metric = "loss against 119 at 10 × the gas price, bond as deployed"
    trunk = replace(SETTING.trunk, challenge_bond=Amount(10 * MILLIETHER))
    verdicts = [
        {row.metric: row.holds for row in rows_of("T7", setting)}[metric]
        for setting in (SETTING, replace(SETTING, trunk=trunk))
    ]
    assert verdicts == [True, False]


def test_a_lazy_world_makes_watched_claims_pay() -> None:
    lazy = replace(SETTING, world=World(shares=Shares(lazy=0.9, cheating=0.05)))
    verdicts = [{row.metric: row.holds for row in rows_of("T3", setting)} for setting in (lazy, SETTING)]
    assert [verdict["pay at V = 10, 3 sure watchers"] for verdict in verdicts] == [False, True]


def test_every_line_of_the_table_is_there_and_gives_the_same_figures_again() -> None:
    names = [attack.name for attack in ATTACKS]
    assert names == [
        *(f"T{number}" for number in range(1, 18)),
        "T17b",
        *(f"T{n}" for n in range(18, 26)),
        "terms",
        "WE",
    ]
    few = Setting(rounds=200, nodes=200, seed=3)
    for attack in ATTACKS:
        first, second = list(attack.simulate(few)), list(attack.simulate(Setting(rounds=200, nodes=200, seed=3)))
        assert {row.case for row in first} == {attack.name}
        assert [asdict(row) for row in first] == [asdict(row) for row in second]
