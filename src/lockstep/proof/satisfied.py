"""Whether committed words satisfy a program, place by place: the definition that proofs are held against.

Slow and plain. It knows nothing of how a witness is made: words go in as the oracles' rows.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.proof.arithmetise.assembler import MODULUS
from lockstep.proof.arithmetise.evaluation import (
    Blocks,
    Values,
    block_reader,
    expression_values,
    section_values,
)
from lockstep.proof.arithmetise.words import block_words
from lockstep.proof.relations import ONES, Clamped, Column, Expression, Program, Role, Side

Rows = NDArray[np.uint64]


def find_violation(program: Program, oracles: Sequence[Rows], publics: Sequence[Sequence[int]]) -> str | None:
    """The first relation that does not hold, in words; ``None`` if all hold."""
    words = {
        number: block_words(program, number, oracles[block.oracle])
        for number, block in enumerate(program.blocks)
        if block.oracle != ONES
    }
    blocks = block_reader(program.blocks, words)
    return next(_group_violations(program, blocks, publics), None) or next(_look_up_violations(program, blocks), None)


def _group_violations(program: Program, blocks: Blocks, publics: Sequence[Sequence[int]]) -> Iterator[str]:
    for number, group in enumerate(program.groups):
        extents = tuple(index.extent for index in group.indices if index.role is not Role.SUMMED)
        summed = tuple(axis for axis, index in enumerate(group.indices) if index.role is Role.SUMMED)
        result = expression_values(group.result, group.indices, blocks).squeeze(summed)
        total = 0 - np.asarray(result, dtype=object)
        if group.public is not None:
            total = total + np.array(publics[group.public], dtype=object).reshape(extents)
        for section in program.sections:
            if section.group == number:
                total = total + section_values(section, blocks, _multiply)
        wrong = np.argwhere(np.broadcast_to(_residues(total) != 0, extents))
        if len(wrong):
            yield f"group {number} at {tuple(int(i) for i in wrong[0])}"


def _residues(values: Values) -> Values:
    values = np.asarray(values, dtype=object)
    return np.array([int(value) % MODULUS for value in values.reshape(-1)], dtype=object).reshape(values.shape)


def _multiply(a: Values, b: Values) -> Values:
    return np.stack([np.dot(x, y) for x, y in zip(a.astype(object), b.astype(object), strict=True)])


def _look_up_violations(program: Program, blocks: Blocks) -> Iterator[str]:
    """The multiset of look-ups of a table's tag equals the multiset of its rows with their multiplicities."""
    balance: Counter[tuple[int, ...]] = Counter()
    origin: dict[tuple[int, ...], int] = {}
    for number, side in enumerate(program.sides):
        weights = 1 if side.multiplicity is None else -blocks(side.multiplicity)
        tuples = _tuples(side, blocks)
        for row, weight in zip(tuples, np.broadcast_to(weights, _extents(side)).reshape(-1).tolist(), strict=True):
            balance[row] += weight
            origin.setdefault(row, number)
    for row, rest in balance.items():
        if rest % MODULUS:
            yield f"look-up {row} of side {origin[row]}, {rest} too many"


def _extents(side: Side) -> tuple[int, ...]:
    return tuple(index.extent for index in side.indices)


def _tuples(side: Side, blocks: Blocks) -> Sequence[tuple[int, ...]]:
    if any(isinstance(column, Expression) and column.terms for column in side.columns):
        return _rows_of(side, blocks)
    return _table_rows(side)


@lru_cache(maxsize=32)
def _table_rows(side: Side) -> Sequence[tuple[int, ...]]:
    """Of a table that is in no committed block."""

    def nothing(number: int) -> Values:
        raise KeyError(number)

    return _rows_of(side, nothing)


def _rows_of(side: Side, blocks: Blocks) -> Sequence[tuple[int, ...]]:
    extents = _extents(side)
    columns = [np.broadcast_to(_residues(_column(c, side, blocks)), extents).reshape(-1) for c in side.columns]
    return [(side.tag, *row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _column(column: Column, side: Side, blocks: Blocks) -> NDArray[Any]:
    if isinstance(column, Clamped):
        rows = np.array(list(product(*(range(extent) for extent in _extents(side)))), dtype=object).reshape(-1)
        return np.asarray(column.constant + np.minimum(np.maximum(rows, column.low), column.high))
    return np.asarray(expression_values(column, side.indices, blocks), dtype=object)
