"""`lockstep verify` starts alone: whoever checks a proof needs none of the libraries that make one."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from lockstep.cli.main import ALONE, app
from lockstep.crypto.randomness import Randomness
from lockstep.features.proofs import commands, data_commands, statement_commands
from lockstep.proof.files import encode_key_file, encode_proof_file
from lockstep.proof.prover.session import set_up
from lockstep.testing.product_graphs import ConvShape, conv_graph

HEAVY = ("numpy", "numba", "onnx", "lockstep.proof.prover", "lockstep.exec", "lockstep.ir", "lockstep.chain")
RUN = """
import sys
from lockstep.cli.main import run
try:
    run()
finally:
    print(*(name for name in {heavy} if name in sys.modules), "loaded", file=sys.stderr)
"""


@dataclass(frozen=True)
class Files:
    proof: Path
    key: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    shape = ConvShape(6, 6, 1, 2, kernel=(3, 3))
    graph = conv_graph(shape, np.ones(shape.weights, np.int64))
    prover = set_up(graph)
    proof = prover.prove([[np.ones(graph.inputs[0].shape, np.int8)]], randomness=Randomness())
    folder = tmp_path_factory.mktemp("alone")
    made = Files(folder / "x.proof", folder / "x.key")
    made.proof.write_bytes(encode_proof_file(proof))
    made.key.write_bytes(encode_key_file(prover.key))
    return made


def verify(*words: object) -> tuple[int, str, list[str]]:
    """Exit status, standard output, lines of standard error."""
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(heavy=HEAVY), "verify", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr.splitlines()


def test_nothing_heavy_is_loaded_to_check_a_proof(files: Files) -> None:
    status, out, errors = verify(files.proof, "--key", files.key)
    assert (status, out.splitlines()[0]) == (0, "the proof holds")
    assert errors[-1] == "loaded"


PROVING = [name for name in ALONE if name != "verify"]


@pytest.mark.parametrize("command", PROVING)
def test_nothing_that_speaks_to_chains_is_loaded_to_prove(command: str) -> None:
    heavy, words = ("web3", "sqlalchemy", "onnx", "onnxruntime", "scipy.linalg"), [*command.split(), "--help"]
    run = [sys.executable, "-c", RUN.format(heavy=heavy), *words]
    done = subprocess.run(run, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "loaded")
    assert done.stdout.split() == CliRunner().invoke(app, words, prog_name="lockstep").stdout.split()


def test_every_command_about_proofs_starts_alone() -> None:
    names = {command.name for module in (commands, statement_commands, data_commands) for command in module.COMMANDS}
    assert names == set(ALONE)


def test_what_is_refused_is_refused_alone_too(files: Files, tmp_path: Path) -> None:
    bad = tmp_path / "bad.proof"
    data = files.proof.read_bytes()
    bad.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    status, out, errors = verify(bad)
    assert (status, out, errors[-1]) == (1, "", "loaded")
    assert errors[-2].startswith("proof/")


def test_misuse_and_help_are_those_of_the_whole_command(files: Files) -> None:
    status, _, errors = verify(files.proof, "--nonsense")
    assert status == 2
    assert "see lockstep verify --help" in errors[-2]
    whole = CliRunner().invoke(app, ["verify", "--help"], prog_name="lockstep").stdout
    assert verify("--help")[1] == whole
