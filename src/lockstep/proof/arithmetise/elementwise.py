"""REQUANT, ADD, MUL and LUT: one result element from one element of each operand."""

from lockstep.ir.graph import Node, Operand
from lockstep.proof.arithmetise.assembler import WEIGHTS, used_loops
from lockstep.proof.arithmetise.context import Context, Read
from lockstep.proof.arithmetise.expressions import Affine
from lockstep.proof.arithmetise.loops import Access, Extents, flat
from lockstep.proof.arithmetise.products import of_channels
from lockstep.proof.arithmetise.recipes import NodeValue, Weights


def arithmetise_requant(context: Context, number: int) -> None:
    """``rq(x − zx; m)``, or with a table ``rq((x − zx)·m2 + bias; multiplier)``."""
    node = context.graph.nodes[number]
    x = node.operands[0]
    if len(node.operands) == 1:
        read = context.read({"e": node.elements}, [(context.activation(x), flat(x.elements, {"e": 1}))], number=number)
        context.commit(number, read, context.value(read, 0) * node.multiplier)
        return
    table, channels = node.operands[1], node.attributes[0]
    outer = {"row": node.elements // channels, "channel": channels}
    places = flat(x.elements, {"row": channels, "channel": 1})
    operands = [(context.activation(x), places), (table, flat(channels, {"channel": 1}))]
    read = context.read(outer, operands, number=number)
    multipliers = of_channels(context, read, table.index, multipliers=True)
    product = _covering(context, read, context.value(read, 0) * node.multiplier2, multipliers)
    context.commit(number, read, of_channels(context, read, table.index, multipliers=False), [({}, *product)])


def arithmetise_add(context: Context, number: int) -> None:
    """``rq((a − za)·m + (b − zb)·m2; 1)``."""
    node = context.graph.nodes[number]
    read = pair(context, number)
    context.commit(number, read, context.value(read, 0) * node.multiplier + context.value(read, 1) * node.multiplier2)


def arithmetise_mul(context: Context, number: int) -> None:
    """``rq((a − za)(b − zb); m)``."""
    node = context.graph.nodes[number]
    read = pair(context, number)
    a, b = _covering(context, read, context.value(read, 0), context.value(read, 1))
    context.commit(number, read, Affine(), [({}, a * node.multiplier, b)])


def arithmetise_look_up(context: Context, number: int) -> None:
    """(code, result) is a row of the committed table."""
    node = context.graph.nodes[number]
    x, table = node.operands
    read = context.read({"e": node.elements}, [(context.activation(x), flat(x.elements, {"e": 1}))], number=number)
    rows = context.assembler.once(
        ("table", table.index, node.zero_point),
        lambda: context.assembler.over(
            {"row": table.elements}, Weights(table.index, (1,), 0, node.zero_point), WEIGHTS
        ),
    )
    tag = context.assembler.value_table(rows.parts[0].block, (1,))
    result = context.assembler.over(read.result, NodeValue(number, node.zero_point))
    code = context.value(read, 0) + (x.zero_point - x.dtype.minimum)
    context.assembler.look_up(tag, read.result, (code, result))
    context.define(number, read, result.parts[0].block)


def pair(context: Context, number: int) -> Read:
    """Both operands through their views."""
    node = context.graph.nodes[number]
    outer: Extents = {f"d{axis}": extent for axis, extent in enumerate(node.shape)}
    return context.read(outer, [_view(node, 0), _view(node, 1)], number=number)


def _view(node: Node, operand: int) -> tuple[Operand, Access]:
    source = node.operands[operand]
    strides = node.attributes[6 * operand :]
    steps = {f"d{axis}": strides[axis] for axis in range(len(node.shape))}
    return source, flat(source.elements, steps, node.attributes[12 + operand])


def _covering(context: Context, read: Read, a: Affine, b: Affine) -> tuple[Affine, Affine]:
    """Factors that together depend on every loop of the result: the first is copied if they do not."""
    if used_loops(a) | used_loops(b) >= set(read.result):
        return a, b
    return context.committed_copy(read.result, a), b
