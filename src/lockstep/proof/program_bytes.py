"""Canonical bytes of a program: what a model's proof key names, and what the contract reads (proof.md, section 3.6)."""

import struct
from collections.abc import Iterable

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.hashing import keccak256
from lockstep.errors import ProofError
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
    Role,
    Section,
    Side,
    Term,
)
from lockstep.types import Digest

PROGRAM_TAG = b"lockstep/program/1"
VERSION = 1
ABSENT = 0xFFFF


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


def decode_program(data: bytes) -> Program:
    """The program of canonical bytes. Raises ``ProofError`` ``proof/program`` unless they encode to themselves."""
    try:
        program = _decode(data)
        is_canonical = encode_program(program) == data
    except (struct.error, ValueError, IndexError) as error:
        raise ProofError("proof/program", "the bytes are no program") from error
    if not is_canonical:
        raise ProofError("proof/program", "the bytes of the program are not canonical")
    return program


class _Records:
    """Reads records one after another."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def take(self, form: str) -> tuple[int, ...]:
        values: tuple[int, ...] = struct.unpack_from(">" + form, self._data, self._place)
        self._place += struct.calcsize(">" + form)
        return values

    def one(self, form: str) -> int:
        return self.take(form)[0]

    def axis(self) -> Axis:
        return Axis(*self.take("IB"))

    def block(self) -> Block:
        oracle, offset, axes = self.take("BIB")
        return Block(oracle, offset, tuple(self.axis() for _ in range(axes)))

    def index(self) -> Index:
        role, *rest = self.take("BIBBB")
        return Index(Role(role), *rest)

    def indices(self) -> tuple[Index, ...]:
        return tuple(self.index() for _ in range(self.one("B")))

    def term(self) -> Term:
        coefficient, block, maps = self.take("QHB")
        return Term(_signed(coefficient), block, tuple(Map(*self.take("BiBii")) for _ in range(maps)))

    def expression(self) -> Expression:
        constant, strides = self.take("QB")
        signed = tuple(_signed(self.one("Q")) for _ in range(strides))
        terms = tuple(self.term() for _ in range(self.one("H")))
        return Expression(terms, _signed(constant), signed)

    def column(self) -> Column:
        if self.one("B") == 0:
            return self.expression()
        low, high, constant = self.take("IIQ")
        return Clamped(low, high, _signed(constant))

    def side(self) -> Side:
        position, tag, multiplicity = self.take("IHH")
        indices = self.indices()
        columns = tuple(self.column() for _ in range(self.one("B")))
        return Side(position, tag, indices, columns, None if multiplicity == ABSENT else multiplicity)

    def section(self) -> Section:
        position, group = self.take("IH")
        return Section(position, group, self.indices(), self.expression(), self.expression())

    def group(self) -> Group:
        public = self.one("H")
        return Group(self.indices(), self.expression(), None if public == ABSENT else public)


def _signed(residue: int) -> int:
    return residue - MODULUS if residue > MODULUS // 2 else residue


def _decode(data: bytes) -> Program:
    """Derived numbers of the header are not read: encoding the result again shows whether they were right."""
    records = _Records(data)
    _, log_columns, *_ = records.take("BBBBBBII")
    oracles, blocks, sides, sections, groups, publics = records.take("6H")
    return Program(
        log_columns,
        tuple(Oracle(*records.take("HH")) for _ in range(oracles)),
        tuple(records.block() for _ in range(blocks)),
        tuple(records.side() for _ in range(sides)),
        tuple(records.section() for _ in range(sections)),
        tuple(records.group() for _ in range(groups)),
        tuple(records.take(f"{records.one('B')}I") for _ in range(publics)),
    )
