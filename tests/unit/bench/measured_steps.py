"""Steps that a test has measured, in a process of their own."""

import os
import time

from bench.provers.child import Stopwatch, serve


def occupy(watch: Stopwatch, *, megabytes: int) -> int:
    with watch:
        held = os.urandom(1) * (megabytes << 20)
    return len(held)


def nap(watch: Stopwatch, *, seconds: float) -> list[int]:
    time.sleep(seconds)
    with watch:
        time.sleep(seconds)
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]


def stumble(_: Stopwatch) -> None:
    raise ValueError("on purpose")


if __name__ == "__main__":
    serve({"occupy": occupy, "nap": nap, "stumble": stumble})
