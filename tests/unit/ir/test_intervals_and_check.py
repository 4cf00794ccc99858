"""What a graph says of its own inputs and outputs: memory is laid out by it, so it is bounded before anything runs."""

from dataclasses import replace

import numpy as np
import pytest

from lockstep.errors import GraphError
from lockstep.ir.check import check_graph
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.intervals import node_interval, operand_interval
from lockstep.ir.ops import Opcode, OperandKind

X = Operand(OperandKind.INPUT, 0, DType.I8, (2, 4), zero_point=-128)
SPEC = TensorSpec("x", DType.I8, (2, 4), 1.0, 0)


def requant(**fields: int) -> Graph:
    bounds = {"low": -128, "high": 127} | fields
    node = replace(Node("r", Opcode.REQUANT, (X,), DType.I8, (2, 4), -128, 127), **bounds)  # type: ignore[arg-type]
    return Graph((SPEC,), (TensorSpec("y", DType.I8, (2, 4), 1.0, 0),), (node,), ())


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        ((-2, -4), "graph/shape"),
        ((2, 4, 0), "graph/shape"),
        ((1 << 31,), "graph/size"),
        ((1 << 20, 1 << 40), "graph/size"),
    ],
)
def test_tensor_that_no_memory_holds_is_refused(shape: tuple[int, ...], code: str) -> None:
    graph = requant()
    unread = replace(graph, inputs=(SPEC, replace(SPEC, name="unread", shape=shape)))
    output = replace(graph, outputs=(replace(graph.outputs[0], name="unread", shape=shape),))
    for broken in (unread, output):
        with pytest.raises(GraphError, match="unread") as refused:
            check_graph(broken)
        assert refused.value.code == code


def test_largest_tensor_is_accepted() -> None:
    graph = requant()
    check_graph(replace(graph, inputs=(SPEC, replace(SPEC, shape=((1 << 31) - 1,)))))


@pytest.mark.parametrize(
    ("fields", "interval"),
    [
        ({}, (-128, 127)),
        ({"shift": 3}, (-32, 32)),
        ({"shift": 3, "low": 0}, (0, 32)),
        ({"shift": 3, "zero_point": 100}, (-128, 127)),
        ({"multiplier": 0, "low": 5, "high": 9}, (5, 9)),
    ],
)
def test_interval_holds_every_value(fields: dict[str, int], interval: tuple[int, int]) -> None:
    """The accumulator is 0 … 255: the bound is about its magnitude, so it is the same below zero."""
    graph = requant(**fields)
    low, high = node_interval(graph, graph.nodes[0], [])
    node = graph.nodes[0]
    rounding = 1 << (node.shift - 1) if node.shift else 0
    for code in range(-128, 128):
        scaled = ((code + 128) * node.multiplier + rounding) >> node.shift
        assert low <= max(node.low, min(node.high, scaled + node.zero_point)) <= high
    assert interval[0] <= low <= high <= interval[1]


def test_interval_of_a_constant_is_its_range() -> None:
    table = Constant(DType.I16, np.array([-7, 300, 12], np.int16))
    graph = replace(requant(), constants=(table,))
    weight = Operand(OperandKind.WEIGHT, 0, DType.I16, (3,))
    assert operand_interval(graph, weight, []) == (-7, 300)
    assert operand_interval(graph, Operand(OperandKind.TRACE, 1, DType.I8, (3,)), [(0, 1), (4, 5)]) == (4, 5)
    assert operand_interval(graph, X, []) == (-128, 127)
