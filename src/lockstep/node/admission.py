"""Which jobs are taken: those that pay enough, that the account can stand for, and that can be done in time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import structlog

from lockstep.node.capacity import Capacity, Work
from lockstep.types import Digest

STEP_SECONDS: Final = 10.0
"""A role computes new jobs no longer than this before the others have their turn: disputes have clocks."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An open job as its price and its deadline."""

    job_id: Digest
    model_id: Digest
    passes: int
    fee: int
    bond: int
    respond_by: int


class Refusal(StrEnum):
    """Why a job is left to others."""

    FEE = "fee"
    FUNDS = "funds"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class PricePolicy:
    """Wei: for each job of a model (``least_fee`` for models without an own entry), and for each expected second."""

    least_fee: int = 0
    per_second: int = 0
    by_model: Mapping[Digest, int] = field(default_factory=dict)

    def is_enough(self, offer: Offer, seconds: float) -> bool:
        """Whether a job's fee is worth ``seconds`` of work."""
        return offer.fee >= max(self.by_model.get(offer.model_id, self.least_fee), int(self.per_second * seconds))


@dataclass(frozen=True, slots=True)
class Decision:
    """``taken`` in the order of deadlines, with the expected seconds of each; ``refused`` with the reason."""

    taken: Mapping[Digest, float]
    refused: Mapping[Digest, Refusal]


def choose(
    offers: Iterable[Offer],
    seconds_of: Callable[[Offer], float],
    prices: PricePolicy,
    *,
    now: int,
    funds: int,
    busy_seconds: float,
    margin_seconds: float,
) -> Decision:
    """Earliest deadline first; a job is taken if it ends in time after all those that were taken before it."""
    taken: dict[Digest, float] = {}
    refused: dict[Digest, Refusal] = {}
    ends, bonds = now + busy_seconds + margin_seconds, 0
    for offer in sorted(offers, key=lambda offer: (offer.respond_by, offer.job_id)):
        seconds = seconds_of(offer)
        if not prices.is_enough(offer, seconds):
            refused[offer.job_id] = Refusal.FEE
        elif bonds + offer.bond > funds:
            refused[offer.job_id] = Refusal.FUNDS
        elif ends + seconds > offer.respond_by:
            refused[offer.job_id] = Refusal.TIME
        else:
            taken[offer.job_id] = seconds
            ends, bonds = ends + seconds, bonds + offer.bond
    return Decision(taken, refused)


class Admission:
    """The door of one role on one chain. Says once in the log, and counts, what was refused.

    ``is_offered``: models about which new jobs are taken; ``measure``: seconds of one pass of a model not run before.
    """

    def __init__(
        self,
        capacity: Capacity | None = None,
        prices: PricePolicy | None = None,
        *,
        worker: str = "server",
        work: Work = Work.RUN,
        margin_seconds: float = 0.0,
        is_offered: Callable[[Digest], bool] = lambda _: True,
        measure: Callable[[Digest], float] = lambda _: 0.0,
        on_decision: Callable[[Decision, Refusal | None], None] = lambda _decision, _newly: None,
    ) -> None:
        self._capacity, self._prices = capacity or Capacity(), prices or PricePolicy()
        self._worker, self._work, self._margin_seconds = worker, work, margin_seconds
        self._on_decision = on_decision
        self._is_offered, self._measure = is_offered, measure
        self._refused: dict[Digest, Refusal] = {}

    def admit(self, offers: Iterable[Offer], *, now: int, funds: int) -> Mapping[Digest, float]:
        """The jobs to do, earliest deadline first, with the seconds that each should take."""

        def seconds_of(offer: Offer) -> float:
            known = self._capacity.find_seconds(offer.model_id, self._work)
            return offer.passes * (self._measure(offer.model_id) if known is None else known)

        decision = choose(
            [offer for offer in offers if self._is_offered(offer.model_id)],
            seconds_of,
            self._prices,
            now=now,
            funds=funds,
            busy_seconds=self._capacity.backlog_without(self._worker),
            margin_seconds=self._margin_seconds,
        )
        self._capacity.announce(self._worker, sum(decision.taken.values()))
        self._on_decision(decision, None)
        for job_id, reason in decision.refused.items():
            if self._refused.get(job_id) is not reason:
                structlog.get_logger().info("refused", role=self._worker, job=job_id.hex(), reason=str(reason))
                self._on_decision(decision, reason)
        self._refused = dict(decision.refused)
        return decision.taken
