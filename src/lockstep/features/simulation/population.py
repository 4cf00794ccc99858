"""Ten thousand operators with unequal stakes, some of them lazy or lying, and who of them is drawn."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

HONEST: Final = 0
LAZY: Final = 1
CHEATING: Final = 2

PARETO_INDEX: Final = 1.16
"""A fifth of the operators hold four fifths of the stake."""
SPARE_TRIES: Final = 8

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the stake. The rest is honest."""

    lazy: float = 0.1
    cheating: float = 0.2

    @property
    def honest(self) -> float:
        return 1 - self.lazy - self.cheating


@dataclass(frozen=True)
class Population:
    """Tickets and strategy of every operator."""

    tickets: Integers
    strategies: NDArray[np.int8]

    def share(self, strategy: int) -> float:
        """Of the stake."""
        return float(self.tickets[self.strategies == strategy].sum() / self.tickets.sum())

    def draw(self, random: np.random.Generator, rounds: int, size: int) -> NDArray[np.int8]:
        """Strategies of ``size`` different operators a round, by ticket, as ``Stake.draw`` seats them."""
        return self.strategies[self.draw_operators(random, rounds, size)]

    def draw_operators(self, random: np.random.Generator, rounds: int, size: int) -> Integers:
        """Who is seated: tickets uniformly, an operator's second ticket does not count."""
        ends = np.cumsum(self.tickets)
        tries = size + SPARE_TRIES
        operators = np.searchsorted(ends, random.integers(0, ends[-1], (rounds, tries)), side="right")
        repeated = np.zeros(operators.shape, dtype=bool)
        for number in range(1, tries):
            repeated[:, number] = (operators[:, :number] == operators[:, number : number + 1]).any(axis=1)
        seated = np.argsort(repeated, axis=1, kind="stable")[:, :size]
        drawn = np.take_along_axis(operators, seated, axis=1)
        for short in np.flatnonzero((~repeated).sum(axis=1) < size):
            drawn[short] = self._draw_slowly(random, ends, size, list(drawn[short][: (~repeated[short]).sum()]))
        return drawn

    def _draw_slowly(
        self, random: np.random.Generator, ends: Integers, size: int, seated: list[np.int64]
    ) -> list[np.int64]:
        while len(seated) < size:
            operator = np.searchsorted(ends, random.integers(0, ends[-1]), side="right")
            if operator not in seated:
                seated.append(operator)
        return seated


def populate(random: np.random.Generator, nodes: int, shares: Shares, *, cap: Fraction, floor: int) -> Population:
    """Stakes by Pareto's law under the cap of ``Stake``; strategies by share of the stake, in random order."""
    tickets = 1 + random.pareto(PARETO_INDEX, nodes).astype(np.int64)
    while (excess := tickets > max(floor, int(tickets.sum() * cap))).any():
        tickets[excess] = max(floor, int(tickets.sum() * cap))
        if not (tickets > max(floor, int(tickets.sum() * cap))).any():
            break
    order = random.permutation(nodes)
    below = np.cumsum(tickets[order]) / tickets.sum()
    strategies = np.full(nodes, HONEST, dtype=np.int8)
    strategies[order[below <= shares.lazy]] = LAZY
    strategies[order[(below > shares.lazy) & (below <= shares.lazy + shares.cheating)]] = CHEATING
    return Population(tickets, strategies)
