"""What must hold of the repository itself: layers, sizes, no trace of the machine that it was written on."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_registry_or_a_machine_path() -> None:
    machine_paths = [f"/{name}/" for name in ("work", "root", "opt")]
    registries = ["registry.npmjs" + ".org", "files.pythonhosted" + ".org", "pypi" + ".org/simple"]
    pattern = re.compile("|".join(r"(?<![\w.$}])" + re.escape(part) for part in machine_paths + registries))
    found = []
    for path in tracked_files():
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert found == []


def test_files_and_functions_keep_their_size() -> None:
    result = subprocess.run([sys.executable, "tools/check_sizes.py"], cwd=ROOT, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (0, "")


def test_every_module_says_why_it_exists() -> None:
    sources = [path for path in tracked_files() if path.suffix == ".py" and "fixtures" not in path.parts]
    silent = [
        str(path.relative_to(ROOT)) for path in sources if not path.read_text().lstrip().startswith(('"""', "#!"))
    ]
    assert silent == []


def test_every_contract_names_its_licence() -> None:
    contracts = [path for path in tracked_files() if path.suffix in (".vy", ".vyi")]
    assert contracts
    unnamed = [path.name for path in contracts if "SPDX-License-Identifier: AGPL-3.0-only" not in path.read_text()]
    assert unnamed == []
