"""How fast this machine is, measured as it works, and how much work every role of every chain has taken."""

import threading
from enum import StrEnum
from typing import Final

from lockstep.types import Digest

EASING: Final = 0.1
"""A slower run counts at once, a faster one moves the estimate by a tenth: deadlines are broken by the slow ones."""


class Work(StrEnum):
    """What is done with a model; each takes its own time."""

    RUN = "run"
    PROVE = "prove"


class Capacity:
    """Shared by all chains of a node, because they share its processors. Times are seconds for one pass."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[Digest, Work], float] = {}
        self._backlog: dict[str, float] = {}
        self._lock = threading.Lock()

    def find_seconds(self, model_id: Digest, work: Work = Work.RUN) -> float | None:
        """What one pass takes; None before the first run."""
        return self._seconds.get((model_id, work))

    def observe(self, model_id: Digest, seconds: float, work: Work = Work.RUN) -> None:
        """One pass took so long."""
        with self._lock:
            known = self._seconds.get((model_id, work), seconds)
            self._seconds[model_id, work] = max(seconds, known + EASING * (seconds - known))

    def announce(self, worker: str, seconds: float) -> None:
        """All that this role of this chain has still to compute."""
        with self._lock:
            self._backlog[worker] = seconds

    def backlog_without(self, worker: str) -> float:
        """What the others have still to compute."""
        with self._lock:
            return sum(seconds for name, seconds in self._backlog.items() if name != worker)
