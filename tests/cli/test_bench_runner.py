"""`lockstep bench`: finds the benchmarks, leaves no figure out, says what holds."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lockstep.cli import bench
from lockstep.cli.registrar import build_app
from lockstep.features.command import Answer, Command
from lockstep.testing.bench import Row, at_least, at_most, find_bench_folder

SOURCE = '''"""Counts to two."""

from lockstep.testing.bench import Row, at_most


def rows(report):
    report("counting")
    yield at_most("small", "gas", 7, unit="gas", limit=10)
    yield at_most("large", "gas", 12, unit="gas", limit=10)
    yield Row("free", "time", 0.25, "s")
'''
CASES_SOURCE = '''"""Counts what it is told to."""

from lockstep.testing.bench import Row

CASE_NAMES = ("one", "two", "three")


def rows(report, chosen):
    for case in chosen:
        yield Row(case, "letters", len(case), "letters")
'''
runner = CliRunner()
APP = build_app((*bench.COMMANDS, Command("idle", lambda: Answer({}))))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "models.py").write_text('"""Shared."""\n')
    (folder / "counting_for_a_test.py").write_text(SOURCE)
    (folder / "choosing_for_a_test.py").write_text(CASES_SOURCE)
    monkeypatch.setattr("lockstep.testing.bench.find_bench_folder", lambda _: folder)
    monkeypatch.setattr("lockstep.cli.bench.find_bench_folder", lambda _: folder)


def test_every_row_is_in_the_document() -> None:
    result = runner.invoke(APP, ["bench", "counting_for_a_test", "--json"])
    document = json.loads(result.stdout)
    assert (document["bench"], result.exit_code) == ("counting_for_a_test", 0)
    assert set(document["machine"]) == {"processor", "cores", "memory_gib", "system", "python"}
    expected = [
        {"case": "small", "metric": "gas", "value": 7, "unit": "gas", "target": "<= 10", "holds": True},
        {"case": "large", "metric": "gas", "value": 12, "unit": "gas", "target": "<= 10", "holds": False},
        {"case": "free", "metric": "time", "value": 0.25, "unit": "s", "target": None, "holds": None},
    ]
    assert document["rows"] == expected
    assert result.stderr == "counting\n"


@pytest.mark.parametrize(
    ("options", "cases"),
    [
        ([], ["one", "two", "three"]),
        (["--only", "two"], ["two"]),
        (["--only", "three", "--only", "one"], ["three", "one"]),
    ],
)
def test_cases_can_be_chosen(options: list[str], cases: list[str]) -> None:
    result = runner.invoke(APP, ["bench", "choosing_for_a_test", "--json", *options])
    assert [row["case"] for row in json.loads(result.stdout)["rows"]] == cases


@pytest.mark.parametrize(
    ("name", "remedy"), [("choosing", "one of: one, two, three"), ("counting", "counting_for_a_test runs as a whole")]
)
def test_unknown_case_names_the_known_ones(name: str, remedy: str) -> None:
    result = runner.invoke(APP, ["bench", f"{name}_for_a_test", "--only", "four"])
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (1, f"bench/case: no such case (four; {remedy})")


def test_list_says_what_each_measures() -> None:
    document = json.loads(runner.invoke(APP, ["bench", "--list", "--json"]).stdout)
    assert document == {
        "benches": [
            {"name": "choosing_for_a_test", "about": "Counts what it is told to."},
            {"name": "counting_for_a_test", "about": "Counts to two."},
        ]
    }


def test_unknown_bench_names_the_known_ones() -> None:
    result = runner.invoke(APP, ["bench", "nothing"])
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        1,
        "bench/unknown: no such benchmark (nothing; one of: choosing_for_a_test, counting_for_a_test)",
    )


def test_bounds_are_inclusive() -> None:
    assert at_most("c", "m", 10, unit="u", limit=10).holds is True
    assert at_least("c", "m", 10, unit="u", limit=10).holds is True
    assert at_most("c", "m", 10, unit="u", limit=None) == Row("c", "m", 10, "u")


def test_checkout_is_found_from_anywhere() -> None:
    root = Path(__file__).parents[2]
    assert find_bench_folder(Path("/")) == root / "bench"
