"""Who keeps asking while the network suffers: requests under every guarantee, each followed to its end."""

import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lockstep.chain.account import dev_account
from lockstep.chain.binding import Transaction, find_events
from lockstep.chain.bindings.arbiter import Arbiter, Status
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Job, Question, Stage
from lockstep.chain.deployment import Deployment
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.cli.net import terms
from lockstep.cli.net.plan import Home, NetPlan
from lockstep.errors import ChainError
from lockstep.exec.run import Program
from lockstep.features.inference.answers import Answer, join_inputs
from lockstep.features.inference.inputs import layout_of
from lockstep.features.inference.requests import PROOF_BOND, Guarantee
from lockstep.features.inference.view import JobsView, JobView
from lockstep.features.quorum.asking import CommitteeClocks, build_question
from lockstep.features.quorum.steward import Steward
from lockstep.features.quorum.view import CommitteesView, PanelView
from lockstep.ir.format import read_model
from lockstep.node.role import Action
from lockstep.store.artifacts import ArtifactStore
from lockstep.types import ZERO_DIGEST, Amount, Digest

REQUESTER_ACCOUNT: Final = 1
ROTATION: Final = (
    Guarantee.DISPUTE,
    Guarantee.QUORUM,
    Guarantee.DISPUTE,
    Guarantee.QUORUM,
    Guarantee.PROOF,
    Guarantee.QUORUM,
    Guarantee.DISPUTE,
)
QUORUM_SIZES: Final = (3, 5)
BY_ROOT_ONE_IN, WATCHED_ONE_IN, DEMAND_ONE_IN = 3, 4, 2
WATCHED_WINDOW_SECONDS: Final = 150
GRACE_SECONDS: Final = 12
"""Chain time that nodes have to do what anybody may."""


@dataclass(slots=True)
class Asked:
    """One request, ``asked_at`` seconds after the start. ``output_root`` is the true one.

    ``status`` is set when it has ended, ``seconds`` later.
    """

    number: int
    guarantee: Guarantee
    job: Job
    job_id: Digest
    output_root: Digest
    asked_at: float
    phase: str
    question: Question | None = None
    question_id: Digest = ZERO_DIGEST
    is_watched: bool = False
    watch_id: Digest = ZERO_DIGEST
    status: Status | None = None
    found_root: Digest = ZERO_DIGEST
    seconds: float = 0.0

    @property
    def is_right(self) -> bool:
        """Final with the true output."""
        return self.status is Status.FINAL and self.found_root == self.output_root


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request will be about, and when it is asked (by the chain's clock)."""

    number: int
    phase: str
    input_root: Digest
    data: bytes
    output_root: Digest
    now: int


class Requester:
    """Asks, watches over its requests, and takes home what comes back."""

    def __init__(self, home: Home, plan: NetPlan, rpc: Rpc, deployment: Deployment, *, seed: int) -> None:
        self.rpc, self.plan, self.asked = rpc, plan, list[Asked]()
        self.graph = read_model(home.model)
        self.store = ArtifactStore(home.requester)
        self.sender = Sender(rpc, dev_account(REQUESTER_ACCOUNT), MemoryOutbox())
        self.arbiter, self.bracket = deployment.contract(Arbiter), deployment.contract(Bracket)
        self.committee = deployment.contract(Committee)
        self.view = CommitteesView(JobsView(), self.committee.address)
        self._program, self._random = Program(self.graph), np.random.default_rng(seed)
        self._clocks = CommitteeClocks.read(rpc, self.committee)
        self._steward = Steward(rpc, self.arbiter, self.committee)
        self._due: dict[str, int] = {}
        self._demanded: set[Digest] = set()
        self._sent = 0
        self._read_from = rpc.read_block_number() + 1
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._started

    @property
    def open(self) -> list[Asked]:
        """Requests that have not ended."""
        return [asked for asked in self.asked if asked.status is None]

    def ask(self, phase: str) -> Asked:
        """The next request, about a new input."""
        number = len(self.asked)
        guarantee = ROTATION[number % len(ROTATION)]
        inputs = [
            self._random.integers(spec.dtype.minimum, spec.dtype.maximum, spec.shape, endpoint=True).astype(
                spec.dtype.numpy
            )
            for spec in self.graph.inputs
        ]
        trace = self._program.run_trace(inputs)
        subject = Subject(
            number=number,
            phase=phase,
            input_root=trace.input_root,
            data=join_inputs(self.graph, [inputs]),
            output_root=Answer(self.graph, [inputs], trace).output_root,
            now=self.rpc.read_block().timestamp,
        )
        asked = self._convene(subject) if guarantee is Guarantee.QUORUM else self._request(subject, guarantee)
        self.asked.append(asked)
        return asked

    def step(self) -> None:
        """Reads what has happened, does what has been due for too long, notes what has ended."""
        self._read()
        now = self.rpc.read_block().timestamp
        for asked in self.open:
            for action in self._actions(asked, now):
                if now - self._due.setdefault(action.key, now) >= GRACE_SECONDS:
                    del self._due[action.key]
                    self._send(action.transaction)
            self._note_end(asked)

    def fetch(self) -> None:
        """Take home what the contracts owe."""
        for contract in (self.arbiter, self.bracket, self.committee):
            if self.rpc.read(contract.credit_of(self.sender.address)):
                self._send(contract.withdraw(), is_awaited=True)

    # --- asking

    def _request(self, subject: Subject, guarantee: Guarantee) -> Asked:
        is_proof = guarantee is Guarantee.PROOF
        is_watched = not is_proof and self._draw(WATCHED_ONE_IN)
        job = Job(
            requester=self.sender.address,
            model_id=self.plan.proof_model_id if is_proof else self.plan.model_id,
            input_root=subject.input_root,
            passes=1,
            fee=terms.FEE,
            bond=PROOF_BOND if is_proof else terms.BOND,
            window=WATCHED_WINDOW_SECONDS if is_watched else terms.WINDOW_SECONDS,
            respond_by=subject.now + terms.RESPOND_SECONDS,
            callback_gas=0,
            nonce=secrets.randbits(64),
        )
        data = subject.data
        if self._draw(BY_ROOT_ONE_IN):  # only its root is on chain; nodes fetch it from here or from one another
            self.store.put(data, layout_of(self.graph, 1))
            data = b""
        self._send(self.arbiter.request(job, data, value=Amount(job.fee)), is_awaited=True)
        return replace(self._note(subject, guarantee, job), is_watched=is_watched)

    def _convene(self, subject: Subject) -> Asked:
        size = QUORUM_SIZES[subject.number % len(QUORUM_SIZES)]
        question = build_question(
            self.committee,
            self._clocks,
            requester=self.sender.address,
            model_id=self.plan.model_id,
            input_root=subject.input_root,
            passes=1,
            pay=terms.PAY,
            size=size,
            window=terms.WINDOW_SECONDS,
            respond_by=subject.now + terms.QUORUM_RESPOND_SECONDS,
        )
        self._send(self.committee.convene(question, subject.data, value=Amount(size * terms.PAY)), is_awaited=True)
        question_id = Digest(self.rpc.read(self.committee.question_id_of(question)))
        asked = self._note(subject, Guarantee.QUORUM, self.rpc.read(self.committee.job_of(question)))
        return replace(asked, question=question, question_id=question_id)

    def _note(self, subject: Subject, guarantee: Guarantee, job: Job) -> Asked:
        job_id = Digest(self.rpc.read(self.arbiter.job_id_of(job)))
        return Asked(subject.number, guarantee, job, job_id, subject.output_root, self.seconds, subject.phase)

    def _draw(self, one_in: int) -> bool:
        return bool(self._random.integers(one_in) == 0)

    # --- following

    def _read(self) -> None:
        newest = self.rpc.read_block_number()
        contracts = [self.arbiter, self.bracket, self.committee]
        if newest < self._read_from:
            return
        logs = self.rpc.read_logs([contract.address for contract in contracts], self._read_from, newest)
        for logged in find_events(logs, contracts):
            self.view.apply(logged)
        self._read_from = newest + 1

    def _actions(self, asked: Asked, now: int) -> Iterator[Action]:
        for question_id in (asked.question_id, asked.watch_id):
            panel = self.view.panels.get(question_id)
            if panel is not None and panel.stage is not Stage.DONE:
                yield from self._steward.advance(panel, now)
                self._demand(panel)
        job = self.view.jobs.jobs.get(asked.job_id)
        if job is not None and asked.question is None:
            yield from self._end(asked, job, now)

    def _end(self, asked: Asked, job: JobView, now: int) -> Iterator[Action]:
        """Final when nobody objected, void when nobody answered; and watchers, for a claim that is to be watched."""
        name = asked.job_id.hex()
        if job.status is Status.ASSERTED:
            asserted_at = self.rpc.read(self.arbiter.record_of(asked.job_id)).asserted_at
            if asked.is_watched and asked.watch_id == ZERO_DIGEST:
                self._watch(asked)
            if now >= asserted_at + asked.job.window:
                yield Action(f"finalise/{name}", self.arbiter.finalise(asked.job), "finalise")
        if job.status is Status.OPEN and now >= asked.job.respond_by:
            yield Action(f"cancel/{name}", self.arbiter.cancel(asked.job), "cancel")

    def _watch(self, asked: Asked) -> None:
        """Pay operators to check a claim."""
        size = QUORUM_SIZES[0]
        seal = Digest(secrets.token_bytes(32))
        question = Question(asked.job, self.sender.address, size, 1, terms.PAY, seal, secrets.randbits(64))
        asked.is_watched = self._send(self.committee.watch(question, value=Amount(size * terms.PAY)), is_awaited=True)
        if asked.is_watched:
            asked.watch_id = Digest(self.rpc.read(self.committee.question_id_of(question)))

    def _demand(self, panel: PanelView) -> None:
        """Ask some member for a tile of its trace, now and then: who copied cannot show one."""
        if panel.stage is not Stage.LIT or panel.question_id in self._demanded:
            return
        self._demanded.add(panel.question_id)
        seats = [number for number, seat in panel.seats.items() if seat.group is not None]
        if seats and self._draw(DEMAND_ONE_IN):
            deposit = Amount(self.rpc.read(self.committee.OPENING_DEPOSIT()))
            seat = seats[int(self._random.integers(len(seats)))]
            self._send(self.committee.demand(panel.question_id, seat, value=deposit))

    def _note_end(self, asked: Asked) -> None:
        panels = [self.view.panels.get(name) for name in (asked.question_id, asked.watch_id) if name != ZERO_DIGEST]
        if any(panel is None or panel.stage is not Stage.DONE for panel in panels):
            return
        job = self.view.jobs.jobs.get(asked.job_id)
        if job is None and asked.question is None:
            return  # not read yet
        if job is None:
            asked.status = Status.VOID  # the committee never answered
        elif job.is_over and (job.is_resolved or not job.challengers):
            asked.status, asked.found_root = job.status, job.output_root
        if asked.status is not None:
            asked.seconds = self.seconds - asked.asked_at

    def _send(self, transaction: Transaction, *, is_awaited: bool = False) -> bool:
        """Whether it was taken; what somebody else has done already reverts, and is done."""
        self._sent += 1
        key = f"requester/{self._sent}"
        with suppress(ChainError):
            self.sender.submit(transaction, key=key)
            if is_awaited:
                self.sender.wait(key)
            return True
        return False
