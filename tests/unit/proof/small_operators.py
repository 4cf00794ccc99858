"""For every operator a small graph, and another whose run a cheating prover passes off as the first one's."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lockstep.ir.dtypes import DType
from lockstep.ir.graph import ATTRIBUTES, Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind


def graph_of(
    opcode: Opcode,
    shapes: list[tuple[int, ...]],
    shape: tuple[int, ...],
    attributes: tuple[int, ...],
    *,
    dtype: DType = DType.I8,
    constants: tuple[Constant, ...] = (),
    **numbers: int,
) -> Graph:
    """One node over i8 inputs."""
    inputs = tuple(TensorSpec(f"x{n}", DType.I8, s, 1.0, 0) for n, s in enumerate(shapes))
    operands = [Operand(OperandKind.INPUT, n, DType.I8, s) for n, s in enumerate(shapes)]
    operands += [Operand(OperandKind.WEIGHT, n, c.dtype, c.shape) for n, c in enumerate(constants)]
    padded = attributes + (0,) * (ATTRIBUTES - len(attributes))
    ends = {"low": dtype.minimum, "high": dtype.maximum, **numbers}
    node = Node("node", opcode, tuple(operands), dtype, shape, attributes=padded, **ends)
    return Graph(inputs, (TensorSpec("y", dtype, shape, 1.0, 0),), (node,), constants)


@dataclass(frozen=True)
class Pair:
    """``impostor`` answers otherwise on these inputs; all that is public of the two but the answer is the same."""

    graph: Graph
    impostor: Graph
    inputs: tuple[tuple[int, ...], ...]


def weights(values: list[object], dtype: DType = DType.I8) -> Constant:
    return Constant(dtype, np.array(values))


def _matmul(rows: list[list[int]]) -> Graph:
    attributes = (2, 2, 0, 2, 0, 2, 1, 0)
    constants = (weights(rows),)
    return graph_of(Opcode.MATMUL, [(1, 2)], (1, 2), attributes, constants=constants, multiplier=300, shift=12)


def _conv(top: int) -> Graph:
    attributes = (4, 4, 1, 2, 2, 1, 1, 1, top, 0, 1, 1, 1, 2, 1)
    constants = (weights([[[[5], [-3]], [[7], [2]]]]),)
    shape = (1, 3, 3, 1)
    return graph_of(Opcode.CONV, [(1, 4, 4, 1)], shape, attributes, constants=constants, multiplier=3, shift=4)


def _requant(multiplier: int) -> Graph:
    return graph_of(Opcode.REQUANT, [(1, 4)], (1, 4), (4,), multiplier=multiplier, shift=4)


def _pair(opcode: Opcode, offset: int, **numbers: int) -> Graph:
    """Element by element of the first and, from an offset, of the second."""
    attributes = (1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, offset)
    return graph_of(opcode, [(3,), (4,)], (3,), attributes, **numbers)


def _look_up(step: int) -> Graph:
    table = weights([(step * place) % 251 - 125 for place in range(256)])
    return graph_of(Opcode.LUT, [(3,)], (3,), (), constants=(table,))


def _copy(offset: int) -> Graph:
    return graph_of(Opcode.COPY, [(2, 3)], (4,), (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, offset))


def _concat(order: tuple[int, int]) -> Graph:
    graph = graph_of(Opcode.CONCAT, [(1, 3), (1, 3)], (1, 6), (3, 3))
    (node,) = graph.nodes
    operands = tuple(node.operands[place] for place in order)
    nodes = (
        Node("node", node.opcode, operands, node.dtype, node.shape, node.low, node.high, attributes=node.attributes),
    )
    return Graph(graph.inputs, graph.outputs, nodes, graph.constants)


def _pool(opcode: Opcode, left: int, **numbers: int) -> Graph:
    attributes = (4, 4, 1, 2, 2, 0, 1, 1, 0, left, 1, 1)
    return graph_of(opcode, [(1, 4, 4, 1)], (1, 3, 3, 1), attributes, **numbers)


def _run(opcode: Opcode, offset: int, dtype: DType = DType.I8, **numbers: int) -> Graph:
    return graph_of(opcode, [(8,)], (2,), (3, 3, offset), dtype=dtype, **numbers)


def _accumulate(order: tuple[int, int]) -> Graph:
    graph = graph_of(Opcode.ACCUMULATE, [(1, 2)] * 2, (1, 2), (2, 0), multiplier=3, shift=3)
    (node,) = graph.nodes
    operands = tuple(node.operands[place] for place in order)
    numbers = {"multiplier": node.multiplier, "shift": node.shift, "attributes": node.attributes}
    nodes = (Node("node", node.opcode, operands, node.dtype, node.shape, node.low, node.high, **numbers),)
    return Graph(graph.inputs, graph.outputs, nodes, graph.constants)


def _trees(threshold: int) -> Graph:
    nodes = weights([[0, threshold, 1, -1], [1, -2, -2, -3]], DType.I16)
    values = weights([[10], [20], [30]])
    return graph_of(Opcode.TREES, [(1, 2)], (1, 1, 1), (2, 1, 2, 3, 1, 2), constants=(nodes, values))


IMAGE = tuple((37 * place) % 101 - 50 for place in range(16))
RUN = (9, 4, 9, -3, 8, 8, 1, 7)
FALLING = (9, 4, 2, -3, 8, 8, 1, 7)

PAIRS: dict[Opcode, Callable[[], Pair]] = {
    Opcode.MATMUL: lambda: Pair(_matmul([[100, 3], [-90, 77]]), _matmul([[100, 3], [-90, -77]]), ((7, 9),)),
    Opcode.CONV: lambda: Pair(_conv(0), _conv(1), (IMAGE,)),
    Opcode.REQUANT: lambda: Pair(_requant(13), _requant(11), ((7, -9, 100, -128),)),
    Opcode.ADD: lambda: Pair(_pair(Opcode.ADD, 0), _pair(Opcode.ADD, 1), ((1, 2, 3), (5, -7, 100, 9))),
    Opcode.MUL: lambda: Pair(
        _pair(Opcode.MUL, 0, multiplier=9, shift=6),
        _pair(Opcode.MUL, 1, multiplier=9, shift=6),
        ((1, 2, 30), (50, -7, 90, 9)),
    ),
    Opcode.LUT: lambda: Pair(_look_up(1), _look_up(3), ((5, -3, 100),)),
    Opcode.COPY: lambda: Pair(_copy(1), _copy(2), ((1, 2, 3, 4, 5, 6),)),
    Opcode.CONCAT: lambda: Pair(_concat((0, 1)), _concat((1, 0)), ((1, 2, 3), (4, 5, 6))),
    Opcode.MAXPOOL: lambda: Pair(_pool(Opcode.MAXPOOL, 0), _pool(Opcode.MAXPOOL, 1), (IMAGE,)),
    Opcode.AVGPOOL: lambda: Pair(
        _pool(Opcode.AVGPOOL, 0, multiplier=5, shift=2), _pool(Opcode.AVGPOOL, 0, multiplier=7, shift=2), (IMAGE,)
    ),
    Opcode.SUM: lambda: Pair(
        _run(Opcode.SUM, 0, multiplier=3, shift=2), _run(Opcode.SUM, 2, multiplier=3, shift=2), (RUN,)
    ),
    Opcode.MAX: lambda: Pair(_run(Opcode.MAX, 0), _run(Opcode.MAX, 1), (FALLING,)),
    Opcode.ARGMAX: lambda: Pair(_run(Opcode.ARGMAX, 0, DType.I32), _run(Opcode.ARGMAX, 1, DType.I32), (RUN,)),
    Opcode.DIV: lambda: Pair(
        _pair(Opcode.DIV, 0, multiplier=10), _pair(Opcode.DIV, 1, multiplier=10), ((50, 60, -70), (7, 11, -5, 6))
    ),
    Opcode.ACCUMULATE: lambda: Pair(_accumulate((0, 1)), _accumulate((0, 0)), ((5, 6), (70, 80))),
    Opcode.TREES: lambda: Pair(_trees(5), _trees(3), ((4, 3),)),
}
