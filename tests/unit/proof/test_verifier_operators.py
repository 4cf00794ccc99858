"""Every operator, proved: an honest run is accepted, a witness with one other word is not."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.randomness import Randomness
from lockstep.errors import ProofError
from lockstep.ir.ops import Opcode
from lockstep.proof.arithmetise.arithmetisation import arithmetise
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.parameters import Level, Parameters
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.relations import Block, Program
from lockstep.proof.satisfied import find_violation
from lockstep.proof.statement import Statement
from lockstep.proof.verifier import verify_proof
from lockstep.proof.verifier.fitting import fits
from lockstep.testing.step_cases import StepCase, step_cases
from tests.unit.exec.test_fast_path_equals_reference import valid_graph

QUICK = Parameters("quick", 12, 2048, 13, (Level(4, 10), Level(4, 7)), (2, 2, 2), 0, (0, 0), 0)
"""Not sound: few queries and no work. What refuses here is the algebra."""
LARGEST = 1000


def _word(program: Program, block: Block, chance: random.Random) -> tuple[int, int]:
    """Row and column of a word that the relations may read."""
    place = 0
    for axis in block.axes:
        place = (place << axis.bits) + chance.randrange(axis.extent)
    return divmod(block.offset + place, 1 << program.log_columns)


@pytest.mark.parametrize("opcode", list(Opcode), ids=lambda opcode: opcode.name.lower())
def test_a_run_of_an_operator_is_proved_and_a_false_one_refused(opcode: Opcode) -> None:
    @settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
    @given(step_cases(opcode))
    def check(case: StepCase) -> None:
        assume(all(node.elements <= LARGEST for node in case.graph.nodes))
        try:
            made = arithmetise(
                valid_graph(case), passes=len(case.inputs), statement=Visibility(), log_columns=QUICK.log_columns
            )
            words = made.weight_rows()
        except ProofError as error:
            assert error.code == "proof/range"
            return
        program = made.program
        assume(fits(program, QUICK))
        rows, publics = made.witness(case.inputs)
        weights = commit_oracle(words, QUICK, Randomness(b"w" * 32))
        statement = Statement(program, QUICK, (weights.commitment,), publics)
        verify_proof(statement, prove(statement, [weights], rows, randomness=Randomness()), presets=(QUICK,))
        chance = random.Random(1)
        block = chance.choice([block for block in program.blocks if block.oracle == 1])
        changed = np.array(rows)
        place = _word(program, block, chance)
        changed[place] = (int(changed[place]) + 1) % MODULUS
        if find_violation(program, [words, changed], publics) is None:
            return
        proof = prove(statement, [weights], changed, randomness=Randomness(), check=False)
        with pytest.raises(ProofError, match="proof/final"):
            verify_proof(statement, proof, presets=(QUICK,))

    check()
