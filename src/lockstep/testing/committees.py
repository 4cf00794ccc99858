"""A network whose operators have tickets at stake and answer in committees; for tests and benchmarks."""

from collections.abc import Callable, Sequence

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Question, Stage
from lockstep.chain.bindings.stake import Stake
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.sender import Sender
from lockstep.exec.run import Program
from lockstep.features.inference.answers import AnswerProvider, join_inputs
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.player import Table
from lockstep.features.inference.view import JobsView
from lockstep.features.quorum.asking import CommitteeClocks, build_question
from lockstep.features.quorum.member import Chamber, Duty, Member
from lockstep.features.quorum.view import CommitteesView
from lockstep.node.journal import Journal
from lockstep.node.role import Role
from lockstep.node.runner import Runner
from lockstep.testing.network import Network, draw_inputs
from lockstep.types import Amount, Digest

PAY = Amount(10**15)
OPERATORS = range(2, 8)


class CommitteeNetwork:
    """Operators with tickets on the network's model; each is an account."""

    def __init__(self, network: Network, *, operators: Sequence[int] = OPERATORS, tickets: int = 1) -> None:
        self.network = network
        self.committee = network.deployment.contract(Committee)
        self.stake = network.deployment.contract(Stake)
        self.ticket = network.rpc.read(self.stake.TICKET())
        for account in operators:
            sender = Sender(network.rpc, dev_account(account), MemoryOutbox())
            call = self.stake.stake(network.model_id, tickets, 0, value=Amount(tickets * self.ticket))
            sender.send(call, key="stake")
        network.pass_time(1)

    def ask(self, size: int = 5, *, window: int = 600) -> tuple[Question, Digest]:
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
            window=window,
            respond_by=rpc.read_block().timestamp + 3600,
        )
        call = self.committee.convene(question, join_inputs(network.graph, runs), value=Amount(size * PAY))
        network.requester.send(call, key=f"convene/{question.nonce}")
        return question, Digest(rpc.read(self.committee.question_id_of(question)))

    def node(
        self, account: int, answers: AnswerProvider, duty: Duty = Duty.QUORUM, *, make: type[Member] = Member
    ) -> Runner:
        """A node with one duty; the same account again finds its journal again."""
        return self._run(account, str(duty), lambda table, view: make(self._chamber(table), view, answers, duty=duty))

    def challenger(self, account: int, answers: AnswerProvider) -> Runner:
        """A node that challenges committees too: a quorum's input is in its question."""
        return self._run(account, "challenger", lambda table, view: Challenger(table, view.jobs, answers))

    def _chamber(self, table: Table) -> Chamber:
        return Chamber(table, self.committee, self.stake, self.network.rpc.chain_id)

    def _run(self, account: int, name: str, make: Callable[[Table, CommitteesView], Role]) -> Runner:
        network = self.network
        journal = Journal(network.folder / f"{name}-{account}.sqlite")
        sender = Sender(network.rpc, dev_account(account), journal.outbox)
        view = CommitteesView(JobsView(), self.committee.address)
        table = Table(network.rpc, network.arbiter, network.bracket, sender.address, journal.secret("salt"))
        return Runner(
            network.rpc,
            sender,
            journal,
            contracts=[network.arbiter, network.bracket, self.committee],
            view=view,
            roles=[make(table, view)],
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
        """Whether its money has been divided."""
        return self.network.rpc.read(self.committee.progress_of(question_id)).stage is Stage.DONE

    def tickets(self, account: int) -> int:
        """How many an account has."""
        return self.network.rpc.read(self.stake.tickets_of(self.network.model_id, dev_account(account).address))
