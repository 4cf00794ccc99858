"""The course of a chaotic run: a phase for each kind of cheat, with nodes killed, paused, cut off and corrupted."""

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from lockstep.cli.net.faults import Fault, Faults
from lockstep.testing.dishonest import Kind

RING: Final = 3
"""Colluders: with most of the seats of a small committee."""
VICTIMS: Final = 2
"""Nodes that are dead during a phase, unless said otherwise."""
FIRST_FAULT_SECONDS, FAULT_SECONDS = 5.0, 12.0


@dataclass(frozen=True, slots=True)
class Phase:
    """Who is bribed to what, and which faults follow one another meanwhile."""

    kind: Kind
    cheats: tuple[int, ...]
    victims: tuple[int, ...]
    faults: tuple[tuple[Fault, int], ...]


def plan_phases(
    kinds: Collection[Kind], nodes: int, chance: random.Random, *, victims: int = VICTIMS
) -> Iterator[Phase]:
    """One phase a kind. At least one node is honest and alive in each, all the time; ``victims`` at most nodes − 2."""
    for kind in kinds:
        order = chance.sample(range(nodes), nodes)
        ring = min(RING, nodes - victims - 1) if kind is Kind.COLLUDER else 1
        cheats, rest = tuple(order[:ring]), order[ring:]
        others = rest[victims:]
        faults = tuple(
            (fault, chance.choice(others)) for fault in (Fault.CORRUPT, Fault.PAUSE, Fault.CUT) if len(others) > 1
        )
        yield Phase(kind, cheats, tuple(rest[:victims]), faults)


@dataclass
class PhaseRun:
    """A phase as it goes: faults follow in their time, the last is undone when it ends."""

    phase: Phase
    faults: Faults
    _pending: list[tuple[float, Fault, int]] = field(default_factory=list)

    def begin(self) -> None:
        """Bribe, then plan what happens when."""
        self.faults.bribe(self.phase.cheats, self.phase.kind)
        now = self.faults.seconds
        steps = [*((Fault.KILL, victim) for victim in self.phase.victims), *self.phase.faults]
        self._pending = [
            (now + FIRST_FAULT_SECONDS + FAULT_SECONDS * number, fault, node)
            for number, (fault, node) in enumerate(steps)
        ]

    def step(self) -> None:
        """What is due."""
        self.faults.heal()
        acts = {
            Fault.KILL: self.faults.kill,
            Fault.PAUSE: self.faults.pause,
            Fault.CUT: self.faults.cut,
            Fault.CORRUPT: self.faults.corrupt,
        }
        while self._pending and self._pending[0][0] <= self.faults.seconds:
            _, fault, node = self._pending[0]
            if node in self.faults.harmed:
                return  # it suffers something else still
            acts[fault](node)
            self._pending.pop(0)

    @property
    def has_happened(self) -> bool:
        """Whether all of its faults have begun."""
        return not self._pending

    def end(self) -> None:
        """Everybody is honest, alive and connected."""
        self.faults.heal(range(len(self.faults.fleet.plan.nodes)))
