"""Every validity rule refuses the graph that breaks it, by its own code."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lockstep.errors import GraphError
from lockstep.ir.check import check_graph
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind

LENGTH = 4


def node(opcode: Opcode, operands: list[Operand], shape: tuple[int, ...], attributes: list[int], **fields: Any) -> Node:
    fields = {"dtype": DType.I8, "low": -128, "high": 127} | fields
    filled = tuple(attributes) + (0,) * (16 - len(attributes))
    return Node(opcode.name.lower(), opcode, tuple(operands), shape=shape, attributes=filled, **fields)


def graph_of(last: Node, *constants: Constant, before: tuple[Node, ...] = ()) -> Graph:
    x = TensorSpec("x", DType.I8, (1, 4, 4, LENGTH), 1.0, 0)
    y = TensorSpec("y", last.dtype, last.shape, 1.0, 0)
    return Graph((x,), (y,), (*before, last), constants)


X = Operand(OperandKind.INPUT, 0, DType.I8, (1, 4, 4, LENGTH))


def weight(number: int, values: np.ndarray, dtype: DType) -> tuple[Operand, Constant]:
    constant = Constant(dtype, values.astype(dtype.numpy))
    return Operand(OperandKind.WEIGHT, number, dtype, values.shape), constant


def matmul(**fields: Any) -> Graph:
    w, values = weight(0, np.ones((3, LENGTH)), DType.I8)
    table, rows = weight(1, np.ones((3, 2)), DType.I64)
    attributes = [LENGTH, LENGTH, 0, LENGTH, 0, 3, 16, 0]
    return graph_of(node(Opcode.MATMUL, [X, w, table], (16, 3), attributes, **fields), values, rows)


def conv() -> Graph:
    w, values = weight(0, np.ones((2, 3, 3, LENGTH)), DType.I8)
    attributes = [4, 4, LENGTH, 3, 3, LENGTH, 1, 1, 1, 1, 1, 1, 1, 3, LENGTH]
    return graph_of(node(Opcode.CONV, [X, w], (1, 4, 4, 2), attributes), values)


def pool(opcode: Opcode, **fields: Any) -> Graph:
    attributes = [4, 4, LENGTH, 2, 2, 0, 1, 1, 0, 0, 1, 1]
    return graph_of(node(opcode, [X], (1, 3, 3, LENGTH), attributes, **fields))


def elementwise(opcode: Opcode) -> Graph:
    attributes = [LENGTH, 1, 0, 0, 0, 0, LENGTH, 1]
    return graph_of(node(opcode, [X, X], (16, LENGTH), attributes))


def copy() -> Graph:
    return graph_of(node(Opcode.COPY, [X], (16, LENGTH), [LENGTH, 1]))


def look_up() -> Graph:
    table, values = weight(0, np.zeros(256), DType.I8)
    return graph_of(node(Opcode.LUT, [X, table], (16, LENGTH), []), values)


def concat() -> Graph:
    return graph_of(node(Opcode.CONCAT, [X, X], (16, 2 * LENGTH), [LENGTH, LENGTH]))


def run(opcode: Opcode, dtype: DType = DType.I8) -> Graph:
    low, high = dtype.minimum, dtype.maximum
    return graph_of(node(opcode, [X], (16,), [LENGTH, LENGTH, 0], dtype=dtype, low=low, high=high))


def requant() -> Graph:
    table, values = weight(0, np.ones((LENGTH, 2)), DType.I64)
    return graph_of(node(Opcode.REQUANT, [X, table], (16, LENGTH), [LENGTH]), values)


def accumulate() -> Graph:
    table, values = weight(0, np.ones((LENGTH, 2)), DType.I64)
    return graph_of(node(Opcode.ACCUMULATE, [X, X, table], (16, LENGTH), [LENGTH, 1]), values)


def trees(table: list[list[int]] | None = None, **fields: Any) -> Graph:
    """Two trees, of three leaves and of two, over rows of ``LENGTH`` features; two outputs."""
    rows = table or [[0, 5, 1, -1], [3, -7, -2, -3], [1, 0, -1, -2], [0, 0, -1, -1]]
    nodes, node_rows = weight(0, np.array(rows), DType.I16)
    values, value_rows = weight(1, np.arange(12).reshape(6, 2), DType.I8)
    last = node(Opcode.TREES, [X, nodes, values], (16, 2, 2), [LENGTH, 2, 2, 3, 2, 2], **fields)
    return graph_of(last, node_rows, value_rows)


def with_node(number: int, *row: int) -> Graph:
    table = trees().constants[0].values.tolist()
    table[number] = list(row)
    return trees(table)


def crossed_tiles(tiles: int) -> Graph:
    """One tree that is a chain, every node of it in another tile."""
    count = 64 * (tiles - 1) + 1
    rows = np.tile(np.array([0, 0, -1, -1]), (count, 1))
    for tile in range(tiles - 1):
        rows[64 * tile] = 0, 0, 64 * (tile + 1), -2 - tile
    rows[-1] = 0, 0, -1, -1 - tiles
    nodes, node_rows = weight(0, rows, DType.I16)
    values, value_rows = weight(1, np.zeros((tiles + 1, 1)), DType.I8)
    last = node(Opcode.TREES, [X, nodes, values], (16, 1, 1), [LENGTH, 1, count, tiles + 1, 1, tiles])
    return graph_of(last, node_rows, value_rows)


SOUND: dict[str, Callable[[], Graph]] = {
    "matmul": matmul,
    "conv": conv,
    "max pool": lambda: pool(Opcode.MAXPOOL),
    "average pool": lambda: pool(Opcode.AVGPOOL, shift=1),
    "add": lambda: elementwise(Opcode.ADD),
    "mul": lambda: elementwise(Opcode.MUL),
    "div": lambda: elementwise(Opcode.DIV),
    "copy": copy,
    "lut": look_up,
    "concat": concat,
    "sum": lambda: run(Opcode.SUM),
    "max": lambda: run(Opcode.MAX),
    "argmax": lambda: run(Opcode.ARGMAX, DType.I32),
    "requant": requant,
    "accumulate": accumulate,
    "trees": trees,
    "trees in six tiles": lambda: crossed_tiles(6),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_graph_passes(name: str) -> None:
    check_graph(SOUND[name]())


def changed(name: str, **fields: Any) -> Graph:
    graph = SOUND[name]()
    return replace(graph, nodes=(replace(graph.nodes[-1], **fields),))


def attribute(name: str, **values: int) -> Graph:
    """``a3=7`` sets attribute 3."""
    attributes = list(SOUND[name]().nodes[-1].attributes)
    for key, value in values.items():
        attributes[int(key[1:])] = value
    return changed(name, attributes=tuple(attributes))


def operand(name: str, place: int, **fields: Any) -> Graph:
    operands = list(SOUND[name]().nodes[-1].operands)
    operands[place] = replace(operands[place], **fields)
    return changed(name, operands=tuple(operands))


def without_last_operand(name: str) -> Graph:
    return changed(name, operands=SOUND[name]().nodes[-1].operands[:-1])


BROKEN: dict[str, tuple[str, Callable[[], Graph]]] = {
    "no nodes": ("graph/empty", lambda: replace(copy(), nodes=())),
    "no inputs": ("graph/empty", lambda: replace(copy(), inputs=())),
    "more outputs than nodes": ("graph/empty", lambda: replace(copy(), outputs=copy().outputs * 2)),
    "output of another shape": (
        "graph/output",
        lambda: replace(copy(), outputs=(replace(copy().outputs[0], shape=(16, 3)),)),
    ),
    "too few operands": ("graph/arity", lambda: without_last_operand("add")),
    "empty shape": ("graph/shape", lambda: changed("copy", shape=())),
    "axis of size 0": ("graph/shape", lambda: changed("copy", shape=(16, 0))),
    "rank 7": ("graph/shape", lambda: changed("copy", shape=(1,) * 7)),
    "too many elements": ("graph/size", lambda: changed("copy", shape=(1 << 16, 1 << 16))),
    "negative shift": ("graph/shift", lambda: changed("copy", shift=-1)),
    "shift of 63": ("graph/shift", lambda: changed("copy", shift=63)),
    "multiplier of 32 bits": ("graph/multiplier", lambda: changed("sum", multiplier=1 << 31)),
    "second multiplier of 32 bits": ("graph/multiplier", lambda: changed("add", multiplier2=-(1 << 31))),
    "empty clamp": ("graph/clamp", lambda: changed("add", low=1, high=0)),
    "clamp outside the type": ("graph/clamp", lambda: changed("add", high=128)),
    "unused attribute": ("graph/attributes", lambda: attribute("sum", a3=1)),
    "node that comes later": ("graph/operand", lambda: operand("copy", 0, kind=OperandKind.TRACE)),
    "input that does not exist": ("graph/operand", lambda: operand("copy", 0, index=1)),
    "constant that does not exist": ("graph/operand", lambda: operand("lut", 1, index=1)),
    "operand of another type": ("graph/operand", lambda: operand("copy", 0, dtype=DType.I16)),
    "operand of another size": ("graph/operand", lambda: operand("copy", 0, shape=(1, 4, 4, 5))),
    "zero point outside the type": ("graph/zero-point", lambda: operand("add", 0, zero_point=128)),
    "copy into another type": ("graph/dtype", lambda: changed("copy", dtype=DType.I16)),
    "argmax that is not i32": ("graph/dtype", lambda: changed("argmax", dtype=DType.I64)),
    "empty product": ("graph/length", lambda: attribute("matmul", a0=0)),
    "columns that are not the last axis": ("graph/columns", lambda: attribute("matmul", a5=4)),
    "product past its left operand": ("graph/range", lambda: attribute("matmul", a2=1)),
    "product past its right operand": ("graph/range", lambda: attribute("matmul", a4=1)),
    "run past its operand": ("graph/range", lambda: attribute("sum", a2=1)),
    "run before its operand": ("graph/range", lambda: attribute("max", a2=-1)),
    "table with too few rows": ("graph/table", lambda: attribute("requant", a0=8)),
    "table that is no constant": (
        "graph/table",
        lambda: changed("accumulate", operands=(X, X, X)),
    ),
    "table for other columns": (
        "graph/table",
        lambda: changed("matmul", operands=(*matmul().nodes[0].operands[:2], X)),
    ),
    "look-up table of another type": ("graph/table", lambda: changed("lut", dtype=DType.I16)),
    "look-up of another size": ("graph/size", lambda: changed("lut", shape=(16, 3))),
    "requant of another size": ("graph/size", lambda: changed("requant", shape=(16, 3))),
    "term with a zero point": ("graph/size", lambda: operand("accumulate", 0, zero_point=1)),
    "window without taps": ("graph/window", lambda: attribute("max pool", a8=2)),
    "last window outside": ("graph/window", lambda: changed("max pool", shape=(1, 6, 3, LENGTH))),
    "window without stride": ("graph/window", lambda: attribute("max pool", a6=0)),
    "image of another size": ("graph/window", lambda: attribute("conv", a0=5)),
    "average without shift": ("graph/shift", lambda: changed("average pool", shift=0)),
    "pool into other channels": ("graph/window", lambda: changed("max pool", shape=(1, 3, 3, 2))),
    "groups that do not divide": ("graph/groups", lambda: attribute("conv", a12=3)),
    "kernel of another size": ("graph/weight", lambda: changed("conv", shape=(1, 4, 4, 4))),
    "no part of the kernel": ("graph/part", lambda: attribute("conv", a13=(2 << 16) + 2)),
    "part past the channels": ("graph/part", lambda: attribute("conv", a14=LENGTH + 1)),
    "view past its operand": ("graph/view", lambda: attribute("copy", a12=1)),
    "view before its operand": ("graph/view", lambda: attribute("add", a0=-1)),
    "second view past its operand": ("graph/view", lambda: attribute("mul", a13=1)),
    "extents that do not divide": ("graph/extents", lambda: attribute("concat", a0=3)),
    "extent of nothing": ("graph/extents", lambda: attribute("concat", a0=0)),
    "no features": ("graph/length", lambda: attribute("trees", a0=0)),
    "features that are a constant": (
        "graph/operand",
        lambda: changed("trees", operands=(trees().nodes[0].operands[1], *trees().nodes[0].operands[1:])),
    ),
    "rows of another size": ("graph/size", lambda: attribute("trees", a0=3)),
    "forest of another size": ("graph/size", lambda: changed("trees", shape=(16, 2, 3))),
    "nodes of another shape": ("graph/table", lambda: attribute("trees", a2=3)),
    "values of another shape": ("graph/table", lambda: attribute("trees", a3=4)),
    "values of another type": ("graph/table", lambda: changed("trees", dtype=DType.I16)),
    "nodes that are no constant": (
        "graph/table",
        lambda: changed("trees", operands=(X, X, trees().nodes[0].operands[2])),
    ),
    "feature that does not exist": ("graph/trees", lambda: with_node(0, LENGTH, 5, 1, -1)),
    "negative feature": ("graph/trees", lambda: with_node(0, -1, 5, 1, -1)),
    "node that does not exist": ("graph/trees", lambda: with_node(0, 0, 5, 2, -1)),
    "leaf that does not exist": ("graph/trees", lambda: with_node(1, 3, -7, -2, -4)),
    "node that is its own child": ("graph/trees", lambda: with_node(1, 3, -7, 1, -3)),
    "node that leads back": ("graph/trees", lambda: with_node(1, 3, -7, 0, -3)),
    "leaf of two paths": ("graph/trees", lambda: with_node(1, 3, -7, -2, -1)),
    "leaf on both sides": ("graph/trees", lambda: with_node(1, 3, -7, -2, -2)),
    "node of two paths": ("graph/trees", lambda: with_node(0, 0, 5, 1, 1)),
    "bad row that no walk reaches": ("graph/trees", lambda: with_node(3, 9, 0, -1, -1)),
    "walk longer than the depth": ("graph/trees", lambda: attribute("trees", a5=1)),
    "depth beyond the limit": ("graph/trees", lambda: attribute("trees", a5=33)),
    "walk through seven tiles": ("step/too-large", lambda: crossed_tiles(7)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_graph_is_refused(name: str) -> None:
    code, build = BROKEN[name]
    with pytest.raises(GraphError) as refusal:
        check_graph(build())
    assert refusal.value.code == code


def test_the_bound_of_63_bits_is_exact() -> None:
    """|a·m + r| < 2^63 for every reachable accumulator: 4 · 128 · 128 · m + r."""
    most = ((1 << 63) - 1) >> 16
    table = np.array([[0, most]] * 3)
    graph = matmul()
    w = Constant(DType.I8, np.full((3, LENGTH), -128, np.int8))
    check_graph(replace(graph, constants=(w, Constant(DType.I64, table))))
    with pytest.raises(GraphError, match=r"^graph/overflow: node matmul"):
        check_graph(replace(graph, constants=(w, Constant(DType.I64, table + 1))))
    rounded = (replace(graph.nodes[0], shift=62),)
    with pytest.raises(GraphError, match=r"^graph/overflow"):
        check_graph(replace(graph, nodes=rounded, constants=(w, Constant(DType.I64, table))))


@pytest.mark.parametrize(("opcode", "length"), [(Opcode.SUM, 4097), (Opcode.MAX, 4097), (Opcode.MATMUL, 6000)])
def test_a_step_that_opens_too_much_is_refused(opcode: Opcode, length: int) -> None:
    x = Operand(OperandKind.INPUT, 0, DType.I8, (length,))
    if opcode is Opcode.MATMUL:
        last = node(opcode, [x, x], (1,), [length, 0, 0, 0, 0, 1, 1, 0])
    else:
        last = node(opcode, [x], (1,), [length, length, 0])
    spec = TensorSpec("x", DType.I8, (length,), 1.0, 0)
    with pytest.raises(GraphError, match=r"^step/too-large"):
        check_graph(replace(graph_of(last), inputs=(spec,)))


def test_a_window_that_opens_too_much_is_refused() -> None:
    x = Operand(OperandKind.INPUT, 0, DType.I8, (1, 16, 16, 1024))
    last = node(Opcode.MAXPOOL, [x], (1, 9, 9, 1024), [16, 16, 1024, 8, 8, 0, 1, 1, 0, 0, 1, 1])
    spec = TensorSpec("x", DType.I8, x.shape, 1.0, 0)
    with pytest.raises(GraphError, match=r"^step/too-large"):
        check_graph(replace(graph_of(last), inputs=(spec,)))
