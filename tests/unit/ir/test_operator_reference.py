"""docs/reference/operators.md names every operator that is supported and every refusal, and none besides."""

import re
from pathlib import Path

import lockstep.ir
from lockstep.ir.importer.loading import QUANTISERS
from lockstep.ir.importer.operators import SUPPORTED
from lockstep.ir.importer.trees import ENSEMBLES

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "operators.md").read_text(encoding="utf-8")


def section(title: str) -> list[str]:
    """The first cells of a section's table."""
    rows = re.findall(r"^\| (.*?) \|", PAGE.split(f"## {title}\n")[1].split("\n## ")[0], re.MULTILINE)
    return rows[1:]


def test_the_page_names_what_is_supported() -> None:
    assert {name for cell in section("Operators") for name in cell.split(", ")} == SUPPORTED | ENSEMBLES | set(
        QUANTISERS
    )


def test_the_page_names_every_refusal_of_the_importer() -> None:
    folder = Path(lockstep.ir.__file__).parent / "importer"
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    raised = set(re.findall(r'"(model/[a-z-]+)"', source))
    assert {cell.strip("`") for cell in section("Refusals")} == raised
