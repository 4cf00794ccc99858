"""Where a command's words go: progress and errors to stderr, the answer to stdout, as text or as one JSON document."""

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Self, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table as RichTable

from lockstep.errors import LockstepError
from lockstep.features.command import Answer, Table
from lockstep.features.command import Progress as Reporter

LOG_WIDTH = 200
"""Columns where there is no terminal that says how many it has: wide enough that no table folds."""


class Output:
    """One command's output. Only ``answer`` and ``refuse`` write to stdout."""

    def __init__(
        self,
        as_json: bool,
        *,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
    ) -> None:
        self._as_json = as_json
        self._stdout = stdout or sys.stdout
        self._stderr = Console(file=stderr or sys.stderr, highlight=False, soft_wrap=True)

    def answer(self, answer: Answer) -> None:
        if self._as_json:
            self._write_json(dict(answer.document))
            return
        width = None if self._stdout.isatty() else LOG_WIDTH
        console = Console(file=self._stdout, highlight=False, soft_wrap=True, width=width)
        for table in answer.tables:
            console.print(_render_table(table))
        for line in answer.lines:
            console.print(line, markup=False)

    def refuse(self, error: LockstepError) -> None:
        """The error as one line on stderr, or as the JSON document."""
        if self._as_json:
            self._write_json({"ok": False, "error": error.as_dict()})
        else:
            self._stderr.print(" ".join(str(error).split()), markup=False, style="red")

    def _write_json(self, document: dict[str, object]) -> None:
        self._stdout.write(json.dumps(document, indent=2, default=_as_text) + "\n")
        self._stdout.flush()

    @contextlib.contextmanager
    def progress(self) -> Iterator[Reporter]:
        """A line that moves on a terminal, one line a step elsewhere; stray prints of libraries go to stderr too."""
        with contextlib.redirect_stdout(sys.stderr):
            if self._stderr.is_terminal:
                with _Spinner(self._stderr) as spinner:
                    yield spinner
            else:
                yield _Lines(self._stderr)


class _Lines:
    """Progress for a log: each text once."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = ""

    def __call__(
        self,
        text: str,
        done: int = 0,  # noqa: ARG002 - a log shows no bars
        total: int = 0,  # noqa: ARG002
        *,
        seconds_left: float | None = None,
    ) -> None:
        if text != self._last:
            self._console.print(text + _time_left(seconds_left, ", "), markup=False)
        self._last = text


class _Spinner:
    """Progress for a person: the steps that are done stay, the one that runs turns."""

    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(20),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}", markup=False),
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._task: TaskID | None = None
        self._text = ""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finish()
        self._progress.stop()

    def __call__(self, text: str, done: int = 0, total: int = 0, *, seconds_left: float | None = None) -> None:
        left = _time_left(seconds_left)
        if text != self._text:
            self._finish()
            self._text = text
            self._task = self._progress.add_task(text, total=total or None, completed=done, left=left)
        elif self._task is not None:
            self._progress.update(self._task, completed=done, total=total or None, left=left)

    def _finish(self) -> None:
        if self._task is None:
            return
        self._progress.remove_task(self._task)
        self._progress.console.print(f"✓ {self._text}", markup=False, style="dim")
        self._task = None


def _time_left(seconds: float | None, before: str = "") -> str:
    return "" if seconds is None else f"{before}about {seconds:.0f} s left"


def _render_table(table: Table) -> RichTable:
    rendered = RichTable(
        title=table.title or None,
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    for number, name in enumerate(table.columns):
        is_figure = all(_is_figure(row[number]) for row in table.rows)
        rendered.add_column(
            name,
            justify="right" if is_figure and table.rows else "left",
            overflow="fold",
        )
    for row in table.rows:
        rendered.add_row(*(cell.replace("[", "\\[") for cell in row))
    return rendered


def _is_figure(cell: str) -> bool:
    return not cell or cell[:1].isdigit() or (cell[:1] == "-" and cell[1:2].isdigit())


def _as_text(value: object) -> object:
    """Digests as hex; what numpy returns as plain numbers."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if hasattr(value, "item"):
        return value.item()
    return str(value)
