"""Server and challenger on a real chain: honest, cheating and silent."""

import pytest

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Status
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary, join_inputs
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.server import Server
from lockstep.ir.graph import Graph
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import TERMS, WINDOW_SECONDS, Network, draw_inputs, lie_at

SERVER, CHALLENGER, CHEAT, SECOND = 2, 3, 4, 5
GAS_ALLOWANCE = 5 * 10**15


def honest(graph: Graph) -> HonestAnswers:
    return HonestAnswers(ModelLibrary.of(graph))


def test_honest_answer_is_paid_when_nobody_objects(network: Network, graph: Graph) -> None:
    server = network.node(SERVER, Server, honest(graph))
    challenger = network.node(CHALLENGER, Challenger, honest(graph))
    job_id, _ = network.request(draw_inputs(graph))
    network.settle([server, challenger])
    assert network.record(job_id).status == Status.ASSERTED
    network.pass_time(WINDOW_SECONDS)
    network.settle([server, challenger])
    record = network.record(job_id)
    assert (record.status, record.refunded) == (Status.FINAL, False)
    assert network.rpc.read_balance(network.arbiter.address) == 0


@pytest.mark.parametrize("passes", [1, 3])
def test_cheating_answer_is_overturned_by_one_recomputed_number(network: Network, graph: Graph, passes: int) -> None:
    cheat = network.node(CHEAT, Server, LyingAnswers(honest(graph), lie_at(0)))
    challenger = network.node(CHALLENGER, Challenger, honest(graph))
    runs = draw_inputs(graph, passes)
    job_id, job = network.request(runs)
    network.settle([cheat, challenger])
    network.pass_time(TERMS.join_seconds)
    network.settle([challenger, cheat])
    record = network.record(job_id)
    assert (record.status, record.refunded) == (Status.FINAL, True)
    truth = honest(graph).find_answer(job_id, job, join_inputs(graph, runs))
    assert truth is not None
    assert record.output_root == truth.output_root
    lost = job.bond
    assert network.rpc.read_balance(network.bracket.address) == lost // 2  # burnt; the other half was the reward


def balance(network: Network, account: int) -> int:
    return network.rpc.read_balance(dev_account(account).address)


@pytest.mark.parametrize("first_joins", [0, 1])
def test_second_honest_challenger_gets_its_bond_back(network: Network, graph: Graph, first_joins: int) -> None:
    """Both commit to the truth; whoever committed first ends as its owner, whoever joins first."""
    cheat = network.node(CHEAT, Server, LyingAnswers(honest(graph), lie_at(0)))
    accounts = (CHALLENGER, SECOND)
    pair = [network.node(account, Challenger, honest(graph)) for account in accounts]
    funds = [balance(network, account) for account in accounts]
    job_id, job = network.request(draw_inputs(graph))
    cheat.step()
    for challenger in (*pair, pair[first_joins]):
        challenger.step()
    network.settle([*pair, cheat])
    network.pass_time(TERMS.join_seconds)
    network.settle([*pair, cheat])
    assert (network.record(job_id).status, network.record(job_id).refunded) == (Status.FINAL, True)
    gains = [balance(network, account) - before for account, before in zip(accounts, funds, strict=True)]
    assert job.bond // 2 - GAS_ALLOWANCE < gains[0] < job.bond // 2
    assert -GAS_ALLOWANCE < gains[1] < 0
    assert network.rpc.read_balance(network.bracket.address) == job.bond // 2


def test_challenger_whose_help_was_not_needed_gets_its_bond_back(network: Network, graph: Graph) -> None:
    """It commits to the undefended truth; then the claimant defends after all."""
    server = network.node(SERVER, Server, honest(graph))
    attacker = network.node(CHEAT, Challenger, LyingAnswers(honest(graph), lie_at(0)))
    challenger = network.node(CHALLENGER, Challenger, honest(graph))
    funds = balance(network, CHALLENGER)
    job_id, _ = network.request(draw_inputs(graph))
    server.step()
    network.settle([attacker])
    network.pass_time(TERMS.join_seconds * 3 // 4)
    challenger.step()
    server.step()
    network.settle([challenger, attacker, server])
    network.pass_time(TERMS.join_seconds)
    network.settle([challenger, attacker, server])
    assert (network.record(job_id).status, network.record(job_id).refunded) == (Status.FINAL, False)
    assert -GAS_ALLOWANCE < balance(network, CHALLENGER) - funds < 0
    assert network.rpc.read_balance(network.bracket.address) == TERMS.challenge_bond // 2


def test_silent_claimant_loses_by_default(network: Network, graph: Graph) -> None:
    cheat = network.node(CHEAT, Server, LyingAnswers(honest(graph), lie_at(1)))
    challenger = network.node(CHALLENGER, Challenger, honest(graph))
    job_id, _ = network.request(draw_inputs(graph))
    while network.record(job_id).status != Status.ASSERTED:
        cheat.step()
    network.settle([challenger])
    network.pass_time(TERMS.join_seconds)
    network.settle([challenger])
    assert (network.record(job_id).status, network.record(job_id).refunded) == (Status.FINAL, True)


def test_claimant_who_stops_playing_loses_by_its_clock(network: Network, graph: Graph) -> None:
    cheat = network.node(CHEAT, Server, LyingAnswers(honest(graph), lie_at(1)))
    challenger = network.node(CHALLENGER, Challenger, honest(graph))
    job_id, _ = network.request(draw_inputs(graph))
    for _ in range(2):  # it asserts, and defends once it is challenged
        cheat.step()
        challenger.step()
    network.settle([challenger])
    network.pass_time(TERMS.clock_seconds)
    network.settle([challenger])
    assert (network.record(job_id).status, network.record(job_id).refunded) == (Status.FINAL, True)


def test_truth_whose_claimant_is_silent_is_defended(network: Network, graph: Graph) -> None:
    """A false challenge against a true answer: the challenger joins with the truth in the claimant's place."""
    server = network.node(SERVER, Server, honest(graph))
    attacker = network.node(CHEAT, Challenger, LyingAnswers(honest(graph), lie_at(0)))
    challenger = network.node(CHALLENGER, Challenger, honest(graph))
    job_id, _ = network.request(draw_inputs(graph))
    while network.record(job_id).status != Status.ASSERTED:
        server.step()
    network.settle([attacker])
    network.pass_time(TERMS.join_seconds * 3 // 4)
    network.settle([attacker, challenger])
    network.pass_time(TERMS.join_seconds)
    network.settle([attacker, challenger])
    assert (network.record(job_id).status, network.record(job_id).refunded) == (Status.FINAL, False)


def test_unanswered_job_is_cancelled(network: Network, graph: Graph) -> None:
    job_id, job = network.request(draw_inputs(graph))
    network.pass_time(3600)
    network.requester.send(network.arbiter.cancel(job), key="cancel")
    network.requester.send(network.arbiter.withdraw(), key="withdraw")
    assert network.record(job_id).status == Status.VOID
    assert network.rpc.read_balance(network.arbiter.address) == 0
