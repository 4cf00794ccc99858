"""The values that a node can have, and the largest number on the way to them, as exact integers."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lockstep.ir.graph import Constant, Graph, Node, Operand
from lockstep.ir.ops import Opcode, OperandKind

Interval = tuple[int, int]


def operand_interval(graph: Graph, operand: Operand, known: Sequence[Interval]) -> Interval:
    """The least and the greatest value that an operand can have."""
    if operand.kind is OperandKind.TRACE:
        return known[operand.index]
    if operand.kind is OperandKind.WEIGHT:
        values = graph.constants[operand.index].values
        return int(values.min()), int(values.max())
    return operand.dtype.minimum, operand.dtype.maximum


def node_interval(graph: Graph, node: Node, known: Sequence[Interval]) -> Interval:
    """The values of a node's result: its clamp and its reach, except where it only moves or looks up values."""
    if node.opcode in (Opcode.COPY, Opcode.MAXPOOL, Opcode.MAX):
        return operand_interval(graph, node.operands[0], known)
    if node.opcode is Opcode.CONCAT:
        return _hull([operand_interval(graph, operand, known) for operand in node.operands])
    if node.opcode is Opcode.LUT:
        return operand_interval(graph, node.operands[1], known)
    if node.opcode is Opcode.TREES:
        return operand_interval(graph, node.operands[2], known)
    if node.opcode is Opcode.ARGMAX:
        return 0, node.attributes[0] - 1
    if node.opcode is Opcode.DIV:
        return node.low, node.high
    reach = (largest_product(graph, node, known) >> node.shift) + abs(node.zero_point)
    return max(node.low, min(node.high, -reach)), min(node.high, max(node.low, reach))


def largest_product(graph: Graph, node: Node, known: Sequence[Interval]) -> int:
    """A bound of |a·m + r| over every accumulator a that the node can reach; 0 where nothing is multiplied."""
    bound = _BOUNDS.get(node.opcode)
    if bound is None:
        return 0
    magnitudes = [_magnitude(graph, operand, known) for operand in node.operands]
    rounding = 1 << (node.shift - 1) if node.shift else 0
    return bound(graph, node, magnitudes) + rounding


def _hull(intervals: Sequence[Interval]) -> Interval:
    return min(low for low, _ in intervals), max(high for _, high in intervals)


def _magnitude(graph: Graph, operand: Operand, known: Sequence[Interval]) -> int:
    """The greatest |value − zero point|."""
    low, high = operand_interval(graph, operand, known)
    return max(abs(low - operand.zero_point), abs(high - operand.zero_point))


def _table(graph: Graph, node: Node, number: int) -> Constant | None:
    return graph.constants[node.operands[number].index] if len(node.operands) > number else None


def _scaled(node: Node, accumulator: int, table: Constant | None) -> int:
    """The bound after the table's bias and multiplier, or the node's multiplier."""
    if table is None:
        return accumulator * abs(node.multiplier)
    biases, multipliers = (np.abs(table.values[:, column].astype(object)) for column in (0, 1))
    return max(int((accumulator + bias) * factor) for bias, factor in zip(biases, multipliers, strict=True))


def weight_sums(constant: Constant, zero_point: int, rows: int) -> NDArray[np.int64]:
    """Σ|w − zero point| of each of ``rows`` equal rows of a constant, ``int64``."""
    sums: NDArray[np.int64] = np.abs(constant.values.astype(np.int64) - zero_point).reshape(rows, -1).sum(axis=1)
    return sums


def _linear(graph: Graph, node: Node, magnitudes: Sequence[int]) -> int:
    weight = node.operands[1]
    if weight.kind is OperandKind.WEIGHT:
        rows = node.attributes[5] if node.opcode is Opcode.MATMUL else weight.shape[0]
        constant = graph.constants[weight.index]
        if constant.values.size % rows == 0:
            accumulator = int(weight_sums(constant, weight.zero_point, rows).max()) * magnitudes[0]
            return _scaled(node, accumulator, _table(graph, node, 2))
    length = node.attributes[0] if node.opcode is Opcode.MATMUL else int(np.prod(weight.shape[1:]))
    return _scaled(node, length * magnitudes[0] * magnitudes[1], _table(graph, node, 2))


def _requant(graph: Graph, node: Node, magnitudes: Sequence[int]) -> int:
    table = _table(graph, node, 1)
    return _scaled(node, magnitudes[0] * (abs(node.multiplier2) if table else 1), table)


def _accumulate(graph: Graph, node: Node, magnitudes: Sequence[int]) -> int:
    table = _table(graph, node, len(node.operands) - 1) if node.attributes[1] else None
    return _scaled(node, sum(magnitudes[: len(node.operands) - bool(table)]), table)


def _add(_graph: Graph, node: Node, magnitudes: Sequence[int]) -> int:
    return magnitudes[0] * abs(node.multiplier) + magnitudes[1] * abs(node.multiplier2)


def _mul(_graph: Graph, node: Node, magnitudes: Sequence[int]) -> int:
    return magnitudes[0] * magnitudes[1] * abs(node.multiplier)


def _average(_graph: Graph, node: Node, magnitudes: Sequence[int]) -> int:
    taps = node.attributes[3] * node.attributes[4]
    return taps * (magnitudes[0] * abs(node.multiplier) + (1 << node.shift))


def _sum(_graph: Graph, node: Node, magnitudes: Sequence[int]) -> int:
    return node.attributes[0] * magnitudes[0] * abs(node.multiplier)


def _divide(_graph: Graph, node: Node, magnitudes: Sequence[int]) -> int:
    return magnitudes[0] * abs(node.multiplier) + magnitudes[1]


_BOUNDS: dict[Opcode, Callable[[Graph, Node, Sequence[int]], int]] = {
    Opcode.MATMUL: _linear,
    Opcode.CONV: _linear,
    Opcode.REQUANT: _requant,
    Opcode.ADD: _add,
    Opcode.MUL: _mul,
    Opcode.AVGPOOL: _average,
    Opcode.SUM: _sum,
    Opcode.DIV: _divide,
    Opcode.ACCUMULATE: _accumulate,
}
