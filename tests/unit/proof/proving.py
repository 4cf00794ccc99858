"""A small model to prove for tests of attacks: what a prover holds, honest or not, and what a verifier says to it."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.randomness import Randomness
from lockstep.errors import ProofError
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import ATTRIBUTES, Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.proof.arithmetise.arithmetisation import Arithmetisation, arithmetise
from lockstep.proof.parameters import Level, Parameters
from lockstep.proof.prover.matrices import CommittedOracle, commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.statement import Statement
from lockstep.proof.verifier import verify_proof

SMALL = Parameters("small", 12, 2048, 14, (Level(4, 12), Level(4, 12)), (12, 10, 8), 0, (0, 0), 0)
"""No work: what refuses is the algebra. Tails as long as they may be, as in every preset: no word of h is always 0."""
INPUT = [7, -9]
WEIGHTS = ((100, 3), (-90, 77))


@dataclass(frozen=True, eq=False)
class Proving:
    """What a prover needs; ``rows``: the witness without its pad row."""

    made: Arithmetisation
    statement: Statement
    weights: CommittedOracle
    rows: np.ndarray

    def proof(self, seed: bytes | None = None) -> bytes:
        """Of whatever the witness holds."""
        return prove(self.statement, [self.weights], self.rows, randomness=Randomness(seed), check=False)

    def cheating(self, rows: np.ndarray) -> "Proving":
        return replace(self, rows=rows)


def proving(made: Arithmetisation, inputs: list[list[np.ndarray]], seed: bytes = b"w" * 32) -> Proving:
    """The honest prover of a run."""
    weights = commit_oracle(made.weight_rows(), SMALL, Randomness(seed))
    rows, publics = made.witness(inputs)
    return Proving(made, Statement(made.program, SMALL, (weights.commitment,), publics), weights, rows)


def dense(weights: tuple[tuple[int, int], ...] = WEIGHTS, inputs: list[int] = INPUT) -> Proving:
    """One requantised product of an input with weights."""
    constant, count = Constant(DType.I8, np.array(weights)), len(weights)
    operands = (
        Operand(OperandKind.INPUT, 0, DType.I8, (1, 2)),
        Operand(OperandKind.WEIGHT, 0, DType.I8, (count, 2)),
    )
    shape = (2, 2, 0, 2, 0, count, 1, 0)
    attributes = shape + (0,) * (ATTRIBUTES - len(shape))
    ends = {"low": -128, "high": 127, "multiplier": 300, "shift": 12}
    node = Node("node", Opcode.MATMUL, operands, DType.I8, (1, count), attributes=attributes, **ends)
    x, y = (TensorSpec(name, DType.I8, (1, extent), 1.0, 0) for name, extent in (("x", 2), ("y", count)))
    graph = Graph((x,), (y,), (node,), (constant,))
    return proving(arithmetise(graph, log_columns=SMALL.log_columns), [[np.array(inputs).reshape(1, 2)]])


def signed(words: np.ndarray) -> np.ndarray:
    """Words of the field as integers about 0."""
    values = [int(word) for word in words.view(np.uint64).reshape(-1)]
    return np.array([v - MODULUS if v > MODULUS // 2 else v for v in values], np.int64).reshape(words.shape)


def accept(statement: Statement, proof: bytes) -> None:
    verify_proof(statement, proof, presets=(SMALL,))


def refusal(statement: Statement, proof: bytes) -> str:
    """The code with which a proof is refused."""
    with pytest.raises(ProofError) as refused:
        accept(statement, proof)
    return refused.value.code
