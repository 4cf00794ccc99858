"""Members who do not compute, and what is planted to find them (T13–T15, T19, T23)."""

from collections.abc import Iterator

import numpy as np

from lockstep.claims.ids import claim_id
from lockstep.features.figures import Row
from lockstep.features.simulation.bounds import least_audit_share, least_ticket
from lockstep.features.simulation.committees import decide, earned_by, pay_members
from lockstep.features.simulation.estimates import Case, Estimate
from lockstep.features.simulation.population import CHEATING, HONEST, LAZY
from lockstep.features.simulation.setting import Setting
from lockstep.types import Digest

GUESSES = (0.95, 0.99)
"""How predictable a label may be."""
SMALL_STAKES = (5.0, 20.0)
THIN_AUDIT = 0.02
HASHED_ROUNDS = 3000


def lazy_alone(setting: Setting) -> Iterator[Row]:
    """T13: a member that makes its answer up among others who compute."""
    case, random, terms = Case("T13"), setting.random("T13"), setting.terms
    seats = setting.population.draw(random, setting.rounds, terms.size)
    verdicts = decide(random, setting, seats, outside=terms.audit_share)
    pay = pay_members(setting, seats, verdicts)
    lazy = Estimate.of(earned_by(seats, pay, LAZY))
    yield from case.below("pay of a lazy member", lazy, setting.honest_member, why="honest, nobody lying")
    honest = Estimate.of(earned_by(seats, pay, HONEST))
    yield from case.above("pay of an honest member beside them", honest, setting.honest_member, why="nobody lying")
    opened = random.random(setting.rounds) < terms.opening_rate
    copied = Estimate.of(np.where(opened, -terms.ticket, terms.fee_per_member) - setting.world.fake)
    yield from case.below("pay of a copier who lacks the tiles", copied, setting.honest_member, why="honest")


def output_only(setting: Setting) -> Iterator[Row]:
    """T14: a label that can be guessed. Commitments bind the trace, so guessing the label is not enough."""
    case, random, terms = Case("T14"), setting.random("T14"), setting.terms
    for guess in GUESSES:
        is_guessed = random.random(setting.rounds) < guess
        loose = Estimate.of(np.where(is_guessed, terms.fee_per_member, -terms.ticket) - setting.world.fake)
        yield from case.shown(f"pay if outputs alone were compared, {guess:.0%} guessed", loose)
    for stake in SMALL_STAKES:
        is_guessed = random.random(setting.rounds) < GUESSES[0]
        loose = Estimate.of(np.where(is_guessed, terms.fee_per_member, -stake) - setting.world.fake)
        yield from case.shown(f"the same at a stake of {stake:g}, {GUESSES[0]:.0%} guessed", loose)
    edge = (setting.honest_member + setting.world.fake + terms.ticket) / (terms.fee_per_member + terms.ticket)
    yield case.bound("predictability from which outputs alone would not do", edge, "share")
    # The right output with another trace root is another group (committee.md, section 4).
    is_right = np.array([_guesses_group(random, GUESSES[-1]) for _ in range(min(setting.rounds, HASHED_ROUNDS))])
    pay = Estimate.of(np.where(is_right, terms.fee_per_member, -terms.ticket) - setting.world.fake)
    metric = f"pay as deployed (the trace is committed), {GUESSES[-1]:.0%} guessed"
    yield from case.below(metric, pay, setting.honest_member, why="honest; tests/contracts/test_committee.py")


def all_lazy(setting: Setting) -> Iterator[Row]:
    """T15: everybody gives the same default; only planted questions tell."""
    case, random, terms = Case("T15"), setting.random("T15"), setting.terms
    planted = random.random(setting.rounds)
    pay = Estimate.of(np.where(planted < terms.audit_share, -terms.ticket, terms.fee_per_member))
    yield from case.below("pay when all are lazy", pay, setting.honest_member, why="honest")
    yield case.at_least("ticket S, at the audit share a", terms.ticket, least_ticket(terms, setting.world))
    yield case.at_least(
        "audit share a, at the ticket S", terms.audit_share, least_audit_share(terms, setting.world), unit="share"
    )
    thin = Estimate.of(np.where(planted < THIN_AUDIT, -terms.ticket, terms.fee_per_member))
    metric = f"pay when all are lazy and a = {THIN_AUDIT:.0%}"
    yield from case.above(metric, thin, setting.honest_member, why="pays: too few are planted")
    yield case.bound(f"least ticket at a = {THIN_AUDIT:.0%}", setting.world.compute / THIN_AUDIT - terms.fee_per_member)


def hiding(setting: Setting) -> Iterator[Row]:
    """T19: reveal or hide, whichever is better once the others have revealed."""
    case, random, terms, world = Case("T19"), setting.random("T19"), setting.terms, setting.world
    seats = setting.population.draw(random, setting.rounds, terms.size)
    is_owned = (seats == CHEATING).all(axis=1)
    is_found = random.random(setting.rounds) < terms.audit_share * world.success
    loot = terms.fee_per_member + world.value / terms.size
    pay = np.where(is_owned, np.where(is_found, -terms.ticket, loot), -terms.nonreveal_penalty) - world.fake
    has_liar = (seats == CHEATING).any(axis=1)
    metric = f"pay of a lie that is hidden unless all seats lie, V = {world.value:g}"
    yield from case.below(metric, Estimate.of(pay[has_liar]), setting.honest_member, why="honest, who reveals")
    silent = Estimate.of(np.full(setting.rounds, -terms.nonreveal_penalty - world.compute))
    yield from case.below("pay of the truth, hidden", silent, setting.honest_member, why="honest, who reveals")
    others = setting.population.share(CHEATING) ** (terms.size - 1)
    least = terms.size * (setting.honest_member + terms.nonreveal_penalty) / others
    yield case.bound("V from which hidden lies pay", least)


def false_planters(setting: Setting) -> Iterator[Row]:
    """T23: a planter whose answer is wrong, against a committee that is right; beside what planting costs anyway."""
    case, random, terms = Case("T23"), setting.random("T23"), setting.terms
    is_lost = random.random(setting.rounds) < setting.world.success
    fees = terms.size * terms.fee_per_member
    stolen = terms.winners_share * terms.size * terms.ticket + fees
    pay = Estimate.of(np.where(is_lost, -terms.challenger_bond, stolen))
    yield from case.below("pay of planting a wrong answer", pay, 0, why="planting a right one")
    least = (1 - setting.world.success) * stolen / setting.world.success
    yield case.at_least("planter's bond B_c", terms.challenger_bond, least)


def _guesses_group(random: np.random.Generator, guess: float) -> bool:
    """Whether somebody who can guess the output, and has to make the trace root up, is in the group of who is right."""
    job, output, trace, made_up, other = (Digest(random.bytes(32)) for _ in range(5))
    guessed = output if random.random() < guess else other
    return claim_id(job, guessed, made_up) == claim_id(job, output, trace)
