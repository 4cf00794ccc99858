"""The example model is what its script makes, and it is good at what it does."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime

EXAMPLE = Path(__file__).parents[3] / "examples" / "digits"


def test_the_files_are_what_the_training_script_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(EXAMPLE / "train.py"), str(tmp_path)], check=True, capture_output=True)
    for name in ("digits.onnx", "images.json"):
        assert (tmp_path / name).read_bytes() == (EXAMPLE / name).read_bytes(), name


def test_the_model_knows_the_pictures_of_the_demo() -> None:
    pictures = json.loads((EXAMPLE / "images.json").read_text())
    images = np.array(pictures["images"], dtype=np.float32).reshape(-1, 1, 8, 8) / 16
    session = onnxruntime.InferenceSession(str(EXAMPLE / "digits.onnx"), providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"image": images})
    assert len(images) == 32
    assert (logits.argmax(axis=1) == pictures["labels"]).mean() >= 0.97
