"""Proves that a hidden model is right about at least so many of 32 hidden images, and writes the proof to a file.

    python examples/digits/prove_accuracy.py [AT_LEAST] [FILE]

Weights, images and labels are committed, not shown. Whoever checks the proof learns the architecture, the number of
images, and that the model is right about AT_LEAST of them (default 30); see docs/concepts/proofs.md.
"""

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lockstep.claims.model import commit_model
from lockstep.crypto.randomness import Randomness
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import quantise_input
from lockstep.proof.arithmetise.arithmetisation import arithmetise
from lockstep.proof.arithmetise.visibility import CorrectAtLeast, Visibility
from lockstep.proof.files import ProofFile, decode_proof_file, encode_proof_file
from lockstep.proof.key import ProofKey
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.sizing import choose_parameters
from lockstep.proof.verifier.verify import verify_proof
from lockstep.types import ZERO_DIGEST

FOLDER = Path(__file__).parent
FIRST_LAYOUT = 14
GREYS = 16


def prove_accuracy(least: int) -> ProofFile:
    """The proof that the digits model is right about ``least`` of the images of ``images.json``."""
    samples = json.loads((FOLDER / "images.json").read_text())
    labels = [int(label) for label in samples["labels"]]
    images, calibrating = (read_images(samples[name]) for name in ("images", "calibration"))
    calibration = [{"image": image.astype(np.float32)} for image in calibrating]
    graph = compile_model(FOLDER / "digits.onnx", calibration=calibration)
    spec = graph.inputs[0]
    passes = [[quantise_input(spec, image)] for image in images]

    statement = Visibility("committed", CorrectAtLeast(least))
    first = arithmetise(graph, passes=len(passes), statement=statement, log_columns=FIRST_LAYOUT)
    parameters = choose_parameters(first.program)
    made = arithmetise(graph, passes=len(passes), statement=statement, log_columns=parameters.log_columns)

    randomness = Randomness()
    weights = commit_oracle(made.weight_rows(), parameters, randomness.child("weights"))
    dataset = commit_oracle(made.dataset_rows(passes, labels), parameters, randomness.child("data set"))
    key = ProofKey(made.program, parameters, (weights.commitment, dataset.commitment))
    witness, publics = made.witness(passes, labels)
    proof = prove(key.statement(publics), [weights, dataset], witness, randomness=randomness.child("proof"))
    model_id = commit_model(graph, zk_commitment=key.digest).model_id
    return ProofFile(key, model_id, publics, ZERO_DIGEST, proof)


def read_images(rows: list[list[int]]) -> list[NDArray[np.float64]]:
    """Grey values 0 … 16 as images ``[1, 1, 8, 8]`` of 0 … 1."""
    return [np.array(row, dtype=np.float64).reshape(1, 1, 8, 8) / GREYS for row in rows]


def main(least: int = 30, target: str = "accuracy.proof") -> None:
    """Prove, write, read again, verify."""
    Path(target).write_bytes(encode_proof_file(prove_accuracy(least)))
    file = decode_proof_file(Path(target).read_bytes())
    verify_proof(file.key.statement(file.publics, file.context), file.proof)
    print(f"{target}: at least {least} of 32 images are recognised ({len(file.proof):,} bytes)")


if __name__ == "__main__":
    main(*(int(argument) if argument.isdigit() else argument for argument in sys.argv[1:]))  # type: ignore[arg-type]
