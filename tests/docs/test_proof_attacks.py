"""Every attack of docs/specs/proof-attacks.md names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "specs" / "proof-attacks.md").read_text()
TEST = re.compile(r"`((?:unit|contracts|differential|cli|node)/[\w/]+\.py)::(\w+)(?:\[([^\]]+)\])?`")


def tests_named() -> list[tuple[str, str]]:
    return sorted({(path, name) for path, name, _ in TEST.findall(PAGE)})


@pytest.mark.parametrize(("path", "name"), tests_named(), ids=lambda part: part.rsplit("/")[-1])
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_no_attack_is_without_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| attack")]
    assert rows
    assert [row for row in rows if not TEST.search(row)] == []
