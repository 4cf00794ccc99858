"""Every node of a compiled model can be settled: the kernels recompute elements opened from a real trace."""

from dataclasses import replace

import numpy as np
import pytest

from lockstep.cli.demo.example import load_example
from lockstep.dispute.witness import Evidence
from lockstep.exec.run import Program
from lockstep.exec.trace import Trace
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import quantise_input
from lockstep.testing.step_contracts import StepContracts, deploy_steps

PASSES = 2
ELEMENTS_OF_A_NODE = 3


@pytest.fixture(scope="module")
def contracts() -> StepContracts:
    return deploy_steps()


@pytest.fixture(scope="module", params=[8, 16], ids=["i8", "i16"])
def evidence(request: pytest.FixtureRequest) -> Evidence:
    """The digits model run on two pictures."""
    example = load_example()
    graph = compile_model(example.onnx, calibration=example.samples()[:8], activation_bits=request.param)
    inputs = [[quantise_input(graph.inputs[0], image[None])] for image in example.images[:PASSES]]
    return Evidence(graph, tuple(inputs), Program(graph).run_trace(*inputs))


def test_every_node_of_the_digits_model_is_recomputed(contracts: StepContracts, evidence: Evidence) -> None:
    random = np.random.default_rng(5)
    trace = evidence.trace
    assert isinstance(trace, Trace)
    for number, node in enumerate(evidence.graph.nodes):
        for element in (0, *random.integers(0, node.elements, ELEMENTS_OF_A_NODE - 1)):
            pass_index, element = int(random.integers(0, PASSES)), int(element)
            expected = int(trace.values(pass_index, number).reshape(-1)[element])
            position = evidence.position(pass_index, number, element)
            witness = evidence.build(pass_index, number, element)
            assert contracts.evaluate(position, encode_descriptor(evidence.graph, number), witness) == expected


def test_position_of_another_pass_is_another_opening(evidence: Evidence) -> None:
    number = len(evidence.graph.nodes) - 1
    first, second = (evidence.build(pass_index, number, 0) for pass_index in range(PASSES))
    assert first != second
    assert replace(evidence.position(0, number, 0), pass_index=1) == evidence.position(1, number, 0)
