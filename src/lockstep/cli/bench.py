"""``lockstep bench``: measure what the design promises, and say whether it holds."""

from pathlib import Path
from typing import Annotated

import typer

from lockstep.errors import ConfigError
from lockstep.features.command import Answer, Command, Progress, Table
from lockstep.testing.bench import (
    Row,
    bench_names,
    find_bench_folder,
    first_line,
    run_bench,
)


def bench(
    progress: Progress,
    name: Annotated[str | None, typer.Argument(help="Which benchmark; see --list.")] = None,
    is_list: Annotated[bool, typer.Option("--list", help="List the benchmarks.")] = False,
    only: Annotated[list[str] | None, typer.Option(help="A case to run, where not all are wanted; repeatable.")] = None,
) -> Answer:
    """Run a benchmark: every figure with its target and whether it holds."""
    folder = find_bench_folder(Path.cwd())
    if is_list:
        return _list(folder)
    if name is None:
        raise ConfigError(
            "bench/unknown",
            "no benchmark named",
            remedy="one of: " + ", ".join(bench_names(folder)),
        )
    document = run_bench(folder, name, progress, only=only or ())
    rows = [Row(**row) for row in document["rows"]]  # type: ignore[attr-defined]
    missed = sum(row.holds is False for row in rows)
    promised = sum(row.holds is not None for row in rows)
    return Answer(
        document,
        (f"{promised - missed} of {promised} targets hold",),
        (_table(name, rows),),
    )


def _list(folder: Path) -> Answer:
    benches = {name: first_line(folder, name) for name in bench_names(folder)}
    document = {"benches": [{"name": name, "about": about} for name, about in benches.items()]}
    return Answer(document, tables=(Table(("bench", "what it measures"), tuple(benches.items())),))


def _table(name: str, rows: list[Row]) -> Table:
    columns = ("case", "metric", "value", "unit", "target", "holds")
    verdicts = {True: "yes", False: "NO", None: ""}
    cells = tuple(
        (
            row.case,
            row.metric,
            _figure(row.value),
            row.unit,
            row.target or "",
            verdicts[row.holds],
        )
        for row in rows
    )
    return Table(columns, cells, title=name)


def _figure(value: float | str) -> str:
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else value


COMMANDS = (
    Command(
        "bench",
        bench,
        (
            "lockstep bench --list",
            "lockstep bench dispute",
            "lockstep bench dispute --json",
            "lockstep bench prove --only lenet",
        ),
    ),
)
