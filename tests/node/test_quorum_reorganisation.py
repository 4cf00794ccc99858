"""The chain takes back each phase of a question once: members do it again, and every wei is where it belongs."""

from collections.abc import Callable

from lockstep.chain.account import dev_account
from lockstep.chain.binding import find_events
from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.committee import Concluded
from lockstep.chain.bindings.shared import Question, Stage
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary, honest_answer
from lockstep.node.runner import Runner
from lockstep.testing.committees import OPERATORS, CommitteeNetwork
from lockstep.testing.network import Network, draw_inputs
from lockstep.types import Digest

SIZE, DEEPEST = 3, 32
AFTER_ANSWER = (Stage.SETTLED, Stage.LIT, Stage.DONE)


class Reorganised:
    """One question whose every phase is played, taken back and played again."""

    def __init__(self, committees: CommitteeNetwork, depth: int) -> None:
        self.committees, self.network, self.depth = committees, committees.network, depth
        answers = HonestAnswers(ModelLibrary.of(self.network.graph))
        self.nodes: list[Runner] = [committees.node(account, answers) for account in OPERATORS]
        self.question, self.question_id = committees.ask(size=SIZE)

    def stage(self) -> Stage:
        return self.network.rpc.read(self.committees.committee.progress_of(self.question_id)).stage

    def play_until(self, is_so: Callable[[], bool], seconds: int = 1) -> None:
        for _ in range(200):
            for node in self.nodes:
                if is_so():
                    return
                node.step()
            self.network.pass_time(seconds)
        raise AssertionError("it never came so far")

    def take_back(self, is_so: Callable[[], bool], seconds: int = 1) -> None:
        """A phase is reached, what led to it is undone with all blocks above, and it is reached again."""
        rpc = self.network.rpc
        before = rpc.read_block_number()
        self.play_until(is_so, seconds)
        missing = self.depth - (rpc.read_block_number() - before)
        if missing > 0:
            rpc.call("anvil_mine", hex(missing))
        for node in self.nodes:
            node.step()
        rpc.call("anvil_reorg", rpc.read_block_number() - before, [])
        rpc.call("evm_mine")
        self.play_until(is_so, seconds)


def is_conserved(committees: CommitteeNetwork) -> bool:
    """Nothing is held but what is owed, at stake, or burnt in the open."""
    rpc, committee, stake = committees.network.rpc, committees.committee, committees.stake
    network = committees.network
    people = [network.requester.address, *(dev_account(account).address for account in OPERATORS)]
    logs = rpc.read_logs([committee.address], network.deployment.first_block, rpc.read_block_number())
    ends = [found.event for found in find_events(logs, [committee]) if isinstance(found.event, Concluded)]
    owed = sum(rpc.read(committee.credit_of(person)) for person in people) + sum(end.burnt for end in ends)
    standing = rpc.read(stake.standing_of(network.model_id)) * committees.ticket
    at_stake = standing + sum(rpc.read(stake.credit_of(person)) for person in people)
    held = (rpc.read_balance(committee.address), rpc.read_balance(stake.address), rpc.read(stake.lent()))
    return held == (owed, at_stake, 0)


def status(network: Network, committees: CommitteeNetwork, question: Question) -> tuple[Status, Digest]:
    job = network.rpc.read(committees.committee.job_of(question))
    record = network.record(Digest(network.rpc.read(network.arbiter.job_id_of(job))))
    return record.status, record.output_root


def test_every_phase_of_a_question_can_be_taken_back(network: Network) -> None:
    committees = CommitteeNetwork(network)
    played = Reorganised(committees, DEEPEST)
    read, committee, question_id = network.rpc.read, committees.committee, played.question_id

    def progress() -> tuple[int, int]:
        now = read(committee.progress_of(question_id))
        return now.committed, now.revealed

    played.take_back(lambda: played.stage() is not Stage.DRAWING)
    played.take_back(lambda: progress()[0] > 0 or played.stage() in AFTER_ANSWER)
    played.take_back(lambda: progress()[1] > 0)
    played.take_back(lambda: played.stage() in AFTER_ANSWER)
    played.take_back(lambda: status(network, committees, played.question)[0] is Status.FINAL, 60)
    played.take_back(lambda: played.stage() is Stage.DONE, 10)
    network.settle(played.nodes)
    truth = honest_answer(network.graph, draw_inputs(network.graph))
    assert status(network, committees, played.question) == (Status.FINAL, truth.output_root)
    assert is_conserved(committees)
    assert not any(read(committees.stake.ticket_of(network.model_id, place)).locked for place in range(len(OPERATORS)))
