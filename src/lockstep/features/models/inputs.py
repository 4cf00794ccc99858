"""Input files of a model: arrays by name in .npz or .json, or the one input alone in .npy."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ShapeError

Arrays = dict[str, NDArray[np.floating]]


def read_arrays(path: Path) -> Arrays:
    """The named arrays of a file; the name of a lone array is empty."""
    try:
        if path.suffix == ".json":
            content = json.loads(path.read_text(encoding="utf-8"))
            named = content if isinstance(content, dict) else {"": content}
            return {name: np.asarray(values, dtype=np.float64) for name, values in named.items()}
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"": loaded.astype(np.float64)}
        with loaded:
            return {name: loaded[name].astype(np.float64) for name in loaded.files}
    except (ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ShapeError(
            "input/file", "this is no file of numbers", value=path, remedy="give .npz or .json with one array an input"
        ) from error


def match_inputs(
    arrays: Arrays, specs: Sequence[tuple[str, tuple[int, ...]]], source: Path
) -> list[NDArray[np.floating]]:
    """The arrays in the order of ``specs`` (name, shape); what is missing, too many or of another size is refused."""
    if len(specs) == 1 and len(arrays) == 1:
        arrays = {specs[0][0]: next(iter(arrays.values()))}
    names = [name for name, _ in specs]
    if set(arrays) != set(names):
        raise ShapeError(
            "input/names",
            "the file has other inputs",
            value=", ".join(sorted(arrays)),
            remedy="wanted " + ", ".join(names),
        )
    for name, shape in specs:
        values = arrays[name]
        if values.size != int(np.prod(shape)):
            raise ShapeError(
                "input/shape",
                f"input {name} has another shape",
                value="×".join(map(str, values.shape)) or "one number",
                remedy="wanted " + "×".join(map(str, shape)),
            )
        if not np.isfinite(values).all():
            raise ShapeError("input/not-finite", f"input {name} holds NaN or infinity", value=source)
    return [arrays[name].reshape(shape) for name, shape in specs]


def match_calibration(arrays: Arrays) -> list[dict[str, NDArray[np.float32]]]:
    """Samples for calibration: each array holds one sample an entry of its first axis."""
    counts = {len(values) if values.ndim else 0 for values in arrays.values()}
    if len(counts) != 1 or 0 in counts:
        raise ShapeError(
            "input/calibration",
            "the arrays of a calibration file need one common number of samples",
            value=", ".join(f"{name} {values.shape}" for name, values in arrays.items()),
        )
    return [
        {name: values[sample : sample + 1].astype(np.float32) for name, values in arrays.items()}
        for sample in range(counts.pop())
    ]
