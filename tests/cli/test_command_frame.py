"""The frame around every command: one JSON document, one line an error, progress apart from answers."""

import json
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from lockstep.cli.registrar import build_app
from lockstep.errors import ModelError
from lockstep.features.command import Answer, Command, Progress, Table


def greet(
    progress: Progress,
    name: str,
    times: Annotated[int, typer.Option(help="How often.")] = 1,
) -> Answer:
    """Greet somebody."""
    progress("warming up")
    print("a library that prints")  # noqa: T201
    if name == "NaN":
        raise ModelError(
            "model/nan",
            "weights are not numbers",
            value="conv1.weight",
            remedy="train it again",
        )
    if name == "file":
        Path("/nonexistent/file.onnx").read_bytes()
    if name == "bug":
        raise ZeroDivisionError("a\ndefect")
    table = Table(("who", "times"), ((name, str(times)),))
    return Answer(
        {"greeted": name, "root": b"\xab" * 2},
        (f"hello [{name}]",),
        (table,),
        status=3 if times == 7 else 0,
    )


def farewell() -> Answer:
    """Say goodbye."""
    return Answer({})


APP = build_app(
    (
        Command("greet", greet, ("lockstep greet Ada", "lockstep greet Ada --times 2")),
        Command("node run", greet),
        Command("node init", farewell),
    )
)
runner = CliRunner()


def test_json_is_one_document_and_nothing_else() -> None:
    result = runner.invoke(APP, ["greet", "Ada", "--json"])
    assert json.loads(result.stdout) == {"greeted": "Ada", "root": "0xabab"}
    assert result.stderr == "warming up\na library that prints\n"


def test_people_get_tables_and_lines_on_stdout() -> None:
    result = runner.invoke(APP, ["greet", "Ada", "--times", "2"])
    assert result.stdout.split() == ["who", "times", "Ada", "2", "hello", "[Ada]"]


def test_error_is_one_line_with_code_value_and_remedy() -> None:
    result = runner.invoke(APP, ["greet", "NaN"])
    assert result.exit_code == 1
    assert result.stdout == ""
    wanted = "model/nan: weights are not numbers (conv1.weight; train it again)"
    assert result.stderr.splitlines()[-1] == wanted


def test_error_as_json() -> None:
    result = runner.invoke(APP, ["greet", "NaN", "--json"])
    error = {
        "code": "model/nan",
        "message": "weights are not numbers",
        "value": "conv1.weight",
        "remedy": "train it again",
    }
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"ok": False, "error": error}


def test_missing_file_is_one_line() -> None:
    result = runner.invoke(APP, ["greet", "file"])
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1] == "file/access: no such file or directory (/nonexistent/file.onnx)"


def test_defect_is_one_line_that_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCKSTEP_DEBUG", raising=False)
    result = runner.invoke(APP, ["greet", "bug"])
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith(
        "internal/defect: this should not happen: ZeroDivisionError: a defect (test_command_frame.py:"
    )


def test_exit_status_of_the_answer_is_kept() -> None:
    assert runner.invoke(APP, ["greet", "Ada", "--times", "7"]).exit_code == 3


def test_help_shows_the_examples_line_by_line() -> None:
    lines = runner.invoke(APP, ["greet", "--help"]).stdout.splitlines()
    assert [line.strip() for line in lines][-3:] == [
        "Examples:",
        "lockstep greet Ada",
        "lockstep greet Ada --times 2",
    ]
    assert "--progress" not in "\n".join(lines)


def test_group_without_a_command_runs_its_default() -> None:
    assert json.loads(runner.invoke(APP, ["node", "--times", "1", "Ada", "--json"]).stdout)["greeted"] == "Ada"
    assert runner.invoke(APP, ["node", "init", "--json"]).stdout == "{}\n"
