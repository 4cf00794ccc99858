"""Duty watchers: whether they look, and what looking costs compared with prizes for whoever finds something (T21)."""

import math
from collections.abc import Iterator

import numpy as np
from eth_utils.address import to_checksum_address
from numpy.typing import NDArray

from lockstep.claims.committee import OPENING_ROUND, member_pick, must_open, seed_of
from lockstep.features.figures import Row
from lockstep.features.simulation.bounds import least_watcher_stake
from lockstep.features.simulation.estimates import Case, Estimate
from lockstep.features.simulation.setting import Setting
from lockstep.types import Address, Digest

HASHED_ROUNDS = 3000
CANDIDATES = 20
"""Who might check for a prize."""
PLANTED = 0.01
"""e: of results that are wrong on purpose where prizes pay for looking."""
HALVINGS = 30


def free_riders(setting: Setting) -> Iterator[Row]:
    """T21: a watcher that repeats the claimant's root; whom the beacon asks for a tile cannot show it."""
    case, random, terms, world = Case("T21"), setting.random("T21"), setting.terms, setting.world
    asked = np.array([_is_asked(random, setting) for _ in range(min(setting.rounds, HASHED_ROUNDS))])
    metric = "share of members whom the beacon asks, by real hashes"
    yield from case.near(metric, Estimate.of(asked), terms.opening_rate)
    is_opened = random.random(setting.rounds) < terms.opening_rate
    pay = Estimate.of(np.where(is_opened, -terms.watcher_stake, terms.watcher_pay) - world.fake)
    honest = terms.watcher_pay - world.compute
    yield from case.below("pay of a watcher that does not look", pay, honest, why="one that does")
    yield case.at_least("stake of a watcher S_w", terms.watcher_stake, least_watcher_stake(terms))


def equilibrium(setting: Setting) -> Iterator[Row]:
    """WE: watchers for prizes enter until nobody gains by it; duty watchers at the same rate cost a fifth more at most,
    and need no wrong results."""
    case, random, terms, world = Case("WE"), setting.random("WE"), setting.terms, setting.world
    # What k lookers share of a prize, k·w in equilibrium, sets it: e·J·q = w·(expected looks), at the terms' rate.
    checked = 1 - (1 - terms.watcher_rate) ** CANDIDATES
    prize = world.compute * CANDIDATES * terms.watcher_rate / checked / PLANTED
    draws = random.random((setting.rounds, CANDIDATES))
    rate = _entry(draws, prize * PLANTED, world.compute)
    checks = draws < rate
    found = np.asarray(checks.any(axis=1), dtype=np.float64)
    yield case.bound("rate at which each watcher for prizes looks", rate, "share")
    prizes = Estimate.of(PLANTED * prize * found)
    yield from case.shown("prizes paid, a job", prizes)
    on_duty = random.random((setting.rounds, CANDIDATES)) < rate
    duty = Estimate.of(terms.watcher_pay * on_duty.sum(axis=1))
    yield from case.shown("pay of duty watchers, a job", duty)
    both = Estimate.of(np.asarray(on_duty.any(axis=1), dtype=np.float64) - found)
    yield from case.near("chance of being checked, duty less prizes", both, 0)
    ratio, most = duty.mean / prizes.mean, terms.watcher_pay / world.compute
    half = ratio * math.hypot(duty.half / duty.mean, prizes.half / prizes.mean)
    yield from case.near("duty pay over prizes", Estimate(ratio, half), most, unit="×")
    yield case.bound("wrong results on purpose that prizes need, a job", PLANTED, "share")


def _is_asked(random: np.random.Generator, setting: Setting) -> bool:
    seed = seed_of(Digest(random.bytes(32)), Digest(random.bytes(32)), OPENING_ROUND)
    member = Address(to_checksum_address(random.bytes(20)))
    return must_open(member_pick(seed, member), setting.trunk.committee.opening_one_in)


def _entry(draws: NDArray[np.float64], prizes: float, cost: float) -> float:
    """The rate at which one more look earns what it costs: the prize is split among those who found it."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        rate = (low + high) / 2
        others = (draws[:, 1:] < rate).sum(axis=1)
        low, high = (rate, high) if prizes * (1 / (1 + others)).mean() > cost else (low, rate)
    return (low + high) / 2
