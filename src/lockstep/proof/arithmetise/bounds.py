"""No relation wraps around the modulus: intervals of all words, derived from what a program itself makes a prover show.

Intervals of weights are given (registration shows them), those of inputs by their types. A word that stands alone in a
column of a look-up lies in the interval of the table's column, one alone in an equation in that of the rest. What then
remains to check is that no equation's sides can differ by a multiple of the modulus.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

from lockstep.errors import ProofError
from lockstep.proof.arithmetise.assembler import MODULUS
from lockstep.proof.relations import ONES, Clamped, Column, Expression, Group, Index, Program, Role, Section, Side

Interval = tuple[int, int]


def check_no_wrap(program: Program, known: Mapping[int, Interval]) -> dict[int, Interval]:
    """The interval of every block. ``known``: of blocks that others show. Raises ``proof/range``."""
    bounds = _Bounds(program, dict(known))
    while bounds.derive():
        pass
    for number, group in enumerate(program.groups):
        low, high = bounds.sum_of(number, group)
        if max(high, -low) >= MODULUS:
            raise ProofError("proof/range", f"group {number} may wrap around the modulus", value=max(high, -low))
    return bounds.intervals


@dataclass
class _Bounds:
    program: Program
    intervals: dict[int, Interval]
    _tables: dict[int, list[Side]] = field(default_factory=dict)
    _sections: dict[int, list[Section]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, block in enumerate(self.program.blocks):
            if block.oracle == ONES:
                self.intervals[number] = (0, 1)
        for side in self.program.sides:
            if side.multiplicity is not None:
                self._tables.setdefault(side.tag, []).append(side)
                self.intervals.setdefault(side.multiplicity, (0, MODULUS // 4))
        for section in self.program.sections:
            self._sections.setdefault(section.group, []).append(section)

    def derive(self) -> bool:
        """One round; whether a block's interval was found."""
        before = len(self.intervals)
        for side in self.program.sides:
            if side.multiplicity is None:
                for place, column in enumerate(side.columns):
                    self._solve(column, side.indices, self._column(side.tag, place))
        for number, group in enumerate(self.program.groups):
            self._solve(group.result, group.indices, self._products(number))
        return len(self.intervals) > before

    def sum_of(self, number: int, group: Group) -> Interval:
        """The interval of result − products. Raises ``proof/range`` if it has none."""
        result, products = self._expression(group.result, group.indices), self._products(number)
        if result is None or products is None:
            raise ProofError("proof/range", f"nothing bounds a word of group {number}")
        if group.public is not None:
            return 0, 0
        if self._is_vanishing(number, group):
            return result  # a product of residues is 0 only if a factor is
        return result[0] - products[1], result[1] - products[0]

    def _is_vanishing(self, number: int, group: Group) -> bool:
        """Whether the group says that one product is 0 at every place, with factors smaller than the modulus."""
        sections = self._sections.get(number, ())
        if group.result != Expression() or len(sections) != 1:
            return False
        (section,) = sections
        factors = [self._expression(factor, section.indices) for factor in (section.left, section.right)]
        is_small = all(factor is not None and max(factor[1], -factor[0]) < MODULUS for factor in factors)
        return is_small and all(index.role is not Role.INNER for index in section.indices)

    def _solve(self, column: Column, indices: tuple[Index, ...], value: Interval | None) -> None:
        """If one block alone is unknown, once and with coefficient ±1, its interval."""
        if value is None or isinstance(column, Clamped):
            return
        # Limbs are several unknowns: the interval of their sum says nothing of one of them.
        terms = tuple(self.program.terms_with_limbs_apart(column))
        unknown = [term for term in terms if term.block not in self.intervals]
        if len(unknown) != 1 or abs(unknown[0].coefficient) != 1:
            return
        rest = self._expression(
            Expression(tuple(t for t in terms if t is not unknown[0]), column.constant, column.strides), indices
        )
        assert rest is not None
        low, high = value[0] - rest[1], value[1] - rest[0]
        self.intervals[unknown[0].block] = (low, high) if unknown[0].coefficient == 1 else (-high, -low)

    def _column(self, tag: int, place: int) -> Interval | None:
        """What stands in a column of a table."""
        found = [self._values(side.columns[place], side.indices) for side in self._tables[tag]]
        known = [interval for interval in found if interval is not None]
        return _hull(known) if len(known) == len(found) else None

    def _values(self, column: Column, indices: tuple[Index, ...]) -> Interval | None:
        if isinstance(column, Clamped):
            return column.constant + column.low, column.constant + column.high
        return self._expression(column, indices)

    def _expression(self, expression: Expression, indices: tuple[Index, ...]) -> Interval | None:
        low = high = expression.constant
        for stride, index in zip(expression.strides, indices, strict=bool(expression.strides)):
            low, high = low + min(0, stride * (index.extent - 1)), high + max(0, stride * (index.extent - 1))
        for term in self.program.terms_with_limbs_apart(expression):
            known = self.intervals.get(term.block)
            if known is None:
                return None
            ends = known[0] * term.coefficient, known[1] * term.coefficient
            # A map that leaves its axis makes the term 0.
            low, high = low + min(*ends, 0), high + max(*ends, 0)
        return low, high

    def _products(self, number: int) -> Interval | None:
        """The interval of the sum of a group's sections."""
        low = high = 0
        for section in self._sections.get(number, ()):
            factors = [self._expression(factor, section.indices) for factor in (section.left, section.right)]
            if factors[0] is None or factors[1] is None:
                return None
            count = prod(index.extent for index in section.indices if index.role is Role.INNER)
            ends = list(_corners(factors[0], factors[1]))
            low, high = low + count * min(ends), high + count * max(ends)
        return low, high


def _corners(a: Interval, b: Interval) -> Iterator[int]:
    return (x * y for x in a for y in b)


def _hull(intervals: list[Interval]) -> Interval:
    return min(low for low, _ in intervals), max(high for _, high in intervals)
