"""A process that outlives the command which started it, and is told from a later one with the same number."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass

import psutil

CLOCK_TOLERANCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class DetachedProcess:
    """``started_at``: seconds since the epoch, as the kernel has it."""

    pid: int
    started_at: float

    @staticmethod
    def of(pid: int) -> "DetachedProcess":
        """The process that has this number now."""
        return DetachedProcess(pid, psutil.Process(pid).create_time())

    @property
    def is_running(self) -> bool:
        """Whether this very process is alive; stopped by a signal is alive."""
        with suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)  # if it was ours, nobody else takes note of its end
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started_at) < CLOCK_TOLERANCE_SECONDS
            return bool(is_same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def signal(self, number: int) -> None:
        """To this very process, if it is alive."""
        if self.is_running:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def has_ended(self, seconds: float) -> bool:
        """Whether it ends within a time."""
        deadline = time.monotonic() + seconds
        while self.is_running:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True
