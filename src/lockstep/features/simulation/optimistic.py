"""Claims that are false because computing costs, or because a false result is worth something (T1–T4, T22)."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from lockstep.features.figures import Row
from lockstep.features.simulation.bounds import largest_safe_value, least_bond, least_check_rate
from lockstep.features.simulation.estimates import Case, Estimate
from lockstep.features.simulation.population import HONEST, Population, Shares
from lockstep.features.simulation.setting import SURE_WATCH, Setting, Watch

Samples = NDArray[np.float64]
Place = tuple[float, float, bool]
"""A check rate, a value, and whether they are safe."""
EDGE = 0.25
"""How far from a boundary both sides of it are simulated."""
BRIBED = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


def watched(random: np.random.Generator, setting: Setting, watch: Watch, people: Population) -> NDArray[np.bool_]:
    """Of each claim, whether an honest watcher was drawn."""
    is_filled = random.random((setting.rounds, watch.places)) < watch.chance
    is_honest = people.draw(random, setting.rounds, watch.places) == HONEST
    return np.asarray((is_filled & is_honest).any(axis=1))


def checked_at(random: np.random.Generator, setting: Setting, check_rate: float) -> NDArray[np.bool_]:
    """The same at a rate that is given."""
    return random.random(setting.rounds) < check_rate


def false_claims(
    random: np.random.Generator,
    setting: Setting,
    checked: NDArray[np.bool_],
    value: float,
    *,
    is_refuted_by_self: bool = True,
) -> Samples:
    """Pay of claims that were not computed. A liar that is challenged may put its own true claim first: it then wins
    the winner's share of its bond back and pays both sides' gas (dispute.md, section 5)."""
    terms, world = setting.terms, setting.world
    is_lost = checked & (random.random(setting.rounds) < world.success)
    back = terms.winners_share * terms.asserter_bond if is_refuted_by_self else 0.0
    gas = world.dispute_gas * (1 + is_refuted_by_self)
    spent = world.compute - world.saving
    return np.where(is_lost, back - terms.asserter_bond - gas - spent, terms.fee_per_member + value - spent)


def cheap_result(setting: Setting) -> Iterator[Row]:
    """T1: a result that was not computed, for nothing but the saving."""
    case, random = Case("T1"), setting.random("T1")
    checked = watched(random, setting, setting.watch, setting.population)
    pay = Estimate.of(false_claims(random, setting, checked, 0, is_refuted_by_self=False))
    yield from case.shown("check rate q of the thinnest watch", Estimate.of(checked), "share")
    yield from case.below("pay of a cheap result", pay, setting.honest_claim, why="honest")
    least = least_check_rate(setting.terms, setting.world, 0, is_refuted_by_self=False)
    yield case.bound("least check rate that deters it", least, "share")


def self_refuted(setting: Setting) -> Iterator[Row]:
    """T2: the same, and whoever is caught refutes itself to win half its bond back."""
    case, random = Case("T2"), setting.random("T2")
    checked = watched(random, setting, setting.watch, setting.population)
    pay = Estimate.of(false_claims(random, setting, checked, 0))
    yield from case.below("pay of a cheap result, self-refuted", pay, setting.honest_claim, why="honest")
    least = least_check_rate(setting.terms, setting.world, 0, is_refuted_by_self=True)
    yield case.bound("least check rate that deters it", least, "share")
    low, high = least * (1 - EDGE), least * (1 + EDGE)
    places = {f"{low:.1%} checked": (low, 0.0, False), f"{high:.1%} checked": (high, 0.0, True)}
    yield from _edges(case, setting, random, places)


def targeted(setting: Setting) -> Iterator[Row]:
    """T3: a false result that is worth V."""
    yield from _valuable("T3", setting, setting.world.value)
    case, random = Case("T3"), setting.random("T3 edge")
    rate = setting.watch.check_rate(setting.population.share(HONEST))
    safe = largest_safe_value(setting.terms, setting.world, rate)
    yield case.bound("largest safe V of the thinnest watch", safe)
    yield case.bound(
        f"bond that would make V = {setting.world.value:g} safe there",
        least_bond(setting.terms, setting.world, rate, setting.world.value),
    )
    low, high = safe * (1 - EDGE), safe * (1 + EDGE)
    yield from _edges(
        case, setting, random, {f"V = {low:.2f}": (rate, low, True), f"V = {high:.2f}": (rate, high, False)}
    )


def high_value(setting: Setting) -> Iterator[Row]:
    """T4: a false result that is worth much."""
    yield from _valuable("T4", setting, setting.world.high_value)
    for places in (1, 2, SURE_WATCH.places, 5):
        rate = Watch(places, 1.0).check_rate(setting.population.share(HONEST))
        safe = largest_safe_value(setting.terms, setting.world, rate)
        yield Case("T4").bound(f"largest safe V, sure watchers: {places}", safe)


def bribed(setting: Setting) -> Iterator[Row]:
    """T22: a share of the stake looks away; the rest has its lazy share."""
    case, random = Case("T22"), setting.random("T22")
    for share in BRIBED:
        lazy = setting.world.shares.lazy * (1 - share)
        people = setting.populate(Shares(lazy=lazy, cheating=share))
        for name, watch, value in (("thinnest", setting.watch, 0.0), ("sure", SURE_WATCH, setting.world.value)):
            pay = Estimate.of(false_claims(random, setting, watched(random, setting, watch, people), value))
            metric = f"pay with {share:.0%} bribed, {name} watch, V = {value:g}"
            yield from case.below(metric, pay, setting.honest_claim, why="honest")
        safe = largest_safe_value(setting.terms, setting.world, SURE_WATCH.check_rate(people.share(HONEST)))
        yield case.bound(f"largest safe V with {share:.0%} bribed, sure watch", safe)


def _valuable(name: str, setting: Setting, value: float) -> Iterator[Row]:
    case, random = Case(name), setting.random(name)
    checked = watched(random, setting, setting.watch, setting.population)
    thin = Estimate.of(false_claims(random, setting, checked, value))
    yield from case.shown(f"pay at V = {value:g}, thinnest watch (beyond its bound)", thin)
    checked = watched(random, setting, SURE_WATCH, setting.population)
    sure = Estimate.of(false_claims(random, setting, checked, value))
    metric = f"pay at V = {value:g}, {SURE_WATCH.places} sure watchers"
    yield from case.below(metric, sure, setting.honest_claim, why="honest")


def _edges(case: Case, setting: Setting, random: np.random.Generator, places: Mapping[str, Place]) -> Iterator[Row]:
    """Both sides of a boundary: what is safe must earn less than honesty, what is not must earn more."""
    for name, (rate, value, is_safe) in places.items():
        pay = Estimate.of(false_claims(random, setting, checked_at(random, setting, rate), value))
        judge = case.below if is_safe else case.above
        yield from judge(f"pay at {name}", pay, setting.honest_claim, why="honest")
