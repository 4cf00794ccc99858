"""Every operator over hypothesis inputs, extremes included: the compiled path gives what the reference defines."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from lockstep.errors import GraphError
from lockstep.exec import reference
from lockstep.exec.run import Program
from lockstep.ir.check import check_graph
from lockstep.ir.graph import Constant, Graph
from lockstep.ir.ops import Opcode
from lockstep.testing.step_cases import StepCase, step_cases


def shrunk(graph: Graph) -> Graph:
    """The graph with the numbers of its last node and its tables 64 times smaller."""
    node = graph.nodes[-1]
    table = node.operands[-1].index if node.operands[-1].shape[1:] == (2,) else None
    constants = tuple(
        Constant(constant.dtype, constant.values >> 6) if number == table else constant
        for number, constant in enumerate(graph.constants)
    )
    multipliers = {"multiplier": node.multiplier >> 6, "multiplier2": node.multiplier2 >> 6}
    shift = max(int(node.opcode is Opcode.AVGPOOL), node.shift - 6)
    return replace(graph, nodes=(*graph.nodes[:-1], replace(node, shift=shift, **multipliers)), constants=constants)


def valid_graph(case: StepCase) -> Graph:
    """The case's graph, its numbers made smaller until they respect the bound of 63 bits."""
    graph = case.graph
    for _ in range(11):
        try:
            check_graph(graph)
        except GraphError as error:
            assume(error.code == "graph/overflow")
            graph = shrunk(graph)
        else:
            return graph
    assume(False)
    raise AssertionError


@pytest.mark.parametrize("opcode", list(Opcode), ids=lambda opcode: opcode.name.lower())
def test_fast_path_equals_reference(opcode: Opcode) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(step_cases(opcode))
    def check(case: StepCase) -> None:
        graph = valid_graph(case)
        expected = reference.run(graph, case.inputs[0])
        trace = Program(graph).run_trace(case.inputs[0])
        for number, values in enumerate(expected):
            np.testing.assert_array_equal(trace.values(0, number), values)

    check()
