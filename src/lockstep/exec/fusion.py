"""Joins what the compiler split for disputes: without a trace, partial sums need not exist."""

from collections import Counter
from dataclasses import replace

from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Graph, Node, Operand
from lockstep.ir.ops import Opcode, OperandKind

Interval = tuple[int, int]


def fuse_partial_sums(graph: Graph) -> dict[int, Node]:
    """The nodes to run, by number: an ACCUMULATE of parts of one product becomes that product, its parts go."""
    readers = Counter(
        operand.index for node in graph.nodes for operand in node.operands if operand.kind is OperandKind.TRACE
    )
    first_output = len(graph.nodes) - len(graph.outputs)
    nodes = dict(enumerate(graph.nodes))
    for number, node in enumerate(graph.nodes):
        if node.opcode is not Opcode.ACCUMULATE:
            continue
        terms = node.operands[:-1] if node.attributes[1] else node.operands
        numbers = [term.index for term in terms]
        is_private = all(term.kind is OperandKind.TRACE and readers[term.index] == 1 for term in terms)
        if not is_private or max(numbers) >= first_output:
            continue
        product = _join(node, [graph.nodes[index] for index in numbers])
        if product is not None:
            nodes[number] = product
            for index in numbers:
                del nodes[index]
    return nodes


def _join(node: Node, parts: list[Node]) -> Node | None:
    """The product whose parts these are, requantised as ``node`` is; None if they are anything else."""
    first = parts[0]
    if first.opcode not in _EXTENTS or not all(_is_plain(part, first) for part in parts):
        return None
    channels = first.attributes[5] if first.opcode is Opcode.MATMUL else first.shape[-1]
    if node.elements != first.elements or (node.attributes[1] and node.attributes[0] != channels):
        return None
    attributes = _EXTENTS[first.opcode](parts)
    if attributes is None:
        return None
    table: tuple[Operand, ...] = node.operands[-1:] if node.attributes[1] else ()
    operands = (*first.operands[:2], *table)
    return replace(node, opcode=first.opcode, operands=operands, shape=first.shape, attributes=attributes)


def _is_plain(part: Node, first: Node) -> bool:
    """A sum as it is, of the same operands, that never reaches its clamp."""
    if part.opcode is not first.opcode or part.operands != first.operands or len(part.operands) != 2:
        return False
    x, w = (_magnitude(operand) for operand in part.operands)
    length = part.attributes[0] if part.opcode is Opcode.MATMUL else part.operands[1].elements // part.shape[-1]
    is_untouched = (part.multiplier, part.shift, part.zero_point) == (1, 0, 0)
    return is_untouched and part.shape == first.shape and length * x * w <= min(part.high, -part.low)


def _magnitude(operand: Operand) -> int:
    """A bound of |value − zero point|."""
    dtype: DType = operand.dtype
    return -dtype.minimum + abs(operand.zero_point)


def _whole_matmul(parts: list[Node]) -> tuple[int, ...] | None:
    """Parts that follow each other in both operands."""
    parts = sorted(parts, key=lambda part: part.attributes[2])
    length, x_first, w_first = (parts[0].attributes[place] for place in (0, 2, 4))
    for part in parts[1:]:
        if (part.attributes[2], part.attributes[4]) != (x_first + length, w_first + length):
            return None
        length += part.attributes[0]
    whole = (length, *parts[0].attributes[1:])
    same = {(part.attributes[1], part.attributes[3], *part.attributes[5:]) for part in parts}
    return whole if len(same) == 1 else None


def _whole_conv(parts: list[Node]) -> tuple[int, ...] | None:
    """Parts of the kernel that do not overlap and have its area together."""
    attributes = parts[0].attributes
    if len({part.attributes[:13] for part in parts}) != 1:
        return None
    areas = [(divmod(part.attributes[13], 1 << 16), divmod(part.attributes[14], 1 << 16)) for part in parts]
    area = sum((row_end - row) * (end - channel) for (row, row_end), (channel, end) in areas)
    overlaps = any(
        _overlap(areas[i][0], areas[j][0]) and _overlap(areas[i][1], areas[j][1])
        for i in range(len(areas))
        for j in range(i)
    )
    if overlaps or area != attributes[3] * attributes[5]:
        return None
    return (*attributes[:13], attributes[3], attributes[5], *attributes[15:])


def _overlap(a: Interval, b: Interval) -> bool:
    return a[0] < b[1] and b[0] < a[1]


_EXTENTS = {Opcode.MATMUL: _whole_matmul, Opcode.CONV: _whole_conv}
