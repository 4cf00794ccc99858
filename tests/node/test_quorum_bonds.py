"""Bonds that members put up come back: others stand for the same claim, or another question put the bond up."""

import pytest

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.shared import Job, Question
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary
from lockstep.features.inference.server import Server
from lockstep.features.quorum.member import Duty
from lockstep.node.runner import Runner
from lockstep.testing.committees import OPERATORS, PAY, CommitteeNetwork
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import Network, draw_inputs, lie_at
from lockstep.types import ZERO_DIGEST, Amount, Digest

CHALLENGER = 9


@pytest.fixture
def committees(network: Network) -> CommitteeNetwork:
    return CommitteeNetwork(network)


def honest(network: Network) -> HonestAnswers:
    return HonestAnswers(ModelLibrary.of(network.graph))


def lies(network: Network) -> LyingAnswers:
    return LyingAnswers(honest(network), lie_at(0))


def test_a_member_whose_claim_another_stands_for_keeps_its_ticket(committees: CommitteeNetwork) -> None:
    network = committees.network
    question, question_id = committees.ask(size=6)
    liars = [committees.node(account, lies(network)) for account in OPERATORS[:5]]
    member = committees.node(OPERATORS[5], honest(network))
    challenger = committees.challenger(CHALLENGER, honest(network))
    committees.play([*liars, challenger, member], lambda: committees.is_done(question_id))
    job_id = Digest(
        network.rpc.read(network.arbiter.job_id_of(network.rpc.read(committees.committee.job_of(question))))
    )
    assert (network.record(job_id).status, network.record(job_id).refunded) == (Status.FINAL, True)
    progress = network.rpc.read(committees.committee.progress_of(question_id))
    assert (progress.joined, bool(progress.reclaimed)) == (0, True)
    assert [committees.tickets(account) for account in OPERATORS] == [0] * 5 + [1]


def watch(committees: CommitteeNetwork, job: Job, nonce: int) -> Digest:
    network = committees.network
    question = Question(job, network.requester.address, 3, 1, PAY, ZERO_DIGEST, nonce)
    network.requester.send(committees.committee.watch(question, value=Amount(3 * PAY)), key=f"watch/{nonce}")
    return Digest(network.rpc.read(committees.committee.question_id_of(question)))


def members_of(committees: CommitteeNetwork, question_id: Digest) -> set[str]:
    read, committee = committees.network.rpc.read, committees.committee
    seats = read(committee.progress_of(question_id)).seats
    return {read(committee.seat_of(question_id, number)).operator for number in range(seats)}


def has_appealed(committees: CommitteeNetwork, question_id: Digest) -> bool:
    return bool(committees.network.rpc.read(committees.committee.progress_of(question_id)).challenged)


def step_until_appeal(committees: CommitteeNetwork, nodes: dict[str, Runner], question_id: Digest) -> None:
    """Its watchers answer and appeal, and are gone."""
    for _ in range(100):
        for name in members_of(committees, question_id) or nodes:
            nodes[name].step()
            if has_appealed(committees, question_id):
                return
        committees.network.pass_time(1)
    raise AssertionError("nobody appealed")


def test_watchers_play_where_those_of_another_question_appealed_and_are_gone(committees: CommitteeNetwork) -> None:
    network = committees.network
    job_id, job = network.request(draw_inputs(network.graph), window=1200)
    liar = network.node(1, lambda table, view, answers: Server(table, view, answers), lies(network))
    liar.step()
    nodes = {
        dev_account(account).address: committees.node(account, honest(network), Duty.WATCH) for account in OPERATORS
    }
    first, second = watch(committees, job, 1), watch(committees, job, 2)
    step_until_appeal(committees, nodes, first)
    gone = members_of(committees, first)
    assert network.record(job_id).status is Status.DISPUTED
    rest = [node for name, node in nodes.items() if name not in gone]
    committees.play([*rest, liar], lambda: network.record(job_id).status is Status.FINAL)
    assert network.record(job_id).refunded
    assert members_of(committees, second) == nodes.keys() - gone
    assert network.rpc.read(committees.committee.progress_of(first)).joined
