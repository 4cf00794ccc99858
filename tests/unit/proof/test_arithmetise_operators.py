"""Every operator over hypothesis inputs, extremes included: the honest witness satisfies the program."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from lockstep.errors import ProofError
from lockstep.exec import reference
from lockstep.ir.ops import Opcode
from lockstep.proof.arithmetise.arithmetisation import Arithmetisation, arithmetise
from lockstep.proof.arithmetise.bounds import check_no_wrap
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.arithmetise.registration import constant_widths, known_intervals
from lockstep.proof.satisfied import find_violation
from lockstep.testing.step_cases import StepCase, step_cases
from tests.unit.exec.test_fast_path_equals_reference import valid_graph

LOG_COLUMNS = 10
LARGEST = 3000
"""Elements of a node: the checker is slow."""


def assert_every_word_is_bounded(made: Arithmetisation) -> None:
    """Sums of the widest numbers may wrap and are refused at registration; but no word is left free."""
    try:
        known = known_intervals(made.structure, constant_widths(made.structure))
        check_no_wrap(made.program, known)
    except ProofError as error:
        assert "nothing bounds" not in error.message


@pytest.mark.parametrize("opcode", list(Opcode), ids=lambda opcode: opcode.name.lower())
def test_an_honest_run_satisfies_the_program(opcode: Opcode) -> None:
    proved = 0

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(step_cases(opcode))
    def check(case: StepCase) -> None:
        nonlocal proved
        assume(all(node.elements <= LARGEST for node in case.graph.nodes))
        graph = valid_graph(case)
        try:
            made = arithmetise(graph, passes=len(case.inputs), statement=Visibility(), log_columns=LOG_COLUMNS)
            made.weight_rows()
        except ProofError as error:
            assert error.code == "proof/range"
            return
        rows, publics = made.witness(case.inputs)
        outputs = [reference.run(graph, inputs)[-1].reshape(-1) for inputs in case.inputs]
        assert publics[-1] == tuple(int(value) for value in np.concatenate(outputs))
        assert find_violation(made.program, [made.weight_rows(), rows], publics) is None
        assert_every_word_is_bounded(made)
        proved += 1

    check()
    assert proved
