"""Every code that a contract can refuse with is in the specification and is triggered by a test."""

import re

import pytest

from tests.contracts.bracket_machine.world import ROOT

TRUNK = (
    "Artifacts.vy",
    "Arbiter.vy",
    "Availability.vy",
    "Beacon.vy",
    "Bracket.vy",
    "Committee.vy",
    "ProofBonds.vy",
    "ProofDesk.vy",
    "Referee.vy",
    "Stake.vy",
    "Steps.vy",
    "StepsElementwise.vy",
    "StepsLinear.vy",
    "StepsTrees.vy",
    "StepsWindow.vy",
)
SOURCES = [ROOT / "contracts" / name for name in TRUNK] + sorted((ROOT / "contracts/modules").glob("*.vy"))
CODE = re.compile(r'"([a-z]+/[a-z-]+)"')


def codes_in_contracts() -> list[str]:
    found = {code for path in SOURCES for code in CODE.findall(path.read_text())}
    return sorted(code for code in found if not code.startswith("lockstep/"))


@pytest.mark.parametrize("code", codes_in_contracts())
def test_a_code_is_specified_short_and_triggered(code: str) -> None:
    assert len(code) <= 32
    area, what = code.split("/")
    codes = (ROOT / "docs/specs/dispute.md").read_text().split("## 7. Codes")[1]
    codes += (ROOT / "docs/specs/proof.md").read_text().split("## 6. Refusals")[1].split("\n## ")[0]
    codes += (ROOT / "docs/specs/committee.md").read_text().split("## 9. Codes")[1].split("\n## ")[0]
    codes += (ROOT / "docs/specs/artifacts.md").read_text().split("## 8. Codes")[1].split("\n## ")[0]
    listed = re.search(rf"`{area}/…`: ([^.]*)\.", codes)
    assert f"`{code}`" in codes or (listed and what in re.split(r",\s+", listed[1]))
    folders = ("chain", "contracts", "differential")
    tests = [path for folder in folders for path in (ROOT / "tests" / folder).glob("test_*.py")]
    assert any(f'"{code}"' in path.read_text() for path in tests if path.name != "test_codes.py")
