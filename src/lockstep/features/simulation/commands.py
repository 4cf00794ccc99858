"""``lockstep sim``: what strategies earn under the terms that contracts are deployed with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from lockstep.features.command import Answer, Command, Progress, Table
from lockstep.features.figures import Row, as_document, show_figure, summarise
from lockstep.features.simulation import plots
from lockstep.features.simulation.estimates import HIGH, LOW
from lockstep.features.simulation.rows import find_attacks
from lockstep.features.simulation.setting import Setting

VERDICTS = {True: "yes", False: "NO", None: ""}


def incentives(
    progress: Progress,
    rounds: Annotated[int, typer.Option(help="Claims, or committees, of each figure.", min=1000)] = 100_000,
    nodes: Annotated[int, typer.Option(help="Operators who have stakes.", min=100)] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.", min=0)] = 1,
    plot: Annotated[Path | None, typer.Option(help="Write the pay of strategies as an SVG file, too.")] = None,
    row: Annotated[list[str] | None, typer.Option(help="A row of the table, such as T1; repeatable.")] = None,
) -> Answer:
    """Play every attack of the incentive table against the deployed terms: what it earns, and where it would pay."""
    attacks = find_attacks(row or ())
    setting = Setting(rounds=rounds, nodes=nodes, seed=seed)
    rows: list[Row] = []
    for done, attack in enumerate(attacks):
        progress(f"{attack.name}: {attack.attack}", done, len(attacks))
        rows += attack.simulate(setting)
    if plot is not None:
        progress("plot", len(attacks), len(attacks))
        plot.write_text(plots.plot(setting), encoding="utf-8")
    return Answer(as_document("incentives", rows), (summarise(rows),), (_tabulate(rows),))


def _tabulate(rows: Sequence[Row]) -> Table:
    """One line a figure, with its interval beside it."""
    figures = {(row.case, row.metric): row.value for row in rows}
    cells = []
    for row in rows:
        if row.metric.endswith((LOW, HIGH)):
            continue
        ends = [figures.get((row.case, row.metric + end)) for end in (LOW, HIGH)]
        interval = " … ".join(show_figure(end) for end in ends if end is not None)
        shown = (show_figure(row.value), interval, row.unit, row.target or "", VERDICTS[row.holds])
        cells.append((row.case, row.metric, *shown))
    return Table(("case", "metric", "value", "95 %", "unit", "target", "holds"), tuple(cells), title="incentives")


COMMANDS = (
    Command(
        "sim incentives",
        incentives,
        (
            "lockstep sim incentives",
            "lockstep sim incentives --row T3 --row T15 --json",
            "lockstep sim incentives --plot incentives.svg",
        ),
    ),
)
