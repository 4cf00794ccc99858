"""One job never harms another: not by making the node fail, not by being looked at again and again."""

from lockstep.chain.bindings.shared import Job
from lockstep.features.inference.answers import Answer, HonestAnswers, ModelLibrary
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.server import Server
from lockstep.ir.graph import Graph
from lockstep.testing.network import WINDOW_SECONDS, Network, draw_inputs
from lockstep.types import Digest


class Counting:
    """Honest answers; counts how often each is asked for, and fails for the poisoned job."""

    def __init__(self, graph: Graph) -> None:
        self._honest = HonestAnswers(ModelLibrary.of(graph))
        self.asked: list[Digest] = []
        self.poisoned: Digest | None = None

    def find_answer(self, job_id: Digest, job: Job, input_data: bytes) -> Answer | None:
        self.asked.append(job_id)
        if job_id == self.poisoned:
            raise ZeroDivisionError("a defect of ours")
        return self._honest.find_answer(job_id, job, input_data)


def test_job_that_makes_the_node_fail_fails_alone(network: Network, graph: Graph) -> None:
    answers = Counting(graph)
    server = network.node(2, Server, answers)
    challenger = network.node(3, Challenger, answers)
    answers.poisoned, _ = network.request(draw_inputs(graph))
    healthy, _ = network.request(draw_inputs(graph))
    network.settle([server, challenger])
    assert network.record(answers.poisoned).status.name == "OPEN"
    assert network.record(healthy).status.name == "ASSERTED"

    waiting, answers.poisoned = answers.poisoned, None
    server.step()
    answers.poisoned = waiting  # now the challenger fails on the claim about it
    network.settle([server, challenger])
    network.pass_time(WINDOW_SECONDS)
    network.settle([server, challenger])
    assert [network.record(job_id).status.name for job_id in (waiting, healthy)] == ["FINAL", "FINAL"]


def test_claim_is_run_once_by_each_who_stands_for_or_checks_it(network: Network, graph: Graph) -> None:
    serving, checking = Counting(graph), Counting(graph)
    server, challenger = network.node(2, Server, serving), network.node(3, Challenger, checking)
    jobs = [network.request(draw_inputs(graph))[0] for _ in range(12)]
    for _ in range(4):
        server.step()
        challenger.step()
    network.pass_time(WINDOW_SECONDS)
    network.settle([server, challenger])
    assert {network.record(job_id).status.name for job_id in jobs} == {"FINAL"}
    assert sorted(serving.asked) == sorted(checking.asked) == sorted(jobs)


def test_input_that_the_model_does_not_take_is_no_answer_and_no_failure(network: Network, graph: Graph) -> None:
    answers = HonestAnswers(ModelLibrary.of(graph))
    job_id, job = network.request(draw_inputs(graph))
    for data in (b"", b"\x00", b"\xff" * 10_000, bytes(range(256)) * 4):
        assert answers.find_answer(job_id, job, data) is None
