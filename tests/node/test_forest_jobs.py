"""A job about a boosted forest on a real chain: a lie about one tree is overturned by the kernel of trees."""

from pathlib import Path

import onnx
import pytest

from lockstep.chain.bindings.arbiter import Status
from lockstep.features.inference.answers import Answer, HonestAnswers, ModelLibrary, join_inputs
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.server import Server
from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model
from lockstep.ir.ops import Opcode
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import TERMS, Network, draw_inputs
from tests.unit.ir.tree_cases import classifier, grow

CHALLENGER, CHEAT = 3, 4


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    path = Path(tmp_path_factory.mktemp("forest")) / "forest.onnx"
    onnx.save(classifier(grow(1, 100, depth=3), [0, 1], post_transform="LOGISTIC"), path)
    return compile_model(path)


def lie_about_a_tree(answer: Answer) -> tuple[int, int, int]:
    """Tree 50 turns the label into the other one."""
    is_first = answer.trace.tensor_bytes(0, len(answer.graph.nodes) - 2)[-1] == 0
    return 0, 50, answer.graph.nodes[0].high if is_first else answer.graph.nodes[0].low


def test_a_lie_about_one_tree_is_overturned(network: Network, graph: Graph) -> None:
    assert graph.nodes[0].opcode is Opcode.TREES
    honest = HonestAnswers(ModelLibrary.of(graph))
    cheat = network.node(CHEAT, Server, LyingAnswers(honest, lie_about_a_tree))
    challenger = network.node(CHALLENGER, Challenger, honest)
    runs = draw_inputs(graph)
    job_id, job = network.request(runs)
    network.settle([cheat, challenger])
    network.pass_time(TERMS.join_seconds)
    network.settle([challenger, cheat])
    record = network.record(job_id)
    assert (record.status, record.refunded) == (Status.FINAL, True)
    truth = honest.find_answer(job_id, job, join_inputs(graph, runs))
    assert truth is not None
    assert record.output_root == truth.output_root
