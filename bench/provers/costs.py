"""What proving costs one side, the same figures for Lockstep and for EZKL."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.provers.child import Outcome


@dataclass(frozen=True)
class Costs:
    """Medians. Times in seconds, memory and sizes in bytes; ``error`` is the largest distance from the fp32 outputs."""

    setup_seconds: float
    prove_seconds: float
    prove_processor_seconds: float
    verify_seconds: float
    proof_bytes: int
    peak_memory: int
    idle_memory: int
    error: float
    notes: tuple[tuple[str, float | str, str], ...] = ()
    """Metric, value and unit of what only this side has."""


@dataclass(frozen=True)
class Failure:
    """A side that could not prove: at which step and why. ``memory`` is a bound that it went beyond, if that was it."""

    step: str
    reason: str
    memory: int | None = None


Side = Costs | Failure


def median_seconds(outcomes: Sequence[Outcome]) -> float:
    """By the clock."""
    return statistics.median(outcome.seconds for outcome in outcomes)


def median_processor(outcomes: Sequence[Outcome]) -> float:
    """By the processor: the same unless the machine was busy."""
    return statistics.median(outcome.processor_seconds for outcome in outcomes)
