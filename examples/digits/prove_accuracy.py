"""Proves that a hidden model is right about at least so many of 32 hidden images, and writes the proof to a file.

    python examples/digits/prove_accuracy.py [AT_LEAST] [FILE]

Weights, images and labels are committed, not shown. Whoever checks the proof learns the architecture, the number of
images, and that the model is right about AT_LEAST of them (default 30). The commands `lockstep data key` and
`lockstep model prove-accuracy` do the same for any model and data set; see docs/how-to/prove-statements.md.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.randomness import SEED_BYTES, Randomness
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import quantise_input
from lockstep.proof.arithmetise.claims import AccuracyClaim
from lockstep.proof.arithmetise.subjects import subject_of_key
from lockstep.proof.prover.session import set_up
from lockstep.proof.prover.statements import commit_rows, committed_weights, prove_claim, witness_of
from lockstep.proof.statement_files import StatementFile, decode_statement_file, encode_statement_file
from lockstep.proof.verifier.claims import verify_claim

FOLDER = Path(__file__).parent
GREYS = 16


def prove_accuracy(least: int) -> StatementFile:
    """The proof that the digits model is right about ``least`` of the images of ``images.json``."""
    samples = json.loads((FOLDER / "images.json").read_text())
    labels = [int(label) for label in samples["labels"]]
    images, calibrating = (read_images(samples[name]) for name in ("images", "calibration"))
    calibration = [{"image": image.astype(np.float32)} for image in calibrating]
    graph = compile_model(FOLDER / "digits.onnx", calibration=calibration)
    spec = graph.inputs[0]
    passes = [[quantise_input(spec, image)] for image in images]

    weights_seed, data_seed = os.urandom(SEED_BYTES), os.urandom(SEED_BYTES)
    model = subject_of_key(graph, set_up(graph, weights_seed=weights_seed).key)
    rows = [np.stack([inputs[0] for inputs in passes])]
    data, dataset = commit_rows(graph.inputs, rows, labels, model.parameters, data_seed)
    claim = AccuracyClaim(model, data, least)
    oracles = [committed_weights(model, weights_seed), dataset]
    return prove_claim(claim, oracles, witness_of(claim, passes, labels), randomness=Randomness())


def read_images(rows: list[list[int]]) -> list[NDArray[np.float64]]:
    """Grey values 0 … 16 as images ``[1, 1, 8, 8]`` of 0 … 1."""
    return [np.array(row, dtype=np.float64).reshape(1, 1, 8, 8) / GREYS for row in rows]


def main(least: int = 30, target: str = "accuracy.proof") -> None:
    """Prove, write, read again, verify."""
    Path(target).write_bytes(encode_statement_file(prove_accuracy(least)))
    file = decode_statement_file(Path(target).read_bytes())
    print(f"{target}: {verify_claim(file).words()} ({len(file.proof):,} bytes)")


if __name__ == "__main__":
    main(*(int(argument) if argument.isdigit() else argument for argument in sys.argv[1:]))  # type: ignore[arg-type]
