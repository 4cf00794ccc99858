"""The commands about proofs: make a key, prove; `verify` has a module of its own, because it needs so little."""

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from lockstep.crypto.hashing import keccak256
from lockstep.crypto.randomness import SEED_BYTES, Randomness
from lockstep.errors import ProofError, ShapeError
from lockstep.features.command import Answer, Command, Progress
from lockstep.features.models.inputs import match_inputs, read_arrays
from lockstep.features.proofs.matching import check_key
from lockstep.features.proofs.memory import memory_limit, peak_memory, working_folder
from lockstep.features.proofs.secret import (
    KeySecret,
    few_left,
    new_seed,
    read_secret,
    require_used_up,
    spend,
    write_secret,
)
from lockstep.features.proofs.stages import LOADING, staged
from lockstep.features.proofs.verifying import VERIFY, read_file
from lockstep.features.proofs.writing import secret_of, target_of, write_whole
from lockstep.ir.format import read_model
from lockstep.ir.graph import Graph
from lockstep.ir.quantise import dequantise_output, quantise_input
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.files import (
    KeyFile,
    ProofFile,
    decode_key_file,
    encode_key_file,
    encode_proof_file,
)
from lockstep.proof.prover.session import prover_of_key, set_up
from lockstep.proof.prover.warm import compile_proof_kernels
from lockstep.proof.sizing import Preference, prover_bytes, require_fits, shape_of


class Prefer(StrEnum):
    """What the preset is chosen for."""

    FAST = "fast"
    CHAIN = "chain"


Passes = list[list[NDArray[np.signedinteger]]]
ModelPath = Annotated[Path, typer.Argument(metavar="MODEL", help="A compiled model, as `model compile` writes it.")]
PresetOption = Annotated[
    str | None, typer.Option(help="A preset by name, such as fast-14: a larger one has room for larger statements.")
]
KeyPath = Annotated[Path | None, typer.Option("--key", help="The model's key; MODEL.key if not given.")]


def make_key(
    progress: Progress,
    model: ModelPath,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; MODEL.key if not given.")
    ] = None,
    passes: Annotated[int, typer.Option(min=1, help="Inputs that one proof covers.")] = 1,
    hide_inputs: Annotated[bool, typer.Option("--hide-inputs", help="Proofs say nothing about the input.")] = False,
    public_weights: Annotated[
        bool, typer.Option("--public-weights", help="Do not hide the weights: who has the model gets the same key.")
    ] = False,
    prefer: Annotated[Prefer, typer.Option(help="Little proving time, or few bytes on a chain.")] = Prefer.FAST,
    preset: PresetOption = None,
) -> Answer:
    """Commit to a model's weights, once: proofs are made and checked with this key."""
    target = target_of(output, model.with_suffix(".key"))
    require_used_up(secret_of(target))
    progress("reading the model")
    graph = read_model(model)
    progress(LOADING)
    compile_proof_kernels()
    seed = None if public_weights else new_seed()
    progress("committing to the weights")
    preference: Preference = "chain" if prefer is Prefer.CHAIN else "fast"
    shows = Visibility(inputs="hidden" if hide_inputs else "public")
    prover = set_up(graph, passes=passes, shows=shows, prefer=preference, preset=preset, weights_seed=seed)
    require_fits(prover.key.key.program, prover.key.key.parameters)
    write_secret(secret_of(target), KeySecret(seed, prover.budget))
    write_whole(target, encode_key_file(prover.key))
    document = {
        "ok": True,
        "file": str(target),
        "secret": str(secret_of(target)),
        "model_id": prover.key.model_id,
        "zk_commitment": prover.key.key.digest,
        "preset": prover.key.key.parameters.name,
        "budget": prover.budget,
    }
    lines = (
        f"wrote {target}, for whoever checks, and {secret_of(target)}, which stays with you",
        f"model id 0x{prover.key.model_id.hex()}",
        "anybody who has the model can make this key" if public_weights else f"it hides {prover.budget:,} proofs",
    )
    return Answer(document, lines)


def prove(
    progress: Progress,
    model: ModelPath,
    input_: Annotated[Path, typer.Option("--input", help="An .npz or .json with one array an input; passes first.")],
    key: KeyPath = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; MODEL.proof if not given.")
    ] = None,
    max_memory: Annotated[
        float, typer.Option(help="GiB that proving may take, the disk taking the rest where it can; 0: no limit.")
    ] = 0.0,
    seed: Annotated[
        str | None, typer.Option(help="64 hexadecimal digits, kept secret: the same proof again. Else masks are fresh.")
    ] = None,
    claim: Annotated[
        str | None, typer.Option(help="Show no more of the answer than 'argmax == 3', 'NAME >= 0.5'.")
    ] = None,
) -> Answer:
    """Prove a model's answer: whoever has the proof is sure of it, and learns nothing of the weights."""
    if claim is not None:
        from lockstep.features.proofs.predicates import Asked, prove_predicate

        return prove_predicate(progress, Asked(model, input_, key, output, max_memory, seed), claim)
    started = time.perf_counter()
    path, target = key or model.with_suffix(".key"), target_of(output, model.with_suffix(".proof"))
    progress("reading model and key")
    graph, key_file = read_model(model), decode_key_file(read_file(path))
    check_key(key_file, graph)
    inputs = read_passes(graph, input_, key_file.passes)
    randomness = masks_of(seed, key_file, inputs)
    progress(LOADING)
    compile_proof_kernels()
    secret = read_secret(secret_of(path))
    needed = prover_bytes(key_file.key.parameters, shape_of(key_file.key.program))
    least = prover_bytes(key_file.key.parameters, shape_of(key_file.key.program), on_disk=True)
    with working_folder(max_memory, needed) as folder, memory_limit(max_memory, needed if folder is None else least):
        progress("committing to the weights" + (", code words on disk" if folder else ""))
        prover = prover_of_key(graph, key_file, secret.seed, folder=folder)
        secret = spend(secret_of(path))
        file = prover.prove(inputs, randomness=randomness, progress=staged(progress))
    write_whole(target, encode_proof_file(file))
    seconds, memory = time.perf_counter() - started, peak_memory()
    document = {
        "ok": True,
        "file": str(target),
        "model_id": file.model_id,
        "zk_commitment": file.key.digest,
        "proof_bytes": len(file.proof),
        "outputs": shown_outputs(graph, key_file, file),
        "proofs_left": None if secret.budget is None else secret.budget - secret.used,
        "seconds": round(seconds, 3),
        "peak_memory_bytes": memory,
        "on_disk": folder is not None,
    }
    lines = (
        f"wrote {target}: {len(file.proof):,} bytes in {seconds:.2f} s, peak memory {memory >> 20:,} MB",
        f"model id 0x{file.model_id.hex()}",
        *(f"{name}: {values}" for name, values in shown_outputs(graph, key_file, file).items()),
    )
    return Answer(document, (*lines, *few_left(path, secret)))


def masks_of(seed: str | None, key: KeyFile, inputs: Passes) -> Randomness:
    """Fresh masks, or those of a seed for this key and these inputs: no two statements ever share any."""
    if seed is None:
        return Randomness()
    try:
        given = bytes.fromhex(seed)
    except ValueError:
        given = b""
    if len(given) != SEED_BYTES:
        raise ProofError("proof/secret", "this is no seed", remedy=f"give {2 * SEED_BYTES} hexadecimal digits")
    words = (np.ascontiguousarray(tensor, ">i8").tobytes() for tensors in inputs for tensor in tensors)
    return Randomness(given).child(keccak256(key.key.digest, *words).hex())


def read_passes(graph: Graph, path: Path, passes: int) -> Passes:
    """The quantised inputs of every pass; with more than one the arrays' first axis counts them."""
    shapes = [(spec.name, spec.shape if passes == 1 else (passes, *spec.shape)) for spec in graph.inputs]
    arrays = match_inputs(read_arrays(path), shapes, path)
    split = [values.reshape(passes, *spec.shape) for spec, values in zip(graph.inputs, arrays, strict=True)]
    if not split:
        raise ShapeError("input/names", "the model has no inputs", value=path)
    return [
        [quantise_input(spec, values[number]) for spec, values in zip(graph.inputs, split, strict=True)]
        for number in range(passes)
    ]


def shown_outputs(graph: Graph, key_file: KeyFile, file: ProofFile) -> dict[str, list[float]]:
    """The outputs that a proof makes public, as real numbers: its last public tensors."""
    if key_file.shows["outputs"] != "public":
        return {}
    publics = file.publics[len(file.publics) - len(graph.outputs) :]
    return {
        spec.name: dequantise_output(spec, np.array(values)).ravel().tolist()
        for spec, values in zip(graph.outputs, publics, strict=True)
    }


PROVE = Command(
    "prove",
    prove,
    (
        "lockstep prove digits.lockstep --input image.npz",
        "lockstep prove digits.lockstep --input image.npz --key private.key -o answer.proof --max-memory 4",
        "lockstep prove digits.lockstep --input image.npz --key private.key --claim 'argmax == 3'",
    ),
)
COMMANDS = (
    Command(
        "model key",
        make_key,
        (
            "lockstep model key digits.lockstep",
            "lockstep model key digits.lockstep --hide-inputs --prefer chain -o private.key",
        ),
    ),
    PROVE,
    VERIFY,
)
