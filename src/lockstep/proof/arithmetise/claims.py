"""Claims: each is a program and the words for it, both built from the same parameters, so that neither can differ."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from lockstep.errors import ProofError
from lockstep.proof.arithmetise.compile import Structure
from lockstep.proof.arithmetise.dataset import Balance, Bounds, DatasetProperties, dataset_properties
from lockstep.proof.arithmetise.facts import WIDEST
from lockstep.proof.arithmetise.registration import Registration, Widths, constants_of, registration
from lockstep.proof.arithmetise.rotation import rotation
from lockstep.proof.arithmetise.subjects import (
    ModelSubject,
    outline_of_rows,
    specs_of_rows,
    subject_of_file,
)
from lockstep.proof.arithmetise.visibility import ArgmaxIs, AtLeast, CorrectAtLeast, Visibility
from lockstep.proof.files import MOST_PASSES
from lockstep.proof.parameters import Parameters
from lockstep.proof.relations import Program
from lockstep.proof.statement import OracleCommitment
from lockstep.proof.statement_files import (
    DataKeyFile,
    Said,
    StatementFile,
    number_of,
    numbers_of,
    text_of,
)
from lockstep.types import Digest


class Claim(Protocol):
    """What a statement's file says."""

    @property
    def model(self) -> ModelSubject | None: ...
    @property
    def data(self) -> DataKeyFile | None: ...
    @property
    def program(self) -> Program: ...
    @property
    def parameters(self) -> Parameters: ...
    @property
    def commitments(self) -> tuple[OracleCommitment, ...]: ...
    @property
    def outline(self) -> bytes: ...
    def said(self) -> Said: ...
    def words(self) -> str: ...


@dataclass(frozen=True, eq=False)
class _OfModel:
    """A claim that is proved with a model's key."""

    model: ModelSubject

    @property
    def data(self) -> DataKeyFile | None:
        return None

    @property
    def parameters(self) -> Parameters:
        return self.model.parameters

    @property
    def commitments(self) -> tuple[OracleCommitment, ...]:
        return (self.model.commitment,)

    @property
    def outline(self) -> bytes:
        return self.model.outline


@dataclass(frozen=True, eq=False)
class RegistrationClaim(_OfModel):
    """Committed words are weights, multipliers and biases of these widths; with them no sum of the model wraps."""

    widths: tuple[tuple[int, Widths], ...]

    @cached_property
    def made(self) -> Registration:
        return registration(self.model.structure, dict(self.widths))

    @property
    def program(self) -> Program:
        return self.made.program

    def said(self) -> Said:
        numbers = [number for at, each in self.widths for number in (at, each.first, each.multipliers)]
        return {"kind": "registration", **self.model.said(), "constants": numbers}

    def words(self) -> str:
        widest = max((each.first for _, each in self.widths), default=0)
        return (
            f"the committed weights of model {name_of(self.model.model_id)} are integers in range: {len(self.widths)} "
            f"constants of at most {widest} bits, with which no sum of its program leaves the field"
        )


@dataclass(frozen=True, eq=False)
class RotationClaim(_OfModel):
    """A new commitment holds the same words."""

    fresh: OracleCommitment

    @cached_property
    def program(self) -> Program:
        return rotation(self.model.structure.program)

    @cached_property
    def rotated(self) -> ModelSubject:
        """The model with its new key."""
        return replace(self.model, commitment=self.fresh)

    @property
    def commitments(self) -> tuple[OracleCommitment, ...]:
        return self.model.commitment, self.fresh

    def said(self) -> Said:
        return {"kind": "rotation", **self.model.said()}

    def words(self) -> str:
        return (
            f"key {name_of(self.rotated.key.digest)} commits to the same weights as key "
            f"{name_of(self.model.key.digest)}: model {name_of(self.rotated.model_id)} is model "
            f"{name_of(self.model.model_id)} with a new key"
        )


@dataclass(frozen=True, eq=False)
class AccuracyClaim(_OfModel):
    """The model is right about at least so many rows of a committed data set."""

    rows: DataKeyFile
    least: int

    @cached_property
    def structure(self) -> Structure:
        return self.model.structure_of(Visibility("committed", CorrectAtLeast(self.least)), self.rows.rows)

    @property
    def program(self) -> Program:
        return self.structure.program

    @property
    def data(self) -> DataKeyFile | None:
        return self.rows

    @property
    def commitments(self) -> tuple[OracleCommitment, ...]:
        return self.model.commitment, self.rows.commitment

    def said(self) -> Said:
        return {"kind": "accuracy", **self.model.said(), "rows": self.rows.rows, "least": self.least}

    def words(self) -> str:
        hundredths = 10_000 * self.least // self.rows.rows
        return (
            f"model {name_of(self.model.model_id)} is right about at least {self.least} of the {self.rows.rows} rows "
            f"({hundredths // 100}.{hundredths % 100:02} %) of data set {name_of(self.rows.data_id)}"
        )


@dataclass(frozen=True, eq=False)
class AnswerClaim(_OfModel):
    """A predicate of the model's answer, and not the answer."""

    predicate: ArgmaxIs | AtLeast

    @cached_property
    def structure(self) -> Structure:
        return self.model.structure_of(Visibility(self.model.inputs, self.predicate), self.model.passes)

    @property
    def program(self) -> Program:
        return self.structure.program

    def said(self) -> Said:
        match self.predicate:
            case ArgmaxIs(winner):
                return {"kind": "answer", **self.model.said(), "predicate": "argmax", "value": winner}
            case AtLeast(threshold):
                return {"kind": "answer", **self.model.said(), "predicate": "least", "value": threshold}

    def words(self) -> str:
        match self.predicate:
            case ArgmaxIs(winner):
                what = f"the greatest output value stands at position {winner}"
            case AtLeast(threshold):
                what = f"every output value is at least the integer {threshold}"
        shown = "hidden" if self.model.inputs == "hidden" else "public"
        each = "" if self.model.passes == 1 else f"each of {self.model.passes} of "
        return f"of the answer of model {name_of(self.model.model_id)} to {each}its {shown} inputs, {what}"


@dataclass(frozen=True, eq=False)
class DataClaim:
    """How many rows a data set has, the range of their values, the balance of their labels."""

    rows: DataKeyFile
    balance: Balance | None = None
    bounds: Bounds | None = None

    @cached_property
    def made(self) -> DatasetProperties:
        return dataset_properties(
            specs_of_rows(self.rows),
            self.rows.rows,
            balance=self.balance,
            bounds=self.bounds,
            is_labelled=self.rows.is_labelled,
            log_columns=self.rows.parameters.log_columns,
        )

    @property
    def model(self) -> ModelSubject | None:
        return None

    @property
    def data(self) -> DataKeyFile | None:
        return self.rows

    @property
    def program(self) -> Program:
        return self.made.program

    @property
    def parameters(self) -> Parameters:
        return self.rows.parameters

    @property
    def commitments(self) -> tuple[OracleCommitment, ...]:
        return (self.rows.commitment,)

    @property
    def outline(self) -> bytes:
        return self.rows.outline

    def said(self) -> Said:
        balance = self.balance and [self.balance.classes, self.balance.fewest, self.balance.most]
        bounds = self.bounds and [self.bounds.low, self.bounds.high]
        head: Said = {"kind": "data", "rows": self.rows.rows, "labels": int(self.rows.is_labelled)}
        return {**head, "balance": balance or [], "bounds": bounds or []}

    def words(self) -> str:
        parts = [f"data set {name_of(self.rows.data_id)} has {self.rows.rows} rows"]
        for number, spec in enumerate(specs_of_rows(self.rows)):
            bounds = self.bounds or Bounds(spec.dtype.minimum, spec.dtype.maximum)
            low, high = (spec.scale * (end - spec.zero_point) for end in (bounds.low, bounds.high))
            real = (
                "" if spec.edges or (low, high) == (bounds.low, bounds.high) else f" (by its scale {low:g} … {high:g})"
            )
            parts.append(f"the values of input {number} are integers in {bounds.low} … {bounds.high}{real}")
        if self.balance is not None:
            parts.append(
                f"each of the {self.balance.classes} classes is the label of {self.balance.fewest} … "
                f"{self.balance.most} rows, and no row has another label"
            )
        return "; ".join(parts)


def file_of(claim: Claim, publics: tuple[tuple[int, ...], ...], proof: bytes = b"") -> StatementFile:
    """The file of a claim; its context does not depend on the proof."""
    return StatementFile(claim.said(), claim.outline, claim.parameters, claim.commitments, publics, proof)


def claim_of(file: StatementFile) -> Claim:
    """The claim that a file makes, whatever its proof shows. Raises ``LockstepError``.

    The claim is the whole of what the file says: a file with anything else in it is refused.
    """
    build = _KINDS.get(text_of(file.said, "kind"))
    if build is None:
        raise ProofError("proof/file", "the file claims what this version does not know", value=file.said.get("kind"))
    try:
        claim = build(file)
        again = file_of(claim, file.publics, file.proof)
        _ = claim.program
    except (ValueError, IndexError, KeyError, TypeError, ArithmeticError, AssertionError) as error:
        raise ProofError("proof/file", "no program says what the file claims", value=str(error)) from error
    if again != file:
        raise ProofError("proof/file", "the file says more or less than its claim")
    return claim


def name_of(digest: Digest) -> str:
    """A digest for people."""
    return "0x" + digest.hex()


def _registration(file: StatementFile) -> Claim:
    model, numbers = subject_of_file(file), numbers_of(file.said, "constants")
    triples = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    widths = {constant: Widths(first, multipliers) for constant, first, multipliers in triples}
    if any(not 0 <= width <= WIDEST for each in widths.values() for width in (each.first, each.multipliers)):
        raise ProofError("proof/file", "no constant is as wide as the file claims")
    if sorted(widths) != sorted(constants_of(model.structure)):
        raise ProofError("proof/file", "the file's claim is not about the model's constants")
    return RegistrationClaim(model, tuple(sorted(widths.items())))


def _rotation(file: StatementFile) -> Claim:
    return RotationClaim(subject_of_file(file), file.commitments[1])


def _accuracy(file: StatementFile) -> Claim:
    model = _of_one_output(file)
    rows = _data_key(file, outline_of_rows(model.graph.inputs), file.commitments[1], is_labelled=True)
    return AccuracyClaim(model, rows, number_of(file.said, "least", MOST_PASSES))


def _of_one_output(file: StatementFile) -> ModelSubject:
    model = subject_of_file(file)
    if len(model.graph.outputs) != 1:
        raise ProofError("proof/file", "claims about answers are of models with one output")
    return model


def _answer(file: StatementFile) -> Claim:
    value = number_of(file.said, "value")
    is_argmax = {"argmax": True, "least": False}[text_of(file.said, "predicate")]
    return AnswerClaim(_of_one_output(file), ArgmaxIs(value) if is_argmax else AtLeast(value))


def _data(file: StatementFile) -> Claim:
    balance, bounds = numbers_of(file.said, "balance"), numbers_of(file.said, "bounds")
    labelled = number_of(file.said, "labels", 1)
    rows = _data_key(file, file.outline, file.commitments[0], is_labelled=bool(labelled))
    if balance and not labelled:
        raise ProofError("proof/file", "a data set without labels has no balance")
    return DataClaim(rows, Balance(*balance) if balance else None, Bounds(*bounds) if bounds else None)


def _data_key(file: StatementFile, outline: bytes, commitment: OracleCommitment, *, is_labelled: bool) -> DataKeyFile:
    count = number_of(file.said, "rows", MOST_PASSES)
    if count < 1:
        raise ProofError("proof/file", "a data set has rows")
    return DataKeyFile(outline, count, is_labelled, True, file.parameters, commitment)


_KINDS: dict[str, Callable[[StatementFile], Claim]] = {
    "registration": _registration,
    "rotation": _rotation,
    "accuracy": _accuracy,
    "answer": _answer,
    "data": _data,
}
