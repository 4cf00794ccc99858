"""Intervals of words, where a relation puts limbs together."""

from dataclasses import replace

import pytest

from lockstep.errors import ProofError
from lockstep.proof.arithmetise.bounds import check_no_wrap
from lockstep.proof.relations import (
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
    Side,
    Term,
)

VALUE, LIMBS, COUNTS = range(3)
TOGETHER = Term(1, LIMBS, (Map(POWERS, 4),))
INSIDE = Index(Role.INNER, 4, 2)
TABLE = Side(0, 1, (Index(Role.INNER, 16, 4),), (Expression(strides=(1,)),), COUNTS)
PROGRAM = Program(
    6,
    (Oracle(0, 2),),
    (Block(0, 32, ()), Block(0, 36, (Axis(4, 2),)), Block(0, 0, (Axis(16, 4),))),
    (TABLE, Side(16, 1, (INSIDE,), (Expression((Term(1, LIMBS, (Map(0),)),)),))),
    (),
    (Group((), Expression((Term(-1, VALUE, ()), TOGETHER), 7)),),
)
"""value = 7 + four limbs of 4 bits."""


def test_a_value_is_bounded_by_its_limbs_together() -> None:
    assert check_no_wrap(PROGRAM, {})[VALUE] == (7, 7 + 2**16 - 1)


def test_a_sum_that_is_in_range_bounds_no_limb() -> None:
    sum_alone = replace(PROGRAM, sides=(TABLE, Side(16, 1, (), (Expression((TOGETHER,)),))))
    with pytest.raises(ProofError, match="nothing bounds a word of group 0"):
        check_no_wrap(sum_alone, {})


def test_limbs_together_may_not_wrap_around_the_modulus() -> None:
    with pytest.raises(ProofError, match="group 0 may wrap around the modulus"):
        check_no_wrap(replace(PROGRAM, sides=()), {LIMBS: (0, 2**52), VALUE: (0, 0)})
