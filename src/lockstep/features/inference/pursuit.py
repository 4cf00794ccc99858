"""A request until its end: waiting, moving on what nobody else moves, asking again otherwise, taking the fee back."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lockstep.chain.binding import find_events
from lockstep.chain.bindings.arbiter import Arbiter, Status
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Stage
from lockstep.chain.deployment import Deployment
from lockstep.chain.rpc import Rpc
from lockstep.errors import ProtocolError, RevertError
from lockstep.features.command import Answer, Progress
from lockstep.features.connection import Connection
from lockstep.features.inference.requests import Guarantee, Progressed, describe, read_progress
from lockstep.features.inference.view import JobsView
from lockstep.features.quorum.asking import find_question
from lockstep.features.quorum.steward import Steward
from lockstep.features.quorum.view import CommitteesView
from lockstep.node.role import Action
from lockstep.types import Digest

POLL_SECONDS = 1.0
GRACE_SECONDS = 30
"""Chain time that others have to do what anybody may: it is their work, and their gas."""
ENDS = ("FINAL", "VOID")


@dataclass(slots=True)
class Pursuit:
    """One request of ours, followed until it is final or void."""

    connection: Connection
    job_id: Digest
    _due: dict[str, int] = field(default_factory=dict)

    def step(self) -> Mapping[str, object]:
        """The state of now, after doing what has been due for long enough."""
        now = self.connection.rpc.read_block().timestamp
        for action in self._actions(now):
            if now - self._due.setdefault(action.key, now) >= GRACE_SECONDS:
                self._send(action)
        return read_state(self.connection.rpc, self.connection.deployment, self.job_id)

    def _send(self, action: Action) -> None:
        try:
            self.connection.send(action.purpose, action.transaction)
        except RevertError:
            return  # somebody was faster: the next look shows it

    def _actions(self, now: int) -> Iterator[Action]:
        rpc, deployment = self.connection.rpc, self.connection.deployment
        arbiter, committee = deployment.contract(Arbiter), deployment.contract(Committee)
        view = CommitteesView(JobsView(), committee.address)
        newest = rpc.read_block_number()
        for logged in find_events(rpc.read_logs([committee.address], deployment.first_block, newest), [committee]):
            view.apply(logged)
        for panel in view.panels.values():
            if panel.job_id == self.job_id and panel.stage is not Stage.DONE:
                yield from Steward(rpc, arbiter, committee).advance(panel, now)
                return
        try:
            progressed = read_progress(rpc, deployment, self.job_id)
        except ProtocolError:
            return  # a question that came to nothing was never asked at the Arbiter
        yield from _ending(arbiter, progressed)

    def fetch(self) -> int:
        """Take home what contracts owe us, in wei."""
        deployment, account = self.connection.deployment, self.connection.sender.address
        fetched = 0
        for contract in (deployment.contract(Arbiter), deployment.contract(Committee)):
            owed = self.connection.rpc.read(contract.credit_of(account))
            if owed:
                self.connection.send("withdraw", contract.withdraw())
            fetched += owed
        return fetched


def _ending(arbiter: Arbiter, progressed: Progressed) -> Iterator[Action]:
    """Final when nobody objected, void when nobody answered."""
    record, job, now = progressed.record, progressed.job, progressed.now
    if record.status is Status.ASSERTED and now >= record.asserted_at + job.window:
        yield Action(f"finalise/{progressed.job_id.hex()}", arbiter.finalise(job), "finalise")
    if record.status is Status.OPEN and now >= job.respond_by:
        yield Action(f"cancel/{progressed.job_id.hex()}", arbiter.cancel(job), "cancel")


def read_state(rpc: Rpc, deployment: Deployment, job_id: Digest) -> dict[str, object]:
    """As ``lockstep infer status``, also while a committee has not answered yet. Raises ``job/unknown``."""
    try:
        return describe(read_progress(rpc, deployment, job_id))
    except ProtocolError:
        question = find_question(rpc, deployment, job_id)
        if question is None:
            raise
        return dict(question.document)


def pause() -> None:
    """Between two looks at a chain."""
    time.sleep(POLL_SECONDS)


def follow(
    step: Callable[[], Mapping[str, object]], timeout: float, progress: Progress, pause: Callable[[], None] = pause
) -> Mapping[str, object]:
    """The state at the end, or when ``timeout`` seconds are over."""
    end = time.monotonic() + timeout
    while True:
        state = step()
        if state["status"] in ENDS or time.monotonic() >= end:
            return state
        progress(f"{state['guarantee']}: {str(state['status']).lower()}")
        pause()


def pursue(
    connection: Connection,
    ask: Callable[[Guarantee], Answer],
    guarantees: Sequence[Guarantee],
    *,
    timeout: float,
    progress: Progress,
    pause: Callable[[], None] = pause,
) -> Answer:
    """Ask with one guarantee after the other until one gives an answer; the fee is back before it is offered again."""
    attempts: list[Mapping[str, object]] = []
    fetched = 0
    for guarantee in guarantees:
        try:
            job_id = ask(guarantee).document["job_id"]
        except ProtocolError as refused:
            attempts.append({"guarantee": guarantee, "status": "REFUSED", "verdict": "void", "code": refused.code})
            progress(f"{guarantee}: {refused}")
            continue
        assert isinstance(job_id, bytes)
        progress(f"{guarantee}: job 0x{job_id.hex()}")
        pursuit = Pursuit(connection, Digest(job_id))
        state = follow(pursuit.step, timeout, progress, pause)
        fetched += pursuit.fetch()
        attempts.append({**state, "guarantee": guarantee})
        if state["status"] != "VOID":
            break
    last = attempts[-1]
    document = {"ok": last["status"] == "FINAL", **last, "attempts": attempts, "fetched_wei": fetched}
    tried = ", then ".join(f"{one['guarantee']}: {str(one['status']).lower()}" for one in attempts)
    lines = (tried, f"{fetched / 10**18:g} ETH came back") if fetched else (tried,)
    return Answer(document, lines, status=0 if document["ok"] else 1)
