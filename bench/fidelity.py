"""How close the integer graph comes to onnxruntime on the same quantised file (forests: on the same file), and to fp32.

Where a real value lies within float32's error of the middle between two integers, onnxruntime may round the other
way, and what follows differs. Double precision on the same file is the third judge: it says whose difference it is.
"""

import importlib.util
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from bench import _ensembles
from bench._architectures import BODIES, Images, build
from bench._exact import exact_runner
from lockstep.exec.run import Program
from lockstep.ir.graph import TensorSpec
from lockstep.ir.importer import compile_model
from lockstep.ir.importer.loading import load_onnx
from lockstep.ir.importer.quantising import quantise_model
from lockstep.ir.quantise import quantise_input
from lockstep.testing.bench import Report, Row, at_least, at_most

EXAMPLE = Path(__file__).parents[1] / "examples" / "digits"
SAMPLES = 64
"""Training images that the quantiser calibrates on."""

JUDGED = 100
"""Test images that are also computed in double precision."""

SAME_PERCENT, STEPS, LOSS_POINTS = 99.9, 1, 0.5


@dataclass(frozen=True)
class Digits:
    """The split of the example's training script."""

    images: Images
    labels: NDArray[np.int64]
    test_images: Images
    test_labels: NDArray[np.int64]


@dataclass(frozen=True)
class Answers:
    """Outputs of the quantised model as integers, ``[images, 1, 10]``, and the fp32 model's logits.

    ``exact`` is about the first ``JUDGED`` images.
    """

    ours: NDArray[np.int64]
    onnxruntime: NDArray[np.int64]
    exact: NDArray[np.int64]
    fp32: NDArray[np.float32]


@dataclass(frozen=True)
class Subject:
    """One fp32 model and the bits of its activations."""

    name: str
    model: onnx.ModelProto
    bits: int = 8


def rows(report: Report) -> Iterator[Row]:
    """Six figures a model, three a forest."""
    digits = load_digits()
    for subject in subjects(digits):
        report(f"{subject.name}: quantising, compiling, {len(digits.test_images)} images")
        yield from measure(subject, digits)
    yield from _ensembles.rows(report)


def load_digits() -> Digits:
    """The digits as ``examples/digits/train.py`` splits them."""
    specification = importlib.util.spec_from_file_location("digits_train", EXAMPLE / "train.py")
    assert specification is not None
    assert specification.loader is not None
    script = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(script)
    images, labels, test_images, test_labels = script.split_digits()
    return Digits(images.astype(np.float32), labels, test_images.astype(np.float32), test_labels)


def subjects(digits: Digits) -> Iterator[Subject]:
    """The trained example and every generated architecture."""
    yield Subject("digits", onnx.load(EXAMPLE / "digits.onnx"))
    for name, (_, bits) in BODIES.items():
        yield Subject(name, build(name, digits.images, digits.labels), bits)


def measure(subject: Subject, digits: Digits) -> Iterator[Row]:
    """The integer graph against three judges, on every test image."""
    answers = answer(subject, digits)
    count, case, labels = len(digits.test_labels), subject.name, digits.test_labels
    chosen, same, right = (
        values.reshape(count, -1).argmax(axis=1) for values in (answers.ours, answers.onnxruntime, answers.fp32)
    )
    same_percent = 100 * float((chosen == same).mean())
    judged = len(answers.exact)
    near, near_exact = (
        100 * float((np.abs(answers.ours[: len(other)] - other) <= STEPS).mean())
        for other in (answers.onnxruntime, answers.exact)
    )
    error, their_error = (
        int(np.abs(values[:judged] - answers.exact).max()) for values in (answers.ours, answers.onnxruntime)
    )
    loss = 100 * float((right == labels).mean() - (chosen == labels).mean())
    near_limit = SAME_PERCENT if subject.bits == 8 else None  # float32 has too few bits for sums of 16-bit products
    yield at_least(case, "same top-1 as onnxruntime", round(same_percent, 2), unit="%", limit=SAME_PERCENT)
    yield at_least(case, "outputs within one step of it", round(near, 2), unit="%", limit=near_limit)
    yield at_least(
        case, "outputs within one step of exact arithmetic", round(near_exact, 2), unit="%", limit=SAME_PERCENT
    )
    yield Row(case, "largest difference to exact arithmetic", error, "steps")
    yield Row(case, "the same, of onnxruntime", their_error, "steps")
    yield at_most(case, "accuracy lost against fp32", round(loss, 2), unit="points", limit=LOSS_POINTS)


def answer(subject: Subject, digits: Digits) -> Answers:
    """Everybody's answers about all test images."""
    with tempfile.TemporaryDirectory() as folder:
        plain, quantised = Path(folder) / "plain.onnx", Path(folder) / "quantised.onnx"
        onnx.save(subject.model, plain)
        model = quantise(plain, digits, subject.bits)
        onnx.save(model, quantised)
        graph = compile_model(quantised, activation_bits=subject.bits)
        sessions = literal_session(quantised), literal_session(plain)
    program, images, (result,) = Program(graph), digits.test_images, graph.outputs
    ours = [program.run([quantise_input(graph.inputs[0], image[None])])[0] for image in images]
    exact = exact_runner(model)
    return Answers(
        ours=np.stack(ours).astype(np.int64),
        onnxruntime=integers(result, run(sessions[0], images)),
        exact=integers(result, np.stack([exact(image[None]) for image in images[:JUDGED]])),
        fp32=run(sessions[1], images),
    )


def quantise(path: Path, digits: Digits, bits: int) -> onnx.ModelProto:
    """The QDQ file that both sides run."""
    model = load_onnx(path)
    name = model.graph.input[0].name
    samples = [{name: image[None]} for image in digits.images[:SAMPLES]]
    return quantise_model(model, samples, activation_bits=bits, on_progress=lambda _: None)


def literal_session(path: Path) -> onnxruntime.InferenceSession:
    """onnxruntime with every QuantizeLinear and DequantizeLinear computed as it is written.

    Without optimisations, because the fused U8S8 kernels saturate 16-bit sums on processors without VNNI.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, images: Images) -> NDArray[np.float32]:
    """The first output for each image."""
    name = session.get_inputs()[0].name
    return np.stack([session.run(None, {name: image[None]})[0] for image in images])


def integers(spec: TensorSpec, reals: NDArray[np.floating]) -> NDArray[np.int64]:
    """The integers behind dequantised outputs."""
    return np.rint(reals / spec.scale).astype(np.int64) + spec.zero_point
