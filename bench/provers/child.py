"""What a measured process does: it binds itself to one core, caps its memory, takes one step and writes what that took.

Standard library only: it also runs inside environments that hold nothing else of ours.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

KIBIBYTE = 1024
LIBRARY_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


@dataclass(frozen=True)
class Order:
    """One step, as the parent writes it. ``core`` is None where the step may use every core."""

    step: str
    arguments: dict[str, object]
    core: int | None
    memory_limit: int


@dataclass(frozen=True)
class Outcome:
    """``peak_memory`` and ``idle_memory`` in bytes: at the end, and before the step's libraries were loaded."""

    seconds: float
    processor_seconds: float
    peak_memory: int
    result: object


class Stopwatch:
    """What a step calls around the part that counts, so that loading libraries is left out."""

    def __init__(self) -> None:
        self.seconds = self.processor_seconds = 0.0

    def __enter__(self) -> "Stopwatch":
        self._started = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started[0]
        self.processor_seconds = time.process_time() - self._started[1]


Step = Callable[..., object]
"""Takes a stopwatch and the arguments of the order; returns what JSON can hold."""


def serve(steps: Mapping[str, Step]) -> None:
    """Read the order that the first argument names, and write the outcome where the second says."""
    order_path, outcome_path = map(Path, sys.argv[1:3])
    order = Order(**json.loads(order_path.read_text(encoding="utf-8")))
    confine(order.core, order.memory_limit)
    watch = Stopwatch()
    result = steps[order.step](watch, **order.arguments)
    outcome = Outcome(watch.seconds, watch.processor_seconds, peak_memory(), result)
    outcome_path.write_text(json.dumps(asdict(outcome)), encoding="utf-8")


def confine(core: int | None, memory_limit: int) -> None:
    """Bind this process to one core and bound its address space, before any library starts its threads."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
    if core is None:
        return
    os.environ.update(dict.fromkeys(LIBRARY_THREADS, "1"))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def peak_memory() -> int:
    """The most bytes that this process has had resident.

    VmHWM where there is one: the kernel's ``ru_maxrss`` also counts the parent from which the process was forked.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        lines = (line.split() for line in status.read_text(encoding="ascii").splitlines())
        return next(int(words[1]) * KIBIBYTE for words in lines if words[0] == "VmHWM:")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE
