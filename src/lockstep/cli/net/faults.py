"""What is done to nodes from outside: killed, paused, cut off, their files corrupted; and bribed."""

import random
import signal
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from lockstep.cli.net.building import provide_models
from lockstep.cli.net.processes import HONEST, Fleet
from lockstep.testing.dishonest import Kind

PAUSE_SECONDS: Final = 8.0
CUT_SECONDS: Final = 10.0
CORRUPT_SECONDS: Final = 10.0
DAMAGED_BYTES: Final = 64


class Fault(StrEnum):
    """What can happen to a node."""

    KILL = "kill"
    PAUSE = "pause"
    CUT = "cut"
    CORRUPT = "corrupt"
    BRIBE = "bribe"


@dataclass(frozen=True, slots=True)
class Harm:
    """One thing that was done to one node; ``until`` is when it was undone, in seconds since the start."""

    fault: Fault
    node: int
    since: float
    until: float
    detail: str = ""


class Faults:
    """Does harm, and undoes it. A node suffers one thing at a time."""

    def __init__(self, fleet: Fleet, chance: random.Random) -> None:
        self.fleet, self._chance, self._started = fleet, chance, time.monotonic()
        self.harms: list[Harm] = []
        self._undo: dict[int, tuple[float, Harm, Callable[[], None]]] = {}

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._started

    @property
    def harmed(self) -> Collection[int]:
        """Nodes that suffer something now."""
        return self._undo.keys()

    def kill(self, number: int) -> None:
        """SIGKILL; it stays dead until it is healed."""
        self.fleet.kill(number)
        self._note(Fault.KILL, number, None, lambda: self._revive(number))

    def pause(self, number: int) -> None:
        """It does nothing for a while and does not know it."""
        if (process := self.fleet.find(number)) is not None:
            process.signal(signal.SIGSTOP)
            self._note(Fault.PAUSE, number, PAUSE_SECONDS, lambda: process.signal(signal.SIGCONT))

    def cut(self, number: int) -> None:
        """Nothing reaches it for a while. Without namespaces that is a pause: to the others it looks the same."""
        switch = self.fleet.switch
        if switch is not None:
            switch.cut(number)
            self._note(Fault.CUT, number, CUT_SECONDS, lambda: switch.mend(number), "namespace")
        elif (process := self.fleet.find(number)) is not None:
            process.signal(signal.SIGSTOP)
            self._note(Fault.CUT, number, CUT_SECONDS, lambda: process.signal(signal.SIGCONT), "signal")

    def corrupt(self, number: int) -> None:
        """Its models and artifacts change on disk while it runs. Models are put back; artifacts it must fetch anew."""
        folder = self.fleet.home.node(self.fleet.plan.nodes[number])
        files = [*folder.glob("models/*.lockstep"), *folder.glob("artifacts/*/data")]
        for file in files:
            damage(file, self._chance)
        node = self.fleet.plan.nodes[number]
        detail = f"{len(files)} files"
        self._note(Fault.CORRUPT, number, CORRUPT_SECONDS, lambda: provide_models(self.fleet.home, node), detail)

    def bribe(self, numbers: Collection[int], kind: Kind) -> None:
        """They become dishonest until they are healed."""
        self.fleet.stop(list(numbers))
        for number in numbers:
            self.fleet.start(number, kind)
            self._note(Fault.BRIBE, number, None, lambda number=number: self._convert(number), str(kind))  # type: ignore[misc]

    def heal(self, numbers: Collection[int] | None = None) -> None:
        """Undo what is due; with ``numbers``, all that these nodes suffer."""
        for number in list(self._undo):
            due, harm, undo = self._undo[number]
            if self.seconds >= due or (numbers is not None and number in numbers):
                undo()
                del self._undo[number]
                self.harms.append(Harm(harm.fault, number, harm.since, round(self.seconds, 1), harm.detail))

    def _note(
        self, fault: Fault, number: int, seconds: float | None, undo: Callable[[], None], detail: str = ""
    ) -> None:
        now = self.seconds
        due = float("inf") if seconds is None else now + seconds
        self._undo[number] = due, Harm(fault, number, round(now, 1), due, detail), undo

    def _revive(self, number: int) -> None:
        self.fleet.start(number)

    def _convert(self, number: int) -> None:
        self.fleet.stop([number])
        self.fleet.start(number, HONEST)


def damage(file: Path, chance: random.Random) -> None:
    """Some bytes of a file become others."""
    content = bytearray(file.read_bytes())
    for _ in range(min(DAMAGED_BYTES, len(content))):
        content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
    file.write_bytes(content)
