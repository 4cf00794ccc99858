"""Committees of real nodes on anvil: agreement, a liar who loses its ticket, silence, and watchers of a false claim."""

import pytest

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.shared import Job, Question
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary, join_inputs
from lockstep.features.inference.server import Server
from lockstep.features.quorum.member import Duty
from lockstep.testing.committees import OPERATORS, PAY, CommitteeNetwork
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import Network, draw_inputs, lie_at
from lockstep.types import ZERO_DIGEST, Amount, Digest


@pytest.fixture
def committees(network: Network) -> CommitteeNetwork:
    return CommitteeNetwork(network)


def honest(network: Network) -> HonestAnswers:
    return HonestAnswers(ModelLibrary.of(network.graph))


def true_output(network: Network, question: Question) -> Digest:
    return true_output_of(network, question.job)


def true_output_of(network: Network, job: Job) -> Digest:
    data = join_inputs(network.graph, draw_inputs(network.graph))
    answer = honest(network).find_answer(ZERO_DIGEST, job, data)
    assert answer is not None
    return answer.output_root


def test_members_agree_and_are_paid(committees: CommitteeNetwork) -> None:
    network = committees.network
    question, question_id = committees.ask()
    nodes = [committees.node(account, honest(network)) for account in OPERATORS]
    committees.play(nodes, lambda: committees.is_done(question_id))
    job_id = network.rpc.read(network.arbiter.job_id_of(network.rpc.read(committees.committee.job_of(question))))
    record = network.record(Digest(job_id))
    truth = honest(network).find_answer(
        Digest(job_id), question.job, join_inputs(network.graph, draw_inputs(network.graph))
    )
    assert truth is not None
    assert (record.status, record.output_root) == (Status.FINAL, truth.output_root)
    assert [committees.tickets(account) for account in OPERATORS] == [1] * 6


def test_a_liar_among_honest_members_loses_its_ticket(committees: CommitteeNetwork) -> None:
    network = committees.network
    _question, question_id = committees.ask(size=6)
    liar = committees.node(2, LyingAnswers(honest(network), lie_at(0)))
    nodes = [committees.node(account, honest(network)) for account in OPERATORS[1:]]
    committees.play([*nodes, liar], lambda: committees.is_done(question_id))
    assert [committees.tickets(account) for account in OPERATORS] == [0, 1, 1, 1, 1, 1]


def test_one_honest_member_overturns_a_lying_majority(committees: CommitteeNetwork) -> None:
    network = committees.network
    question, question_id = committees.ask(size=6)
    liars = [committees.node(account, LyingAnswers(honest(network), lie_at(0))) for account in OPERATORS[:5]]
    member = committees.node(7, honest(network))
    committees.play([*liars, member], lambda: committees.is_done(question_id))
    job = network.rpc.read(committees.committee.job_of(question))
    record = network.record(Digest(network.rpc.read(network.arbiter.job_id_of(job))))
    assert (record.status, record.output_root) == (Status.FINAL, true_output(network, question))
    assert [committees.tickets(account) for account in OPERATORS] == [0] * 5 + [1]


def test_who_keeps_silent_is_replaced(committees: CommitteeNetwork) -> None:
    network = committees.network
    question, question_id = committees.ask(size=3)
    nodes = [committees.node(account, honest(network)) for account in OPERATORS]
    while not any(seat for seat in seats_of(committees, question_id)):
        for node in nodes[:2]:
            node.step()
        network.pass_time(2)
    drawn = seats_of(committees, question_id)
    silent = next(number for number, account in enumerate(OPERATORS) if dev_account(account).address in drawn)
    rest = [node for number, node in enumerate(nodes) if number != silent]
    committees.play(rest, lambda: committees.is_done(question_id))
    job = network.rpc.read(committees.committee.job_of(question))
    assert network.record(Digest(network.rpc.read(network.arbiter.job_id_of(job)))).status is Status.FINAL


def seats_of(committees: CommitteeNetwork, question_id: Digest) -> list[str]:
    progress = committees.network.rpc.read(committees.committee.progress_of(question_id))
    read = committees.network.rpc.read
    return [read(committees.committee.seat_of(question_id, number)).operator for number in range(progress.seats)]


def test_watchers_overturn_a_false_claim(committees: CommitteeNetwork) -> None:
    network = committees.network
    runs = draw_inputs(network.graph)
    job_id, job = network.request(runs, window=1200)
    lies = LyingAnswers(honest(network), lie_at(0))
    liar = network.node(1, lambda table, view, answers: Server(table, view, answers), lies)
    liar.step()
    assert network.record(job_id).output_root != true_output_of(network, job)
    question = Question(job, network.requester.address, 3, 1, PAY, ZERO_DIGEST, 1)
    network.requester.send(committees.committee.watch(question, value=Amount(3 * PAY)), key="watch")
    question_id = Digest(network.rpc.read(committees.committee.question_id_of(question)))
    watchers = [committees.node(account, honest(network), Duty.WATCH) for account in OPERATORS]
    committees.play([*watchers, liar], lambda: committees.is_done(question_id))
    record = network.record(job_id)
    assert (record.status, record.output_root) == (Status.FINAL, true_output_of(network, job))
    assert [committees.tickets(account) for account in OPERATORS] == [1] * 6


def test_watchers_stand_for_a_true_claim_that_is_left_alone(committees: CommitteeNetwork) -> None:
    network = committees.network
    job_id, job = network.request(draw_inputs(network.graph), window=1200)
    network.node(1, lambda table, view, answers: Server(table, view, answers), honest(network)).step()
    question = Question(job, network.requester.address, 6, 1, PAY, ZERO_DIGEST, 1)
    network.requester.send(committees.committee.watch(question, value=Amount(6 * PAY)), key="watch")
    question_id = Digest(network.rpc.read(committees.committee.question_id_of(question)))
    liar = committees.node(OPERATORS[0], LyingAnswers(honest(network), lie_at(0)), Duty.WATCH)
    watchers = [committees.node(account, honest(network), Duty.WATCH) for account in OPERATORS[1:]]
    committees.play([*watchers, liar], lambda: committees.is_done(question_id))
    record = network.record(job_id)
    assert (record.status, record.output_root) == (Status.FINAL, true_output_of(network, job))
    assert [committees.tickets(account) for account in OPERATORS] == [0] + [1] * 5
