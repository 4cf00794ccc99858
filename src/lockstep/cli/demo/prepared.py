"""What the demo has before it starts: the compiled model, its ancestors, honest runs, and the lie that will be told."""

import time
from dataclasses import dataclass

from lockstep.chain.bindings.artifacts import Kind
from lockstep.claims.model import ModelCommitment, commit_model
from lockstep.cli.demo.example import Example
from lockstep.cli.demo.lie import Lie, Values, find_lie
from lockstep.exec.run import Program
from lockstep.features.models.lineage import Ancestor, read_ancestor
from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import quantise_input


@dataclass(frozen=True)
class Prepared:
    """The compiled model, its lineage, every picture's honest run, and the lie that will be told."""

    graph: Graph
    commitment: ModelCommitment
    ancestors: tuple[Ancestor, ...]
    runs: tuple[tuple[Values, Values], ...]
    lie: Lie
    seconds: float


def prepare(example: Example) -> Prepared:
    """Compile, run every picture honestly, and find the lie."""
    started = time.monotonic()
    graph = compile_model(example.onnx, calibration=example.samples())
    seconds = time.monotonic() - started
    program = Program(graph)
    runs = []
    for image in example.images:
        inputs: Values = [quantise_input(graph.inputs[0], image[None])]
        trace = program.run_trace(inputs)
        runs.append((inputs, [trace.values(0, number) for number in range(len(graph.nodes))]))
    ancestors = (
        read_ancestor("dataset", Kind.DATASET, example.dataset),
        read_ancestor("training script", Kind.SCRIPT, example.script),
        read_ancestor("ONNX file", Kind.CHECKPOINT, example.onnx),
    )
    return Prepared(graph, commit_model(graph), ancestors, tuple(runs), find_lie(graph, runs), seconds)
