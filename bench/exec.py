"""Time of the integer graph, with and without a trace, against onnxruntime in fp32 on the same model."""

import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from bench.models import lenet, mlp, resnet
from lockstep.exec.run import Program
from lockstep.exec.warm import compile_kernels
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import quantise_input
from lockstep.testing.bench import Report, Row, at_most

THREADS = 2
PLAIN_LIMIT, TRACED_LIMIT = 2.0, 3.0
"""Bars of DESIGN.md, section 6: time as a multiple of onnxruntime's, without and with the roots of a trace."""

CALIBRATION = 4
SEED = 7


@dataclass(frozen=True)
class Case:
    """A model and how many times each way of running it is timed."""

    name: str
    build: Callable[[], onnx.ModelProto]
    rounds: int


CASES = (
    Case("MLP 784-1024-1024-10", lambda: mlp(784, 1024, 1024, 10), 400),
    Case("LeNet-5, 28×28", lenet, 1000),
    Case("ResNet-18, 224×224", lambda: resnet(18), 20),
)


def rows(report: Report) -> Iterator[Row]:
    """Times in one process, the three ways in turn, so that whatever else the machine does slows all of them."""
    compile_kernels(lambda done, of, name: report(f"compiling kernel {done + 1} of {of}: {name}") if name else None)
    for case in CASES:
        report(f"{case.name}: compiling the model")
        yield from _measure(case, report)


def _measure(case: Case, report: Report) -> Iterator[Row]:
    model = case.build()
    generator = np.random.default_rng(SEED)
    shape = [size.dim_value for size in model.graph.input[0].type.tensor_type.shape.dim]
    samples = [{"x": generator.normal(size=shape).astype(np.float32)} for _ in range(CALIBRATION)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        onnx.save(model, path)
        graph = compile_model(path, calibration=samples)
        session = onnxruntime.InferenceSession(path, _options(), providers=["CPUExecutionProvider"])
    program = Program(graph, THREADS)
    inputs = [quantise_input(graph.inputs[0], samples[0]["x"])]
    report(f"{case.name}: {case.rounds} runs each of onnxruntime, the graph, the graph with its trace")
    fp32, plain, traced = _time_in_turn(
        case.rounds,
        lambda: session.run(None, samples[0]),
        lambda: program.run(inputs),
        lambda: program.run_trace(inputs).root,
    )
    yield Row(case.name, "onnxruntime fp32, median", _milliseconds(fp32), "ms")
    yield Row(case.name, "integer graph, median", _milliseconds(plain), "ms")
    yield Row(case.name, "integer graph with trace roots, median", _milliseconds(traced), "ms")
    yield at_most(case.name, "without trace / fp32", _ratio(plain, fp32), unit="×", limit=PLAIN_LIMIT)
    yield at_most(case.name, "with trace / fp32", _ratio(traced, fp32), unit="×", limit=TRACED_LIMIT)


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    return options


def _time_in_turn(rounds: int, *ways: Callable[[], object]) -> list[list[float]]:
    """Seconds of every call, after one that is not counted; there and back, because onnxruntime's threads spin on for a
    while after a call and slow down whatever comes next.
    """
    times: list[list[float]] = [[] for _ in ways]
    for way in ways:
        way()
    gc.collect()
    turns = list(zip(ways, times, strict=True))
    for _ in range(rounds):
        turns.reverse()
        for way, seconds in turns:
            start = time.perf_counter()
            way()
            seconds.append(time.perf_counter() - start)
    return times


def _milliseconds(seconds: list[float]) -> float:
    return round(1e3 * statistics.median(seconds), 4)


def _ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the ratios of neighbouring calls, which saw the same machine."""
    return round(statistics.median(a / b for a, b in zip(ours, theirs, strict=True)), 2)
