"""Adversaries who own part of the stake, or all of a committee (T17, T17b, T18, T20)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lockstep.claims.committee import seed_of
from lockstep.crypto.hashing import keccak256
from lockstep.features.figures import Row
from lockstep.features.simulation.bounds import largest_collusion_value
from lockstep.features.simulation.committees import decide, earned_by, pay_members
from lockstep.features.simulation.estimates import Case, Estimate
from lockstep.features.simulation.population import CHEATING, HONEST, Population, Shares
from lockstep.features.simulation.setting import Setting
from lockstep.types import Digest

SIZES = (3, 5, 7, 15)
EDGE = 0.25
MOST_DAMAGE = 0.01
"""Of V, what a job may lose on average to committees that one adversary owns."""
GRINDING_ROUNDS = 4000
"""Draws by real hashes; each is a few dozen of them."""
BITS = 1
"""Slots that one proposer leaves out: the last one before the block that is named."""


def always_lying(setting: Setting) -> Iterator[Row]:
    """T17: colluders who lie whenever they are drawn; one honest member appeals."""
    case, random, terms, world = Case("T17"), setting.random("T17"), setting.terms, setting.world
    people = _colluders(setting)
    seats = people.draw(random, setting.rounds, terms.size)
    verdicts = decide(random, setting, seats, outside=terms.audit_share)
    pay = pay_members(setting, seats, verdicts, value=world.value)
    lying = Estimate.of(earned_by(seats, pay, CHEATING))
    yield from case.below(f"pay of a colluder, V = {world.value:g}", lying, setting.honest_member, why="honest")
    honest = Estimate.of(earned_by(seats, pay, HONEST))
    yield from case.above("pay of an honest member", honest, setting.honest_member, why="nobody lying")
    for size in SIZES:
        drawn = (people.draw(random, setting.rounds, size) == CHEATING).sum(axis=1)
        yield from case.shown(f"chance that {size} seats have a lying majority", Estimate.of(2 * drawn > size), "share")
        yield from case.shown(f"chance that all of {size} seats lie", Estimate.of(drawn == size), "share")


def patient(setting: Setting) -> Iterator[Row]:
    """T17b: colluders who lie only in committees that they own; planted questions alone find them."""
    case, random, terms, world = Case("T17b"), setting.random("T17b"), setting.terms, setting.world
    safe = largest_collusion_value(terms, world, terms.audit_share, terms.size)
    yield case.at_least(f"largest safe V, {terms.size} seats, planted questions alone", safe, world.value)
    for size, outside in ((7, 0.1), (terms.size, 0.1), (terms.size, 0.5), (terms.size, 0.9)):
        bound = largest_collusion_value(terms, world, outside, size)
        yield case.bound(f"largest safe V, {size} seats, {outside:.0%} looked at from outside", bound)
    found = terms.audit_share * world.success
    copied = (found * terms.size * (terms.ticket + terms.fee_per_member) - world.compute) / (1 - found)
    yield case.bound("the same, for colluders who would else let one compute and copy it", copied)
    for factor, is_safe in ((1 - EDGE, True), (1 + EDGE, False)):
        is_found = random.random(setting.rounds) < terms.audit_share * world.success
        pay = Estimate.of(np.where(is_found, -terms.size * terms.ticket, safe * factor))
        judge = case.below if is_safe else case.above
        yield from judge(f"gain of a lie in an owned committee, V = {safe * factor:.1f}", pay, 0, why="the truth")
    seats = _colluders(setting).draw(random, setting.rounds, terms.size)
    is_true = decide(random, setting, seats, outside=terms.audit_share).is_true
    is_owned = (seats == CHEATING).all(axis=1)
    damage = Estimate.of(is_owned & ~is_true)
    metric = "expected loss of a job to owned committees, of V"
    yield from case.below(metric, damage, MOST_DAMAGE, why="bounded damage", unit="share")


def without_appeal(setting: Setting) -> Iterator[Row]:
    """T18: what would be if a majority were final; and the same lie under the rule that is deployed."""
    case, random, terms, world = Case("T18"), setting.random("T18"), setting.terms, setting.world
    seats = np.full((setting.rounds, terms.size), HONEST, dtype=np.int8)
    seats[:, : terms.majority] = CHEATING
    for has_appeal in (False, True):
        verdicts = decide(random, setting, seats, outside=terms.audit_share, has_appeal=has_appeal)
        gain = np.where(verdicts.is_true, -terms.majority * terms.ticket, world.value)
        judge = case.below if has_appeal else case.above
        name = "as deployed, with appeal" if has_appeal else "if there were no appeal (there is none without)"
        why = "the truth; tests/contracts/test_committee.py" if has_appeal else "pays at any stake below V/(a m)"
        metric = f"gain of a lying majority that waits, V = {world.value:g}, {name}"
        yield from judge(metric, Estimate.of(gain), 0, why=why)
    found = terms.audit_share * world.success
    yield case.bound("largest safe V without appeal", terms.majority * terms.ticket * found / (1 - found))
    drawn = _colluders(setting).draw(random, setting.rounds, terms.size)
    for has_appeal in (False, True):
        verdicts = decide(random, setting, drawn, outside=terms.audit_share, has_appeal=has_appeal)
        name = "with appeal" if has_appeal else "without"
        yield from case.shown(
            f"share of questions that end with a lie, {name}", Estimate.of(~verdicts.is_true), "share"
        )


def grinding(setting: Setting) -> Iterator[Row]:
    """T20: the last proposer may leave its slot out for another seed; draws by the real hashes of ``Stake.draw``."""
    case, random, terms, world = Case("T20"), setting.random("T20"), setting.terms, setting.world
    people = _colluders(setting)
    table = np.repeat(np.arange(setting.nodes), people.tickets)
    rounds = min(setting.rounds, GRINDING_ROUNDS)
    liars = np.empty((rounds, 1 << BITS), dtype=np.int64)
    for number in range(rounds):
        for option in range(1 << BITS):
            beacon, question = Digest(random.bytes(32)), Digest(random.bytes(32))
            seats = draw_by_hash(seed_of(beacon, question, 0), table, terms.size)
            liars[number, option] = (people.strategies[seats] == CHEATING).sum()
    plain = Estimate.of(2 * liars[:, 0] > terms.size)
    best = Estimate.of(2 * liars.max(axis=1) > terms.size)
    yield from case.shown("chance of a lying majority, seed as it comes", plain, "share")
    yield from case.shown("chance of a lying majority, better of two seeds", best, "share")
    # Owning all seats is too rare to be counted: from the measured share of the seats, whatever their number.
    per_seat = Estimate.of((liars / terms.size).ravel())
    gained = ((1 << BITS) - 1) * per_seat.high**terms.size
    metric = f"gain by one slot left out, V = {world.value:g}, with appeal"
    holds = gained * world.value < world.slot_reward
    yield Row(case.name, metric, gained * world.value, "c", f"< {world.slot_reward:g} (reward of a slot)", holds)
    yield case.bound("V from which leaving a slot out pays, with appeal", world.slot_reward / gained)
    yield case.bound("V from which it would pay without appeal", world.slot_reward / (best.mean - plain.mean))


def draw_by_hash(seed: Digest, table: NDArray[np.int64], size: int) -> list[int]:
    """``Stake.draw``: ticket H(seed ‖ i) mod places, no operator twice (committee.md, section 3)."""
    seated: list[int] = []
    for attempt in range(256):
        ticket = int.from_bytes(keccak256(seed, attempt.to_bytes(32, "big")), "big") % len(table)
        operator = int(table[ticket])
        if operator not in seated:
            seated.append(operator)
        if len(seated) == size:
            break
    return seated


def _colluders(setting: Setting) -> Population:
    """Nobody is lazy: the adversary's share and honest members."""
    return setting.populate(Shares(lazy=0, cheating=setting.world.shares.cheating))
