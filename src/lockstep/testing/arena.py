"""A private chain with the trunk's contracts and three funded players, for measuring what calls cost."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lockstep.chain.account import dev_account
from lockstep.chain.anvil import LocalChain, LocalChainOptions
from lockstep.chain.binding import Transaction
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.bracket import Bracket, Started
from lockstep.chain.bindings.shared import Job
from lockstep.chain.bindings.steps import Steps
from lockstep.chain.deployment import deploy_all
from lockstep.chain.fees import TRANSACTION_GAS_CAP
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.receipt import Receipt
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.chain.trunk import TrunkTerms
from lockstep.claims.ids import claim_id, commitment
from lockstep.claims.model import commit_model
from lockstep.crypto.hashing import keccak256
from lockstep.dispute.witness import TraceSource
from lockstep.ir.graph import Graph
from lockstep.testing.duel import FAN_OUT, Duel
from lockstep.types import ZERO_DIGEST, Amount, Digest

ETHER = 10**18
FEE = Amount(ETHER // 100)
BOND = Amount(ETHER)
WINDOW_SECONDS = 3600
JOIN_SECONDS = 3600
TERMS = TrunkTerms(
    minimum_bond=BOND,
    challenge_bond=BOND,
    join_seconds=JOIN_SECONDS,
    clock_seconds=2 * JOIN_SECONDS,
    match_seconds=JOIN_SECONDS,
)
PLAYERS = ("requester", "claimant", "challenger")


@dataclass(frozen=True, slots=True)
class Spent:
    """What one call cost, and the bytes that it carried."""

    call: str
    by: str
    gas: int
    calldata: int


@dataclass
class Arena:
    """The chain, the contracts, the players; ``spent`` is every call since the last ``clear``."""

    rpc: Rpc
    artifacts: Artifacts
    arbiter: Arbiter
    bracket: Bracket
    steps: Steps
    spent: list[Spent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._senders = {
            name: Sender(self.rpc, dev_account(number + 1), MemoryOutbox()) for number, name in enumerate(PLAYERS)
        }
        self._numbers = itertools.count()
        self._registered: dict[int, tuple[Digest, Graph]] = {}  # with the graph, so that ids stay apart

    def send(self, by: str, call: str, transaction: Transaction) -> Receipt:
        """Send for a player and note what it cost."""
        receipt = self._senders[by].send(transaction, key=f"{call}-{next(self._numbers)}")
        self.spent.append(Spent(call, by, receipt.gas_used, len(transaction.data)))
        return receipt

    def pass_time(self, seconds: int) -> None:
        """Let so many seconds pass on the chain."""
        self.rpc.call("evm_increaseTime", seconds)
        self.rpc.call("evm_mine")

    def register(self, graph: Graph) -> Digest:
        """The id of a model, registered now if it was not before."""
        if id(graph) in self._registered:
            return self._registered[id(graph)][0]
        model = commit_model(graph)
        if self.rpc.read(self.artifacts.header_of(model.model_id)) == ZERO_DIGEST:
            call = self.artifacts.register_model(
                Digest(model.header), model.descriptors_root, model.weights_root, model.zk_commitment
            )
            self.send("requester", "register_model", call)
        self._registered[id(graph)] = model.model_id, graph
        return model.model_id

    def estimate(self, transaction: Transaction) -> int:
        """What a call would cost."""
        return self.rpc.estimate_gas(transaction, self._senders["requester"].address, TRANSACTION_GAS_CAP)

    def claim_of(self, job: Job, output_root: Digest, trace_root: Digest) -> Digest:
        """The name of a claim about a job."""
        return claim_id(self.rpc.read(self.arbiter.job_id_of(job)), output_root, trace_root)

    def request(self, model_id: Digest, input_root: Digest, *, passes: int = 1, data: bytes = b"") -> Job:
        """Ask; the terms."""
        job = Job(
            requester=self._senders["requester"].address,
            model_id=model_id,
            input_root=input_root,
            passes=passes,
            fee=FEE,
            bond=BOND,
            window=WINDOW_SECONDS,
            respond_by=self.rpc.read_block().timestamp + WINDOW_SECONDS,
            callback_gas=0,
            nonce=next(self._numbers),
        )
        self.send("requester", "request", self.arbiter.request(job, data, value=FEE))
        return job

    def claim(self, job: Job, output_root: Digest) -> None:
        """The claimant asserts an output, with its bond."""
        self.send("claimant", "assert_result", self.arbiter.assert_result(job, output_root, value=BOND))

    def finalise(self, job: Job) -> None:
        """Nobody challenged: after the window the answer stands."""
        self.pass_time(WINDOW_SECONDS)
        self.send("claimant", "finalise", self.arbiter.finalise(job))

    def dispute(
        self,
        job: Job,
        graph: Graph,
        inputs: Sequence[Sequence[NDArray[np.integer]]],
        claims: tuple[tuple[Digest, TraceSource], tuple[Digest, TraceSource]],
    ) -> Digest:
        """Join and play to the end; the surviving claim. ``claims`` are (output root, trace), asserted first."""
        job_id = self.rpc.read(self.arbiter.job_id_of(job))
        (_, false_trace), (output, trace) = claims
        salt = keccak256(job_id)
        challenger = self._senders["challenger"].address
        sealed = commitment(job_id, claim_id(job_id, output, trace.root), challenger, salt)
        bond = Amount(self.rpc.read(self.bracket.CHALLENGE_BOND()))
        self.send("challenger", "challenge", self.bracket.challenge(job, sealed, value=bond))
        self.send("claimant", "defend", self.bracket.defend(job, false_trace.root, _kids(false_trace)))
        joined = self.send("challenger", "join", self.bracket.join(job, output, trace.root, _kids(trace), salt))
        started = next(e.event for e in joined.events(self.bracket) if isinstance(e.event, Started))
        duel = Duel(self.bracket, job, graph, inputs, (false_trace, trace))
        sides = ("claimant", "challenger")
        survivor = duel.play(started.state, lambda call, side, transaction: self.send(sides[side], call, transaction))
        self.pass_time(JOIN_SECONDS)
        self.send("challenger", "resolve", self.bracket.resolve(job, output, trace.root))
        return survivor

    def clear(self) -> list[Spent]:
        """What was spent since the last time."""
        spent, self.spent = self.spent, []
        return spent


def _kids(trace: TraceSource) -> tuple[Digest, ...]:
    return tuple(trace.digest_at(4, kid) for kid in range(FAN_OUT))


@contextmanager
def open_arena() -> Iterator[Arena]:
    """A new chain with everything deployed; it ends with the block."""
    with LocalChain.start(LocalChainOptions()) as chain:
        rpc = Rpc(chain.url)
        deployment = deploy_all(Sender(rpc, dev_account(0), MemoryOutbox()), TERMS)
        yield Arena(
            rpc,
            deployment.contract(Artifacts),
            deployment.contract(Arbiter),
            deployment.contract(Bracket),
            deployment.contract(Steps),
        )
