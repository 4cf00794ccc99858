"""Proving claims: about a model that is at hand, and about a data set that is."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.randomness import Randomness
from lockstep.errors import ProofError
from lockstep.exec.inputs import Tensor
from lockstep.ir.graph import TensorSpec
from lockstep.proof.arithmetise.arithmetisation import Arithmetisation
from lockstep.proof.arithmetise.claims import (
    AccuracyClaim,
    AnswerClaim,
    Claim,
    DataClaim,
    RegistrationClaim,
    RotationClaim,
    claim_of,
    file_of,
)
from lockstep.proof.arithmetise.dataset import Balance, dataset_properties
from lockstep.proof.arithmetise.registration import constant_widths
from lockstep.proof.arithmetise.rotation import rotation_witness
from lockstep.proof.arithmetise.subjects import ModelSubject, outline_of_rows
from lockstep.proof.arithmetise.weights import weight_rows
from lockstep.proof.arithmetise.witness import Publics
from lockstep.proof.arithmetise.words import Rows
from lockstep.proof.parameters import Parameters
from lockstep.proof.prover.matrices import CommittedOracle, commit_oracle
from lockstep.proof.prover.prove import Progress, prove
from lockstep.proof.sizing import choose_parameters
from lockstep.proof.statement import Statement
from lockstep.proof.statement_files import DataKeyFile, StatementFile

FIRST_LAYOUT = 14
Passes = Sequence[Sequence[Tensor]]


def budget_of(parameters: Parameters, seed: bytes | None) -> int | None:
    """Proofs that a commitment hides; None: it hides nothing."""
    return None if seed is None else (parameters.tail - 2) // parameters.queries[0]


def commit_weights(model: ModelSubject, seed: bytes | None, *, folder: Path | None = None) -> CommittedOracle:
    """A commitment to a model's weights under a seed, laid out for its key."""
    randomness = None if seed is None else Randomness(seed).child("weights")
    return commit_oracle(weight_rows(model.structure), model.parameters, randomness, folder=folder)


def committed_weights(model: ModelSubject, seed: bytes | None, *, folder: Path | None = None) -> CommittedOracle:
    """The commitment of a model's key, made again. Raises ``proof/secret``."""
    weights = commit_weights(model, seed, folder=folder)
    if weights.commitment != model.commitment:
        raise ProofError("proof/secret", "the secret does not belong to the key", remedy="lockstep model key")
    return weights


def choose_for_rows(specs: tuple[TensorSpec, ...], count: int, *, is_labelled: bool) -> Parameters:
    """The preset for a data set's own statements."""
    balance = Balance(2, 0, count) if is_labelled else None
    return choose_parameters(dataset_properties(specs, count, balance=balance, log_columns=FIRST_LAYOUT).program)


def commit_rows(
    specs: tuple[TensorSpec, ...],
    rows: Sequence[NDArray[np.signedinteger]],
    labels: Sequence[int],
    parameters: Parameters,
    seed: bytes | None,
) -> tuple[DataKeyFile, CommittedOracle]:
    """Commit to a data set. ``rows``: for each tensor all rows; ``labels`` may be empty."""
    count = len(rows[0])
    made = dataset_properties(specs, count, is_labelled=bool(labels), log_columns=parameters.log_columns)
    dataset, _ = made.rows(rows, labels)
    randomness = None if seed is None else Randomness(seed).child("data")
    oracle = commit_oracle(dataset, parameters, randomness)
    key = DataKeyFile(outline_of_rows(specs), count, bool(labels), seed is not None, parameters, oracle.commitment)
    return key, oracle


def registration_claim(model: ModelSubject) -> RegistrationClaim:
    """Of a model whose weights are at hand."""
    return RegistrationClaim(model, tuple(sorted(constant_widths(model.structure).items())))


def rotation_claim(model: ModelSubject, seed: bytes) -> tuple[RotationClaim, CommittedOracle]:
    """To a new commitment under a new seed."""
    fresh = commit_weights(model, seed)
    return RotationClaim(model, fresh.commitment), fresh


def witness_of(
    claim: Claim, passes: Passes = (), labels: Sequence[int] = (), rows: Sequence[NDArray[np.signedinteger]] = ()
) -> tuple[Rows, Publics]:
    """The witness and the public tensors. ``passes``: of an answer or of accuracy; ``rows``: of a data set."""
    match claim:
        case RegistrationClaim():
            return claim.made.witness(), ()
        case RotationClaim():
            return rotation_witness(claim.program), ()
        case AccuracyClaim() | AnswerClaim():
            return Arithmetisation(claim.structure).witness(passes, labels)
        case DataClaim():
            return claim.made.rows(rows, labels)[1], ()
    raise AssertionError("no such claim")


def prove_claim(
    claim: Claim,
    oracles: Sequence[CommittedOracle],
    witness: tuple[Rows, Publics],
    *,
    randomness: Randomness,
    progress: Progress = lambda _stage, _done: None,
    folder: Path | None = None,
    check: bool = True,
) -> StatementFile:
    """The proof of a claim, as a file. Raises ``proof/unsatisfied`` if it is not true."""
    rows, publics = witness
    file = file_of(claim, publics)
    assert claim_of(file).program == claim.program, "a reader builds the program that is proved"
    statement = Statement(claim.program, claim.parameters, claim.commitments, publics, file.context)
    made = prove(statement, oracles, rows, randomness=randomness, progress=progress, folder=folder, check=check)
    return replace(file, proof=made)
