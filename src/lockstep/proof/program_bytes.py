"""Canonical bytes of a program: what a model's proof key names, and what the contract reads (proof.md, section 3.6)."""

import struct
from collections.abc import Iterable

from lockstep.crypto.hashing import keccak256
from lockstep.proof.relations import (
    Axis,
    Block,
    Clamped,
    Column,
    Expression,
    Group,
    Index,
    Map,
    Oracle,
    Program,
    Section,
    Side,
    Term,
)
from lockstep.types import Digest

PROGRAM_TAG = b"lockstep/program/1"
VERSION = 1
ABSENT = 0xFFFF
MODULUS = 2**64 - 2**32 + 1


def program_digest(program: Program) -> Digest:
    """The name of a program."""
    return keccak256(PROGRAM_TAG, encode_program(program))


def encode_program(program: Program) -> bytes:
    """Header, then every record in the order of ``Program``'s fields; big-endian, no padding, no lengths in bytes."""
    parts = [
        struct.pack(
            ">BBBBBBII",
            VERSION,
            program.log_columns,
            program.fractions,
            program.product_bits,
            program.outer_bits,
            program.row_bits,
            program.blinding_fraction,
            program.pad_products,
        ),
        struct.pack(
            ">6H",
            len(program.oracles),
            len(program.blocks),
            len(program.sides),
            len(program.sections),
            len(program.groups),
            len(program.publics),
        ),
        *map(_oracle, program.oracles),
        *map(_block, program.blocks),
        *map(_side, program.sides),
        *map(_section, program.sections),
        *map(_group, program.groups),
    ]
    for shape in program.publics:
        parts.append(struct.pack(f">B{len(shape)}I", len(shape), *shape))
    return b"".join(parts)


def _joined(records: Iterable[bytes], count: int, form: str = ">B") -> bytes:
    return struct.pack(form, count) + b"".join(records)


def _oracle(oracle: Oracle) -> bytes:
    return struct.pack(">HH", oracle.first_row, oracle.rows)


def _axis(axis: Axis) -> bytes:
    return struct.pack(">IB", axis.extent, axis.bits)


def _block(block: Block) -> bytes:
    return struct.pack(">BI", block.oracle, block.offset) + _joined(map(_axis, block.axes), len(block.axes))


def _index(index: Index) -> bytes:
    return struct.pack(">BIBBB", index.role, index.extent, index.bits, index.outer, index.inner)


def _indices(indices: tuple[Index, ...]) -> bytes:
    return _joined(map(_index, indices), len(indices))


def _map(axis: Map) -> bytes:
    """Numbers that an absent index makes meaningless are written as they are."""
    return struct.pack(">BiBii", axis.first, axis.stride, axis.second, axis.dilation, axis.offset)


def _term(term: Term) -> bytes:
    return struct.pack(">QH", term.coefficient % MODULUS, term.block) + _joined(map(_map, term.maps), len(term.maps))


def _expression(expression: Expression) -> bytes:
    strides = b"".join(struct.pack(">Q", stride % MODULUS) for stride in expression.strides)
    head = struct.pack(">QB", expression.constant % MODULUS, len(expression.strides)) + strides
    return head + _joined(map(_term, expression.terms), len(expression.terms), ">H")


def _column(column: Column) -> bytes:
    if isinstance(column, Clamped):
        return struct.pack(">BIIQ", 1, column.low, column.high, column.constant % MODULUS)
    return b"\x00" + _expression(column)


def _side(side: Side) -> bytes:
    multiplicity = ABSENT if side.multiplicity is None else side.multiplicity
    head = struct.pack(">IHH", side.position, side.tag, multiplicity)
    return head + _indices(side.indices) + _joined(map(_column, side.columns), len(side.columns))


def _section(section: Section) -> bytes:
    head = struct.pack(">IH", section.position, section.group)
    return head + _indices(section.indices) + _expression(section.left) + _expression(section.right)


def _group(group: Group) -> bytes:
    public = ABSENT if group.public is None else group.public
    return struct.pack(">H", public) + _indices(group.indices) + _expression(group.result)
