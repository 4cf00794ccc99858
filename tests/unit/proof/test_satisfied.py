"""The checker that proofs are held against, on programs small enough to be read."""

from dataclasses import replace

import numpy as np
import pytest

from lockstep.proof.relations import (
    ONES,
    POWERS,
    Axis,
    Block,
    Clamped,
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
from lockstep.proof.satisfied import find_violation
from tests.unit.proof import tiny

THREE = Axis(3, 2)
OUTER, INNER = Index(Role.OUTER, 3, 2), Index(Role.INNER, 3, 2)


def word(block: int, *, coefficient: int = 1, offset: int = 0) -> Term:
    return Term(coefficient, block, (Map(first=0, offset=offset),))


def program(**relations: object) -> Program:
    """Three tensors of three words, and ones."""
    blocks = (*(Block(0, 4 * number, (THREE,)) for number in range(3)), Block(ONES, 0, (THREE,)))
    empty = {"sides": (), "sections": (), "groups": (), "publics": ()}
    return Program(log_columns=4, oracles=(Oracle(0, 2),), blocks=blocks, **{**empty, **relations})  # type: ignore[arg-type]


def rows(*words: int) -> np.ndarray:
    row = np.zeros((1, 16), dtype=np.uint64)
    row[0, : len(words)] = [value % (2**64 - 2**32 + 1) for value in words]
    return row


def test_a_linear_equation_is_over_the_extent_alone() -> None:
    equal = program(groups=(Group((OUTER,), Expression((word(0), word(1, coefficient=-2)))),))
    assert find_violation(equal, [rows(2, 4, -6, 77, 1, 2, -3, 99)], ()) is None
    assert find_violation(equal, [rows(2, 4, -5, 77, 1, 2, -3, 99)], ()) == "group 0 at (2,)"


def test_an_address_outside_its_axis_is_nothing() -> None:
    shifted = program(groups=(Group((OUTER,), Expression((word(0), word(1, coefficient=-1, offset=-1)))),))
    assert find_violation(shifted, [rows(0, 5, 6, 0, 5, 6, 7)], ()) is None
    assert find_violation(shifted, [rows(7, 5, 6, 0, 5, 6, 7)], ()) == "group 0 at (0,)"


def test_limbs_are_summed_with_the_powers_of_their_base() -> None:
    limbs = Block(0, 16, (Axis(4, 2), THREE))
    together = Term(-3, 4, (Map(POWERS, 5), Map(0)))
    equal = program(groups=(Group((OUTER,), Expression((word(0), together))),))
    equal = replace(equal, log_columns=5, blocks=(*equal.blocks, limbs))
    words = np.zeros((1, 32), dtype=np.uint64)
    words[0, :3] = [3 * (1 + 2 * 32 + 3 * 32**2 + 4 * 32**3), 3 * 32**3, 0]
    words[0, 16:].reshape(4, 4)[:, :3] = [[1, 0, 0], [2, 0, 0], [3, 0, 0], [4, 1, 0]]
    assert find_violation(equal, [words], ()) is None
    words[0, 16 + 4] = 1
    assert find_violation(equal, [words], ()) == "group 0 at (0,)"


def test_a_public_tensor_is_what_the_result_has_to_be() -> None:
    shown = program(groups=(Group((OUTER,), Expression((word(0),), constant=1), public=0),), publics=((3,),))
    assert find_violation(shown, [rows(1, 2, -3)], ((2, 3, -2),)) is None
    assert find_violation(shown, [rows(1, 2, -3)], ((2, 3, 2),)) == "group 0 at (2,)"


@pytest.mark.parametrize("third", [-6, 5])
def test_products_are_place_by_place(third: int) -> None:
    both = Index(Role.BOTH, 3, 2)
    section = Section(0, 0, (both,), Expression((word(0),)), Expression((word(1),)))
    products = program(groups=(Group((OUTER,), Expression((word(2),))),), sections=(section,))
    violation = find_violation(products, [rows(1, 2, 3, 0, 4, 5, -2, 0, 4, 10, third)], ())
    assert violation == (None if third == -6 else "group 0 at (2,)")


def table(low: int = 0, high: int = 2) -> tuple[Side, Side]:
    """Words of tensor 0 are looked up in (i, clamped i); tensor 1 counts."""
    rows_of_table = (Expression(strides=(1,)), Clamped(low, high, 0))
    return (
        Side(0, 7, (INNER,), (Expression((word(0),)), Expression((word(2),)))),
        Side(4, 7, (INNER,), rows_of_table, multiplicity=1),
    )


def test_every_look_up_is_counted() -> None:
    looked_up = program(sides=table(0, 1))
    assert find_violation(looked_up, [rows(0, 2, 2, 9, 1, 0, 2, 9, 0, 1, 1)], ()) is None
    for wrong in (
        (0, 2, 2, 9, 1, 0, 1, 9, 0, 1, 1),  # counted too rarely
        (0, 2, 2, 9, 1, 1, 2, 9, 0, 1, 1),  # counted though nobody looked
        (0, 2, 2, 9, 1, 0, 2, 9, 0, 1, 2),  # another value than the row's
        (0, 3, 2, 9, 1, 0, 1, 1, 0, 1, 1),  # a row beyond the extent
        (0, 2, 2, 9, 1, 0, 2 - (2**64 - 2**32 + 1) - 1, 9, 0, 1, 1),
    ):
        violation = find_violation(looked_up, [rows(*wrong)], ())
        assert violation is not None and violation.startswith("look-up (7, ")


def test_a_tag_is_part_of_the_row() -> None:
    looked_up, counted = table(0, 1)
    other = Side(4, 8, counted.indices, counted.columns, multiplicity=1)
    assert find_violation(program(sides=(looked_up, other)), [rows(0, 2, 2, 9, 1, 0, 2, 9, 0, 1, 1)], ()) is not None


def test_ones_count_where_they_exist() -> None:
    counted = program(groups=(Group((OUTER,), Expression((word(0), word(3, coefficient=-5, offset=1)))),))
    assert find_violation(counted, [rows(5, 5, 0)], ()) is None


def test_summed_indices_are_summed() -> None:
    words = tiny.satisfying_words()
    oracles = [np.array(words.rows(oracle), dtype=np.uint64) for oracle in (0, 1)]
    first, (total,) = words.publics
    assert find_violation(tiny.PROGRAM, oracles, words.publics) is None
    assert find_violation(tiny.PROGRAM, oracles, (first, (total + 1,))) == "group 3 at ()"


@pytest.mark.parametrize("answer", [4 * 9, 9])
def test_each_factor_of_a_section_is_summed_by_itself(answer: int) -> None:
    summed = Index(Role.SUMMED, 3, 2)
    ones = Expression((Term(1, 3, (Map(0),)),), constant=1)
    right = Expression((Term(1, 0, (Map(0),)),))
    section = Section(0, 0, (summed,), ones, right)
    result = Expression((Term(1, 1, (Map(offset=0),)),))
    products = program(groups=(Group((), result),), sections=(section,))
    violation = find_violation(products, [rows(1, 2, 3, 99, answer)], ())
    assert violation == (None if answer == 36 else "group 0 at ()")


def test_a_group_without_indices_is_of_integers_of_any_size() -> None:
    first, second = (Term(c, block, (Map(offset=0),)) for c, block in ((4, 0), (-1, 1)))
    equal = program(groups=(Group((), Expression((first, second))),))
    assert find_violation(equal, [rows(2**62, 0, 0, 0, 2**32 - 1)], ()) is None
    assert find_violation(equal, [rows(2**62, 0, 0, 0, 0)], ()) == "group 0 at ()"
