"""Rows longer than what most tests prove with: what the verifiers do apart where the pads do not fill their row."""

import numpy as np
import pytest

from lockstep.crypto.randomness import Randomness
from lockstep.ir.ops import Opcode
from lockstep.proof.arithmetise.arithmetisation import arithmetise
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.parameters import Level, Parameters
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.statement import Statement
from tests.differential.judges import judges
from tests.unit.proof.small_operators import graph_of, weights

LONG = (
    Parameters("long-13", 13, 4096, 15, (Level(4, 12), Level(4, 9), Level(3, 6)), (8, 6, 5, 4), 0, (0, 0, 0), 0),
    Parameters("long-14", 14, 8192, 16, (Level(4, 13), Level(4, 10), Level(4, 6)), (8, 6, 5, 4), 0, (0, 0, 0), 0),
    Parameters("long-15", 15, 16384, 17, (Level(5, 13), Level(4, 10), Level(4, 6)), (8, 6, 5, 4), 0, (0, 0, 0), 0),
)
"""The second table of pads' weights has 2^(b−8) places, at most 32: all that pads ever take."""


@pytest.mark.parametrize("preset", LONG, ids=lambda preset: preset.name)
def test_a_proof_in_long_rows(preset: Parameters) -> None:
    constants = (weights([[3, 1, 4, 1], [5, 9, 2, 6]]),)
    attributes = (4, 4, 0, 4, 0, 2, 1, 0)
    graph = graph_of(Opcode.MATMUL, [(1, 4)], (1, 2), attributes, constants=constants, multiplier=13, shift=8)
    made = arithmetise(graph, statement=Visibility(inputs="hidden"), log_columns=preset.log_columns)
    committed = commit_oracle(made.weight_rows(), preset, Randomness(b"m" * 32))
    rows, publics = made.witness([[np.array([[2, 7, 1, 8]])]])
    true = Statement(made.program, preset, (committed.commitment,), publics)
    false = Statement(made.program, preset, (committed.commitment,), ((publics[0][0] + 1, *publics[0][1:]),))
    with judges(preset) as both:
        both.accept(true, prove(true, [committed], rows, randomness=Randomness(b"w" * 32)))
        proof = prove(false, [committed], rows, randomness=Randomness(b"w" * 32), check=False)
        assert both.refusal(false, proof) == "proof/final"
