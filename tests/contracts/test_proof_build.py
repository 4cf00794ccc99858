"""The committed code of the verifier is what its source compiles to."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_verifier_is_what_its_source_compiles_to() -> None:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "solc").exists():
        pytest.skip("no solc: npm ci")
    subprocess.run([node, str(ROOT / "tools" / "compile_yul.mjs"), "--check"], check=True, cwd=ROOT)
