"""The same seed gives the same bytes in any process with any number of threads."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from lockstep.crypto.randomness import Randomness
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from tests.unit.proof.proving import SMALL, dense

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


def test_bytes_are_the_same_with_code_words_on_disk(tmp_path: Path) -> None:
    made = dense()
    weights = commit_oracle(made.made.weight_rows(), SMALL, Randomness(b"w" * 32), folder=tmp_path)
    proof = prove(made.statement, [weights], made.rows, randomness=Randomness(SEED), folder=tmp_path)
    assert proof == made.proof(SEED)
    assert list(tmp_path.iterdir()) == []
