"""Every command of the README works as written."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = [
    line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines() if line.strip()
]
PROVEN_BY_CI = ("./run demo", "./run test")


def test_ci_runs_the_two_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    for command in PROVEN_BY_CI:
        assert command in COMMANDS
        assert f"readme_command {command.split()[1]}" in script


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in PROVEN_BY_CI])
def test_command_of_the_readme_works(command: str, tmp_path: Path) -> None:
    words = shlex.split(command)
    assert words[:2] == ["./run", "lockstep"]
    done = subprocess.run(
        [sys.executable, "-m", "lockstep.cli", *words[2:]], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))])
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert missing == []
