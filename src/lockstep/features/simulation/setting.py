"""What a simulation runs on: the terms of the contracts, the world that they do not set, and how often."""

import zlib
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Final

import numpy as np

from lockstep.chain.trunk import LOCAL_TERMS, TrunkTerms
from lockstep.claims.economics import DEFAULT_COMMITTEE_TERMS, MILLIETHER, CommitteeTerms
from lockstep.features.simulation.population import Population, Shares, populate

UNIT_WEI: Final = MILLIETHER // 4
"""c, the cost of one inference, that LOCAL_COMMITTEE_TERMS are made for."""
WATCH_PLACES: Final = 15
"""Most seats of one watch (committee.md, section 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What no contract sets, in units of c; the defaults are those of the incentive table."""

    compute: float = 1.0
    saving: float = 0.9
    """s: what is saved by an answer that was not computed properly."""
    fake: float = 0.02
    """What it costs to make an answer up or to copy one."""
    dispute_gas: float = 5.0
    """G: one side's gas of a match."""
    success: float = 0.99
    """π: a claim that is right wins its dispute."""
    value: float = 10.0
    """V: what a false result is worth outside."""
    high_value: float = 100.0
    slot_reward: float = 80.0
    """0.02 ETH for the builder of a block, at c = 0.25 milliether."""
    shares: Shares = field(default_factory=Shares)
    move_seconds: float = 5.0
    """In which an honest node makes a move."""
    block_seconds: float = 2.0
    """Of a usual L2: no move comes sooner."""
    moves: int = 5
    """Of one match about a ResNet-50 (dispute.md)."""


@dataclass(frozen=True)
class Watch:
    """Places for duty watchers, each filled by chance."""

    places: int
    chance: float

    def check_rate(self, honest: float) -> float:
        """q: that at least one honest watcher comes, if ``honest`` is their share of the stake."""
        return 1 - (1 - self.chance * honest) ** self.places


SURE_WATCH: Final = Watch(3, 1.0)
"""What ``lockstep infer watch`` asks for unless told otherwise."""


@dataclass(frozen=True)
class Setting:
    """One run. Equal settings give equal figures, whichever rows are asked for."""

    rounds: int = 100_000
    nodes: int = 10_000
    seed: int = 1
    terms: CommitteeTerms = DEFAULT_COMMITTEE_TERMS
    trunk: TrunkTerms = LOCAL_TERMS
    world: World = field(default_factory=World)

    def random(self, case: str) -> np.random.Generator:
        """A stream of the case's own."""
        return np.random.default_rng([self.seed, zlib.crc32(case.encode())])

    @cached_property
    def population(self) -> Population:
        return self.populate(self.world.shares)

    def populate(self, shares: Shares) -> Population:
        """The operators, of which so much of the stake is dishonest."""
        stake = self.trunk.committee
        cap = Fraction(stake.cap_basis_points, 10_000)
        return populate(self.random("population"), self.nodes, shares, cap=cap, floor=stake.cap_floor)

    @property
    def watch(self) -> Watch:
        """The cheapest watch that the terms name: all places of one question at ``watcher_rate``."""
        return Watch(WATCH_PLACES, self.terms.watcher_rate)

    @property
    def honest_claim(self) -> float:
        """What an honest claimant earns with a claim."""
        return self.terms.fee_per_member - self.world.compute

    honest_member = honest_claim
    """What an honest member earns with a question that nobody lies about."""

    @property
    def deployed_challenge_bond(self) -> float:
        """B_c of the local trunk, in c."""
        return self.trunk.challenge_bond / UNIT_WEI

    @property
    def deployed_ticket(self) -> float:
        """S of the local trunk, in c."""
        return self.trunk.ticket / UNIT_WEI
