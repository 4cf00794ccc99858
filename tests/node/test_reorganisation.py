"""The chain takes back what the node has done: it does it again, once, whatever phase the job was in."""

import pytest

from lockstep.chain.account import dev_account
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.server import Server
from lockstep.ir.graph import Graph
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import TERMS, WINDOW_SECONDS, Network, draw_inputs, lie_at

SERVER, CHALLENGER = 2, 3


def honest(graph: Graph) -> HonestAnswers:
    return HonestAnswers(ModelLibrary.of(graph))


def reorganise(network: Network, to_block: int) -> None:
    """Every block after ``to_block`` is replaced by an empty one, and one more."""
    network.rpc.call("anvil_reorg", network.rpc.read_block_number() - to_block, [])
    network.rpc.call("evm_mine")


@pytest.mark.parametrize("extra_blocks", [0, 30])
def test_answer_that_is_taken_back_is_given_again(network: Network, graph: Graph, extra_blocks: int) -> None:
    server = network.node(SERVER, Server, honest(graph))
    job_id, _ = network.request(draw_inputs(graph))
    before = network.rpc.read_block_number()
    network.settle([server])
    assert network.record(job_id).status.name == "ASSERTED"
    network.rpc.call("anvil_mine", hex(extra_blocks))
    server.step()
    reorganise(network, before)
    assert network.record(job_id).status.name == "OPEN"
    network.settle([server])
    assert network.record(job_id).status.name == "ASSERTED"
    before = network.rpc.read_block_number()
    network.pass_time(WINDOW_SECONDS)
    network.settle([server])
    reorganise(network, before)
    network.pass_time(WINDOW_SECONDS)
    network.settle([server])
    assert network.record(job_id).status.name == "FINAL"
    assert network.rpc.read_balance(network.arbiter.address) == 0
    assert network.rpc.read_nonce(dev_account(SERVER).address) == 3  # assert, finalise, withdraw: each once


def test_dispute_that_is_taken_back_is_fought_again(network: Network, graph: Graph) -> None:
    cheat = network.node(SERVER, Server, LyingAnswers(honest(graph), lie_at(0)))
    challenger = network.node(CHALLENGER, Challenger, honest(graph))
    job_id, _ = network.request(draw_inputs(graph))
    network.settle([cheat])
    before = network.rpc.read_block_number()
    network.settle([cheat, challenger])
    reorganise(network, before)
    assert network.record(job_id).status.name == "ASSERTED"
    for _ in range(2):
        network.settle([challenger, cheat])
        network.pass_time(TERMS.join_seconds)
    network.settle([challenger, cheat])
    record = network.record(job_id)
    assert (record.status.name, record.refunded) == ("FINAL", True)
