"""What a command is to the layers below the command line: a typed function that returns an ``Answer``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Progress(Protocol):
    """Tells a person what is happening; ``total`` of 0 means that the end is not known."""

    def __call__(self, text: str, done: int = 0, total: int = 0, *, seconds_left: float | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Table:
    """Rows for a person to read; cells are already text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command found: ``document`` for programs, ``lines`` and ``tables`` for people, and the exit status."""

    document: Mapping[str, object]
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    status: int = 0


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``name`` may hold a group ("model compile"); the function's docstring is its help.

    The function's parameters carry Typer annotations. A parameter named ``progress`` is given a ``Progress`` and is
    no option; every command gets ``--json`` without saying so.
    """

    name: str
    run: Callable[..., Answer]
    examples: tuple[str, ...] = field(default=())
