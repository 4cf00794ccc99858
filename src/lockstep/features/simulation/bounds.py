"""Closed forms: how large a bond, a stake or a check rate has to be, and the largest value that they make safe.

Money in units of c. ``check_rate`` is q: the chance that somebody able and honest looks at a claim.
"""

import math

from lockstep.claims.economics import CommitteeTerms
from lockstep.features.simulation.setting import World


def claim_gain(
    terms: CommitteeTerms, world: World, check_rate: float, value: float, *, is_refuted_by_self: bool
) -> float:
    """Mean pay of a claimant that did not compute; one that is caught may refute itself and win ρ back (T1–T4)."""
    caught = check_rate * world.success
    lost = _loss(terms, world, is_refuted_by_self)
    return terms.fee_per_member - world.compute + world.saving + value - caught * (terms.fee_per_member + value + lost)


def largest_safe_value(terms: CommitteeTerms, world: World, check_rate: float) -> float:
    """V up to which a false claim earns less than a true one, self-refuted or not. Negative: it pays for nothing."""
    caught = check_rate * world.success
    if caught >= 1:
        return math.inf
    lost = terms.fee_per_member + _loss(terms, world, True)
    return (caught * lost - world.saving) / (1 - caught)


def least_check_rate(terms: CommitteeTerms, world: World, value: float, *, is_refuted_by_self: bool) -> float:
    """q from which on a false claim of ``value`` does not pay."""
    lost = terms.fee_per_member + value + _loss(terms, world, is_refuted_by_self)
    return (world.saving + value) / (world.success * lost)


def least_bond(terms: CommitteeTerms, world: World, check_rate: float, value: float) -> float:
    """B_a from which on a false claim of ``value`` does not pay."""
    caught = check_rate * world.success
    needed = (value + world.saving) / caught - terms.fee_per_member - value - 2 * world.dispute_gas
    return needed / (1 - terms.winners_share)


def least_ticket(terms: CommitteeTerms, world: World) -> float:
    """S ≥ c/a − f: nobody gains by a default answer that everybody gives (T15)."""
    return world.compute / terms.audit_share - terms.fee_per_member


def least_audit_share(terms: CommitteeTerms, world: World) -> float:
    """a from which on the same holds for the ticket as it is."""
    return world.compute / (terms.ticket + terms.fee_per_member)


def largest_collusion_value(terms: CommitteeTerms, world: World, check_rate: float, size: int) -> float:
    """V up to which owning all seats of a committee does not pay (T17b)."""
    caught = check_rate * world.success
    return size * terms.ticket * caught / (1 - caught)


def least_watcher_stake(terms: CommitteeTerms) -> float:
    """S_w ≥ r_w (1 − x) / x (T21)."""
    return terms.watcher_pay * (1 - terms.opening_rate) / terms.opening_rate


def longest_delay(claims: int) -> int:
    """Matches one after another that ``claims`` false claims can make of one true one (T6)."""
    return math.ceil(math.log2(claims + 1))


def _loss(terms: CommitteeTerms, world: World, is_refuted_by_self: bool) -> float:
    if is_refuted_by_self:
        return (1 - terms.winners_share) * terms.asserter_bond + 2 * world.dispute_gas
    return terms.asserter_bond + world.dispute_gas
