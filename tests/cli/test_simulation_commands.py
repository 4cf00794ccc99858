"""`lockstep sim incentives`: the shape of a benchmark's document, one table for people, and a plot."""

import json
from pathlib import Path
from xml.etree import ElementTree

from typer.testing import CliRunner

from lockstep.cli.registrar import build_app
from lockstep.features.command import Answer, Command
from lockstep.features.simulation import commands

runner = CliRunner()
APP = build_app((*commands.COMMANDS, Command("idle", lambda: Answer({}))))
FEW = ["--rounds", "1000", "--nodes", "200"]


def test_the_document_has_the_shape_of_a_benchmark() -> None:
    result = runner.invoke(APP, ["sim", "incentives", "--row", "T15", "--row", "T1", *FEW, "--json"])
    document = json.loads(result.stdout)
    assert (result.exit_code, document["bench"], set(document)) == (0, "incentives", {"bench", "machine", "rows"})
    assert {tuple(row) for row in document["rows"]} == {("case", "metric", "value", "unit", "target", "holds")}
    assert [row["metric"] for row in document["rows"] if row["case"] == "T15"][:3] == [
        "pay when all are lazy",
        "pay when all are lazy, 95 % low",
        "pay when all are lazy, 95 % high",
    ]


def test_a_plot_is_written_and_the_table_shows_intervals(tmp_path: Path) -> None:
    target = tmp_path / "pay.svg"
    result = runner.invoke(APP, ["sim", "incentives", "--row", "terms", "--row", "T15", *FEW, "--plot", str(target)])
    assert result.exit_code == 0
    assert "targets hold" in result.stdout and " … " in result.stdout
    texts = [element.text for element in ElementTree.parse(target).iter() if element.tag.endswith("text")]
    assert {"honest", "lazy, all of them", "cheating claim, V = 0", "deployed: 50 c"} <= set(texts)


def test_a_row_that_is_not_in_the_table_is_refused() -> None:
    result = runner.invoke(APP, ["sim", "incentives", "--row", "T99", *FEW])
    assert result.exit_code == 1
    assert "bench/case: no such case (T99;" in result.stderr
