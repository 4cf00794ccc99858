"""The commands about data sets: commit to one, and prove what it is like without showing it."""

import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from lockstep.errors import ProofError
from lockstep.features.command import Answer, Command, Progress
from lockstep.features.proofs.commands import PresetOption
from lockstep.features.proofs.data_rows import DATA_KEY, LABELS, Columns, read_plain_rows, read_rows
from lockstep.features.proofs.making import Making
from lockstep.features.proofs.matching import check_key
from lockstep.features.proofs.secret import KeySecret, new_seed, read_secret, require_used_up, write_secret
from lockstep.features.proofs.stages import LOADING
from lockstep.features.proofs.verifying import read_file
from lockstep.features.proofs.writing import secret_of, target_of, write_whole
from lockstep.ir.format import read_model
from lockstep.ir.graph import TensorSpec
from lockstep.ir.quantise import quantise_input
from lockstep.proof.arithmetise.claims import DataClaim, name_of
from lockstep.proof.arithmetise.dataset import Balance, Bounds
from lockstep.proof.arithmetise.subjects import specs_of_rows
from lockstep.proof.files import decode_key_file
from lockstep.proof.key import find_preset
from lockstep.proof.parameters import Parameters
from lockstep.proof.prover.statements import budget_of, choose_for_rows, commit_rows, witness_of
from lockstep.proof.prover.warm import compile_proof_kernels
from lockstep.proof.sizing import require_fits
from lockstep.proof.statement_files import decode_data_key, encode_data_key

DataPath = Annotated[
    Path, typer.Argument(metavar="DATA", help="An .npz with an array an input, rows first, and perhaps `labels`.")
]
LabelsOption = Annotated[str, typer.Option(help="The name of the array of labels.")]


def key(
    progress: Progress,
    data: DataPath,
    model: Annotated[
        Path | None, typer.Option(help="The model whose inputs the rows are; else they are integers.")
    ] = None,
    key_: Annotated[
        Path | None,
        typer.Option("--key", help="The model's key, for `model prove-accuracy`; MODEL.key if it is there."),
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Hide nothing: who has the data gets the same key.")] = False,
    preset: PresetOption = None,
    labels: LabelsOption = LABELS,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; DATA.data.key if not given.")
    ] = None,
) -> Answer:
    """Commit to a data set, once: what is proved of it names this key."""
    target = target_of(output, data.with_suffix(DATA_KEY))
    require_used_up(secret_of(target))
    progress("reading the rows")
    specs, rows, given = _read(data, model, labels)
    parameters = (
        find_preset(preset)
        if preset
        else _preset(model, key_) or choose_for_rows(specs, len(rows[0]), is_labelled=bool(given))
    )
    progress(LOADING)
    compile_proof_kernels()
    progress("committing to the rows")
    seed = None if public else new_seed()
    made, _ = commit_rows(specs, rows, given, parameters, seed)
    budget = budget_of(parameters, seed)
    write_secret(secret_of(target), KeySecret(seed, budget))
    write_whole(target, encode_data_key(made))
    document = {
        "ok": True,
        "file": str(target),
        "secret": str(secret_of(target)),
        "data_id": made.data_id,
        "rows": made.rows,
        "is_labelled": made.is_labelled,
        "preset": parameters.name,
        "budget": budget,
    }
    lines = (
        f"wrote {target}, for whoever checks, and {secret_of(target)}, which stays with you",
        f"data id {name_of(made.data_id)}: {made.rows:,} rows{' with labels' if made.is_labelled else ''}",
        "anybody who has the data can make this key" if budget is None else f"it hides {budget:,} proofs",
    )
    return Answer(document, lines)


def prove(
    progress: Progress,
    data: DataPath,
    key_: Annotated[Path | None, typer.Option("--key", help="The data set's key; DATA.data.key if not given.")] = None,
    range_: Annotated[
        tuple[float, float] | None,
        typer.Option("--range", metavar="LOW HIGH", help="Show that every value is in this range; else its type's."),
    ] = None,
    balance: Annotated[
        tuple[int, int, int] | None,
        typer.Option(
            metavar="CLASSES FEWEST MOST", help="Show that each class has so many rows, and no label is another."
        ),
    ] = None,
    labels: LabelsOption = LABELS,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; DATA.data.proof if not given.")
    ] = None,
) -> Answer:
    """Prove how many rows a data set has, the range of its values, and perhaps the balance of its classes."""
    started, path = time.perf_counter(), key_ or data.with_suffix(DATA_KEY)
    target = target_of(output, data.with_suffix(".data.proof"))
    progress("reading the rows")
    named, secret = decode_data_key(read_file(path)), read_secret(secret_of(path))
    specs = specs_of_rows(named)
    rows, given = read_rows(data, specs, labels)
    bounds = bounds_of(range_, specs)
    asked = Balance(*balance) if balance else None
    require_true(rows, given, bounds, asked)
    progress(LOADING)
    compile_proof_kernels()
    progress("committing to the rows")
    made, dataset = commit_rows(specs, rows, given, named.parameters, secret.seed)
    if made.data_id != named.data_id:
        raise ProofError("proof/data", "the key, or its secret, is not this data set's", value=path)
    claim = DataClaim(made, asked, bounds)
    require_fits(claim.program, claim.parameters)
    making = Making(claim, [dataset], [secret_of(path)], target)
    return making.make(lambda: witness_of(claim, labels=given, rows=rows), progress, started)


def _read(data: Path, model: Path | None, labels: str) -> tuple[tuple[TensorSpec, ...], Columns, list[int]]:
    if model is None:
        return read_plain_rows(data, labels)
    specs = read_model(model).inputs
    return specs, *read_rows(data, specs, labels)


def _preset(model: Path | None, key: Path | None) -> Parameters | None:
    """That of the model's key: a proof about both has one preset."""
    if model is None and key is not None:
        raise ProofError("proof/key", "a key is one of a model", remedy="give --model too")
    path = key or (model.with_suffix(".key") if model else None)
    if model is None or path is None or (key is None and not path.exists()):
        return None
    file = decode_key_file(read_file(path))
    check_key(file, read_model(model))
    return file.key.parameters


def bounds_of(given: tuple[float, float] | None, specs: tuple[TensorSpec, ...]) -> Bounds | None:
    """The integers that a range of real numbers is, where all inputs are read alike."""
    if given is None:
        return None
    spec = specs[0]
    if spec.edges or any(
        (one.scale, one.zero_point, one.dtype) != (spec.scale, spec.zero_point, spec.dtype) for one in specs
    ):
        raise ProofError(
            "proof/public", "the inputs are not read alike: no range is one of all", remedy="leave --range out"
        )
    one = TensorSpec(spec.name, spec.dtype, (1,), spec.scale, spec.zero_point)
    low, high = (int(quantise_input(one, np.array([end]))[0]) for end in given)
    return Bounds(low, high)


def require_true(rows: Columns, labels: list[int], bounds: Bounds | None, balance: Balance | None) -> None:
    """Raises ``proof/unsatisfied`` before anything is spent on a statement that is not true."""
    if bounds is not None:
        low, high = min(int(values.min()) for values in rows), max(int(values.max()) for values in rows)
        if low < bounds.low or high > bounds.high:
            raise ProofError("proof/unsatisfied", "values lie outside the range", value=f"integers {low} … {high}")
    if balance is None:
        return
    if not labels:
        raise ProofError("proof/data", "a data set without labels has no balance")
    sizes = np.bincount(labels, minlength=balance.classes)
    if len(sizes) > balance.classes or sizes.min() < balance.fewest or sizes.max() > balance.most:
        raise ProofError(
            "proof/unsatisfied",
            "the classes have other sizes",
            value=f"{len(sizes)} classes of {sizes.min()} … {sizes.max()} rows",
        )


COMMANDS = (
    Command(
        "data key",
        key,
        ("lockstep data key test.npz --model digits.lockstep", "lockstep data key table.npz --public"),
    ),
    Command(
        "data prove",
        prove,
        (
            "lockstep data prove test.npz --range 0 1 --balance 10 1 9",
            "lockstep data prove table.npz",
        ),
    ),
)
