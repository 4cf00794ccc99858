"""What honest, lazy and cheating earn against the stake and against the rate of checks, deployed values marked."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from lockstep.features.simulation.committees import decide, earned_by, pay_members
from lockstep.features.simulation.optimistic import checked_at, false_claims
from lockstep.features.simulation.population import HONEST, LAZY
from lockstep.features.simulation.setting import SURE_WATCH, Setting
from lockstep.features.simulation.svg import AMBER, BLUE, GREEN, PURPLE, RED, TEAL, Line, Mark, Panel, draw

MOST_ROUNDS: Final = 20_000
"""Of one point."""
STAKES: Final = (0, 5, 10, 15, 20, 30, 40, 50, 60, 70, 80)
RATES: Final = (0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0)
HONEST_NAME, LAZY_NAME = "honest", "lazy, all of them"
COLOURS: Final = {
    HONEST_NAME: GREEN,
    LAZY_NAME: BLUE,
    "lazy, alone": AMBER,
    "cheating claim, V = 0": RED,
    "cheating claim, V = 2": TEAL,
    "cheating claim, V = 10": PURPLE,
    "cheating claim, V = 100": AMBER,
}
RATE_TICKS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def plot(setting: Setting) -> str:
    """Two panels as SVG."""
    setting = replace(setting, rounds=min(setting.rounds, MOST_ROUNDS))
    return draw((_by_stake(setting), _by_rate(setting)))


def _by_stake(setting: Setting) -> Panel:
    """Ticket and bond are the same sum as deployed, so one axis is for both."""
    curves: dict[str, Callable[[Setting], float]] = {
        HONEST_NAME: lambda _: setting.honest_member,
        LAZY_NAME: lambda at: _all_lazy(at, at.terms.audit_share),
        "lazy, alone": _lazy_alone,
        "cheating claim, V = 0": lambda at: _false_claim(at, _thin_rate(at), 0),
        "cheating claim, V = 2": lambda at: _false_claim(at, _thin_rate(at), 2),
    }
    lines = [
        Line(name, COLOURS[name], [(stake, curve(_at(setting, stake))) for stake in STAKES])
        for name, curve in curves.items()
    ]
    return Panel(
        title="Mean pay, in units of the cost of one inference (c)",
        across="stake of a member, bond of a claim, c",
        ticks=[(stake, f"{stake}") for stake in STAKES if stake % 10 == 0],
        lowest=-6,
        highest=4,
        step=2,
        lines=lines,
        marks=[Mark(f"deployed: {setting.deployed_ticket:g} c", setting.deployed_ticket)],
    )


def _by_rate(setting: Setting) -> Panel:
    curves: dict[str, Callable[[float], float]] = {
        HONEST_NAME: lambda _: setting.honest_member,
        LAZY_NAME: lambda rate: _all_lazy(setting, rate),
        "cheating claim, V = 0": lambda rate: _false_claim(setting, rate, 0),
        "cheating claim, V = 10": lambda rate: _false_claim(setting, rate, 10),
        "cheating claim, V = 100": lambda rate: _false_claim(setting, rate, 100),
    }
    thin, sure = _thin_rate(setting), SURE_WATCH.check_rate(setting.population.share(HONEST))
    return Panel(
        title="The same at the deployed stake",
        across="share of questions that are planted, of claims that somebody honest looks at",
        ticks=[(rate, f"{rate:.1%}" if rate < 0.01 else f"{rate:.0%}") for rate in RATE_TICKS],
        lowest=-10,
        highest=14,
        step=2,
        lines=[Line(name, COLOURS[name], [(rate, curve(rate)) for rate in RATES]) for name, curve in curves.items()],
        marks=_rate_marks(setting, thin, sure),
        is_logarithmic=True,
    )


def _rate_marks(setting: Setting, thin: float, sure: float) -> Sequence[Mark]:
    planted = setting.terms.audit_share
    return (
        Mark(f"planted questions, {planted:.0%}; thinnest watch, {thin:.1%}", planted),
        Mark(f"{SURE_WATCH.places} sure watchers, {sure:.0%}", sure),
    )


def _at(setting: Setting, stake: float) -> Setting:
    return replace(setting, terms=replace(setting.terms, ticket=stake, asserter_bond=stake))


def _thin_rate(setting: Setting) -> float:
    return setting.watch.check_rate(setting.population.share(HONEST))


def _all_lazy(setting: Setting, rate: float) -> float:
    is_planted = setting.random("plot").random(setting.rounds) < rate
    return float(np.where(is_planted, -setting.terms.ticket, setting.terms.fee_per_member).mean())


def _lazy_alone(setting: Setting) -> float:
    random = setting.random("plot")
    seats = setting.population.draw(random, setting.rounds, setting.terms.size)
    verdicts = decide(random, setting, seats, outside=setting.terms.audit_share)
    return float(earned_by(seats, pay_members(setting, seats, verdicts), LAZY).mean())


def _false_claim(setting: Setting, rate: float, value: float) -> float:
    random = setting.random("plot")
    return float(false_claims(random, setting, checked_at(random, setting, rate), value).mean())
