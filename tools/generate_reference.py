"""Write docs/reference/commands.md from the commands themselves."""

from pathlib import Path

from lockstep.cli.main import COMMANDS, app
from lockstep.cli.reference import render_reference

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "commands.md"

if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render_reference(app, COMMANDS), encoding="utf-8")
