"""Valid programs at random: every kind of block, index, map, expression, section and side, put together by chance.

Each group has a tensor of its own in its result, the *slack*: with it the group holds whatever all other words are
(``words_by_definition``). Each table is looked up once by the very expressions that are its rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random

from lockstep.proof.relations import (
    NONE,
    ONES,
    POWERS,
    Axis,
    Block,
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
from lockstep.proof.validity import MOST_LIMB_BITS

WEIGHTS, WITNESS = 0, 1
ROLES = (Role.OUTER, Role.OUTER, Role.OUTER, Role.OUTER, Role.SUMMED)
COEFFICIENTS = (1, 1, -1, 2, 5)
CONSTANTS = (0, 0, 3, -2)


@dataclass(frozen=True, slots=True)
class Slack:
    """The block that a group's result has, over the group's OUTER indices, with this coefficient."""

    block: int
    coefficient: int


@dataclass(frozen=True, eq=False)
class RandomProgram:
    """``slacks``: one for each group. ``counts``: blocks of multiplicities, each row is used once."""

    program: Program
    slacks: tuple[Slack, ...]
    counts: tuple[int, ...]


def random_program(chance: Random, log_columns: int) -> RandomProgram:
    """Small: an axis has at most eight places, so that every relation can be written out."""
    made = _Making(chance)
    for _ in range(chance.choice((1, 1, 2, 3))):
        made.add_group()
    for tag in range(chance.choice((0, 1, 1, 2))):
        made.add_table(tag + 1)
    return made.program(log_columns)


class _Making:
    """A program that grows relation by relation; the next free place of every address space."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.blocks: list[Block] = []
        self.sides: list[Side] = []
        self.sections: list[Section] = []
        self.groups: list[Group] = []
        self.publics: list[tuple[int, ...]] = []
        self.slacks: list[Slack] = []
        self.counts: list[int] = []
        self._ends = [0, 0]
        self._leaves = self._cube = 0
        for _ in range(chance.randint(3, 6)):
            self._add_block(chance.choice((WEIGHTS, WITNESS, WITNESS)), self._axes(chance.choice((0, 1, 2, 2, 3))))
        for _ in range(chance.randint(0, 2)):
            self.blocks.append(Block(ONES, 0, self._axes(chance.choice((1, 2)))))
        self._readable = len(self.blocks)  # slacks and counts, which come later, are read where they belong alone

    def program(self, log_columns: int) -> RandomProgram:
        rows = [max(1, -(-end // (1 << log_columns))) for end in self._ends]
        program = Program(
            log_columns,
            (Oracle(0, rows[WEIGHTS]), Oracle(rows[WEIGHTS], rows[WITNESS] + 1)),
            tuple(self.blocks),
            tuple(self.sides),
            tuple(self.sections),
            tuple(self.groups),
            tuple(self.publics),
        )
        return RandomProgram(program, tuple(self.slacks), tuple(self.counts))

    def add_group(self) -> None:
        """A linear equation, with up to two sections."""
        chance, axes = self.chance, self._axes_alike(self.chance.choice((0, 0, 1, 1, 2, 3)))
        indices = self._in_outer_point([Index(chance.choice(ROLES), axis.extent, axis.bits) for axis in axes])
        outer = [number for number, index in enumerate(indices) if index.role is Role.OUTER]
        block = self._add_block(WITNESS, [axes[number] for number in outer])
        slack = Slack(block, chance.choice((1, 3)))
        result = self._expression(indices, range(len(indices)))
        own = Term(slack.coefficient, slack.block, tuple(Map(number) for number in outer))
        public = None
        if chance.random() < 0.5:
            public = len(self.publics)
            self.publics.append(tuple(axes[number].extent for number in outer))
        self.groups.append(Group(indices, replace(result, terms=(*result.terms, own)), public))
        self.slacks.append(slack)
        for _ in range(chance.choice((0, 1, 1, 2))):
            self._add_section([indices[number] for number in outer])

    def add_table(self, tag: int) -> None:
        """A table, and what is looked up in it: the same places of the same words."""
        axes = self._axes_alike(self.chance.choice((1, 2)))
        indices = _row_major([Index(Role.INNER, axis.extent, axis.bits) for axis in axes])
        columns = tuple(self._column(indices) for _ in range(self.chance.choice((1, 2))))
        counts = self._add_block(WITNESS, axes)
        bits = sum(axis.bits for axis in axes)
        for multiplicity in (None, counts):
            position = _aligned(self._leaves, bits)
            self.sides.append(Side(position, tag, indices, columns, multiplicity))
            self._leaves = position + (1 << bits)
        self.counts.append(counts)

    def _add_section(self, group_indices: Sequence[Index]) -> None:
        chance = self.chance
        indices = [index for index in map(self._of_group, group_indices) if index is not None]
        indices += self._indices(Role.INNER, chance.choice((1, 1, 2)))
        indices += self._indices(Role.SUMMED, chance.choice((0, 0, 0, 1)))
        chance.shuffle(indices)
        placed = self._in_cube(indices)
        of_left, of_right = self._shared_out(placed)
        left, right = self._expression(placed, of_left), self._expression(placed, of_right)
        bits = sum(index.bits for index in placed if index.role in (Role.INNER, Role.BOTH))
        position = _aligned(self._cube, bits)
        self.sections.append(Section(position, len(self.groups) - 1, placed, left, right))
        self._cube = position + (1 << bits)

    def _shared_out(self, indices: Sequence[Index]) -> tuple[set[int], set[int]]:
        """Which indices each factor may use: OUTER ones belong to one of them."""
        outer = {number for number, index in enumerate(indices) if index.role is Role.OUTER}
        of_left = {number for number in outer if self.chance.random() < 0.5}
        rest = set(range(len(indices))) - outer
        return rest | of_left, rest | outer - of_left

    def _of_group(self, index: Index) -> Index | None:
        """An index of the group in a section: OUTER, BOTH, or left out."""
        role = self.chance.choices((Role.OUTER, Role.BOTH, None), (6, 3, 1))[0]
        return None if role is None else replace(index, role=role)

    def _indices(self, role: Role, count: int) -> list[Index]:
        return [Index(role, axis.extent, axis.bits) for axis in self._axes_alike(count)]

    def _in_outer_point(self, indices: list[Index]) -> tuple[Index, ...]:
        """Most often row-major; from the start of the point, or behind a variable that nothing uses."""
        order = [number for number, index in enumerate(indices) if index.role is Role.OUTER]
        order.reverse()
        if self.chance.random() < 0.3:
            self.chance.shuffle(order)
        start = self.chance.choice((0, 0, 0, 1))
        for number in order:
            indices[number] = replace(indices[number], outer=start)
            start += indices[number].bits
        return tuple(indices)

    def _in_cube(self, indices: list[Index]) -> tuple[Index, ...]:
        order = [number for number, index in enumerate(indices) if index.role in (Role.INNER, Role.BOTH)]
        order.reverse()
        if self.chance.random() < 0.3:
            self.chance.shuffle(order)
        return _placed(indices, order)

    def _column(self, indices: Sequence[Index]) -> Expression:
        column = self._expression(indices, range(len(indices)))
        if self.chance.random() < 0.4:
            column = replace(column, strides=tuple(self.chance.randint(0, 3) for _ in indices))
        return column

    def _expression(self, indices: Sequence[Index], usable: Iterable[int]) -> Expression:
        numbers = sorted(usable)
        terms = tuple(self._term(indices, numbers) for _ in range(self.chance.randint(1, 3)))
        return Expression(terms, self.chance.choice(CONSTANTS))

    def _term(self, indices: Sequence[Index], usable: Sequence[int]) -> Term:
        number = self._block_alike([indices[number] for number in usable])
        block, free = self.blocks[number], list(usable)
        self.chance.shuffle(free)
        make = self._orderly_map if self.chance.random() < 0.4 else self._map
        maps = tuple(make(axis, indices, free, is_committed=block.oracle != ONES) for axis in block.axes)
        return Term(self.chance.choice(COEFFICIENTS), number, maps)

    def _block_alike(self, indices: Sequence[Index]) -> int:
        """Of three by chance the one of whose axes most have an index of their size."""
        sizes = {(index.extent, index.bits) for index in indices}
        drawn = [self.chance.randrange(self._readable) for _ in range(3)]
        return max(drawn, key=lambda n: sum((axis.extent, axis.bits) in sizes for axis in self.blocks[n].axes))

    def _map(self, axis: Axis, indices: Sequence[Index], free: list[int], *, is_committed: bool) -> Map:
        """Of limbs, of an index that has the axis's extent, of any indices, or a place. Takes from ``free``."""
        chance, roll = self.chance, self.chance.random()
        if roll < 0.1 and is_committed and axis.extent == 1 << axis.bits:
            return Map(POWERS, chance.randint(1, MOST_LIMB_BITS // axis.extent))
        alike = _alike(axis, indices, free)
        if alike and roll < 0.8:
            free.remove(alike[0])
            return Map(alike[0], chance.choice((1, 1, 3)))
        if free and roll < 0.9:
            return self._window(free)
        return Map(offset=chance.choices((chance.randrange(axis.extent), axis.extent), (9, 1))[0])

    def _orderly_map(self, axis: Axis, indices: Sequence[Index], free: list[int], *, is_committed: bool) -> Map:
        """One that reads the axis whole, if there is an index for it."""
        alike = _alike(axis, indices, free)
        if not alike:
            return self._map(axis, indices, free, is_committed=is_committed)
        free.remove(alike[0])
        return Map(alike[0])

    def _window(self, free: list[int]) -> Map:
        chance, first = self.chance, free.pop()
        if free and chance.random() < 0.4:
            offset = chance.randint(-2, 3)
            return Map(first, chance.choice((1, 2, 2, 3, 4)), free.pop(), chance.choice((1, 1, 2)), offset)
        if chance.random() < 0.15:
            return Map(NONE, chance.choice((1, 2)), first, chance.choice((1, 2)), chance.randint(0, 2))
        return Map(first, chance.choice((1, 1, 2, 3, 4)), offset=chance.choice((0, 0, -1, 1)))

    def _axis(self) -> Axis:
        bits = self.chance.choice((0, 1, 1, 2, 2, 3, 3))
        full = 1 << bits
        return Axis(self.chance.choice((full, self.chance.randint(1, full), max(1, full - 1))), bits)

    def _axes(self, count: int) -> tuple[Axis, ...]:
        return tuple(self._axis() for _ in range(count))

    def _axes_alike(self, count: int) -> tuple[Axis, ...]:
        """For indices: most have the extent of an axis, often all of one block; some one less."""
        several = [block for block in self.blocks if len(block.axes) > 1]
        within = self.chance.sample(several, 1) if several and self.chance.random() < 0.6 else self.blocks
        known = [axis for block in within for axis in block.axes]
        axes = []
        for _ in range(count):
            axis = self.chance.choice(known) if known and self.chance.random() < 0.85 else self._axis()
            axes.append(replace(axis, extent=max(1, axis.extent - (self.chance.random() < 0.1))))
        return tuple(axes)

    def _add_block(self, oracle: int, axes: Sequence[Axis]) -> int:
        block = Block(oracle, 0, tuple(axes))
        offset = _aligned(self._ends[oracle], block.bits)
        self._ends[oracle] = offset + (1 << block.bits)
        self.blocks.append(replace(block, offset=offset))
        return len(self.blocks) - 1


def _aligned(start: int, bits: int) -> int:
    return -(-start >> bits << bits)


def _alike(axis: Axis, indices: Sequence[Index], numbers: Iterable[int]) -> list[int]:
    """Those of some indices that have the extent and the bits of an axis."""
    return [n for n in numbers if (indices[n].extent, indices[n].bits) == (axis.extent, axis.bits)]


def _row_major(indices: Sequence[Index]) -> tuple[Index, ...]:
    return _placed(indices, range(len(indices) - 1, -1, -1))


def _placed(indices: Sequence[Index], order: Iterable[int]) -> tuple[Index, ...]:
    """Indices with their bits in the local point, from the lowest."""
    placed, start = list(indices), 0
    for number in order:
        placed[number] = replace(placed[number], inner=start)
        start += placed[number].bits
    return tuple(placed)
