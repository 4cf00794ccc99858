"""The demo's model and pictures: the digits example of the source, or its copy in the package."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lockstep.cli.demo.record import Picture
from lockstep.errors import ConfigError

SIDE = 8
GREYS = 16
"""Pixels are integers 0 … 16 (scikit-learn's digits)."""


@dataclass(frozen=True, slots=True)
class Example:
    """The folder, and its pictures as grey levels 0 … 1 of shape [N, 1, 8, 8]."""

    folder: Path
    images: NDArray[np.float32]
    labels: tuple[int, ...]
    calibration: NDArray[np.float32]

    @property
    def onnx(self) -> Path:
        return self.folder / "digits.onnx"

    @property
    def dataset(self) -> Path:
        return self.folder / "images.json"

    @property
    def script(self) -> Path:
        return self.folder / "train.py"

    def samples(self) -> list[dict[str, NDArray[np.float32]]]:
        """What the compiler calibrates on."""
        return [{"image": image[None]} for image in self.calibration]

    def picture(self, number: int) -> Picture:
        """One of the images to show."""
        rows = self.images[number].reshape(SIDE, SIDE)
        return Picture(tuple(tuple(float(level) for level in row) for row in rows), self.labels[number])


def load_example() -> Example:
    """From the checkout, or as the package ships it."""
    here = Path(__file__).resolve()
    places = (here.parents[4] / "examples" / "digits", here.parent / "digits")
    folder = next((place for place in places if (place / "digits.onnx").is_file()), None)
    if folder is None:
        raise ConfigError("demo/example", "the digits example is not there", remedy="install the package again")
    content = json.loads((folder / "images.json").read_text(encoding="utf-8"))
    return Example(folder, _levels(content["images"]), tuple(content["labels"]), _levels(content["calibration"]))


def _levels(rows: list[list[int]]) -> NDArray[np.float32]:
    return np.asarray(rows, dtype=np.float32).reshape(-1, 1, SIDE, SIDE) / np.float32(GREYS)
