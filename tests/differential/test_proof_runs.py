"""Axes that are read whole, in runs: only an index that stands in the outer point continues a run of it.

Where the outer point ends the local one begins. A verifier that mistakes an INNER index behind it for the next of the
run reads a right factor as something else: it refuses honest proofs, and believes false ones.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from lockstep.crypto.randomness import Randomness
from lockstep.ir.ops import Opcode
from lockstep.proof import statement as statements
from lockstep.proof.arithmetise.arithmetisation import arithmetise
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.program_bytes import program_digest
from lockstep.proof.prover.matrices import CommittedOracle, commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.relations import Axis, Block, Expression, Group, Index, Map, Oracle, Program, Role, Section, Term
from lockstep.proof.satisfied import find_violation
from lockstep.proof.statement import Statement
from lockstep.proof.validity import verify_program
from tests.differential.judges import Judges
from tests.unit.proof.proving import SMALL, proving
from tests.unit.proof.small_operators import graph_of, weights

INPUT = np.array([3, 14, 1, 5, 9])
MATRIX = np.arange(1, 16).reshape(5, 3)
OUTPUT = Index(Role.OUTER, 3, 2)
WIDER = Group((Index(Role.OUTER, 8, 3),), Expression())
"""Says nothing, but the outer point is longer than the run of outputs: no INNER index stands where that ends."""

TRANSPOSED = Program(
    SMALL.log_columns,
    (Oracle(0, 1), Oracle(1, 2)),
    (Block(0, 0, (Axis(5, 3), Axis(3, 2))), Block(1, 0, (Axis(5, 3),))),
    (),
    (
        Section(
            0,
            0,
            (OUTPUT, Index(Role.INNER, 5, 3)),
            Expression((Term(1, 1, (Map(1),)),)),
            Expression((Term(1, 0, (Map(1), Map(0))),)),
        ),
    ),
    (Group((OUTPUT,), Expression(), 0),),
    ((3,),),
)
"""−public = input · matrix, the matrix by input and output: the axis behind the outer run is the INNER one's."""


@dataclass(frozen=True, eq=False)
class Product:
    """The words of ``TRANSPOSED``: a committed matrix and a hidden input."""

    matrix: CommittedOracle
    words: np.ndarray
    witness: np.ndarray

    def statement(self, answer: np.ndarray, program: Program = TRANSPOSED) -> Statement:
        return Statement(program, SMALL, (self.matrix.commitment,), (tuple((-answer).tolist()),))

    def proof(self, statement: Statement) -> bytes:
        return prove(statement, [self.matrix], self.witness, randomness=Randomness(b"w" * 32), check=False)


@pytest.fixture(scope="module")
def product() -> Product:
    words, witness = np.zeros((2, 1, 1 << SMALL.log_columns), np.uint64)
    words[0, :32].reshape(8, 4)[:5, :3] = MATRIX
    witness[0, :5] = INPUT
    return Product(commit_oracle(words, SMALL, Randomness(b"m" * 32)), words, witness)


@pytest.mark.parametrize("program", [TRANSPOSED, replace(TRANSPOSED, groups=(*TRANSPOSED.groups, WIDER))])
def test_an_inner_index_behind_the_outer_point_continues_no_run(
    both: Judges, product: Product, program: Program
) -> None:
    verify_program(program)
    true = product.statement(INPUT @ MATRIX, program)
    assert find_violation(program, [product.words, product.witness], true.publics) is None
    both.accept(true, product.proof(true))
    false = product.statement(np.zeros(3, np.int64), program)
    assert both.refusal(false, product.proof(false)) == "proof/final"


def test_a_proof_in_which_a_transposed_matrix_is_nothing_is_refused(
    both: Judges, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made of a program whose right factor is 0, said to be of the true one: an answer of zeros for any input."""
    false = product.statement(np.zeros(3, np.int64))
    assert find_violation(TRANSPOSED, [product.words, product.witness], false.publics) == "group 0 at (0,)"
    nothing = replace(TRANSPOSED, sections=(replace(TRANSPOSED.sections[0], right=Expression()),))
    with monkeypatch.context() as patch:
        patch.setattr(statements, "program_digest", lambda _: program_digest(TRANSPOSED))
        proof = product.proof(replace(false, program=nothing))
    assert both.refusal(false, proof) == "proof/final"


@pytest.mark.parametrize("width", [6, 8])
def test_a_model_with_one_output_and_a_hidden_input_is_proved(both: Judges, width: int) -> None:
    """One output has no bits: the outer point is empty, and every index of the cube stands where it begins."""
    constants = (weights([list(range(1, width + 1))]),)
    attributes = (width, width, 0, width, 0, 1, 1, 0)
    graph = graph_of(Opcode.MATMUL, [(1, width)], (1, 1), attributes, constants=constants, multiplier=13, shift=8)
    made = arithmetise(graph, statement=Visibility(inputs="hidden"), log_columns=SMALL.log_columns)
    assert made.program.outer_bits == 0
    case = proving(made, [[np.arange(1, width + 1).reshape(1, width)]])
    both.accept(case.statement, case.proof(b"p" * 32))
