"""Compiles every kernel of the prover on a program that fits a page: a first proof should not be a silent wait."""

import numpy as np

from lockstep.crypto.randomness import Randomness
from lockstep.proof.parameters import Level, Parameters
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.relations import (
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
from lockstep.proof.statement import Statement

PARAMETERS = Parameters("warm", 10, 256, 12, (Level(4, 10), Level(3, 9)), (2, 2, 2), 1, (1, 1), 1)

_ROW = Index(Role.INNER, 5, 3)
_OUT = Index(Role.OUTER, 4, 2)
_TAP = Index(Role.INNER, 3, 2)
_READ = Expression((Term(1, 1, (Map(0),)),))

PROGRAM = Program(
    PARAMETERS.log_columns,
    (Oracle(0, 2), Oracle(2, 3)),
    (Block(0, 0, (Axis(4, 2), Axis(5, 3))), Block(1, 0, (Axis(5, 3),)), Block(1, 8, (Axis(8, 3),))),
    (
        Side(0, 1, (Index(Role.INNER, 8, 3),), (Expression(strides=(1,)), Clamped(2, 6, -1)), 2),
        Side(8, 1, (_ROW,), (_READ, _READ)),
    ),
    (
        Section(0, 0, (_OUT, _ROW), Expression((Term(1, 0, (Map(0), Map(1))),)), Expression((Term(1, 1, (Map(1),)),))),
        Section(
            8,
            0,
            (_OUT, _TAP),
            Expression((Term(1, 0, (Map(0), Map(1))),)),
            Expression((Term(1, 1, (Map(0, 1, 1, 1, -1),)),)),
        ),
        Section(16, 1, (Index(Role.BOTH, 5, 3),), _READ, _READ),
    ),
    (Group((_OUT,), Expression(), 0), Group((Index(Role.OUTER, 5, 3),), Expression())),
    ((4,),),
)
"""A look-up, a matrix product, a convolution and an element-wise product, over zeros."""


def compile_proof_kernels() -> None:
    """Commits and proves once; kernels that are cached are only loaded."""
    words = 1 << PARAMETERS.log_columns
    weights = commit_oracle(np.zeros((2, words), np.uint64), PARAMETERS, Randomness(bytes(32)))
    statement = Statement(PROGRAM, PARAMETERS, (weights.commitment,), ((0, 0, 0, 0),))
    prove(statement, [weights], np.zeros((2, words), np.uint64), randomness=Randomness(bytes(32)), check=False)
