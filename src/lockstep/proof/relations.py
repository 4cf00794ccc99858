"""What a proof proves: affine expressions over committed tensors, tied by look-ups and by products.

A *program* is the public description of one statement. It knows no operators: the compiler (``proof.arithmetise``)
writes every operator of the graph in these few forms; prover, verifier and contract read only these (proof.md,
section 3).
Coefficients and constants are integers; they stand for their residues modulo the Goldilocks prime.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

NONE = 0xFF
"""No index: the number that the encoding uses for it."""

POWERS = 0xFE
"""In place of a map's first index: the axis is summed with powers of two."""


class Role(IntEnum):
    """Which weight an index of a relation gets, before it is mapped to an axis of a tensor.

    Where nothing beyond its extent can count, an index may read an axis whole (``verifier.expressions.IndexWeight``).
    """

    OUTER = 0
    """``eq(outer point, i)``, for i below the extent."""
    INNER = 1
    """``eq(local point, i)``, for i below the extent: the point that a sumcheck ends at."""
    BOTH = 2
    """In ``Section``: INNER for the factors, OUTER for the weight U of the section (element-wise products)."""
    SUMMED = 3
    """1, for i below the extent."""


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis of a tensor: ``extent`` values in an address space of ``2^bits``."""

    extent: int
    bits: int


@dataclass(frozen=True, slots=True)
class Index:
    """An index of a relation. ``outer`` and ``inner`` are where its bits start in the outer and in the local point."""

    role: Role
    extent: int
    bits: int
    outer: int = 0
    inner: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """A tensor in an oracle's matrix: row-major over its axes, ``2^(sum of bits)`` words from ``offset`` (aligned).

    ``oracle`` numbers the program's oracles; ``ONES`` is no oracle: the tensor of ones (inside the extents).
    """

    oracle: int
    offset: int
    axes: tuple[Axis, ...]

    @property
    def bits(self) -> int:
        return sum(axis.bits for axis in self.axes)


ONES = 0xFF


@dataclass(frozen=True, slots=True)
class Map:
    """How one axis of a block is addressed: ``stride · i_first + dilation · i_second + offset``.

    ``first`` and ``second`` number the indices of the relation, or are ``NONE``. An address outside the axis's extent
    means 0: that term does not exist there (padding of windows).

    Where ``first`` is ``POWERS`` no index addresses the axis: it is summed with weight ``2^(stride · y)`` at place y,
    which puts the limbs of a number together. The axis is full then (``extent = 2^bits``: the sum is a product over the
    bits of y), the block is not ``ONES``, ``stride ≥ 1`` and ``stride · extent < 64``: so many bits have all limbs, and
    every weight is a residue as it is. ``second``, ``dilation`` and ``offset`` are as if they were not given.
    """

    first: int = NONE
    stride: int = 1
    second: int = NONE
    dilation: int = 1
    offset: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether the address is one index as it is."""
        return self.first not in (NONE, POWERS) and self.stride == 1 and self.second == NONE and self.offset == 0

    @property
    def indices(self) -> tuple[int, ...]:
        """Numbers of the indices that address the axis, the first one first."""
        return tuple(number for number in (self.first, self.second) if number not in (NONE, POWERS))


@dataclass(frozen=True, slots=True)
class Term:
    """``coefficient · block[maps]``, one map for each axis of the block; an index may occur in one map only.

    Indices that no map uses are broadcast.
    """

    coefficient: int
    block: int
    maps: tuple[Map, ...]


def limbs_apart(term: Term, extents: Sequence[int]) -> Iterator[Term]:
    """What ``POWERS`` means: terms of the same sum that read one place of such an axis each. Extents: the block's."""
    for axis, place in enumerate(term.maps):
        if place.first == POWERS:
            for limb in range(extents[axis]):
                maps = (*term.maps[:axis], Map(offset=limb), *term.maps[axis + 1 :])
                yield from limbs_apart(Term(term.coefficient << place.stride * limb, term.block, maps), extents)
            return
    yield term


@dataclass(frozen=True, slots=True)
class Expression:
    """``constant + Σ strides[a] · i_a + Σ terms`` at every place of the relation's indices.

    ``strides`` (empty, or one for each index) is for look-ups only: it names places by their address.
    """

    terms: tuple[Term, ...] = ()
    constant: int = 0
    strides: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Clamped:
    """A public column of a table, at its row i: ``constant + min(max(i, low), high)``, 0 ≤ low ≤ high."""

    low: int
    high: int
    constant: int


Column = Expression | Clamped


@dataclass(frozen=True, slots=True)
class Side:
    """Tuples that are looked up, or a table of tuples, at ``position`` among the fractions.

    ``multiplicity`` is the block that counts how often each row of a table is used; ``None`` for look-ups. Indices are
    INNER and row-major: the last has the lowest bits. Rows beyond an extent are no look-ups and cannot be looked up:
    there the columns may be anything.
    """

    position: int
    tag: int
    indices: tuple[Index, ...]
    columns: tuple[Column, ...]
    multiplicity: int | None = None

    @property
    def bits(self) -> int:
        return sum(index.bits for index in self.indices)


@dataclass(frozen=True, slots=True)
class Section:
    """``Σ U · left · right`` over the indices, a summand of group ``group``; ``position`` in the product cube."""

    position: int
    group: int
    indices: tuple[Index, ...]
    left: Expression
    right: Expression

    @property
    def bits(self) -> int:
        return sum(index.bits for index in self.indices if index.role in (Role.INNER, Role.BOTH))


@dataclass(frozen=True, slots=True)
class Group:
    """At every place of the indices (OUTER or SUMMED): sum of the group's sections = ``result`` − public tensor."""

    indices: tuple[Index, ...]
    result: Expression
    public: int | None = None


@dataclass(frozen=True, slots=True)
class Oracle:
    """Rows ``first_row … first_row + rows − 1`` of the address space. The last oracle is the witness of this proof."""

    first_row: int
    rows: int


@dataclass(frozen=True)
class Program:
    """The statement: there are oracles (the committed ones and a witness) with which every relation holds.

    ``publics`` are the shapes (extents) of the public tensors, in the order in which their values are given.
    The last row of the last oracle is the pad row; no block touches it.
    """

    log_columns: int
    oracles: tuple[Oracle, ...]
    blocks: tuple[Block, ...]
    sides: tuple[Side, ...]
    sections: tuple[Section, ...]
    groups: tuple[Group, ...]
    publics: tuple[tuple[int, ...], ...] = field(default=())

    @cached_property
    def outer_bits(self) -> int:
        """Length of the outer point."""
        indices = [i for group in self.groups for i in group.indices]
        indices += [i for section in self.sections for i in section.indices if i.role in (Role.OUTER, Role.BOTH)]
        return max((i.outer + i.bits for i in indices if i.role != Role.SUMMED), default=0)

    @cached_property
    def fractions(self) -> int:
        """M: the sides and the blinding fraction are 2^M leaves of the LogUp tree."""
        return max(1, self.blinding_fraction.bit_length())

    @cached_property
    def blinding_fraction(self) -> int:
        """The leaf of the fraction 0/δ: the first after all sides."""
        return max((side.position + (1 << side.bits) for side in self.sides), default=0)

    @cached_property
    def pad_products(self) -> int:
        """Where in the product cube the 128 products of pads are: after all sections, aligned."""
        end = max((section.position + (1 << section.bits) for section in self.sections), default=0)
        return -(-end // 128) * 128

    def terms_with_limbs_apart(self, expression: Expression) -> Iterator[Term]:
        """The terms of an expression, without ``POWERS``."""
        for term in expression.terms:
            yield from limbs_apart(term, [axis.extent for axis in self.blocks[term.block].axes])

    @property
    def slots(self) -> int:
        """Where in the product cube the two blinding slots are."""
        return self.pad_products + 128

    @cached_property
    def product_bits(self) -> int:
        """κ: variables of the product sumcheck."""
        return (self.slots + 1).bit_length()

    @cached_property
    def row_bits(self) -> int:
        """k: variables that choose a row."""
        last = self.oracles[-1]
        return (last.first_row + last.rows - 1).bit_length()
