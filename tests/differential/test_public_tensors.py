"""Public tensors of every shape, with numbers of every width: both verifiers sum them to the same."""

from random import Random

import numpy as np
import pytest

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.randomness import Randomness
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.relations import Axis, Block, Expression, Group, Index, Map, Oracle, Program, Role, Term
from lockstep.proof.statement import Statement
from lockstep.proof.validity import verify_program
from tests.differential.judges import Judges
from tests.unit.proof.proving import SMALL

ROW = 1 << SMALL.log_columns
EDGE = 1 << 31
WIDE = (EDGE - 1, EDGE, -EDGE, -EDGE - 1, (1 << 63) - 1, -(1 << 63), MODULUS - (1 << 63) - 1)
"""Where the contract's sum of numbers of 32 bits ends, and the ends of what is sent."""
SHAPES = (
    (),
    (Axis(1, 0),),
    (Axis(1, 2),),
    (Axis(3, 2),),
    (Axis(33, 6),),
    (Axis(70, 7),),
    (Axis(1, 0), Axis(4, 2), Axis(1, 1)),
    (Axis(5, 3), Axis(7, 3), Axis(3, 2)),
    (Axis(2, 1), Axis(40, 6)),
    (Axis(40, 6), Axis(2, 1)),
    (Axis(64, 6), Axis(10, 4)),
)


def program_of(axes: tuple[Axis, ...]) -> Program:
    """Twice a tensor of the witness is the public one: an index of two places, among the outer ones, is summed."""
    starts = [sum(axis.bits for axis in axes[number + 1 :]) for number in range(len(axes))]
    indices = tuple(Index(Role.OUTER, a.extent, a.bits, start) for a, start in zip(axes, starts, strict=True))
    indices = (*indices[:1], Index(Role.SUMMED, 2, 1), *indices[1:])
    rows = max(1, (1 << sum(axis.bits for axis in axes)) // ROW)
    result = Expression((Term(1, 0, tuple(Map(number + (number > 0)) for number in range(len(axes)))),))
    shape = tuple(axis.extent for axis in axes)
    oracles = (Oracle(0, rows), Oracle(rows, rows + 1))
    return Program(SMALL.log_columns, oracles, (Block(1, 0, axes),), (), (), (Group(indices, result, 0),), (shape,))


def words_of(axes: tuple[Axis, ...], values: np.ndarray, rows: int) -> np.ndarray:
    """The rows of a witness that holds half of the values."""
    words = np.zeros([1 << axis.bits for axis in axes], np.uint64)
    words[tuple(slice(axis.extent) for axis in axes)] = values * pow(2, -1, MODULUS) % MODULUS
    row = np.zeros(rows * ROW, np.uint64)
    row[: words.size] = words.reshape(-1)
    return row.reshape(rows, ROW)


KINDS = {
    "small": lambda chance: chance.randrange(-100, 100),
    "of 32 bits": lambda chance: chance.randrange(-EDGE, EDGE),
    "least of 32 bits": lambda _: -EDGE,
    "wide": lambda chance: chance.choice((*WIDE, 0)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("axes", SHAPES, ids=lambda axes: "x".join(str(axis.extent) for axis in axes) or "scalar")
def test_a_public_tensor_is_what_the_words_are_and_nothing_else(
    both: Judges, axes: tuple[Axis, ...], kind: str
) -> None:
    program, chance = program_of(axes), Random(f"{axes}/{kind}")
    verify_program(program)
    count = int(np.prod(program.publics[0], dtype=int))
    values = [KINDS[kind](chance) for _ in range(count)]
    tensor = np.array(values, object).reshape(program.publics[0])
    rows = program.oracles[1].rows
    committed = commit_oracle(np.zeros((program.oracles[0].rows, ROW), np.uint64), SMALL, Randomness(b"m" * 32))
    statement = Statement(program, SMALL, (committed.commitment,), (tuple(values),))
    witness = words_of(axes, tensor, rows - 1)
    both.accept(statement, prove(statement, [committed], witness, randomness=Randomness(b"w" * 32)))
    place = chance.randrange(count)
    values[place] += -1 if values[place] > 0 else 1
    false = Statement(program, SMALL, (committed.commitment,), (tuple(values),))
    proof = prove(false, [committed], witness, randomness=Randomness(b"w" * 32), check=False)
    assert both.refusal(false, proof) == "proof/final"
