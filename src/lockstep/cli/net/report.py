"""What became of a chaotic run: requests, cheats, faults and money, as a document and as tables."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, cast

from lockstep.chain.bindings.arbiter import Status
from lockstep.cli.net.books import Loss
from lockstep.cli.net.faults import Fault, Harm
from lockstep.cli.net.phases import Phase
from lockstep.cli.net.plan import NetPlan
from lockstep.cli.net.requester import Asked
from lockstep.features.command import Answer, Table
from lockstep.features.inference.requests import Guarantee

ETHER: Final = 10**18
AFTERMATH_SECONDS: Final = 400.0
"""What a node missed while it was down is settled this long after, at most."""


@dataclass(frozen=True, slots=True)
class Cheat:
    """A phase that was played, from one block to another."""

    phase: Phase
    first_block: int
    last_block: int


@dataclass(frozen=True)
class ChaosRun:
    """A run that has ended. ``first_block`` is the one at second 0; there is a block a second."""

    plan: NetPlan
    asked: Sequence[Asked]
    harms: Sequence[Harm]
    cheats: Sequence[Cheat]
    losses: Sequence[Loss]
    conservation: Mapping[str, int]
    first_block: int
    seconds: float

    @property
    def lost(self) -> list[Asked]:
        """Requests that never ended."""
        return [asked for asked in self.asked if asked.status is None]

    @property
    def wrong(self) -> list[Asked]:
        """Requests that ended final with another output than the true one."""
        return [asked for asked in self.asked if asked.status is Status.FINAL and not asked.is_right]

    def losses_of(self, cheat: Cheat, node: int) -> list[Loss]:
        """What a cheat lost from its phase on, until it cheated otherwise."""
        later = [one.first_block for one in self.cheats if node in one.phase.cheats and one is not cheat]
        ends = min((block for block in later if block > cheat.first_block), default=None)
        account = self.plan.nodes[node].address
        return [
            loss
            for loss in self.losses
            if loss.account == account and loss.block >= cheat.first_block and (ends is None or loss.block < ends)
        ]

    def is_caught(self, cheat: Cheat) -> bool:
        """Whether everybody who took part has lost money."""
        return all(self.losses_of(cheat, node) for node in cheat.phase.cheats)

    def honest_losses(self) -> list[tuple[Loss, bool]]:
        """Losses of accounts that had not cheated until then, and whether the node was down for it."""
        found = []
        for loss in self.losses:
            node = next((n for n, plan in enumerate(self.plan.nodes) if plan.address == loss.account), None)
            has_cheated = any(node in one.phase.cheats and one.first_block <= loss.block for one in self.cheats)
            if not has_cheated:
                found.append((loss, self._was_down(node, float(loss.block - self.first_block))))
        return found

    def _was_down(self, node: int | None, at: float) -> bool:
        return any(
            harm.node == node and harm.fault is not Fault.BRIBE and harm.since <= at <= harm.until + AFTERMATH_SECONDS
            for harm in self.harms
        )

    @property
    def ok(self) -> bool:
        """Nothing lost, nothing wrong, no cheat unpunished, nobody punished for nothing, every wei in its place."""
        return (
            not self.lost
            and not self.wrong
            and all(self.is_caught(cheat) for cheat in self.cheats)
            and all(was_down for _, was_down in self.honest_losses())
            and not any(self.conservation.values())
        )


def describe(run: ChaosRun) -> Answer:
    """For programs and for people."""
    by_guarantee = [_guarantee(run, guarantee) for guarantee in Guarantee]
    cheats = [_cheat(run, cheat) for cheat in run.cheats]
    honest = run.honest_losses()
    faults = Counter(str(harm.fault) for harm in run.harms)
    document = {
        "ok": run.ok,
        "seconds": round(run.seconds, 1),
        "requests": {
            "asked": len(run.asked),
            "final": sum(asked.is_right for asked in run.asked),
            "refunded": sum(asked.status is Status.VOID for asked in run.asked),
            "wrong": len(run.wrong),
            "lost": len(run.lost),
        },
        "guarantees": by_guarantee,
        "cheats": cheats,
        "faults": dict(faults),
        "honest_losses": {
            "while_down_wei": sum(loss.wei for loss, was_down in honest if was_down),
            "unexplained_wei": sum(loss.wei for loss, was_down in honest if not was_down),
            "unexplained": [asdict(loss) for loss, was_down in honest if not was_down],
        },
        "conservation_wei": dict(run.conservation),
        "harms": [asdict(harm) for harm in run.harms],
        "unfinished": ["0x" + asked.job_id.hex() for asked in [*run.lost, *run.wrong]],
    }
    return Answer(document, _lines(run, faults), _tables(by_guarantee, cheats), status=0 if run.ok else 1)


def _guarantee(run: ChaosRun, guarantee: Guarantee) -> dict[str, object]:
    asked = [one for one in run.asked if one.guarantee is guarantee]
    seconds = sorted(one.seconds for one in asked if one.status is not None)
    return {
        "guarantee": str(guarantee),
        "asked": len(asked),
        "final": sum(one.is_right for one in asked),
        "refunded": sum(one.status is Status.VOID for one in asked),
        "median_seconds": round(statistics.median(seconds), 1) if seconds else None,
        "longest_seconds": round(seconds[-1], 1) if seconds else None,
    }


def _cheat(run: ChaosRun, cheat: Cheat) -> dict[str, object]:
    losses = [loss for node in cheat.phase.cheats for loss in run.losses_of(cheat, node)]
    return {
        "kind": str(cheat.phase.kind),
        "nodes": [run.plan.nodes[node].name for node in cheat.phase.cheats],
        "killed": [run.plan.nodes[node].name for node in cheat.phase.victims],
        "requests": sum(asked.phase == str(cheat.phase.kind) for asked in run.asked),
        "losses": dict(Counter(loss.what for loss in losses)),
        "lost_wei": sum(loss.wei for loss in losses),
        "caught": run.is_caught(cheat),
    }


def _lines(run: ChaosRun, faults: Mapping[str, int]) -> tuple[str, ...]:
    right = sum(asked.is_right for asked in run.asked)
    refunded = sum(asked.status is Status.VOID for asked in run.asked)
    unexplained = sum(loss.wei for loss, was_down in run.honest_losses() if not was_down)
    amiss = {name: wei for name, wei in run.conservation.items() if wei}
    return (
        f"{len(run.asked)} requests in {run.seconds:.0f} s: {right} final and right, {refunded} refunded, "
        f"{len(run.wrong)} wrong, {len(run.lost)} lost",
        "faults: " + ", ".join(f"{count} {name}" for name, count in sorted(faults.items())),
        f"honest nodes lost {unexplained / ETHER:g} ETH without being down",
        "every wei is accounted for" if not amiss else f"not accounted for: {amiss}",
    )


def _tables(by_guarantee: Sequence[Mapping[str, object]], cheats: Sequence[Mapping[str, object]]) -> tuple[Table, ...]:
    columns = ("guarantee", "asked", "final", "refunded", "median s", "longest s")
    requests = Table(columns, tuple(tuple(str(value) for value in one.values()) for one in by_guarantee))
    rows = tuple(
        (
            str(one["kind"]),
            " ".join(map(str, cast(list[str], one["nodes"]))),
            str(one["requests"]),
            f"{int(str(one['lost_wei'])) / ETHER:g}",
            "yes" if one["caught"] else "NO",
        )
        for one in cheats
    )
    return requests, Table(("cheat", "nodes", "requests", "lost, ETH", "caught"), rows)
