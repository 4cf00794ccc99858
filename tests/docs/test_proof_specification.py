"""Every rule of docs/specs/proof.md names a vector that exists, and both verifiers are run on it."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "specs" / "proof.md").read_text()
SOURCE = ROOT / "src" / "lockstep"
VECTOR = re.compile(r"`((?:zk/)?\w+\.json)#(\w+)`")
SECTIONS = dict(re.findall(r"^## (\d)\. [^\n]*\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def paragraphs(section: str) -> dict[str, str]:
    """The paragraphs of a section that begin with a bold name."""
    return dict(
        re.findall(r"^\*\*([\w -]+)\.?\*\*(.*?)(?=^\*\*[\w -]+\.?\*\*|\Z)", SECTIONS[section], re.DOTALL | re.MULTILINE)
    )


def rows(section: str) -> dict[str, str]:
    """The rows of a section's first table, by their first cell."""
    table = re.search(r"^\|.*?(?=\n\n)", SECTIONS[section], re.DOTALL | re.MULTILINE)
    assert table is not None
    return {line.split("|")[1].strip(): line for line in table.group().splitlines()[2:]}


def rules() -> dict[str, str]:
    """Every rule by name: terms, sizes, parts of programs, pads, steps, refusals, keys and files."""
    found = {f"1 {name}": text for name, text in rows("1").items()}
    found |= {"1 reading": SECTIONS["1"].split("\n\n")[-2], "2": SECTIONS["2"], "4": SECTIONS["4"]}
    items = re.findall(r"^(\d)\. \*\*(.*?)(?=^\d\. |^\n)", SECTIONS["3"], re.DOTALL | re.MULTILINE)
    found |= {f"3.{number}": text for number, text in items}
    found |= {"3 value of a term": SECTIONS["3"][SECTIONS["3"].index("**Value of a term") :]}
    found |= {f"5 {name}": text for name, text in paragraphs("5").items()}
    found |= {f"6 {name}": text for name, text in rows("6").items()}
    settled = ("Settlement",)
    found |= {f"7 {name}": text for name, text in paragraphs("7").items() if name not in settled}
    return found | {"8": SECTIONS["8"]}


def test_all_rules_are_found() -> None:
    names = set(rules())
    steps = ("P0", "P1", "P2 LogUp-GKR", "P3 products", "P4 batch", "P5 masked opening", "P6 WHIR", "Openings")
    assert {f"5 {step}" for step in steps} == {name for name in names if name.startswith("5 ")}
    assert {f"3.{number}" for number in range(1, 7)} <= names
    assert {f"7 {name}" for name in ("Key", "Key bytes", "Files", "Checking a file", "Secret and budget")} <= names
    codes = set(re.findall(r"`(proof/[\w-]+)`", SECTIONS["6"]))
    raised = (set(re.findall(r'"(proof/[\w-]+)"', path.read_text())) for path in SOURCE.rglob("*.py"))
    assert codes >= set().union(*raised)


@pytest.mark.parametrize("name", rules())
def test_a_rule_names_vectors_that_exist(name: str) -> None:
    vectors = VECTOR.findall(rules()[name])
    assert vectors, "no vector is named"
    for path, entry in vectors:
        assert entry in json.loads((ROOT / "vectors" / path).read_text()), (path, entry)


@pytest.mark.parametrize("path", sorted({path for path, _ in VECTOR.findall(PAGE)}))
def test_a_vector_that_is_named_is_read_by_a_test(path: str) -> None:
    name = Path(path).name
    readers = [test for test in (ROOT / "tests").rglob("*.py") if f'"{name}"' in test.read_text()]
    assert readers or Path(path).stem in (ROOT / "tests/unit/crypto/test_proof_vectors.py").read_text()
