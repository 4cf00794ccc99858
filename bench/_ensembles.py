"""Forests that scikit-learn trains and skl2onnx writes, and how close their integer graphs come to onnxruntime."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

from lockstep.exec.run import Program
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import dequantise_output, quantise_input
from lockstep.testing.bench import Report, Row, at_least

SAME_PERCENT = 99.9
COPIES = 8
"""Each row that was not trained on is judged so often, the first time as it is, then with other noise each time."""

NOISE = 0.05
"""Of a feature's standard deviation: enough to cross thresholds."""

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """A classifier and the data that it learns: all even rows."""

    name: str
    build: Callable[..., Any]
    load: Callable[..., Any]


CASES = (
    Case("boosted trees, 20", partial(GradientBoostingClassifier, n_estimators=20, random_state=0), load_breast_cancer),
    Case(
        "boosted trees, 100", partial(GradientBoostingClassifier, n_estimators=100, random_state=0), load_breast_cancer
    ),
    Case("forest of 10, 10 classes", partial(RandomForestClassifier, n_estimators=10, random_state=0), load_digits),
)


def rows(report: Report) -> Iterator[Row]:
    """Three figures a forest."""
    for case in CASES:
        report(f"{case.name}: training, compiling")
        yield from measure(case)


def measure(case: Case) -> Iterator[Row]:
    """Labels and probabilities of the integer graph and of onnxruntime."""
    features, labels = case.load(return_X_y=True)
    model = case.build().fit(features[::2], labels[::2])
    judged = disturbed(features[1::2])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "forest.onnx"
        sample = judged[:1]
        path.write_bytes(to_onnx(model, sample, options={id(model): {"zipmap": False}}).SerializeToString())
        graph = compile_model(path)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    label, probabilities = session.run(None, {session.get_inputs()[0].name: judged})
    program, (spec,) = Program(graph), graph.inputs
    ours = [program.run([quantise_input(spec, row[None])]) for row in judged]
    same = np.stack([values[0] for values in ours]).reshape(-1) == label
    real = dequantise_output(graph.outputs[1], np.concatenate([values[1] for values in ours]))
    steps = np.abs(real - probabilities) / graph.outputs[1].scale
    yield at_least(
        case.name, "same top-1 as onnxruntime", round(100 * float(same.mean()), 2), unit="%", limit=SAME_PERCENT
    )
    near = round(100 * float((steps <= 1).mean()), 2)
    yield at_least(case.name, "outputs within one step of it", near, unit="%", limit=SAME_PERCENT)
    yield Row(case.name, "largest difference to it", round(float(steps.max()), 2), "steps")


def disturbed(features: NDArray[np.float64]) -> Rows:
    """The rows, and copies of them with noise."""
    random = np.random.default_rng(0)
    noise = random.normal(0, NOISE, (COPIES, *features.shape)) * features.std(axis=0)
    noise[0] = 0
    return (features + noise).reshape(-1, features.shape[1]).astype(np.float32)
