"""Harm by refusing: money that is sent, and bytes that are asked for (T12, T25)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from lockstep.features.figures import Row
from lockstep.features.inference.quoting import ANSWER_GAS, CONVENE_GAS, REQUEST_GAS
from lockstep.features.simulation.estimates import Case, Estimate
from lockstep.features.simulation.optimistic import watched
from lockstep.features.simulation.setting import SURE_WATCH, Setting

JOBS: Final = 5000
RECEIVERS: Final = 3
"""Requester, claimant, challenger."""
REFUSING_SHARE: Final = 0.2
DISPUTE_GAS: Final = 1_100_000
"""Of one side (disputes bench): what G pays."""
DEMAND_GAS: Final = 68_000 + 1_300 * 20
"""Of an answer to ``Availability.demand`` in a tree of 20 levels; a demand costs a fifth more."""


@dataclass
class Ledger:
    """Credits, as contracts keep them: a job is final when it is written, whatever its receivers do."""

    credits: dict[int, int] = field(default_factory=dict)
    paid: dict[int, int] = field(default_factory=dict)

    def credit(self, receiver: int, amount: int) -> None:
        self.credits[receiver] = self.credits.get(receiver, 0) + amount

    def withdraw(self, receiver: int, *, is_refusing: bool) -> None:
        """A receiver that refuses reverts its own call, and only that."""
        if not is_refusing:
            self.paid[receiver] = self.paid.get(receiver, 0) + self.credits.pop(receiver, 0)


def refusing_receivers(setting: Setting) -> Iterator[Row]:
    """T12: a receiver that refuses money. Credits are fetched, so it hurts itself; pushed payments would stop."""
    case, random = Case("T12"), setting.random("T12")
    jobs = min(setting.rounds, JOBS)
    is_refusing = random.random(setting.nodes) < REFUSING_SHARE
    receivers, amounts = random.integers(0, setting.nodes, (jobs, RECEIVERS)), random.integers(1, 10**6, jobs)
    ledger = Ledger()
    final = 0
    for people, amount in zip(receivers, amounts, strict=True):
        for receiver in people:
            ledger.credit(int(receiver), int(amount))
        final += 1
    owed = dict(ledger.credits)
    for receiver in owed:
        ledger.withdraw(receiver, is_refusing=bool(is_refusing[receiver]))
    short = sum(ledger.paid.get(one, 0) != amount for one, amount in owed.items() if not is_refusing[one])
    test = "tests/contracts/test_arbiter.py"
    yield case.never("jobs that a refusing receiver keeps from being final", jobs - final, jobs, test=test)
    yield case.never("others who are not paid in full", short, len(owed), test=test)
    lost = sum(owed.values()) - sum(ledger.paid.values()) - sum(ledger.credits.values())
    yield Row(case.name, "wei that are lost", lost, "wei", "0", lost == 0)
    pushed = Estimate.of(np.asarray(is_refusing[receivers].any(axis=1)))
    yield from case.shown("jobs that pushed payments would stop", pushed, "share")


def withheld(setting: Setting) -> Iterator[Row]:
    """T25: answer falsely about an input that nobody else can see, as one's own requester."""
    case, random, world = Case("T25"), setting.random("T25"), setting.world
    gas_price = world.dispute_gas / DISPUTE_GAS
    spent = (REQUEST_GAS + ANSWER_GAS) * gas_price
    own = Estimate.of(np.full(setting.rounds, -spent))
    yield from case.below("gain inside the contracts: the fee is one's own", own, 0, why="honest about nothing")
    demanded = watched(random, setting, SURE_WATCH, setting.population)
    pledge = 1.2 * DEMAND_GAS * gas_price
    gain = np.where(demanded, -pledge, world.value) - spent
    metric = f"gain if the consumer asks `is_available`, V = {world.value:g}, {SURE_WATCH.places} sure watchers"
    yield from case.below(metric, Estimate.of(gain), 0, why="none; tests/contracts/test_availability.py")
    seen = float(demanded.mean())
    yield case.bound("largest safe V then", (spent + seen * pledge) / (1 - seen))
    careless = Estimate.of(np.full(setting.rounds, world.value - spent))
    yield from case.shown(f"gain if the consumer does not ask, V = {world.value:g}", careless)
    locked = Estimate.of(np.full(setting.rounds, -CONVENE_GAS * gas_price))
    yield from case.below("gain by a committee that cannot answer", locked, 0, why="void, refunded; test_committee.py")
