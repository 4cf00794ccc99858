"""Data sets from files: rows of a model's inputs, or of plain integers, and their labels."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ProofError, ShapeError
from lockstep.features.models.inputs import match_inputs, read_arrays
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import TensorSpec
from lockstep.ir.quantise import quantise_input
from lockstep.proof.files import MOST_PASSES

LABELS, DATA_KEY = "labels", ".data.key"
PLAIN_TYPES = (DType.I8, DType.I16, DType.I32)
Columns = list[NDArray[np.signedinteger]]


def read_rows(path: Path, specs: tuple[TensorSpec, ...], labels: str = LABELS) -> tuple[Columns, list[int]]:
    """For each input all rows, as the model reads them, and the labels; without an array of labels there are none."""
    arrays = read_arrays(path)
    given = arrays.pop(labels, None)
    counts = {len(values) if values.ndim else 0 for values in arrays.values()}
    if len(counts) != 1:
        raise ShapeError("input/shape", "the arrays do not have one common number of rows", value=path)
    (count,) = counts
    _require_count(count, path)
    matched = match_inputs(arrays, [(spec.name, (count, *spec.shape)) for spec in specs], path)
    columns = [
        np.stack([quantise_input(spec, row) for row in values]) for spec, values in zip(specs, matched, strict=True)
    ]
    return columns, [] if given is None else _labels(given, count, path)


def read_plain_rows(path: Path, labels: str = LABELS) -> tuple[tuple[TensorSpec, ...], Columns, list[int]]:
    """Rows of integers that no model gives a scale: what they are, themselves, and their labels."""
    arrays = read_arrays(path)
    names = sorted(name for name in arrays if name != labels)
    specs = tuple(_plain_spec(name, arrays[name], path) for name in names)
    columns, given = read_rows(path, specs, labels) if specs else ([], [])
    if not specs:
        raise ShapeError("input/names", "the file has no arrays but labels", value=path)
    return specs, columns, given


def _plain_spec(name: str, values: NDArray[np.floating], path: Path) -> TensorSpec:
    if values.ndim < 1 or values.size == 0 or not np.isfinite(values).all() or (values != np.rint(values)).any():
        raise ProofError(
            "proof/data",
            f"array {name} holds other things than integers",
            value=path,
            remedy="give --model, which says how real numbers are read",
        )
    for dtype in PLAIN_TYPES:
        if dtype.minimum <= values.min() and values.max() <= dtype.maximum:
            return TensorSpec(name, dtype, values.shape[1:] or (1,), 1.0, 0)
    raise ProofError("proof/data", f"array {name} holds integers of more than 32 bits", value=path)


def _labels(values: NDArray[np.floating], count: int, path: Path) -> list[int]:
    flat = values.reshape(-1)
    if flat.size != count or not np.isfinite(flat).all() or (flat != np.rint(flat)).any() or (flat < 0).any():
        raise ProofError("proof/data", "labels are one number 0, 1, 2 … a row", value=path)
    return [int(value) for value in flat]


def _require_count(count: int, path: Path) -> None:
    if not 0 < count <= MOST_PASSES:
        raise ProofError("proof/data", "a data set has rows, and at most a million", value=path)
