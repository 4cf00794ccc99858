"""`lockstep prove --seed`: the same bytes again, and other masks for anything else."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from lockstep.cli.main import app
from lockstep.crypto.capped_merkle import NODE_BYTES
from lockstep.errors import ProofError
from lockstep.features.proofs.commands import masks_of
from lockstep.ir.format import write_model
from lockstep.proof.files import decode_proof_file
from lockstep.proof.prover.session import set_up
from lockstep.testing.product_graphs import ConvShape, conv_graph

SEED, OTHER = "ab" * 32, "cd" * 32
SHAPE = ConvShape(6, 6, 1, 2, kernel=(3, 3))
GRAPH = conv_graph(SHAPE, np.ones(SHAPE.weights, np.int64))
INPUT = GRAPH.inputs[0]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_model(tmp_path / "m.lockstep", GRAPH)
    assert CliRunner().invoke(app, ["model", "key", "m.lockstep"]).exit_code == 0
    return tmp_path


def prove(folder: Path, *options: str) -> bytes:
    (folder / "x.json").write_text(json.dumps({INPUT.name: np.zeros(INPUT.shape).tolist()}))
    done = CliRunner().invoke(app, ["prove", "m.lockstep", "--input", "x.json", *options])
    assert done.exit_code == 0, done.stderr
    return decode_proof_file((folder / "m.proof").read_bytes()).proof


def test_a_seed_gives_the_same_bytes_and_no_seed_never_does(folder: Path) -> None:
    seeded = prove(folder, "--seed", SEED)
    assert prove(folder, "--seed", SEED) == seeded
    roots = {proof[:NODE_BYTES] for proof in (seeded, prove(folder, "--seed", OTHER), prove(folder), prove(folder))}
    assert len(roots) == 4
    assert json.loads((folder / "m.key.secret").read_text())["used"] == 5


def test_one_seed_masks_other_inputs_and_other_keys_otherwise() -> None:
    keys = [set_up(GRAPH, weights_seed=bytes([number]) * 32).key for number in (1, 2)]
    inputs = [[[np.full(INPUT.shape, value, np.int8)]] for value in (0, 1)]
    streams = {masks_of(SEED, key, given).field((4,)).tobytes() for key in keys for given in inputs}
    assert len(streams) == 4


@pytest.mark.parametrize("seed", ["", "ab", "zz" * 32, "ab" * 33])
def test_what_is_no_seed_is_refused(seed: str) -> None:
    key = set_up(GRAPH).key
    with pytest.raises(ProofError, match="proof/secret"):
        masks_of(seed, key, [])
