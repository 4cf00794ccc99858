"""The commands that prove something of a model besides an answer: its weights' ranges, a new key, its accuracy."""

import time
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from lockstep.errors import ProofError
from lockstep.exec.run import Program
from lockstep.features.command import Answer, Command, Progress
from lockstep.features.proofs.data_rows import DATA_KEY, LABELS, read_rows
from lockstep.features.proofs.making import Making, room_for
from lockstep.features.proofs.matching import check_key
from lockstep.features.proofs.secret import KeySecret, new_seed, read_secret, require_used_up, write_secret
from lockstep.features.proofs.stages import LOADING
from lockstep.features.proofs.verifying import read_file
from lockstep.features.proofs.writing import secret_of, target_of, write_whole
from lockstep.ir.format import read_model
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.claims import AccuracyClaim
from lockstep.proof.arithmetise.subjects import ModelSubject, subject_of_key
from lockstep.proof.files import KeyFile, decode_key_file, encode_key_file
from lockstep.proof.prover.statements import (
    Passes,
    budget_of,
    commit_rows,
    committed_weights,
    registration_claim,
    rotation_claim,
    witness_of,
)
from lockstep.proof.prover.warm import compile_proof_kernels
from lockstep.proof.sizing import require_fits
from lockstep.proof.statement_files import decode_data_key

ModelOption = Annotated[Path | None, typer.Option(help="The compiled model; KEY with .lockstep if not given.")]
ModelPath = Annotated[Path, typer.Argument(metavar="MODEL", help="A compiled model, as `model compile` writes it.")]
MemoryOption = Annotated[
    float, typer.Option(help="GiB that proving may take, the disk taking the rest where it can; 0: no limit.")
]
KeyOption = Annotated[Path | None, typer.Option("--key", help="The model's key; MODEL.key if not given.")]


def prove_key(
    progress: Progress,
    subject: Annotated[Path, typer.Argument(metavar="MODEL|KEY", help="A compiled model, or its key beside it.")],
    key: KeyOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; KEY.registration.proof if not given.")
    ] = None,
    max_memory: MemoryOption = 0.0,
) -> Answer:
    """Prove that the weights behind a key are integers in range, with which the model's program cannot wrap."""
    started, path = time.perf_counter(), key or subject.with_suffix(".key")
    target = target_of(output, path.with_suffix(".registration.proof"))
    model_path = subject.with_suffix(".lockstep") if subject.suffix == ".key" else subject
    _, model = read_subject(progress, model_path, path)
    claim = registration_claim(model)
    with room_for(claim, max_memory) as folder:
        progress("committing to the weights")
        weights = committed_weights(model, read_secret(secret_of(path)).seed, folder=folder)
        making = Making(claim, [weights], [secret_of(path)], target, folder=folder)
        return making.make(lambda: witness_of(claim), progress, started)


def rotate_key(
    progress: Progress,
    key: Annotated[Path, typer.Argument(metavar="KEY", help="The key whose budget is nearly spent.")],
    model: ModelOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The new key; KEY-2.key, KEY-3.key … if not given.")
    ] = None,
) -> Answer:
    """Make a new key for the same weights, and prove that they are the same. It takes one proof of the old key."""
    started, fresh_key = time.perf_counter(), target_of(output, next_name(key))
    if fresh_key.resolve() == key.resolve():
        raise ProofError("proof/file", "the old key stays", value=key, remedy="write to another file with --output")
    require_used_up(secret_of(fresh_key))
    target = fresh_key.with_suffix(".rotation.proof")
    _, subject = read_subject(progress, model or key.with_suffix(".lockstep"), key)
    seed = read_secret(secret_of(key)).seed
    if seed is None:
        raise ProofError("proof/secret", "the key hides nothing, so nothing of it is ever used up", value=key)
    old, fresh_seed = committed_weights(subject, seed), new_seed()
    claim, fresh = rotation_claim(subject, fresh_seed)
    budget = budget_of(subject.parameters, fresh_seed)
    require_fits(claim.program, claim.parameters)
    making = Making(claim, [old, fresh], [secret_of(key)], target)

    def write_key() -> None:
        write_secret(secret_of(fresh_key), KeySecret(fresh_seed, budget, used=1))  # the proof opens it once
        write_whole(fresh_key, encode_key_file(claim.rotated.key_file(hides=True)))

    answer = making.make(lambda: witness_of(claim), progress, started, before_it_is_written=write_key)
    document = {
        **answer.document,
        "key": str(fresh_key),
        "secret": str(secret_of(fresh_key)),
        "new_model_id": claim.rotated.model_id,
        "zk_commitment": claim.rotated.key.digest,
        "budget": budget,
    }
    more = (f"wrote {fresh_key} and its secret; {key} and its secret are as they were, less one proof",)
    return Answer(document, (*answer.lines, *more))


def prove_accuracy(
    progress: Progress,
    model: ModelPath,
    data: Annotated[Path, typer.Option(help="The test set: an .npz with an array an input and `labels`.")],
    at_least: Annotated[str, typer.Option(help="The accuracy to prove, such as 0.93.")],
    data_key: Annotated[
        Path | None, typer.Option(help="The test set's key, from `data key`; DATA.data.key if not given.")
    ] = None,
    key: KeyOption = None,
    labels: Annotated[str, typer.Option(help="The name of the array of labels.")] = LABELS,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; MODEL.accuracy.proof if not given.")
    ] = None,
    max_memory: MemoryOption = 0.0,
) -> Answer:
    """Prove that a model is right about so much of a committed test set, and show neither weights nor rows."""
    started, path = time.perf_counter(), key or model.with_suffix(".key")
    data_path = data_key or data.with_suffix(DATA_KEY)
    target = target_of(output, model.with_suffix(".accuracy.proof"))
    graph, subject = read_subject(progress, model, path)
    named = decode_data_key(read_file(data_path))
    rows, given = read_rows(data, graph.inputs, labels)
    if not given:
        raise ProofError("proof/data", "a test set has labels", value=data, remedy=f"give an array {labels}")
    require_same_preset(subject, named.parameters.name, data_path)
    dataset_key, dataset = commit_rows(
        graph.inputs, rows, given, subject.parameters, read_secret(secret_of(data_path)).seed
    )
    if dataset_key.data_id != named.data_id:
        raise ProofError(
            "proof/data", "the key is for another data set, or for another model's inputs", value=data_path
        )
    passes = [[tensor[number] for tensor in rows] for number in range(len(given))]
    least = count_of(at_least, len(given))
    progress("running the model on every row")
    require_right(graph, passes, given, least)
    claim = AccuracyClaim(subject, dataset_key, least)
    with room_for(claim, max_memory) as folder:
        progress("committing to the weights")
        weights = committed_weights(subject, read_secret(secret_of(path)).seed, folder=folder)
        secrets = [secret_of(path), secret_of(data_path)]
        making = Making(claim, [weights, dataset], secrets, target, folder=folder)
        return making.make(lambda: witness_of(claim, passes, given), progress, started)


def read_subject(progress: Progress, model: Path, key: Path) -> tuple[Graph, ModelSubject]:
    """A model and its key, which belong together; kernels are loaded."""
    progress("reading model and key")
    graph, key_file = read_model(model), read_key_file(key)
    check_key(key_file, graph)
    progress(LOADING)
    compile_proof_kernels()
    return graph, subject_of_key(graph, key_file)


def read_key_file(path: Path) -> KeyFile:
    """A model's key."""
    return decode_key_file(read_file(path))


def require_same_preset(subject: ModelSubject, preset: str, path: Path) -> None:
    """One proof has one preset."""
    if subject.parameters.name != preset:
        raise ProofError(
            "proof/parameters",
            "the data set was committed under another preset than the weights",
            value=f"{path.name}: {preset}, wanted {subject.parameters.name}",
            remedy="make it again: lockstep data key DATA --model MODEL --key KEY",
        )


def count_of(share: str, rows: int) -> int:
    """How many rows are at least this share of them, exactly."""
    try:
        exact = Fraction(share)
    except (ValueError, ZeroDivisionError):
        exact = Fraction(-1)
    if not 0 < exact <= 1:
        raise ProofError("proof/public", "an accuracy is above 0 and at most 1", value=share, remedy="such as 0.93")
    return ceil(exact * rows)


def require_right(graph: Graph, passes: Passes, labels: list[int], least: int) -> None:
    """Raises ``proof/unsatisfied`` before anything is spent on a statement that is not true."""
    if len(graph.outputs) != 1:
        raise ProofError("proof/public", "a model with several outputs has no accuracy", value=len(graph.outputs))
    program, right = Program(graph), 0
    for inputs, label in zip(passes, labels, strict=True):
        output = np.asarray(program.run(list(inputs))[0]).reshape(-1)
        right += label == int(output[0] if output.size == 1 else output.argmax())
    if right < least:
        raise ProofError(
            "proof/unsatisfied", "the model is not that accurate", value=f"right about {right} of {len(labels)} rows"
        )


def next_name(key: Path) -> Path:
    """digits.key, digits-2.key, digits-3.key …"""
    stem, dash, number = key.stem.rpartition("-")
    if dash and number.isdigit():
        return key.with_name(f"{stem}-{int(number) + 1}{key.suffix}")
    return key.with_name(f"{key.stem}-2{key.suffix}")


COMMANDS = (
    Command(
        "model prove-key",
        prove_key,
        (
            "lockstep model prove-key digits.lockstep",
            "lockstep model prove-key digits.lockstep --key digits-2.key",
            "lockstep model prove-key digits.key",
        ),
    ),
    Command(
        "model rotate-key",
        rotate_key,
        ("lockstep model rotate-key digits.key", "lockstep model rotate-key digits-2.key --model digits.lockstep"),
    ),
    Command(
        "model prove-accuracy",
        prove_accuracy,
        (
            "lockstep model prove-accuracy digits.lockstep --data test.npz --at-least 0.93",
            "lockstep model prove-accuracy digits.lockstep --data test.npz --at-least 0.93 --key digits-2.key",
        ),
    ),
)
