"""Means with their 95 % confidence interval, and the rows that they become."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lockstep.features.figures import Row

NORMAL_95: Final = 1.959964
"""Two-sided 95 % of the normal distribution."""
LOW: Final = ", 95 % low"
HIGH: Final = ", 95 % high"
RULE_OF_THREE: Final = 3.0
"""Nothing seen in n trials: with 95 % its chance is below 3/n."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, and half the width of its confidence interval."""

    mean: float
    half: float

    @classmethod
    def of(cls, samples: NDArray[np.float64] | NDArray[np.bool_]) -> "Estimate":
        values = np.asarray(samples, dtype=np.float64)
        return cls(float(values.mean()), float(NORMAL_95 * values.std(ddof=1) / np.sqrt(len(values))))

    @property
    def low(self) -> float:
        return self.mean - self.half

    @property
    def high(self) -> float:
        return self.mean + self.half


@dataclass(frozen=True, slots=True)
class Case:
    """The rows of one line of the incentive table."""

    name: str

    def shown(self, metric: str, estimate: Estimate, unit: str = "c") -> Iterator[Row]:
        """A figure that nothing was promised of."""
        yield Row(self.name, metric, estimate.mean, unit)
        yield from self._interval(metric, estimate, unit)

    def below(self, metric: str, estimate: Estimate, limit: float, *, why: str, unit: str = "c") -> Iterator[Row]:
        """The whole interval must be below ``limit``."""
        yield Row(self.name, metric, estimate.mean, unit, f"< {limit:.4g} ({why})", estimate.high < limit)
        yield from self._interval(metric, estimate, unit)

    def above(self, metric: str, estimate: Estimate, limit: float, *, why: str, unit: str = "c") -> Iterator[Row]:
        """The whole interval must be above ``limit``."""
        yield Row(self.name, metric, estimate.mean, unit, f"> {limit:.4g} ({why})", estimate.low > limit)
        yield from self._interval(metric, estimate, unit)

    def near(self, metric: str, estimate: Estimate, expected: float, *, unit: str = "share") -> Iterator[Row]:
        """What a formula gives: outside twice the interval once in ten thousand times."""
        is_near = abs(estimate.mean - expected) <= 2 * estimate.half
        target = f"{expected:.4g} within twice the interval"
        yield Row(self.name, metric, estimate.mean, unit, target, is_near)
        yield from self._interval(metric, estimate, unit)

    def bound(self, metric: str, value: float, unit: str = "c") -> Row:
        """Where the row stops holding."""
        return Row(self.name, metric, value, unit)

    def at_least(self, metric: str, value: float, limit: float, *, unit: str = "c") -> Row:
        """A parameter that must reach ``limit``."""
        return Row(self.name, metric, value, unit, f">= {limit:.4g}", value >= limit)

    def never(self, metric: str, count: int, trials: int, *, test: str) -> Row:
        """What no trial may show; ``test`` holds the contracts to it."""
        target = f"0 of {trials:,} (then < {RULE_OF_THREE / trials:.1g}); {test}"
        return Row(self.name, metric, count, "trials", target, count == 0)

    def _interval(self, metric: str, estimate: Estimate, unit: str) -> Iterator[Row]:
        yield Row(self.name, metric + LOW, estimate.low, unit)
        yield Row(self.name, metric + HIGH, estimate.high, unit)
