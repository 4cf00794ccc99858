"""Programs from strangers: every rule of section 3 has a program that breaks it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from lockstep.errors import ProofError
from lockstep.proof.program_bytes import decode_program, encode_program
from lockstep.proof.relations import (
    NONE,
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
from lockstep.proof.validity import verify_program

ROW = Index(Role.INNER, 5, 3)
OUT = Index(Role.OUTER, 4, 2)
READ = Expression((Term(1, 1, (Map(0),)),))
GOOD = Program(
    4,
    (Oracle(0, 2), Oracle(2, 3)),
    (Block(0, 0, (Axis(4, 2), Axis(5, 3))), Block(1, 0, (Axis(5, 3),)), Block(1, 8, (Axis(8, 3),))),
    (
        Side(0, 1, (Index(Role.INNER, 8, 3),), (Expression(strides=(1,)), Clamped(2, 6, -1)), 2),
        Side(8, 1, (ROW,), (READ, READ)),
    ),
    (Section(0, 0, (OUT, ROW), Expression((Term(1, 0, (Map(0), Map(1))),)), Expression((Term(1, 1, (Map(1),)),))),),
    (Group((OUT,), Expression(), 0),),
    ((4,),),
)


def change(kind: str, number: int, **fields: object) -> Callable[[Program], Program]:
    def changed(program: Program) -> Program:
        records = list(getattr(program, kind))
        records[number] = replace(records[number], **fields)
        return replace(program, **{kind: tuple(records)})

    return changed


FAULTS: dict[str, Callable[[Program], Program]] = {
    "oracles share a row": change("oracles", 1, first_row=1),
    "oracle without rows": change("oracles", 0, rows=0),
    "too many rows": change("oracles", 1, first_row=60_000),
    "axis without room": change("blocks", 1, axes=(Axis(9, 3),)),
    "empty axis": change("blocks", 1, axes=(Axis(0, 3),)),
    "block in no oracle": change("blocks", 1, oracle=2),
    "block in the pad row": change("blocks", 2, offset=32),
    "block beyond the rows": change("blocks", 0, offset=32),
    "block not aligned": change("blocks", 1, offset=4),
    "blocks overlap": change("blocks", 2, offset=0),
    "side with an outer index": change("sides", 1, indices=(Index(Role.OUTER, 5, 3),)),
    "side not aligned": change("sides", 1, position=12),
    "sides overlap": change("sides", 1, position=0),
    "side with a hole": change("sides", 1, indices=(Index(Role.INNER, 5, 3, inner=1),)),
    "side that is not row-major": change(
        "sides", 1, indices=(Index(Role.INNER, 4, 2, inner=0), Index(Role.INNER, 2, 1, inner=2))
    ),
    "public column of no table": change("sides", 1, columns=(Clamped(0, 1, 0),)),
    "clamp upside down": change("sides", 0, columns=(Clamped(6, 2, 0),)),
    "counts of another shape": change("sides", 0, multiplicity=0),
    "counts that are not there": change("sides", 0, multiplicity=9),
    "strides too few": change("sides", 1, columns=(Expression(strides=(1, 2)),)),
    "block that is not there": change("sides", 1, columns=(Expression((Term(1, 9, (Map(0),)),)),)),
    "axis not addressed": change("sides", 1, columns=(Expression((Term(1, 0, (Map(0),)),)),)),
    "index that is not there": change("sides", 1, columns=(Expression((Term(1, 1, (Map(3),)),)),)),
    "index used twice": change("sides", 1, columns=(Expression((Term(1, 0, (Map(0), Map(0))),)),)),
    "section not aligned": change("sections", 0, position=3),
    "section in no group": change("sections", 0, group=1),
    "section with strides": change("sections", 0, left=Expression(strides=(1, 1))),
    "group with an inner index": change("groups", 0, indices=(ROW,)),
    "group with strides": change("groups", 0, result=Expression(strides=(1,))),
    "public tensor in no group": change("groups", 0, public=None),
    "too many columns": lambda program: replace(program, log_columns=40),
}


def test_good_program_is_valid_and_its_bytes_are_one_to_one() -> None:
    verify_program(GOOD)
    assert decode_program(encode_program(GOOD)) == GOOD


@pytest.mark.parametrize("name", FAULTS)
def test_program_that_breaks_a_rule_is_refused(name: str) -> None:
    with pytest.raises(ProofError, match="proof/program"):
        verify_program(FAULTS[name](GOOD))


def with_limbs(place: Map, block: Block = GOOD.blocks[2]) -> Program:
    """The group's result is a sum of the eight words of the last block."""
    result = Expression((Term(1, 2, (place,)),))
    return replace(GOOD, blocks=(*GOOD.blocks[:2], block), groups=(replace(GOOD.groups[0], result=result),))


NO_LIMBS = {
    "no bits": with_limbs(Map(POWERS, 0)),
    "bits below 0": with_limbs(Map(POWERS, -1)),
    "more bits than a residue": with_limbs(Map(POWERS, 8)),
    "an index besides": with_limbs(Map(POWERS, 7, second=0)),
    "a dilation": with_limbs(Map(POWERS, 7, dilation=2)),
    "an offset": with_limbs(Map(POWERS, 7, offset=1)),
    "powers for the second index": with_limbs(Map(NONE, second=POWERS)),
    "powers twice": with_limbs(Map(POWERS, 7, second=POWERS)),
    "an axis that is not full": with_limbs(Map(POWERS, 7), Block(1, 8, (Axis(7, 3),))),
    "the tensor of ones": with_limbs(Map(POWERS, 7), Block(ONES, 0, (Axis(8, 3),))),
}


def test_limbs_with_less_bits_than_a_residue_are_put_together() -> None:
    program = with_limbs(Map(POWERS, 7))
    verify_program(program)
    assert decode_program(encode_program(program)) == program


@pytest.mark.parametrize("name", NO_LIMBS)
def test_powers_of_what_are_no_limbs_are_refused(name: str) -> None:
    program = replace(NO_LIMBS[name], sides=GOOD.sides[1:])  # nothing counts in the block
    with pytest.raises(ProofError, match="group 0 sums an axis with powers that are not those of its limbs"):
        verify_program(program)


def test_bytes_that_are_not_canonical_are_refused() -> None:
    data = encode_program(GOOD)
    for damaged in (data[:-1], data + b"\x00", data[:2] + b"\x09" + data[3:], b"\x02" + data[1:]):
        with pytest.raises(ProofError, match="proof/program"):
            decode_program(damaged)
