"""``lockstep bench``: measure what the design promises, and say whether it holds."""

from pathlib import Path
from typing import Annotated

import typer

from lockstep.errors import ConfigError
from lockstep.features.command import Answer, Command, Progress, Table
from lockstep.features.figures import Row, summarise, tabulate
from lockstep.testing.bench import bench_names, find_bench_folder, first_line, run_bench


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
    return Answer(document, (summarise(rows),), (tabulate(name, rows),))


def _list(folder: Path) -> Answer:
    benches = {name: first_line(folder, name) for name in bench_names(folder)}
    document = {"benches": [{"name": name, "about": about} for name, about in benches.items()]}
    return Answer(document, tables=(Table(("bench", "what it measures"), tuple(benches.items())),))


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
