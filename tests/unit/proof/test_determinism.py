"""The same seed gives the same bytes in any process with any number of threads."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from tests.unit.proof.proving import dense

SEED = b"d" * 32
REPOSITORY = Path(__file__).resolve().parents[3]
PROGRAM = """
import hashlib
from tests.unit.proof.proving import dense
print(hashlib.sha256(dense().proof(b"d" * 32)).hexdigest())
"""


def _digest(threads: int, hash_seed: int) -> str:
    environment = {**os.environ, "NUMBA_NUM_THREADS": str(threads), "PYTHONHASHSEED": str(hash_seed)}
    run = [sys.executable, "-c", PROGRAM]
    return subprocess.run(
        run, check=True, capture_output=True, text=True, cwd=REPOSITORY, env=environment
    ).stdout.strip()


def test_bytes_depend_on_the_seed_alone() -> None:
    here = hashlib.sha256(dense().proof(SEED)).hexdigest()
    assert _digest(1, 1) == _digest(2, 2) == here
    assert hashlib.sha256(dense().proof(b"e" * 32)).hexdigest() != here
