"""Committees of real nodes on anvil: agreement, a liar who loses its ticket, silence, and watchers of a false claim."""

from collections.abc import Callable, Sequence

import pytest

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Question
from lockstep.chain.bindings.stake import Stake
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.sender import Sender
from lockstep.exec.run import Program
from lockstep.features.inference.answers import AnswerProvider, HonestAnswers, ModelLibrary, join_inputs
from lockstep.features.inference.player import Table
from lockstep.features.inference.view import JobsView
from lockstep.features.quorum.asking import CommitteeClocks, build_question
from lockstep.features.quorum.member import Chamber, Duty, Member
from lockstep.features.quorum.view import CommitteesView
from lockstep.node.journal import Journal
from lockstep.node.runner import Runner
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import Network, draw_inputs, lie_at
from lockstep.types import ZERO_DIGEST, Amount, Digest

PAY = Amount(10**15)
OPERATORS = range(2, 8)


class CommitteeNetwork:
    """Six operators with a ticket each on the network's model."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.committee = network.deployment.contract(Committee)
        self.stake = network.deployment.contract(Stake)
        self.ticket = network.rpc.read(self.stake.TICKET())
        for account in OPERATORS:
            sender = Sender(network.rpc, dev_account(account), MemoryOutbox())
            sender.send(self.stake.stake(network.model_id, 1, 0, value=Amount(self.ticket)), key="stake")
        network.pass_time(1)

    def ask(self, size: int = 5) -> tuple[Question, Digest]:
        """A question to a quorum, about the same input every time."""
        network, rpc = self.network, self.network.rpc
        runs = draw_inputs(network.graph)
        question = build_question(
            self.committee,
            CommitteeClocks.read(rpc, self.committee),
            requester=network.requester.address,
            model_id=network.model_id,
            input_root=Program(network.graph).run_trace(*runs).input_root,
            passes=1,
            pay=PAY,
            size=size,
            window=600,
            respond_by=rpc.read_block().timestamp + 3600,
        )
        call = self.committee.convene(question, join_inputs(network.graph, runs), value=Amount(size * PAY))
        network.requester.send(call, key=f"convene/{question.nonce}")
        return question, Digest(rpc.read(self.committee.question_id_of(question)))

    def node(self, account: int, answers: AnswerProvider, duty: Duty = Duty.QUORUM) -> Runner:
        """A node with one duty; the same account again finds its journal again."""
        network = self.network
        journal = Journal(network.folder / f"{duty}-{account}.sqlite")
        sender = Sender(network.rpc, dev_account(account), journal.outbox)
        view = CommitteesView(JobsView(), self.committee.address)
        table = Table(network.rpc, network.arbiter, network.bracket, sender.address, journal.secret("salt"))
        chamber = Chamber(table, self.committee, self.stake, network.rpc.chain_id)
        return Runner(
            network.rpc,
            sender,
            journal,
            contracts=[network.arbiter, network.bracket, self.committee],
            view=view,
            roles=[Member(chamber, view, answers, duty=duty)],
            first_block=network.deployment.first_block,
        )

    def play(self, nodes: Sequence[Runner], is_over: Callable[[], bool], *, seconds: int = 10) -> None:
        """Lets nodes act and time pass until something holds."""
        for _ in range(300):
            have_acted = [node.step() for node in nodes]
            if not any(have_acted):
                if is_over():
                    return
                self.network.pass_time(seconds)
        raise AssertionError("it never came to its end")

    def is_done(self, question_id: Digest) -> bool:
        return self.network.rpc.read(self.committee.progress_of(question_id)).stage.name == "DONE"

    def tickets(self, account: int) -> int:
        return self.network.rpc.read(self.stake.tickets_of(self.network.model_id, dev_account(account).address))


@pytest.fixture
def committees(network: Network) -> CommitteeNetwork:
    return CommitteeNetwork(network)


def honest(network: Network) -> HonestAnswers:
    return HonestAnswers(ModelLibrary.of(network.graph))


def true_output(network: Network, question: Question) -> Digest:
    data = join_inputs(network.graph, draw_inputs(network.graph))
    answer = honest(network).find_answer(ZERO_DIGEST, question.job, data)
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
