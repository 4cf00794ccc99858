"""A node killed at every step of a dispute and started again loses neither a move nor a bond."""

import multiprocessing
import signal

import pytest

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.deployment import write_deployment
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.server import Server
from lockstep.ir.format import write_model
from lockstep.ir.graph import Graph
from lockstep.node.runner import Runner
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.mortal import live_until_idle
from lockstep.testing.network import TERMS, WINDOW_SECONDS, Network, draw_inputs, lie_at

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["lockstep.testing.mortal"])  # a life starts with everything imported
VICTIM, OTHER = 5, 6
MOST_DEATHS = 60
GAS_ALLOWANCE = 10**16


class MortalNode:
    """The victim: a process of its own, with a journal on disk."""

    def __init__(self, network: Network, role: str) -> None:
        self.folder = network.folder
        (self.folder / "models").mkdir()
        write_model(self.folder / "models" / "digits.lockstep", network.graph)
        write_deployment(self.folder / "deployment.json", network.deployment)
        self.config = self.folder / "node.toml"
        self.config.write_text(
            f'roles = ["{role}"]\nrpc = "{network.rpc.url}"\naccount = {VICTIM}\n'
            f'deployment = "{self.folder}/deployment.json"\nmodels = "{self.folder}/models"\n'
            f'journal = "{self.folder}/victim.sqlite"\n'
        )
        self.passed = self.folder / "passed.txt"

    def deaths(self) -> list[str]:
        """The points at which it has died."""
        return self.passed.read_text().splitlines() if self.passed.exists() else []

    def live(self) -> bool:
        """One life; whether it ended because there was nothing left to do."""
        life = PROCESSES.Process(target=live_until_idle, args=(self.config, self.passed, 2))
        life.start()
        life.join(60)
        assert life.exitcode in (0, -signal.SIGKILL)
        return life.exitcode == 0


def live_and_die(victim: MortalNode, other: Runner) -> None:
    """Both sides act until neither has anything to do; the victim dies again and again on the way."""
    for _ in range(MOST_DEATHS):
        has_rested = victim.live()
        if not other.step() and has_rested:
            return
    raise AssertionError(f"it never came to rest; deaths: {victim.deaths()}")


def honest(graph: Graph) -> HonestAnswers:
    return HonestAnswers(ModelLibrary.of(graph))


def test_challenger_killed_at_every_step_wins_the_dispute(network: Network, graph: Graph) -> None:
    victim = MortalNode(network, "challenger")
    cheat = network.node(OTHER, Server, LyingAnswers(honest(graph), lie_at(0)))
    funds = network.rpc.read_balance(dev_account(VICTIM).address)
    job_id, job = network.request(draw_inputs(graph))
    cheat.step()
    live_and_die(victim, cheat)
    network.pass_time(TERMS.join_seconds)
    live_and_die(victim, cheat)
    record = network.record(job_id)
    assert (record.status, record.refunded) == (Status.FINAL, True)
    gain = network.rpc.read_balance(dev_account(VICTIM).address) - funds
    assert job.bond // 2 - GAS_ALLOWANCE < gain < job.bond // 2  # its own bond is back, and the reward is there
    purposes = {point.split(" ", 1)[1] for point in victim.deaths() if " " in point}
    assert {"challenge", "join", "resolve", "withdraw"} <= purposes
    assert purposes & {"enter", "reveal", "settle", "descend"}


@pytest.mark.parametrize("attack", [False, True])
def test_server_killed_at_every_step_is_paid(network: Network, graph: Graph, attack: bool) -> None:
    victim = MortalNode(network, "server")
    liar = LyingAnswers(honest(graph), lie_at(0))
    other = network.node(OTHER, Challenger, liar if attack else honest(graph))
    funds = network.rpc.read_balance(dev_account(VICTIM).address)
    job_id, job = network.request(draw_inputs(graph))
    live_and_die(victim, other)
    network.pass_time(max(TERMS.join_seconds, WINDOW_SECONDS))
    live_and_die(victim, other)
    record = network.record(job_id)
    assert (record.status, record.refunded) == (Status.FINAL, False)
    due = job.fee + (TERMS.challenge_bond // 2 if attack else 0)
    gain = network.rpc.read_balance(dev_account(VICTIM).address) - funds
    assert due - GAS_ALLOWANCE < gain < due
