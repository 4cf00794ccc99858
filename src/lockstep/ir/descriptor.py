"""The 512 bytes by which a contract knows a node (docs/specs/integer-graph.md, section 4)."""

import struct

from lockstep.crypto.merkle import levels_for
from lockstep.errors import GraphError
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import ATTRIBUTES, Graph, Node, Operand
from lockstep.ir.ops import Opcode, OperandKind

DESCRIPTOR = struct.Struct(">7I2iI qq i4x 8I 16i 48i 160x".replace(" ", ""))
"""Fields 0 to 14 (10 and 11, 12 and 13 as 64-bit pairs), 16 to 23, 24 to 39 and 40 to 87; 88 to 127 are zero."""

RANK = 8
OPERANDS = 8


def encode_descriptor(graph: Graph, node_number: int) -> bytes:
    """Descriptor of one node. Raises ``GraphError`` ``descriptor/range`` where a field does not fit."""
    node = graph.nodes[node_number]
    operands: list[int] = []
    for operand in node.operands:
        operands += _operand_fields(graph, operand)
    try:
        return DESCRIPTOR.pack(
            *(node.opcode, node.dtype.width, len(node.shape), len(node.operands)),
            *(levels_for(node.tiles), node.tiles, node.elements),
            *(node.zero_point, node.multiplier, node.shift, node.low, node.high, node.multiplier2),
            *_filled(node.shape, RANK),
            *_filled(node.attributes, ATTRIBUTES),
            *_filled(tuple(operands), 6 * OPERANDS),
        )
    except struct.error as error:
        raise GraphError("descriptor/range", f"node {node.name}: {error}", value=node_number) from None


def decode_descriptor(graph: Graph, node_number: int, name: str, data: bytes) -> Node:
    """The node behind a descriptor; ``graph`` holds the inputs, constants and earlier nodes that it refers to."""
    values = DESCRIPTOR.unpack(data)
    rank, count = values[2], values[3]
    if rank > RANK or count > OPERANDS:
        raise GraphError("descriptor/malformed", f"node {name}: rank or operand count", value=(rank, count))
    fields = values[13 + RANK + ATTRIBUTES :]
    try:
        node = Node(
            name=name,
            opcode=Opcode(values[0]),
            dtype=DType(values[1]),
            shape=tuple(values[13 : 13 + rank]),
            zero_point=values[7],
            multiplier=values[8],
            shift=values[9],
            low=values[10],
            high=values[11],
            multiplier2=values[12],
            attributes=tuple(values[13 + RANK : 13 + RANK + ATTRIBUTES]),
            operands=tuple(_operand(graph, fields[6 * j : 6 * j + 6]) for j in range(count)),
        )
    except (ValueError, IndexError) as error:
        raise GraphError("descriptor/malformed", f"node {name}: {error}", value=node_number) from None
    return node


def _operand_fields(graph: Graph, operand: Operand) -> tuple[int, ...]:
    is_weight = operand.kind is OperandKind.WEIGHT
    return (
        operand.kind,
        graph.first_leaf(operand.index) if is_weight else operand.index,
        operand.dtype.width,
        operand.zero_point,
        operand.leaves,
        0 if is_weight else levels_for(operand.leaves),
    )


def _operand(graph: Graph, fields: tuple[int, ...]) -> Operand:
    kind, index, dtype = OperandKind(fields[0]), fields[1], DType(fields[2])
    if kind is OperandKind.WEIGHT:
        index = graph.first_leaves.index(index)
        shape = graph.constants[index].shape
    else:
        shape = graph.inputs[index].shape if kind is OperandKind.INPUT else graph.nodes[index].shape
    return Operand(kind=kind, index=index, dtype=dtype, shape=shape, zero_point=fields[3])


def _filled(values: tuple[int, ...], length: int) -> tuple[int, ...]:
    if len(values) > length:
        raise GraphError("descriptor/range", "more values than the descriptor has fields", value=values)
    return values + (0,) * (length - len(values))
