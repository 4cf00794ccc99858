"""``lockstep doctor``: what this machine has, what is missing, and how to get it."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import psutil
import typer

import lockstep.chain
from lockstep.chain.anvil import find_binary
from lockstep.chain.artifact import load_artifact
from lockstep.cli.node_checks import examine_node
from lockstep.errors import LockstepError
from lockstep.features.command import Answer, Command, Table

PYTHON_NEEDED = (3, 11)
NODE_NEEDED = 18
"""The oldest Node that npm's packages for anvil still install on."""
MEMORY_NEEDED_GIB = 4
"""Compiling and running a ResNet-50 with its trace peaks below this."""
LIBRARIES = (
    "numpy",
    "numba",
    "onnx",
    "onnxruntime",
    "web3",
    "eth_account",
    "sqlalchemy",
    "jinja2",
    "prometheus_client",
)

CONTRACTS = (
    "Artifacts",
    "Arbiter",
    "Bracket",
    "Steps",
    "StepsLinear",
    "StepsElementwise",
    "StepsWindow",
    "StepsTrees",
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked for. ``is_needed`` is false where Lockstep works without it."""

    name: str
    found: str
    ok: bool
    remedy: str = ""
    is_needed: bool = True


def check_python() -> Check:
    """The interpreter."""
    ok = sys.version_info[:2] >= PYTHON_NEEDED
    return Check(
        "python",
        platform.python_version(),
        ok,
        "" if ok else "install Python 3.11 or newer",
    )


def check_libraries() -> Check:
    """The packages that Lockstep is built on."""
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    found = f"{len(LIBRARIES) - len(missing)} of {len(LIBRARIES)}"
    return Check(
        "libraries",
        found,
        not missing,
        f"missing {', '.join(missing)}: ./run installs them" if missing else "",
    )


def check_node() -> Check:
    """Node.js, by which npm runs."""
    version = _version("node", "--version")
    major = version.lstrip("v").split(".")[0]
    ok = major.isdigit() and int(major) >= NODE_NEEDED
    remedy = "" if ok else f"install Node.js {NODE_NEEDED} or newer; it is only used to get anvil"
    return Check("node", version or "not found", ok, remedy, is_needed=not check_anvil().ok)


def check_npm() -> Check:
    """npm, by which anvil comes."""
    version = _version("npm", "--version")
    remedy = "" if version else "install npm; it is only used to get anvil"
    return Check(
        "npm",
        version or "not found",
        bool(version),
        remedy,
        is_needed=not check_anvil().ok,
    )


def check_anvil() -> Check:
    """The local chain's program."""
    try:
        path = find_binary()
    except LockstepError as error:
        return Check("anvil", "not found", False, error.remedy)
    version = _version(str(path), "--version").removeprefix("anvil Version: ")
    return Check(
        "anvil",
        f"{version.split()[0] if version else 'does not run'} {path}",
        bool(version),
    )


def check_contracts() -> Check:
    """The compiled contracts, which ship in the package."""
    folder = Path(lockstep.chain.__file__).parent / "artifacts"
    try:
        sizes = {path.stem: len(load_artifact(path).runtime) for path in sorted(folder.glob("*.json"))}
    except LockstepError as error:
        return Check("contracts", error.message, False, error.remedy)
    missing = [name for name in CONTRACTS if name not in sizes]
    if missing:
        return Check("contracts", f"no {', '.join(missing)}", False, "install the package again")
    return Check(
        "contracts",
        f"{len(sizes)} compiled, the largest {max(sizes.values()):,} bytes",
        True,
    )


def check_kernels() -> Check:
    """Compiled kernels are cached next to the code; without a cache every process compiles them anew."""
    folder = os.environ.get("NUMBA_CACHE_DIR")
    place = Path(folder) if folder else Path(__file__).resolve().parents[1]
    count = sum(1 for _ in place.rglob("*.nbc"))
    can_write = os.access(place, os.W_OK)
    remedy = "" if can_write else "set NUMBA_CACHE_DIR to a folder that can be written"
    return Check(
        "kernel cache",
        f"{count} compiled in {place}",
        can_write,
        remedy,
        is_needed=False,
    )


def check_cores() -> Check:
    """Cores that this process may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Check("cores", str(cores), cores >= 1)


def check_memory() -> Check:
    """Memory in the machine."""
    memory = psutil.virtual_memory()
    found = f"{memory.total / 2**30:.1f} GiB, {memory.available / 2**30:.1f} GiB free"
    ok = memory.total >= MEMORY_NEEDED_GIB * 2**30 * 0.95
    remedy = "" if ok else f"large models want {MEMORY_NEEDED_GIB} GiB"
    return Check("memory", found, ok, remedy, is_needed=False)


CHECKS: tuple[Callable[[], Check], ...] = (
    check_python,
    check_libraries,
    check_node,
    check_npm,
    check_anvil,
    check_contracts,
    check_kernels,
    check_cores,
    check_memory,
)


def doctor(
    config: Annotated[
        Path | None, typer.Option("--config", help="A node's configuration: look whether it could start and work.")
    ] = None,
) -> Answer:
    """Look at this machine: what is there, what is missing, and how to get it.

    Exits with status 1 if something is missing that Lockstep cannot work without.
    """
    checks = [check() for check in CHECKS]
    if config is not None:
        checks += [Check(one.name, one.found, one.ok, one.remedy) for one in examine_node(config)]
    missing = [check for check in checks if check.is_needed and not check.ok]
    document = {"ok": not missing, "checks": [asdict(check) for check in checks]}
    rows = tuple((_mark(check), check.name, check.found, check.remedy) for check in checks)
    verdict = "nothing is missing" if not missing else "missing: " + ", ".join(check.name for check in missing)
    return Answer(
        document,
        (verdict,),
        (Table(("", "part", "found", "what to do"), rows),),
        status=int(bool(missing)),
    )


def _mark(check: Check) -> str:
    return "✓" if check.ok else "✗" if check.is_needed else "·"


def _version(program: str, argument: str) -> str:
    """The first line that a program says about its version; empty if it is not there or does not run."""
    if shutil.which(program) is None:
        return ""
    try:
        result = subprocess.run([program, argument], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return result.stdout.strip().partition("\n")[0]


EXAMPLES = ("lockstep doctor", "lockstep doctor --json", "lockstep doctor --config lockstep-node.toml")
COMMANDS = (Command("doctor", doctor, EXAMPLES),)
