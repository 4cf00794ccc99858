"""What a node answers to a job: the model it knows, run on inputs that match their root."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lockstep.chain.bindings.shared import Job
from lockstep.claims.ids import claim_id
from lockstep.claims.model import commit_model
from lockstep.codec import decode_values, encode_values
from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.crypto.merkle import MerkleTree
from lockstep.dispute.solver import Solver, outputs_tree
from lockstep.dispute.witness import TraceSource
from lockstep.errors import LockstepError, ProtocolError
from lockstep.exec.run import Program
from lockstep.exec.trace import Trace
from lockstep.features.inference.inputs import CarriedInputs, InputFinder
from lockstep.features.models.registry import commit_with_key
from lockstep.ir.format import read_model
from lockstep.ir.graph import Graph
from lockstep.types import Digest

Tensors = Sequence[NDArray[np.signedinteger]]
Observe = Callable[[Digest, float], None]
"""Told of every run: the model, and the seconds of one pass."""


@dataclass(frozen=True, eq=False)
class Answer:
    """One claim about a job that its holder can play for."""

    graph: Graph
    inputs: Sequence[Tensors]
    trace: TraceSource

    @cached_property
    def outputs(self) -> MerkleTree:
        return outputs_tree(self.graph, self.trace, len(self.inputs))

    @property
    def output_root(self) -> Digest:
        return self.outputs.root

    @cached_property
    def solver(self) -> Solver:
        return Solver(self.graph, self.inputs, self.trace, self.outputs)

    @property
    def delivery(self) -> bytes:
        """The output's bytes, if there is one output of one pass in one leaf; else empty, and the root is delivered."""
        if len(self.inputs) > 1 or len(self.graph.outputs) > 1:
            return b""
        data = self.trace.tensor_bytes(0, len(self.graph.nodes) - 1)
        return data if len(data) <= LEAF_BYTES else b""

    def claim_id(self, job_id: Digest) -> Digest:
        return claim_id(job_id, self.output_root, self.trace.root)


class AnswerProvider(Protocol):
    """Where the answer to a job comes from. None: the model is not known here."""

    def find_answer(self, job_id: Digest, job: Job, input_data: bytes) -> Answer | None: ...


class ModelLibrary:
    """The compiled models of a folder, by model id; one with a key beside it (FILE.key) has two ids.

    Files that are not valid models or keys are refused when it is opened. What was ever in it stays known, because its
    claims may have to be defended; ``offered`` are the models of the files that are there. Threads may share it.
    """

    def __init__(self, folder: Path, *, observe: Observe = lambda _model, _seconds: None) -> None:
        self.graphs: dict[Digest, Graph] = {}
        self.names: dict[Digest, str] = {}
        self.offered: frozenset[Digest] = frozenset()
        self._folder, self._observe = folder, observe
        self._programs: dict[Digest, Program] = {}
        self._lock = Lock()
        self.reload()

    def reload(self) -> None:
        """Reads the folder anew. Raises for a file that is no model, and then stays as it was."""
        graphs: dict[Digest, Graph] = {}
        names: dict[Digest, str] = {}
        for path in sorted(self._folder.glob("*.lockstep")):
            if path.is_dir():  # a home, `.lockstep`, in the same folder
                continue
            graph, key = read_model(path), path.with_suffix(".key")
            found = [commit_model(graph).model_id]
            if key.is_file():
                found.append(commit_with_key(graph, key).model_id)
            graphs |= dict.fromkeys(found, graph)
            names |= dict.fromkeys(found, path.stem)
        self.graphs, self.names = graphs | self.graphs, self.names | names
        self.offered = frozenset(graphs)

    @classmethod
    def of(cls, *graphs: Graph) -> "ModelLibrary":
        """A library of graphs in memory."""
        library = cls(Path(os.devnull))
        library.graphs = {commit_model(graph).model_id: graph for graph in graphs}
        library.offered = frozenset(library.graphs)
        return library

    def program(self, model_id: Digest) -> Program:
        """The model, ready to run."""
        with self._lock:
            if model_id not in self._programs:
                self._programs[model_id] = Program(self.graphs[model_id])
            return self._programs[model_id]

    def run(self, model_id: Digest, runs: Sequence[Tensors]) -> Trace:
        """The trace of some passes, its time measured. Runs of one machine wait for one another."""
        program = self.program(model_id)
        with self._lock:
            started = time.monotonic()
            trace = program.run_trace(*runs)
            self._observe(model_id, (time.monotonic() - started) / len(runs))
        return trace

    def measure(self, model_id: Digest) -> float:
        """Seconds of one pass, on zeros; the first run of a model, which takes longer, is not counted."""
        inputs = [np.zeros(spec.shape, spec.dtype.numpy) for spec in self.graphs[model_id].inputs]
        self.program(model_id).run_trace(inputs)
        started = time.monotonic()
        self.run(model_id, [inputs])
        return time.monotonic() - started


class HonestAnswers:
    """Runs the model. Keeps the last few answers, because a dispute asks again and again."""

    KEPT = 8

    def __init__(self, library: ModelLibrary, inputs: InputFinder | None = None) -> None:
        self._library, self._inputs = library, inputs or CarriedInputs()
        self._kept: dict[Digest, Answer] = {}

    def find_answer(self, job_id: Digest, job: Job, input_data: bytes) -> Answer | None:
        """The true answer; None for an unknown model or inputs that are not those of the root."""
        if job_id not in self._kept:
            graph = self._library.graphs.get(job.model_id)
            if graph is None:
                return None
            data = self._inputs.find_input(graph, job, input_data)
            if data is None:
                return None
            try:
                inputs = split_inputs(graph, job.passes, data)
                trace = self._library.run(job.model_id, inputs)
            except LockstepError:
                return None
            if trace.input_root != job.input_root:
                return None
            while len(self._kept) >= self.KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[job_id] = Answer(graph, inputs, trace)
        return self._kept[job_id]


def split_inputs(graph: Graph, passes: int, data: bytes) -> list[list[NDArray[np.signedinteger]]]:
    """The tensors of every pass from their bytes one after another. Raises ``ProtocolError`` ``input/length``."""
    sizes = [int(np.prod(spec.shape)) * spec.dtype.size for spec in graph.inputs]
    if len(data) != passes * sum(sizes):
        raise ProtocolError("input/length", "the input bytes are not those of all passes", value=len(data))
    runs, at = [], 0
    for _ in range(passes):
        tensors = []
        for spec, size in zip(graph.inputs, sizes, strict=True):
            values = decode_values(data[at : at + size], spec.dtype.width)
            tensors.append(values.astype(spec.dtype.numpy).reshape(spec.shape))
            at += size
        runs.append(tensors)
    return runs


def join_inputs(graph: Graph, runs: Sequence[Tensors]) -> bytes:
    """The bytes that ``split_inputs`` takes apart."""
    return b"".join(
        encode_values(values, spec.dtype.width) for run in runs for values, spec in zip(run, graph.inputs, strict=True)
    )


def honest_answer(graph: Graph, runs: Sequence[Tensors]) -> Answer:
    """The true answer for inputs at hand."""
    trace: Trace = Program(graph).run_trace(*runs)
    return Answer(graph, runs, trace)
