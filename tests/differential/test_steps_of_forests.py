"""Every node of a compiled forest can be settled: kernels recompute what a real trace holds of it."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from lockstep.dispute.step import evaluate_step
from lockstep.dispute.witness import Evidence
from lockstep.exec import reference
from lockstep.exec.run import Program
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model
from lockstep.ir.ops import Opcode
from lockstep.ir.quantise import quantise_input
from lockstep.testing.step_contracts import StepContracts, deploy_steps
from tests.unit.ir.tree_cases import FEATURES, classifier, grow, regressor

MODELS = {
    "boosted": lambda: classifier(grow(1, 20, depth=3), [0, 1], post_transform="LOGISTIC"),
    "votes": lambda: classifier(grow(2, 10, outputs=(range(3),), depth=8), [0, 1, 2]),
    "deep": lambda: regressor(grow(3, 4, depth=12)),
}
PASSES = 2


@pytest.fixture(scope="module")
def contracts() -> StepContracts:
    return deploy_steps()


@pytest.fixture(scope="module", params=MODELS)
def graph(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Graph:
    path = Path(tmp_path_factory.mktemp("forest")) / "forest.onnx"
    onnx.save(MODELS[request.param](), path)
    return compile_model(path)


def test_every_node_of_a_forest_is_recomputed(contracts: StepContracts, graph: Graph) -> None:
    random = np.random.default_rng(5)
    inputs = [[quantise_input(graph.inputs[0], random.normal(size=(1, FEATURES)))] for _ in range(PASSES)]
    trace = Program(graph).run_trace(*inputs)
    evidence = Evidence(graph, tuple(inputs), trace)
    for number, node in enumerate(graph.nodes):
        pass_index = number % PASSES
        values = trace.values(pass_index, number).reshape(-1)
        np.testing.assert_array_equal(values, reference.run(graph, inputs[pass_index])[number].reshape(-1))
        chosen = range(node.elements) if node.opcode is Opcode.TREES else [int(random.integers(node.elements))]
        for element in chosen:
            position = evidence.position(pass_index, number, element)
            witness, descriptor = evidence.build(pass_index, number, element), encode_descriptor(graph, number)
            assert evaluate_step(position, descriptor, witness) == values[element]
            if element % 5 == 0:
                assert contracts.evaluate(position, descriptor, witness) == values[element]
