"""A program made by hand that has one of everything, words that satisfy it, and its relations place by place."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from lockstep.crypto.goldilocks import MODULUS
from lockstep.proof.parameters import Level, Parameters
from lockstep.proof.relations import (
    NONE,
    ONES,
    POWERS,
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

TINY = Parameters("tiny", 10, 256, 13, (Level(3, 11), Level(3, 9)), (5, 4, 3), 2, (1, 0), 3)
"""Not sound at all: few queries, so that tests are quick."""

W, X, Y, COUNTS, ONE_ROW, Z, K, E, CLAMP_COUNTS, C = range(10)
PLAIN = Map(0)


def _block(oracle: int, offset: int, *extents: int) -> Block:
    return Block(oracle, offset, tuple(Axis(extent, (extent - 1).bit_length()) for extent in extents))


def _index(role: Role, extent: int, *, outer: int = 0, inner: int = 0) -> Index:
    return Index(role, extent, (extent - 1).bit_length(), outer, inner)


def _of(block: int, *maps: Map, coefficient: int = 1) -> Term:
    return Term(coefficient, block, maps)


_FIVE = (_index(Role.INNER, 5),)

PROGRAM = Program(
    log_columns=10,
    oracles=(Oracle(0, 1), Oracle(1, 2)),
    blocks=(
        _block(0, 0, 3, 5),
        _block(1, 0, 5),
        _block(1, 8, 3),
        _block(1, 16, 4),
        _block(ONES, 0, 5),
        _block(1, 12, 2),
        _block(0, 32, 2, 3),
        _block(1, 64, 4, 5),
        _block(1, 32, 7),
        _block(1, 48, 2, 5),
    ),
    sides=(
        Side(24, 1, (_index(Role.INNER, 4),), (Expression(strides=(1,)),), COUNTS),
        Side(0, 2, (_index(Role.INNER, 7),), (Expression(strides=(1,)), Clamped(2, 5, 7)), CLAMP_COUNTS),
        Side(8, 1, _FIVE, (Expression((_of(X, PLAIN),), 1),)),
        Side(
            16, 2, _FIVE, (Expression((_of(X, PLAIN), _of(ONE_ROW, PLAIN))), Expression((_of(C, Map(POWERS), PLAIN),)))
        ),
    ),
    sections=(
        # y[o] = Σ_j W[o, j]·(x[j] − 1)
        Section(
            0,
            0,
            (_index(Role.OUTER, 3), _index(Role.INNER, 5)),
            Expression((_of(W, Map(0), Map(1)),)),
            Expression((_of(X, Map(1)), _of(ONE_ROW, Map(1), coefficient=-1))),
        ),
        # z[p] − public = Σ_u x[2p + u − 1]·k[u], the numbers k in two limbs of 3 bits
        Section(
            8,
            1,
            (_index(Role.OUTER, 2), _index(Role.INNER, 3)),
            Expression((_of(X, Map(0, 2, 1, 1, -1)),)),
            Expression((_of(K, Map(POWERS, 3), Map(1)),)),
        ),
        # e[i] = x[i]·(3·x[i] + 2), in four limbs of 2 bits
        Section(
            16,
            2,
            (_index(Role.BOTH, 5),),
            Expression((_of(X, PLAIN),)),
            Expression((_of(X, PLAIN, coefficient=3),), 2),
        ),
    ),
    groups=(
        Group((_index(Role.OUTER, 3),), Expression((_of(Y, PLAIN),))),
        Group((_index(Role.OUTER, 2),), Expression((_of(Z, PLAIN),)), 0),
        Group((_index(Role.OUTER, 5),), Expression((_of(E, Map(POWERS, 2), PLAIN),))),
        # Σ_i (x[i] + y[2] + 4) = public
        Group((_index(Role.SUMMED, 5),), Expression((_of(X, PLAIN), _of(Y, Map(NONE, offset=2))), 4), 1),
    ),
    publics=((2,), ()),
)


ONLY_LOOKED_UP = (COUNTS, CLAMP_COUNTS, C)
RUBBISH = 99
"""Stands where nothing counts."""


def beyond(number: int) -> int:
    """What lies beyond the extents of a block: 0 where groups and sections may read it."""
    return RUBBISH if number in ONLY_LOOKED_UP else 0


@dataclass(frozen=True)
class Words:
    """The words of every block by place, and the public tensors."""

    values: dict[int, dict[tuple[int, ...], int]]
    publics: tuple[tuple[int, ...], ...]

    def rows(self, oracle: int) -> list[list[int]]:
        """An oracle's rows."""
        count = PROGRAM.oracles[oracle].rows
        flat = [RUBBISH] * (count << PROGRAM.log_columns)
        for number, values in self.values.items():
            block = PROGRAM.blocks[number]
            if block.oracle == oracle:
                flat[block.offset : block.offset + (1 << block.bits)] = [beyond(number)] * (1 << block.bits)
                for place, value in values.items():
                    flat[block.offset + address(block, place)] = value % MODULUS
        width = 1 << PROGRAM.log_columns
        return [flat[start : start + width] for start in range(0, len(flat), width)]


def address(block: Block, place: tuple[int, ...]) -> int:
    """Row-major, axes in their address spaces."""
    result = 0
    for axis, at in zip(block.axes, place, strict=True):
        result = (result << axis.bits) + at
    return result


def satisfying_words() -> Words:
    """Words with which every relation holds."""
    weights = {(o, j): 7 * o - 3 * j + 1 for o in range(3) for j in range(5)}
    x, k = [2, -1, 1, 0, 2], [2, -9, 6]
    y = [sum(weights[o, j] * (x[j] - 1) for j in range(5)) for o in range(3)]
    window = [sum(x[2 * p + u - 1] * k[u] for u in range(3) if 0 <= 2 * p + u - 1 < 5) for p in range(2)]
    public = (11, -5)
    z = [value + shown for value, shown in zip(window, public, strict=True)]
    counts = [x.count(value - 1) for value in range(4)]
    clamp_counts = [x.count(value - 1) for value in range(7)]
    c = [min(max(value + 1, 2), 5) + 7 for value in x]
    e = [value * (3 * value + 2) for value in x]
    lists = {X: x, Y: y, Z: z, COUNTS: counts, CLAMP_COUNTS: clamp_counts, ONE_ROW: [1] * 5}
    values: dict[int, dict[tuple[int, ...], int]] = {
        number: {(i,): value for i, value in enumerate(items)} for number, items in lists.items()
    }
    values |= {K: limbs(k, 2, 3), E: limbs(e, 4, 2), C: limbs(c, 2, 1)}
    values[W] = {(o, j): value for (o, j), value in weights.items()}
    return Words(values, (public, (sum(x) + 5 * (y[2] + 4),)))


def limbs(numbers: list[int], count: int, bits: int) -> dict[tuple[int, ...], int]:
    """Numbers by limb and place; the last limb is what the others leave, of any size and sign."""
    last = count - 1
    cut = {(limb, i): number >> bits * limb for i, number in enumerate(numbers) for limb in range(count)}
    return {(limb, i): value if limb == last else value % (1 << bits) for (limb, i), value in cut.items()}


def places(indices: tuple[Index, ...]) -> Iterator[tuple[int, ...]]:
    """All places inside the extents."""
    return product(*(range(index.extent) for index in indices))


def expression_at(words: Words, expression: Expression, place: tuple[int, ...]) -> int:
    """The value of an expression at one place of a relation."""
    total = expression.constant + sum(s * i for s, i in zip(expression.strides, place, strict=False))
    return total + sum(term.coefficient * term_at(words, term, place) for term in expression.terms)


def term_at(words: Words, term: Term, place: tuple[int, ...], default: int = 0) -> int:
    """The value of a block under its maps; ``default`` for what lies beyond its extents."""
    read = (_read(m, axis, place) for m, axis in zip(term.maps, PROGRAM.blocks[term.block].axes, strict=True))
    return sum(
        prod(weight for _, weight in chosen) * words.values[term.block].get(tuple(at for at, _ in chosen), default)
        for chosen in product(*read)
    )


def _read(m: Map, axis: Axis, place: tuple[int, ...]) -> list[tuple[int, int]]:
    """Which places of an axis a map reads, and with which weights."""
    if m.first == POWERS:
        return [(y, 2 ** (m.stride * y)) for y in range(axis.extent)]
    return [(m.offset + sum(f * place[i] for f, i in ((m.stride, m.first), (m.dilation, m.second)) if i != NONE), 1)]


def column_at(words: Words, column: Column, place: tuple[int, ...]) -> int:
    """The value of a side's column."""
    if isinstance(column, Clamped):
        return column.constant + min(max(place[0], column.low), column.high)
    return expression_at(words, column, place)
