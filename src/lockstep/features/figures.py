"""What a measured figure is, wherever it comes from: a benchmark, a simulation."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from lockstep.features.command import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``target`` says what must hold, in words; ``holds`` is None when nothing was promised."""

    case: str
    metric: str
    value: float | int | str
    unit: str
    target: str | None = None
    holds: bool | None = None


def at_most(case: str, metric: str, value: float, *, unit: str, limit: float | None) -> Row:
    """A row whose figure must not be above ``limit``."""
    if limit is None:
        return Row(case, metric, value, unit)
    return Row(case, metric, value, unit, f"<= {limit:g}" if limit < 1e6 else f"<= {limit:,.0f}", value <= limit)


def at_least(case: str, metric: str, value: float, *, unit: str, limit: float | None) -> Row:
    """A row whose figure must not be below ``limit``."""
    if limit is None:
        return Row(case, metric, value, unit)
    return Row(case, metric, value, unit, f">= {limit:g}", value >= limit)


def as_document(name: str, rows: Sequence[Row]) -> dict[str, object]:
    """``{"bench", "machine", "rows"}``, one row a figure, none left out."""
    return {"bench": name, "machine": describe_machine(), "rows": [asdict(row) for row in rows]}


def summarise(rows: Sequence[Row]) -> str:
    """How much of what was promised holds."""
    missed = sum(row.holds is False for row in rows)
    promised = sum(row.holds is not None for row in rows)
    return f"{promised - missed} of {promised} targets hold"


def tabulate(name: str, rows: Sequence[Row]) -> Table:
    """The rows for a person to read."""
    columns = ("case", "metric", "value", "unit", "target", "holds")
    verdicts = {True: "yes", False: "NO", None: ""}
    cells = tuple(
        (row.case, row.metric, show_figure(row.value), row.unit, row.target or "", verdicts[row.holds]) for row in rows
    )
    return Table(columns, cells, title=name)


def show_figure(value: float | str) -> str:
    """Four digits, or thousands."""
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value


def describe_machine() -> dict[str, object]:
    """What a figure depends on."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if not info.is_file():
        return platform.processor() or platform.machine()
    lines = (line.partition(":") for line in info.read_text(encoding="utf-8").splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == "model name"), platform.machine())
