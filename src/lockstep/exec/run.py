"""Running a graph fast: one memory, one list of calls, made once and walked for every input."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cached_property
from threading import Lock

import numpy as np

from lockstep.crypto.kernels import hash_forest
from lockstep.exec.fusion import fuse_partial_sums
from lockstep.exec.inputs import Tensor, check_inputs
from lockstep.exec.layout import Layout
from lockstep.exec.plan import PLANS, Planner
from lockstep.exec.plan_products import plan_product
from lockstep.exec.trace import PassRecord, Trace
from lockstep.exec.workers import Call, Workers, single_threaded_blas
from lockstep.ir.check import check_graph
from lockstep.ir.graph import Graph, Node
from lockstep.ir.ops import Opcode

PRODUCTS = (Opcode.MATMUL, Opcode.CONV)
SMALLEST_SHARED_LEAVES = 256
"""Leaves (a microsecond each) that are worth a second thread."""


class Program:
    """A graph ready to run; equal to ``reference.run`` on every valid graph. One run at a time; others wait.

    Raises ``GraphError`` for an invalid graph: kernels trust every index and every bound.
    """

    def __init__(self, graph: Graph, threads: int | None = None) -> None:
        check_graph(graph)
        self.graph = graph
        self.layout = Layout.of(graph)
        self._memory = self.layout.new_memory()
        self._tensors = self.layout.views(self._memory)
        self._workers = Workers(threads)
        self._has_products = any(node.opcode in PRODUCTS for node in graph.nodes)
        self._lock = Lock()

    def run(self, inputs: Sequence[Tensor]) -> list[Tensor]:
        """The outputs. Raises ``ShapeError`` for inputs that the model does not take."""
        with self._lock:
            self._execute(self._fused_calls, check_inputs(self.graph, inputs))
            first = len(self._tensors) - len(self.graph.outputs)
            return [
                values.copy().reshape(spec.shape)
                for values, spec in zip(self._tensors[first:], self.graph.outputs, strict=True)
            ]

    def run_trace(self, *passes: Sequence[Tensor]) -> Trace:
        """The value of every node in every pass, and the roots of all trees over them."""
        return Trace(self.layout, [self._record(inputs) for inputs in passes])

    def _record(self, inputs: Sequence[Tensor]) -> PassRecord:
        with self._lock:
            self._execute(self._calls, check_inputs(self.graph, inputs))
            memory = self._memory.copy()
        is_large = self.layout.leaves > SMALLEST_SHARED_LEAVES
        share = self._share if is_large else None
        return PassRecord(memory, hash_forest(self.layout.forest, memory.view(np.uint64), share))

    def _share(self, kernel: Callable[..., object], units: int, *arguments: object) -> None:
        ranges = self._workers.split(units, smallest=SMALLEST_SHARED_LEAVES // 2)
        self._workers.run_together(*((kernel, (*bounds, *arguments)) for bounds in ranges))

    def _execute(self, calls: list[Call], inputs: list[Tensor]) -> None:
        for target, values in zip(self._tensors, inputs, strict=False):
            target[:] = values.reshape(-1)
        with single_threaded_blas if self._has_products else nullcontext():
            for function, arguments in calls:
                function(*arguments)

    @cached_property
    def _calls(self) -> list[Call]:
        """Calls that leave every node's value in memory."""
        return self._plan(dict(enumerate(self.graph.nodes)))

    @cached_property
    def _fused_calls(self) -> list[Call]:
        """Calls that leave the outputs, by the shortest way."""
        nodes = fuse_partial_sums(self.graph)
        return self._calls if len(nodes) == len(self.graph.nodes) else self._plan(nodes)

    def _plan(self, nodes: dict[int, Node]) -> list[Call]:
        planner = Planner(self.graph, self._tensors, self._workers)
        for number, node in nodes.items():
            plan = plan_product if node.opcode in PRODUCTS else PLANS[node.opcode]
            plan(planner, node, planner.result(number))
        return planner.calls
