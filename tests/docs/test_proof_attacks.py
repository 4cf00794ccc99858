"""Every attack of docs/specs/proof-attacks.md names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "specs" / "proof-attacks.md").read_text()
ATTACKS = PAGE[: PAGE.index("## 8. Run them")]
TEST = re.compile(r"`((?:unit|contracts|differential|cli|node)/[\w/]+\.py)::(\w+)(?:\[([^\]]+)\])?`")


def named_tests() -> list[tuple[str, str]]:
    return sorted({(path, name) for path, name, _ in TEST.findall(PAGE)})


@pytest.mark.parametrize(("path", "name"), named_tests(), ids=lambda part: part.rsplit("/")[-1])
def test_a_test_that_is_named_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_no_attack_is_without_a_test() -> None:
    rows = [line for line in ATTACKS.splitlines() if line.startswith("| ") and not line.startswith("| attack")]
    assert rows
    assert [row for row in rows if not TEST.search(row)] == []


def test_every_attack_that_is_made_is_on_the_page() -> None:
    named = set(named_tests())
    made = [
        (f"differential/{path.name}", node.name)
        for path in sorted((ROOT / "tests" / "differential").glob("test_attacks_*.py"))
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert made and [test for test in made if test not in named] == []


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"(?:tests|tools)/[\w/]+\.py", PAGE[PAGE.index("## 8. Run") :])))
)
def test_what_a_command_runs_is_there(path: str) -> None:
    assert (ROOT / path).is_file()
