"""One element of every operator: the reference, the Python mirror and the Vyper kernels give the same value."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockstep.dispute.step import evaluate_step
from lockstep.errors import ProofError
from lockstep.exec.reference import evaluate_element
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.testing.step_cases import StepCase, step_cases
from lockstep.testing.step_contracts import StepContracts, deploy_steps

EXAMPLES = max(12, settings.default.max_examples // 8)
"""A call takes 20 to 100 ms, so fewer than elsewhere; a fuzzing profile raises it."""


@pytest.fixture(scope="module")
def contracts() -> StepContracts:
    return deploy_steps()


def reference_value(case: StepCase) -> int:
    inputs, trace = case.inputs[case.pass_index], case.node_values[case.pass_index]
    return evaluate_element(case.graph, case.node_number, case.element, inputs, trace)


@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_kernels_equal_the_reference(contracts: StepContracts, opcode: Opcode) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=step_cases(opcode))
    def holds(case: StepCase) -> None:
        expected = reference_value(case)
        witness = case.witness
        assert evaluate_step(case.position, case.descriptor, witness) == expected
        assert contracts.evaluate(case.position, case.descriptor, witness) == expected

    holds()


@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_witness_holds_the_bytes_that_the_reference_reads(opcode: Opcode) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=step_cases(opcode), data=st.data())
    def holds(case: StepCase, data: st.DataObject) -> None:
        ranges = case.evidence.ranges(case.pass_index, case.node_number, case.element)
        chosen = data.draw(st.sampled_from(ranges))
        tensor = case.evidence.tensor_bytes(case.pass_index, chosen.operand)
        start = chosen.first * chosen.operand.size // 512 * 512
        assert tensor[start : start + len(chosen.leaves)].ljust(len(chosen.leaves), b"\x00") == chosen.leaves
        assert case.witness == b"".join(opened.leaves + opened.path for opened in ranges)

    holds()


def test_step_that_no_witness_holds_is_refused() -> None:
    """Rows so near that they are one range, so many that it has more leaves than a witness."""
    rows, size = 16, 1000
    shape = (1, rows, size, 1)
    x = Operand(OperandKind.INPUT, 0, DType.I8, shape)
    w = Operand(OperandKind.WEIGHT, 0, DType.I8, (1, rows, 1, 1))
    attributes = (rows, size, 1, rows, 1, 1, 1, 1, 0, 0, 1, 1, 1, rows, 1, 0)
    node = Node("step", Opcode.CONV, (x, w), DType.I8, (1, 1, size, 1), -128, 127, attributes=attributes)
    specs = tuple(TensorSpec(name, DType.I8, shape, 1.0, 0) for name in ("x", "y"))
    constants = tuple(Constant(DType.I8, np.zeros(count, np.int64)) for count in (rows, 300 * 512))
    graph = Graph(specs[:1], specs[1:], (node,), constants)
    case = StepCase(graph, ((np.zeros(shape, np.int64),),), 0, size // 2)
    with pytest.raises(ProofError, match="step/too-large"):
        assert case.witness
