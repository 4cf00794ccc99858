"""Fails when a source file or function outgrows the norms of STYLE: 400 lines a file, 60 a function."""

import ast
import subprocess
import sys
from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 60

EXCEPTIONS: dict[str, str] = {}
"""Path, or path::function, to the reason why it may be longer."""

NOT_JUDGED = ("src/lockstep/chain/bindings/", "tests/", "bench/", "examples/")
"""Generated code, and what is read case by case."""


def oversized(path: Path, name: str) -> list[str]:
    """What in one file is too long, as lines of text."""
    source = path.read_text()
    found = []
    if (lines := source.count("\n")) > FILE_LINES and name not in EXCEPTIONS:
        found.append(f"{name}: {lines} lines (at most {FILE_LINES})")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES and f"{name}::{node.name}" not in EXCEPTIONS:
                found.append(f"{name}:{node.lineno}: {node.name} has {length} lines (at most {FUNCTION_LINES})")
    return found


def main() -> int:
    root = Path(__file__).resolve().parent.parent
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=root, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.splitlines() if not name.startswith(NOT_JUDGED)]
    problems = [line for name in names if (root / name).exists() for line in oversized(root / name, name)]
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
