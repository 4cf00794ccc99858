"""The frame around every command: one JSON document, one line an error, progress apart from answers."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from lockstep.cli.output import Output
from lockstep.cli.registrar import build_app
from lockstep.errors import ModelError
from lockstep.features.command import Answer, Command, Progress, Table
from lockstep.features.proofs.stages import staged


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


def test_a_stage_says_how_long_the_rest_takes() -> None:
    """On a terminal the bar goes on from stage to stage, and a stage that is done keeps no time that is past."""
    said: list[tuple[str, int, int, float | None]] = []
    seconds = iter((0.0, 1.0, 4.0, 8.0))

    def progress(text: str, done: int = 0, total: int = 0, *, seconds_left: float | None = None) -> None:
        said.append((text, done, total, None if seconds_left is None else round(seconds_left, 3)))

    report = staged(progress, lambda: next(seconds))
    for stage, done in (("witness", 0.0), ("commit", 0.0), ("look-ups", 0.0), ("folding", 1.0)):
        report(stage, done)
    assert said == [
        ("proving: witness", 0, 100, None),
        ("proving: commit", 5, 100, 19.0),
        ("proving: look-ups", 40, 100, 6.0),
        ("proving: folding", 100, 100, 0.0),
    ]


@pytest.mark.parametrize("is_terminal", [True, False])
def test_time_left_is_shown_beside_the_stage(is_terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stderr = StringIO()
    stderr.isatty = lambda: is_terminal  # type: ignore[method-assign]
    with Output(False, stderr=stderr).progress() as progress:
        progress("proving: commit", 5, 100, seconds_left=19.4)
        progress("proving: commit", 20, 100, seconds_left=12.0)
        progress("proving: look-ups", 40, 100, seconds_left=6.0)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stderr.getvalue())
    if is_terminal:
        kept = [line.strip() for line in text.replace("\r", "\n").splitlines() if line.startswith("✓")]
        assert kept == ["✓ proving: commit", "✓ proving: look-ups"]
        assert "about 6 s left" in text
    else:
        assert text == "proving: commit, about 19 s left\nproving: look-ups, about 6 s left\n"
