"""Writes a typed Python client and a compiled artifact for every contract; `--check` reports what is out of date.

Run it after every change under contracts/. A contract is compiled only when it, or what it imports, has changed;
`--full` compiles everything, which also finds an artifact that was edited by hand.
"""

import argparse
import difflib
import json
import subprocess
import sys
from pathlib import Path

from compile_contracts import CONTRACT_PATTERN, describe, load_contract, source_digest
from vyper.exceptions import VyperException
from write_binding import Definition, Unit, write_shared, write_unit

REPOSITORY = Path(__file__).resolve().parents[1]
CONTRACTS = REPOSITORY / "contracts"
TARGET = REPOSITORY / "src" / "lockstep" / "chain"
SHARED = "shared"


def generate(contracts: Path, target: Path, *, is_full: bool) -> dict[Path, str]:
    """The text of every generated file, by its path."""
    files: dict[Path, str] = {}
    units: list[Unit] = []
    for source in sorted(contracts.rglob(CONTRACT_PATTERN)):
        artifact = target / "artifacts" / f"{source.stem}.json"
        try:
            data = load_contract(source)
            is_current = not is_full and artifact.exists() and _digest_of(artifact) == source_digest(data)
            files[artifact] = artifact.read_text() if is_current else describe(source, data)
            units.append(Unit.of(source, contracts, data.global_ctx))
        except VyperException as error:
            raise SystemExit(f"{source} does not compile, nothing was written: {error}") from error
    shared = _shared_definitions(units)
    bindings = target / "bindings"
    if shared:
        files[bindings / f"{SHARED}.py"] = write_shared(shared)
    for unit in units:
        files[bindings / f"{unit.module}.py"] = write_unit(unit, shared)
    python = [path for path in files if path.suffix == ".py"]
    return files | {path: _formatted(files[path]) for path in python}


def obsolete(files: dict[Path, str], target: Path) -> list[Path]:
    """Generated files whose contract is gone."""
    present = [*(target / "bindings").glob("*.py"), *(target / "artifacts").glob("*.json")]
    return [path for path in present if path not in files and path.name != "__init__.py"]


def _digest_of(artifact: Path) -> str:
    return str(json.loads(artifact.read_text()).get("source_digest", ""))


def _shared_definitions(units: list[Unit]) -> dict[str, Definition]:
    """Types that several contracts name. One noun, one definition: two different ones are refused."""
    seen: dict[str, tuple[str, Definition]] = {}
    shared: dict[str, Definition] = {}
    for unit in units:
        for name, definition in unit.definitions.items():
            owner, known = seen.setdefault(name, (unit.contract, definition))
            if known != definition:
                raise SystemExit(f"{name} is not the same in {owner} and {unit.contract}: rename one of them")
            if owner != unit.contract:
                shared[name] = definition
    return shared


def _formatted(source: str) -> str:
    for command in (["check", "--quiet", "--fix", "--select", "I,F401"], ["format", "--quiet"]):
        arguments = [sys.executable, "-m", "ruff", *command, "--isolated", "--line-length", "120"]
        arguments += ["--stdin-filename", "src/lockstep/generated.py", "-"]
        source = subprocess.run(arguments, input=source, text=True, check=True, stdout=subprocess.PIPE).stdout
    return source


def _report(files: dict[Path, str], gone: list[Path]) -> int:
    for path, text in files.items():
        old = path.read_text() if path.exists() else ""
        lines = difflib.unified_diff(old.splitlines(), text.splitlines(), str(path), "regenerated", n=0, lineterm="")
        for line in list(lines)[:20]:
            print(line[:200])
    for path in gone:
        print(f"{path}: its contract is gone")
    return int(bool(gone) or any(not path.exists() or path.read_text() != text for path, text in files.items()))


def _write(files: dict[Path, str], gone: list[Path]) -> int:
    for path in gone:
        path.unlink()
    for path, text in files.items():
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(".part")
            temporary.write_text(text)
            temporary.replace(path)
            print(f"wrote {path}")
    return 0


def main() -> int:
    """Exit status 1: `--check` found a difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, report differences")
    parser.add_argument("--full", action="store_true", help="compile everything again")
    parser.add_argument("--contracts", type=Path, default=CONTRACTS)
    parser.add_argument("--target", type=Path, default=TARGET)
    options = parser.parse_args()
    files = generate(options.contracts, options.target, is_full=options.full)
    gone = obsolete(files, options.target)
    return _report(files, gone) if options.check else _write(files, gone)


if __name__ == "__main__":
    sys.exit(main())
