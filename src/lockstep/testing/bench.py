"""The face of a benchmark: a module ``bench/<name>.py`` with ``rows(report)`` that yields one ``Row`` a figure.

A benchmark whose cases may be run one by one names them in ``CASE_NAMES``; then it is ``rows(report, names)``.
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from lockstep.errors import ConfigError
from lockstep.features.figures import Row, as_document, at_least, at_most

__all__ = ["Report", "Row", "at_least", "at_most", "bench_names", "find_bench_folder", "first_line", "run_bench"]

Report = Callable[[str], None]
"""Takes one line that says what the benchmark is doing."""

SUPPORT_MODULES = frozenset({"models"})
"""Modules in ``bench/`` that benchmarks share and that are none themselves."""


def find_bench_folder(start: Path) -> Path:
    """The nearest ``bench/`` above ``start``, or the one of the checkout that this package runs from."""
    places = [start, *start.parents, *Path(__file__).resolve().parents]
    for place in places:
        if (place / "bench" / "models.py").is_file():
            return place / "bench"
    raise ConfigError("bench/folder", "no bench folder here", value=start, remedy="run from a checkout of the source")


def bench_names(folder: Path) -> list[str]:
    """The benchmarks of a folder."""
    names = (path.stem for path in folder.glob("*.py"))
    return sorted(name for name in names if name not in SUPPORT_MODULES and not name.startswith("_"))


def load_bench(folder: Path, name: str) -> ModuleType:
    """Import ``bench/<name>.py``; its neighbours can be imported as ``bench.<module>``."""
    known = bench_names(folder)
    if name not in known:
        raise ConfigError("bench/unknown", "no such benchmark", value=name, remedy="one of: " + ", ".join(known))
    root = str(folder.parent)
    if root not in sys.path:
        sys.path.insert(0, root)
    return importlib.import_module(f"bench.{name}")


def first_line(folder: Path, name: str) -> str:
    """What a benchmark says about itself, without importing it."""
    source = (folder / f"{name}.py").read_text(encoding="utf-8")
    return source.lstrip().removeprefix('"""').split("\n", 1)[0].removesuffix('"""').strip()


def run_bench(folder: Path, name: str, report: Report, *, only: Sequence[str] = ()) -> dict[str, object]:
    """Run one benchmark to its end: ``{"bench", "machine", "rows"}``, one row a figure, none left out.

    ``only``: the cases to run; all when empty.
    """
    module = load_bench(folder, name)
    known: Sequence[str] = getattr(module, "CASE_NAMES", ())
    if unknown := [case for case in only if case not in known]:
        remedy = "one of: " + ", ".join(known) if known else f"{name} runs as a whole"
        raise ConfigError("bench/case", "no such case", value=", ".join(unknown), remedy=remedy)
    rows: Iterator[Row] = module.rows(report, only or known) if known else module.rows(report)
    return as_document(name, list(rows))
