"""One step in a process of its own, on one core, under a memory limit: how long, how much memory, or how it failed."""

import json
import os
import signal
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from bench.provers.child import Order, Outcome

ROOT = Path(__file__).parents[2]
GIBIBYTE = 2**30
MEMORY_LIMIT = min(20 * GIBIBYTE, int(0.85 * psutil.virtual_memory().total))
"""Address space of a measured process: beyond it the machine would swap or kill others."""

SECONDS_LIMIT = 3600
LOG_TAIL = 400


class StepError(Exception):
    """A step that did not come to its end; benchmarks turn it into a row."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step, self.reason = step, reason

    @property
    def is_memory(self) -> bool:
        return self.reason.startswith("out of memory")


@dataclass(frozen=True)
class Bench:
    """A Python and the module with the steps that it runs (``bench.provers.child.serve``)."""

    python: Path
    module: str
    is_pinned: bool = True

    def run(self, step: str, **arguments: object) -> Outcome:
        """Take one step in a new process; raises ``StepError`` when it fails, for whatever reason."""
        core = max(os.sched_getaffinity(0)) if self.is_pinned and hasattr(os, "sched_getaffinity") else None
        order = Order(step, arguments, core, MEMORY_LIMIT)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            order_path, outcome_path, log_path = (folder / part for part in ("order", "outcome", "log"))
            order_path.write_text(json.dumps(asdict(order)), encoding="utf-8")
            status = self._spawn(log_path, str(order_path), str(outcome_path))
            if status == 0 and outcome_path.is_file():
                return Outcome(**json.loads(outcome_path.read_text(encoding="utf-8")))
            raise StepError(step, _explain(status, log_path.read_text(encoding="utf-8", errors="replace")))

    def _spawn(self, log_path: Path, *paths: str) -> int | None:
        """The exit status; None when time was up."""
        command = [str(self.python), "-m", self.module, *paths]
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                command, cwd=log_path.parent, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
            )
            try:
                return process.wait(SECONDS_LIMIT)
            except subprocess.TimeoutExpired:
                return None
            finally:
                process.kill()
                process.wait()


def _explain(status: int | None, log: str) -> str:
    """Why a process ended, in one line."""
    if status is None:
        return f"not done after {SECONDS_LIMIT} s"
    if (
        "memory allocation" in log
        or "MemoryError" in log
        or "Cannot allocate memory" in log
        or status == -signal.SIGKILL
    ):
        return f"out of memory at {MEMORY_LIMIT / GIBIBYTE:.0f} GiB"
    tail = " ".join(log.split())[-LOG_TAIL:]
    return f"exit status {status}: {tail}"
