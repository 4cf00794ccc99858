"""How far a proof is: its stage, the share of the whole that is done, and the seconds that are left."""

import time
from collections.abc import Callable

from lockstep.features.command import Progress
from lockstep.proof.prover.prove import STAGES

LOADING = "loading kernels (the first time compiles them, which takes up to a minute)"
SHARES = {"witness": 0.05, "commit": 0.35, "look-ups": 0.15, "products": 0.05, "batch": 0.15, "opening": 0.05}
"""About which part of proving each stage takes; folding is the rest."""

ORDER = ("witness", *STAGES)
PERCENT = 100


def staged(progress: Progress, clock: Callable[[], float] = time.perf_counter) -> Callable[[str, float], None]:
    """What a prover calls with a stage and its share that is done. Time left is what the stages so far suggest."""
    started = clock()
    rest = 1 - sum(SHARES.values())

    def report(stage: str, done: float) -> None:
        before = sum(SHARES.get(name, rest) for name in ORDER[: ORDER.index(stage)])
        share = min(1.0, before + done * SHARES.get(stage, rest))
        left = (clock() - started) * (1 - share) / share if share > 0 else None
        progress(f"proving: {stage}", round(PERCENT * share), PERCENT, seconds_left=left)

    return report
