"""Collects blocks, tables, look-ups and groups while a graph is read; ``placement`` gives them their places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lockstep.errors import ProofError
from lockstep.proof.arithmetise.expressions import Affine, Frame, Part, Place, bits_of, frame
from lockstep.proof.arithmetise.loops import Along, Extents
from lockstep.proof.arithmetise.recipes import Amount, Counts, Recipe, Total
from lockstep.proof.relations import (
    ONES,
    Axis,
    Block,
    Clamped,
    Column,
    Expression,
    Group,
    Role,
    Section,
    Side,
)

WEIGHTS, DATASET, WITNESS = 0, 1, 2
"""Whose words a block holds, before oracles are numbered: ``placement`` leaves out those that a program has not."""
PASS = "pass"
MODULUS = 2**64 - 2**32 + 1


@dataclass(frozen=True, slots=True)
class Tensor:
    """A committed activation: ``axes`` without the passes, words = value − ``zero_point``, in [low, high]."""

    block: int
    axes: tuple[Along, ...]
    zero_point: int
    low: int
    high: int


@dataclass
class Assembler:
    """A program in the making. Positions and offsets are still 0."""

    passes: int
    blocks: list[Block] = field(default_factory=list)
    recipes: list[Recipe | None] = field(default_factory=list)
    sides: list[Side] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    publics: list[tuple[int, ...]] = field(default_factory=list)
    _tables: dict[object, int] = field(default_factory=dict)
    _ones: dict[tuple[Axis, ...], int] = field(default_factory=dict)
    _made: dict[object, Affine] = field(default_factory=dict)

    @property
    def pass_loops(self) -> Extents:
        """The loop over passes, if there is more than one."""
        return {PASS: self.passes} if self.passes > 1 else {}

    @property
    def pass_places(self) -> tuple[Place, ...]:
        return (Place(PASS),) if self.passes > 1 else ()

    # Blocks

    def block(self, oracle: int, extents: Sequence[int], recipe: Recipe) -> int:
        """A committed tensor; its number."""
        axes = tuple(Axis(extent, bits_of(extent)) for extent in extents)
        self.blocks.append(Block(oracle, 0, axes))
        self.recipes.append(recipe)
        return len(self.blocks) - 1

    def over(self, loops: Extents, recipe: Recipe, oracle: int = WITNESS) -> Affine:
        """A committed tensor with one axis for each loop."""
        block = self.block(oracle, tuple(loops.values()), recipe)
        return Affine((Part(1, block, tuple(Place(name) for name in loops)),))

    def once(self, key: object, make: Callable[[], Affine]) -> Affine:
        """What was made for a key, made the first time."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def ones_like(self, part: Part) -> Part:
        """The tensor of ones where ``part`` has values."""
        return Part(1, self._ones_block(self.blocks[part.block].axes), part.places)

    def ones(self, loops: Extents) -> Affine:
        """1 at every place of the loops."""
        axes = tuple(Axis(extent, bits_of(extent)) for extent in loops.values())
        return Affine((Part(1, self._ones_block(axes), tuple(Place(name) for name in loops)),))

    def _ones_block(self, axes: tuple[Axis, ...]) -> int:
        if axes not in self._ones:
            self.blocks.append(Block(ONES, 0, axes))
            self.recipes.append(None)
            self._ones[axes] = len(self.blocks) - 1
        return self._ones[axes]

    def read(self, tensor: Tensor, places: tuple[Place, ...], zero_point: int) -> Affine:
        """``value − zero_point`` of a tensor whose axes run along loops."""
        part = Part(1, tensor.block, self.pass_places + places)
        difference = tensor.zero_point - zero_point
        return Affine((part,)) + (Affine((self.ones_like(part),)) * difference if difference else 0)

    # Tables and look-ups

    def range_table(self, bits: int) -> int:
        """The tag of the table of 0 … 2^bits − 1."""
        return self._table(("range", bits), (1 << bits,), (Expression(strides=(1,)),))

    def clamp_table(self, bits: int, column: Clamped) -> int:
        """The tag of the table of (i, clamped i) for i below 2^bits."""
        return self._table((bits, column), (1 << bits,), (Expression(strides=(1,)), column))

    def value_table(self, block: int, strides: tuple[int, ...]) -> int:
        """The tag of the table of (address, word) over a committed block."""
        loops = {str(number): axis.extent for number, axis in enumerate(self.blocks[block].axes)}
        words = Affine((Part(1, block, tuple(Place(name) for name in loops)),))
        address = Affine(address=tuple(zip(loops, strides, strict=True)))
        return self.table(("values", block), [(loops, (address, words))])

    def _table(self, key: object, extents: tuple[int, ...], columns: tuple[Column, ...]) -> int:
        if key not in self._tables:
            tag = self._tables[key] = len(self._tables) + 1
            loops = {str(number): extent for number, extent in enumerate(extents)}
            self._rows(tag, frame(loops, dict.fromkeys(loops, Role.INNER)), columns)
        return self._tables[key]

    def _rows(self, tag: int, places: Frame, columns: tuple[Column, ...], part: int = 0) -> None:
        counts = self.block(WITNESS, tuple(index.extent for index in places.indices), Counts(tag, part))
        self.sides.append(Side(0, tag, places.indices, columns, counts))

    def table(self, key: object, sides: Sequence[tuple[Extents, Sequence[Affine]]]) -> int:
        """The tag of a table of several sides: loops and columns, of which the first differs from row to row."""
        if key not in self._tables:
            tag = self._tables[key] = len(self._tables) + 1
            for part, (loops, columns) in enumerate(sides):
                places = frame(loops, dict.fromkeys(loops, Role.INNER))
                self._rows(tag, places, tuple(places.expression(column) for column in columns), part)
        return self._tables[key]

    def look_up(self, tag: int, loops: Extents, columns: Sequence[Affine]) -> None:
        """At every place the columns are a row of the table."""
        places = frame(loops, dict.fromkeys(loops, Role.INNER))
        expressions = tuple(places.expression(column) for column in columns)
        self.sides.append(Side(0, tag, places.indices, expressions))

    # Groups

    def amount(self, loops: Extents, affine: Affine) -> Amount:
        """An affine expression to be evaluated for the witness."""
        places = group_frame(loops)
        return Amount(places.indices, places.expression(affine))

    def total(self, loops: Extents, rest: Affine, sections: int) -> Total:
        """The sum of the first sections of the group that comes next, plus ``rest``."""
        places = group_frame(loops)
        return Total(len(self.groups), sections, places.indices, places.expression(rest))

    def group(
        self,
        loops: Extents,
        result: Affine,
        products: Sequence[tuple[Extents, Affine, Affine]] = (),
        *,
        public: bool = False,
    ) -> None:
        """At every place of the loops: result − public = Σ over the inner loops of left · right, for all products."""
        number, places = len(self.groups), group_frame(loops)
        public_number = len(self.publics) if public else None
        if public:
            self.publics.append(tuple(loops.values()))
        self.groups.append(Group(places.indices, places.expression(result), public_number))
        for inner, left, right in products:
            self.sections.append(_section(number, loops, inner, left, right))


def group_frame(loops: Extents) -> Frame:
    """All loops as OUTER indices."""
    return frame(loops, dict.fromkeys(loops, Role.OUTER), list(loops))


def used_loops(affine: Affine) -> set[str]:
    """Loops that an expression depends on."""
    return {name for part in affine.parts for place in part.places for name in place.loops}


def _section(number: int, loops: Extents, inner: Extents, left: Affine, right: Affine) -> Section:
    """An outer loop of one factor is OUTER, of both factors it has to stay in the cube: BOTH."""
    in_left, in_right = used_loops(left), used_loops(right)
    roles: dict[str, Role] = {}
    for name in loops:
        if name not in in_left | in_right:
            raise ProofError("proof/shape", "a product does not depend on every place of its result", value=name)
        roles[name] = Role.BOTH if name in in_left & in_right else Role.OUTER
    roles |= dict.fromkeys(inner, Role.INNER)
    places = frame({**loops, **inner}, roles, list(loops))
    for factor, used in ((left, in_left), (right, in_right)):
        for part in factor.parts:
            outer = {name for name in used if roles[name] is Role.OUTER}
            if not outer <= used_loops(Affine((part,))):
                raise ProofError("proof/shape", "the terms of a factor depend on different places", value=number)
    return Section(0, number, places.indices, places.expression(left), places.expression(right))
