"""Programs read as section 3 of proof.md says, one place and one word at a time: what axes read whole count is counted.

From it come words that satisfy a random program in its whole address space, though all padding is random; and the
factors that a prover needs of such words (the prover itself takes padding for zeros).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from random import Random

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.goldilocks import MODULUS, ONE, ZERO, Element, add, multiply, scale
from lockstep.crypto.vector_kernels import Words
from lockstep.proof.prover.factors import SectionSpace
from lockstep.proof.prover.places import BlockReader
from lockstep.proof.relations import (
    NONE,
    ONES,
    POWERS,
    Axis,
    Expression,
    Group,
    Index,
    Map,
    Program,
    Role,
    Section,
    Term,
)
from lockstep.proof.weights import equality_table
from tests.differential.random_programs import WEIGHTS, WITNESS, RandomProgram, Slack

Rows = NDArray[np.uint64]
Places = Mapping[int, int]
"""Where each index of a relation stands, by its number; SUMMED ones stand nowhere."""

WHOLE_IN_RESULT = frozenset({Role.OUTER})
WHOLE_ON_THE_LEFT = frozenset({Role.OUTER})
WHOLE_ON_THE_RIGHT = frozenset({Role.OUTER, Role.INNER, Role.BOTH})
"""The indices that read an axis of their bits and extent in its whole address space."""


@dataclass(frozen=True, eq=False)
class Factor:
    """An expression of a group or of a section. ``words``: flat, by oracle."""

    program: Program
    words: Sequence[Rows]
    indices: tuple[Index, ...]
    whole: frozenset[Role]
    is_of_section: bool = True

    def value(self, expression: Expression, places: Places) -> int:
        """Places are of the whole address spaces."""
        total = expression.constant * self._share_of_others(set(), places)
        return (total + sum(self._term(term, places) for term in expression.terms)) % MODULUS

    def _term(self, term: Term, places: Places) -> int:
        block = self.program.blocks[term.block]
        used = {number for place in term.maps for number in place.indices}
        is_committed = block.oracle != ONES
        axes = [self._read(m, axis, places, is_committed) for m, axis in zip(term.maps, block.axes, strict=True)]
        total = sum(
            prod(weight for _, weight in chosen) * self._word(term.block, [at for at, _ in chosen])
            for chosen in product(*axes)
        )
        return term.coefficient * self._share_of_others(used, places) * total

    def _share_of_others(self, used: set[int], places: Places) -> int:
        """What the indices that a term does not use multiply it by; an OUTER one of a section by nothing."""
        share = 1
        for number, index in enumerate(self.indices):
            if number in used or (self.is_of_section and index.role is Role.OUTER):
                continue
            share *= index.extent if index.role is Role.SUMMED else places[number] < index.extent
        return share

    def _read(self, place: Map, axis: Axis, places: Places, is_committed: bool) -> list[tuple[int, int]]:
        """Which places of an axis are read, with which weights."""
        if place.first == POWERS:
            return [(y, 1 << place.stride * y) for y in range(axis.extent)]
        if is_committed and place.is_plain:
            index = self.indices[place.first]
            if index.role in self.whole and (index.extent, index.bits) == (axis.extent, axis.bits):
                return [(places[place.first], 1)]
        firsts, seconds = self._range(place.first, places), self._range(place.second, places)
        addresses = (place.stride * i + place.dilation * j + place.offset for i in firsts for j in seconds)
        return [(y, 1) for y in addresses if 0 <= y < axis.extent]

    def _range(self, number: int, places: Places) -> Sequence[int]:
        """Where an index is read: at its place if that is inside the extent; everywhere in it if it is SUMMED."""
        if number == NONE:
            return (0,)
        index = self.indices[number]
        if index.role is Role.SUMMED:
            return range(index.extent)
        return [places[number]] if places[number] < index.extent else []

    def _word(self, number: int, place: Sequence[int]) -> int:
        block = self.program.blocks[number]
        if block.oracle == ONES:
            return 1
        at = 0
        for axis, y in zip(block.axes, place, strict=True):
            at = (at << axis.bits) + y
        return int(self.words[block.oracle][block.offset + at])


@dataclass(frozen=True, eq=False)
class Relations:
    """The groups of a program over words and public tensors."""

    program: Program
    words: Sequence[Rows]
    publics: Sequence[Sequence[int]]

    def difference(self, number: int, places: Places) -> int:
        """``result − public − Σ left·right`` of a group; places of its OUTER indices, in their whole address space."""
        group = self.program.groups[number]
        of_result = Factor(self.program, self.words, group.indices, WHOLE_IN_RESULT, is_of_section=False)
        total = of_result.value(group.result, places) - self._public(group, places)
        variables = {group.indices[n].outer: y for n, y in places.items() if group.indices[n].bits}
        sections = [section for section in self.program.sections if section.group == number]
        return (total - sum(self._section(section, variables) for section in sections)) % MODULUS

    def _public(self, group: Group, places: Places) -> int:
        if group.public is None or any(y >= group.indices[n].extent for n, y in places.items()):
            return 0
        at = 0
        for number in sorted(places):
            at = at * group.indices[number].extent + places[number]
        return self.publics[group.public][at]

    def _section(self, section: Section, variables: Mapping[int, int]) -> int:
        """``variables``: the places of the group's indices, by where these start in the outer point."""
        indices = section.indices
        fixed = {
            number: variables[index.outer] if index.bits else 0
            for number, index in enumerate(indices)
            if index.role in (Role.OUTER, Role.BOTH)
        }
        if any(indices[number].role is Role.BOTH and y >= indices[number].extent for number, y in fixed.items()):
            return 0
        left, right = (
            Factor(self.program, self.words, indices, whole) for whole in (WHOLE_ON_THE_LEFT, WHOLE_ON_THE_RIGHT)
        )
        inner = (number for number, index in enumerate(indices) if index.role is Role.INNER)
        return sum(
            left.value(section.left, places) * right.value(section.right, places)
            for places in (fixed | within for within in all_places(indices, inner))
        )


def all_places(indices: Sequence[Index], numbers: Iterable[int]) -> Iterator[dict[int, int]]:
    """Of some indices, in their whole address spaces."""
    chosen = list(numbers)
    for place in product(*(range(1 << indices[number].bits) for number in chosen)):
        yield dict(zip(chosen, place, strict=True))


@dataclass(frozen=True, eq=False)
class RandomCase:
    """A random program, the rows of its oracles (the witness without its pad row), and public tensors."""

    made: RandomProgram
    rows: tuple[Rows, Rows]
    publics: tuple[tuple[int, ...], ...]

    @property
    def program(self) -> Program:
        return self.made.program

    def changed(self, chance: Random) -> "RandomCase":
        """One word of a slack, inside its extents, is another."""
        number = chance.choice(self.made.slacks).block
        place = tuple(chance.randrange(axis.extent) for axis in self.program.blocks[number].axes)
        witness = self.rows[WITNESS].copy()
        words = block_view(witness, self.program, number)
        words[place] = (int(words[place]) + chance.randrange(1, MODULUS)) % MODULUS
        return replace(self, rows=(self.rows[WEIGHTS], witness))


def block_view(witness: Rows, program: Program, number: int) -> Rows:
    """A block of the witness in its whole address space."""
    block = program.blocks[number]
    words = witness.reshape(-1)[block.offset : block.offset + (1 << block.bits)]
    return words.reshape([1 << axis.bits for axis in block.axes])


def satisfied_case(made: RandomProgram, chance: Random) -> RandomCase:
    """Words of any size everywhere, in padding too, but for counts and slacks, which are what they must be."""
    program, words = made.program, np.random.default_rng(chance.randrange(1 << 30))
    shapes = [(oracle.rows, 1 << program.log_columns) for oracle in program.oracles]
    weights, witness = (words.integers(0, MODULUS, shape, dtype=np.uint64) for shape in shapes)
    witness = witness[:-1]
    for number in made.counts:
        counts = block_view(witness, program, number)
        counts[tuple(slice(axis.extent) for axis in program.blocks[number].axes)] = 1
    bound = chance.choice((99, 99, 1 << 40))
    publics = tuple(tuple(chance.randint(-bound, bound) for _ in range(prod(shape))) for shape in program.publics)
    relations = Relations(program, (weights.reshape(-1), witness.reshape(-1)), publics)
    for number, slack in enumerate(made.slacks):
        _fill_slack(relations, number, slack, block_view(witness, program, slack.block))
    return RandomCase(made, (weights, witness), publics)


def _fill_slack(relations: Relations, number: int, slack: Slack, words: Rows) -> None:
    """Give a group the words with which it holds at every place."""
    indices = relations.program.groups[number].indices
    outer = [n for n, index in enumerate(indices) if index.role is Role.OUTER]
    weight = slack.coefficient * prod(index.extent for index in indices if index.role is Role.SUMMED)
    words[...] = 0
    for places in all_places(indices, outer):
        missing = relations.difference(number, places) * pow(weight, -1, MODULUS)
        words[tuple(places[n] for n in outer)] = -missing % MODULUS


def factor_table(blocks: BlockReader, space: SectionSpace, expression: Expression, out: Words) -> None:
    """What the prover's ``factors.factor_table`` is, of words whose padding is not zeros."""
    indices, is_right = space.section.indices, expression is space.section.right
    whole = WHOLE_ON_THE_RIGHT if is_right else WHOLE_ON_THE_LEFT
    factor = Factor(blocks.program, blocks.words, indices, whole)
    outer = _weights_of_outer(space, expression)
    for within in all_places(indices, space.inner):
        total = ZERO
        for places, weight in outer:
            total = add(total, scale(weight, factor.value(expression, within | places)))
        out[sum(y << indices[number].inner for number, y in within.items())] = total


def _weights_of_outer(space: SectionSpace, expression: Expression) -> list[tuple[dict[int, int], Element]]:
    """All places of the OUTER indices that an expression uses, with ``eq``."""
    indices = space.section.indices
    used = {number for term in expression.terms for place in term.maps for number in place.indices}
    tables = {
        number: equality_table(space.outer[index.outer : index.outer + index.bits])
        for number, index in enumerate(indices)
        if index.role is Role.OUTER and number in used
    }
    weighed = []
    for places in all_places(indices, tables):
        weight = ONE
        for number, y in places.items():
            weight = multiply(weight, tables[number][y])
        weighed.append((places, weight))
    return weighed
