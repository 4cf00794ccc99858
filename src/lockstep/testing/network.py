"""A small network for tests: a chain with the trunk, a registered model, a requester, and nodes with roles."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lockstep.chain.account import dev_account
from lockstep.chain.anvil import LocalChain, LocalChainOptions
from lockstep.chain.bindings.arbiter import Arbiter, Record
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.shared import Job
from lockstep.chain.deployment import Deployment, deploy_all
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.chain.trunk import TrunkTerms
from lockstep.claims.model import commit_model
from lockstep.exec.run import Program
from lockstep.features.inference.answers import Answer, AnswerProvider, join_inputs
from lockstep.features.inference.player import Table
from lockstep.features.inference.view import JobsView
from lockstep.ir.graph import Graph
from lockstep.node.journal import Journal
from lockstep.node.role import Role
from lockstep.node.runner import Runner
from lockstep.types import ZERO_DIGEST, Amount, Digest

MILLIETHER = 10**15
TERMS = TrunkTerms(
    minimum_bond=Amount(10 * MILLIETHER),
    challenge_bond=Amount(10 * MILLIETHER),
    join_seconds=300,
    clock_seconds=1200,
    match_seconds=300,
)
WINDOW_SECONDS = 600
RoleMaker = Callable[[Table, JobsView, AnswerProvider], Role]


@dataclass
class Network:
    """One chain; account 0 deploys and registers, account 1 asks, nodes use the others."""

    rpc: Rpc
    deployment: Deployment
    graph: Graph
    folder: Path
    model_id: Digest = field(init=False)

    def __post_init__(self) -> None:
        self._nonces = itertools.count(1)
        self.requester = Sender(self.rpc, dev_account(1), MemoryOutbox())
        commitment = commit_model(self.graph)
        self.model_id = commitment.model_id

    @property
    def arbiter(self) -> Arbiter:
        return self.deployment.contract(Arbiter)

    @property
    def bracket(self) -> Bracket:
        return self.deployment.contract(Bracket)

    def register(self, zk_commitment: Digest = ZERO_DIGEST) -> None:
        """Put the model on record, with a key if it has one; requests are about it from then on."""
        commitment = commit_model(self.graph, zk_commitment=zk_commitment)
        self.model_id = commitment.model_id
        roots = (commitment.descriptors_root, commitment.weights_root, commitment.zk_commitment)
        call = self.deployment.contract(Artifacts).register_model(Digest(commitment.header), *roots)
        Sender(self.rpc, dev_account(0), MemoryOutbox()).send(call, key=f"register/{self.model_id.hex()}")

    def request(self, runs: Sequence[Sequence[NDArray[np.signedinteger]]], **changes: int) -> tuple[Digest, Job]:
        """Ask about inputs; the job and its id."""
        nonce = next(self._nonces)
        root = Program(self.graph).run_trace(*runs).input_root
        terms = {
            "fee": 5 * MILLIETHER,
            "bond": 20 * MILLIETHER,
            "window": WINDOW_SECONDS,
            "respond_by": self.rpc.read_block().timestamp + 3600,
        }
        terms |= changes
        job = Job(self.requester.address, self.model_id, root, len(runs), **terms, callback_gas=0, nonce=nonce)
        call = self.arbiter.request(job, join_inputs(self.graph, runs), value=Amount(job.fee))
        self.requester.send(call, key=f"request/{nonce}")
        return Digest(self.rpc.read(self.arbiter.job_id_of(job))), job

    def node(self, account: int, make: RoleMaker, answers: AnswerProvider, **options: object) -> Runner:
        """A node with one role; the same account again finds its journal again."""
        return build_node(self, account, make, answers, **options)

    def pass_time(self, seconds: int) -> None:
        """Time goes by on the chain."""
        self.rpc.call("evm_increaseTime", seconds)
        self.rpc.call("evm_mine")

    def record(self, job_id: Digest) -> Record:
        """What the Arbiter says of a job."""
        return self.rpc.read(self.arbiter.record_of(job_id))

    def settle(self, nodes: Sequence[Runner], *, rounds: int = 60) -> None:
        """Lets nodes act until none of them has anything to do."""
        for _ in range(rounds):
            have_acted = [node.step() for node in nodes]
            if not any(have_acted):
                return
        raise AssertionError("the nodes never came to rest")


def draw_inputs(graph: Graph, count: int = 1) -> list[list[NDArray[np.signedinteger]]]:
    """Random inputs for some passes, the same every time."""
    random = np.random.default_rng(5)
    return [
        [random.integers(-100, 100, spec.shape).astype(spec.dtype.numpy) for spec in graph.inputs] for _ in range(count)
    ]


def lie_at(node_number: int) -> Callable[[Answer], tuple[int, int, int]]:
    """A liar's choice: the middle element of a node goes to the far end of its range."""

    def choose(answer: Answer) -> tuple[int, int, int]:
        node = answer.graph.nodes[node_number]
        data = answer.trace.tensor_bytes(len(answer.inputs) - 1, node_number)
        return node_number, node.elements // 2, node.high if data[len(data) // 2] < 128 else node.low

    return choose


def build_node(network: Network, account: int, make: RoleMaker, answers: AnswerProvider, **options: object) -> Runner:
    """A runner over the journal of an account."""
    journal = Journal(network.folder / f"node-{account}.sqlite")
    sender = Sender(network.rpc, dev_account(account), journal.outbox)
    view = JobsView()
    table = Table(network.rpc, network.arbiter, network.bracket, sender.address, journal.secret("salt"))
    return Runner(
        network.rpc,
        sender,
        journal,
        contracts=[network.arbiter, network.bracket],
        view=view,
        roles=[make(table, view, answers)],
        first_block=network.deployment.first_block,
        **options,  # type: ignore[arg-type]
    )


@contextmanager
def open_network(graph: Graph, folder: Path, options: LocalChainOptions | None = None) -> Iterator[Network]:
    """A new chain with the trunk and the model on it; it ends with the block."""
    with LocalChain.start(options or LocalChainOptions()) as chain:
        rpc = Rpc(chain.url)
        deployment = deploy_all(Sender(rpc, dev_account(0), MemoryOutbox()), TERMS)
        network = Network(rpc, deployment, graph, folder)
        network.register()
        yield network
