"""A graph as a list of bound calls: what each kernel reads and writes is decided once, a run only walks the list.

Kernels exist for values of 8, 16 and 64 bits. Other widths, and operands of unlike widths, go through 64-bit buffers.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from lockstep.exec import kernels
from lockstep.exec.workers import Call, Workers
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Graph, Node, Operand
from lockstep.ir.ops import Opcode, OperandKind

Array = NDArray[np.signedinteger]

NATIVE = (DType.I8, DType.I16)
NARROW_SHIFT = 50
"""Largest shift for which ``kernels.add_narrow`` is exact."""
SMALLEST_PART = 100_000
"""Elementary steps (about a nanosecond each) that are worth a second thread: handing over costs some 20 µs."""


class Planner:
    """Collects the calls of a run. ``tensors``: inputs, then nodes, as flat arrays in the run's memory."""

    def __init__(self, graph: Graph, tensors: Sequence[Array], workers: Workers) -> None:
        self.graph = graph
        self.workers = workers
        self.calls: list[Call] = []
        self._inputs = tensors[: len(graph.inputs)]
        self._nodes = tensors[len(graph.inputs) :]
        self._constants: list[Array] = [
            np.array(constant.values, constant.dtype.numpy).reshape(-1) for constant in graph.constants
        ]

    def operand(self, operand: Operand) -> Array:
        """The operand's values, flat, in their own type."""
        if operand.kind is OperandKind.INPUT:
            return self._inputs[operand.index]
        return (self._constants if operand.kind is OperandKind.WEIGHT else self._nodes)[operand.index]

    def result(self, node_number: int) -> Array:
        return self._nodes[node_number]

    def table(self, operand: Operand) -> NDArray[np.int64]:
        """``[channels, 2]`` of (bias, multiplier)."""
        return self.operand(operand).astype(np.int64).reshape(-1, 2)

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        self.calls.append((function, arguments))

    def share(self, kernel: Callable[..., object], units: int, cost: int, *arguments: object) -> None:
        """Call ``kernel(start, stop, *arguments)`` for all units, on several threads if ``units · cost`` is large."""
        ranges = self.workers.split(units, smallest=-(-SMALLEST_PART // max(1, cost)))
        self.share_calls([(kernel, (*bounds, *arguments)) for bounds in ranges])

    def share_calls(self, calls: list[Call]) -> None:
        """Calls that do not depend on each other."""
        if len(calls) == 1:
            self.calls.append(calls[0])
        else:
            self.call(self.workers.run_together, *calls)

    def widened(self, values: Array) -> Array:
        """``values`` as 64-bit integers, copied in every run unless they are."""
        if values.dtype == np.int64:
            return values
        buffer = np.empty(values.shape, np.int64)
        self.call(np.copyto, buffer, values)
        return buffer

    def agree(self, node: Node, sources: list[Array], target: Array, run: Callable[[list[Array], Array], None]) -> None:
        """Let ``run`` plan with operands and result of one type that kernels exist for."""
        if node.dtype in NATIVE and all(source.dtype == target.dtype for source in sources):
            run(sources, target)
            return
        wide = target if target.dtype == np.int64 else np.empty(target.shape, np.int64)
        run([self.widened(source) for source in sources], wide)
        if wide is not target:
            self.call(np.copyto, target, wide, "unsafe")

    def viewed(self, values: Array, shape: tuple[int, ...], strides: Sequence[int], offset: int) -> Array:
        """The elements that a view selects, flat; copied in every run unless they lie one after another."""
        elements = int(np.prod(shape, dtype=np.int64))
        if _is_contiguous(shape, strides):
            return values[offset : offset + elements]
        buffer = np.empty(elements, values.dtype)
        self.call(np.copyto, buffer.reshape(shape), strided(values, shape, strides, offset))
        return buffer


def strided(values: Array, shape: tuple[int, ...], strides: Sequence[int], offset: int) -> Array:
    """The elements that a view selects, without copying."""
    size = values.itemsize
    return as_strided(values[offset:], shape, tuple(size * stride for stride in strides[: len(shape)]))


def _is_contiguous(shape: tuple[int, ...], strides: Sequence[int]) -> bool:
    expected = 1
    for extent, stride in zip(reversed(shape), reversed(strides[: len(shape)]), strict=True):
        if extent != 1 and stride != expected:
            return False
        expected *= extent
    return True


def numbers_of(node: Node) -> NDArray[np.int64]:
    """A node's numbers as ``kernels.NUMBERS`` names them."""
    rounding = 1 << (node.shift - 1) if node.shift else 0
    zero_points = [operand.zero_point for operand in node.operands[:2]]
    scaling = (node.zero_point, node.multiplier, node.multiplier2, node.shift, rounding, node.low, node.high)
    return np.array([*scaling, *zero_points, *[0] * (2 - len(zero_points))], np.int64)


def _plan_requant(planner: Planner, node: Node, target: Array) -> None:
    def run(sources: list[Array], result: Array) -> None:
        if len(node.operands) == 1:
            planner.share(kernels.requant, result.size, 2, sources[0], numbers_of(node), result)
        else:
            table = planner.table(node.operands[1])
            planner.share(kernels.requant_channels, result.size, 3, sources[0], table, numbers_of(node), result)

    planner.agree(node, [planner.operand(node.operands[0])], target, run)


def _plan_pair(kernel: Callable[..., object]) -> Callable[[Planner, Node, Array], None]:
    """Operators of two operands with views."""

    def plan(planner: Planner, node: Node, target: Array) -> None:
        a, b = (planner.operand(operand) for operand in node.operands)
        a = planner.viewed(a, node.shape, node.attributes[0:6], node.attributes[12])
        b = planner.viewed(b, node.shape, node.attributes[6:12], node.attributes[13])

        def run(sources: list[Array], result: Array) -> None:
            planner.share(kernel, result.size, 2, *sources, numbers_of(node), result)

        planner.agree(node, [a, b], target, run)

    return plan


def _plan_add(planner: Planner, node: Node, target: Array) -> None:
    widths = {operand.dtype for operand in node.operands} | {node.dtype}
    is_narrow = len(widths) == 1 and node.dtype in NATIVE and node.shift <= NARROW_SHIFT
    _plan_pair(kernels.add_narrow if is_narrow else kernels.add)(planner, node, target)


def _plan_look_up(planner: Planner, node: Node, target: Array) -> None:
    x, table = (planner.operand(operand) for operand in node.operands)
    if node.dtype in NATIVE and x.dtype == target.dtype:
        planner.share(kernels.look_up, target.size, 1, x, table, target)
    else:
        middle = np.intp(table.size // 2)
        indices = np.empty(x.shape, np.intp)
        planner.call(np.add, x, middle, indices)
        planner.call(np.take, table, indices, None, target, "clip")


def _plan_copy(planner: Planner, node: Node, target: Array) -> None:
    x = planner.operand(node.operands[0])
    source = strided(x, node.shape, node.attributes[0:6], node.attributes[12])
    planner.call(np.copyto, target.reshape(node.shape), source)


def _plan_concat(planner: Planner, node: Node, target: Array) -> None:
    rows = target.reshape(-1, sum(node.attributes[: len(node.operands)]))
    first = 0
    for operand, extent in zip(node.operands, node.attributes, strict=False):
        planner.call(np.copyto, rows[:, first : first + extent], planner.operand(operand).reshape(-1, extent))
        first += extent


def _window_numbers(node: Node) -> NDArray[np.int64]:
    return np.array((*node.attributes[:12], *node.shape[1:3]), np.int64)


def _plan_max_pool(planner: Planner, node: Node, target: Array) -> None:
    window = _window_numbers(node)
    cost = max(1, node.shape[3] * node.attributes[3] * node.attributes[4] // 8)

    def run(sources: list[Array], result: Array) -> None:
        planner.share(kernels.max_pool, result.size // node.shape[3], cost, sources[0], window, result)

    planner.agree(node, [planner.operand(node.operands[0])], target, run)


def _plan_average_pool(planner: Planner, node: Node, target: Array) -> None:
    window = _window_numbers(node)
    cost = node.shape[3] * (node.attributes[3] * node.attributes[4] + 8)

    def run(sources: list[Array], result: Array) -> None:
        pixels = result.size // node.shape[3]
        planner.share(kernels.average_pool, pixels, cost, sources[0], window, numbers_of(node), result)

    planner.agree(node, [planner.operand(node.operands[0])], target, run)


def _plan_sum(planner: Planner, node: Node, target: Array) -> None:
    span = np.array(node.attributes[:3], np.int64)

    def run(sources: list[Array], result: Array) -> None:
        planner.share(kernels.total, result.size, int(span[0]), sources[0], span, numbers_of(node), result)

    planner.agree(node, [planner.operand(node.operands[0])], target, run)


def _plan_greatest(positions: int) -> Callable[[Planner, Node, Array], None]:
    def plan(planner: Planner, node: Node, target: Array) -> None:
        span = np.array(node.attributes[:3], np.int64)

        def run(sources: list[Array], result: Array) -> None:
            planner.share(kernels.greatest, result.size, int(span[0]), sources[0], span, positions, result)

        planner.agree(node, [planner.operand(node.operands[0])], target, run)

    return plan


def _plan_accumulate(planner: Planner, node: Node, target: Array) -> None:
    channels, has_table = node.attributes[:2]
    terms = node.operands[:-1] if has_table else node.operands
    sums = np.empty(target.shape, np.int64)
    planner.call(np.copyto, sums, planner.operand(terms[0]))
    for term in terms[1:]:
        planner.call(np.add, sums, planner.operand(term), sums)
    wide = target if target.dtype == np.int64 else np.empty(target.shape, np.int64)
    numbers = numbers_of(node)
    numbers[[2, 7, 8]] = 1, 0, 0  # a sum has no zero point and no second multiplier
    if has_table:
        table = planner.table(node.operands[-1])[:channels]
        planner.share(kernels.requant_channels, sums.size, 3, sums, table, numbers, wide)
    else:
        planner.share(kernels.requant, sums.size, 2, sums, numbers, wide)
    if wide is not target:
        planner.call(np.copyto, target, wide, "unsafe")


def _plan_trees(planner: Planner, node: Node, target: Array) -> None:
    x, nodes, values = (planner.operand(operand) for operand in node.operands)
    features, trees, tree_nodes, tree_leaves, outputs, depth = node.attributes[:6]
    rows = planner.widened(x).reshape(-1, features)
    forest = nodes.reshape(trees, tree_nodes, 4)
    leaves = values.reshape(trees, tree_leaves, outputs)
    result = target.reshape(len(rows), outputs, trees)
    planner.share(kernels.walk_trees, len(rows) * trees, 2 * depth + outputs, rows, forest, leaves, result)


PLANS: dict[Opcode, Callable[[Planner, Node, Array], None]] = {
    Opcode.REQUANT: _plan_requant,
    Opcode.ADD: _plan_add,
    Opcode.MUL: _plan_pair(kernels.multiply),
    Opcode.LUT: _plan_look_up,
    Opcode.COPY: _plan_copy,
    Opcode.CONCAT: _plan_concat,
    Opcode.MAXPOOL: _plan_max_pool,
    Opcode.AVGPOOL: _plan_average_pool,
    Opcode.SUM: _plan_sum,
    Opcode.MAX: _plan_greatest(0),
    Opcode.ARGMAX: _plan_greatest(1),
    Opcode.DIV: _plan_pair(kernels.divide),
    Opcode.ACCUMULATE: _plan_accumulate,
    Opcode.TREES: _plan_trees,
}
"""All operators but the products."""
