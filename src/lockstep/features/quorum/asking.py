"""Asking a committee: a question's terms, and what it costs."""

import secrets
from dataclasses import asdict, dataclass

from lockstep.chain.binding import find_events
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.committee import Committee, Convened
from lockstep.chain.bindings.shared import Job, Question
from lockstep.chain.bindings.stake import Stake
from lockstep.chain.deployment import Deployment
from lockstep.chain.rpc import Rpc
from lockstep.errors import ProtocolError
from lockstep.features.command import Answer
from lockstep.features.connection import Connection
from lockstep.types import Address, Amount, Digest

SMALLEST_QUORUM, LARGEST_COMMITTEE = 3, 15
ROUNDS = 4
"""Of three draws and an answer, which the contract wants time for."""


@dataclass(frozen=True, slots=True)
class CommitteeClocks:
    """What the contract was deployed with."""

    ticket: Amount
    appeal_seconds: int
    round_seconds: int

    @classmethod
    def read(cls, rpc: Rpc, committee: Committee) -> "CommitteeClocks":
        waits = (committee.BEACON_SECONDS(), committee.COMMIT_SECONDS(), committee.REVEAL_SECONDS())
        return cls(
            ticket=Amount(rpc.read(committee.TICKET())),
            appeal_seconds=rpc.read(committee.APPEAL_SECONDS()),
            round_seconds=sum(rpc.read(wait) for wait in waits),
        )


def build_question(
    committee: Committee,
    clocks: CommitteeClocks,
    *,
    requester: Address,
    model_id: Digest,
    input_root: Digest,
    passes: int,
    pay: Amount,
    size: int,
    window: int,
    respond_by: int,
    seal: Digest | None = None,
) -> Question:
    """The terms of a question to a quorum; ``pay`` goes to each member that is right. One that is not planted has a
    random ``seal``, so that nobody can tell.

    Raises ``ProtocolError`` ``committee/size``, ``committee/window``.
    """
    if not SMALLEST_QUORUM <= size <= LARGEST_COMMITTEE:
        raise ProtocolError(
            "committee/size",
            "no such committee",
            value=size,
            remedy=f"{SMALLEST_QUORUM} to {LARGEST_COMMITTEE} members",
        )
    if window < clocks.appeal_seconds:
        raise ProtocolError(
            "committee/window",
            "an answer must stay open to appeals for longer",
            value=window,
            remedy=f"at least {clocks.appeal_seconds} seconds",
        )
    job = Job(
        requester=committee.address,
        model_id=model_id,
        input_root=input_root,
        passes=passes,
        fee=size * pay,
        bond=clocks.ticket,
        window=window,
        respond_by=respond_by,
        callback_gas=0,
        nonce=0,
    )
    return Question(job, requester, size, 1, pay, seal or Digest(secrets.token_bytes(32)), secrets.randbits(64))


def require_seats(rpc: Rpc, stake: Stake, model_id: Digest, size: int) -> None:
    """Raises ``ProtocolError`` ``committee/tickets`` where a model has fewer tickets than the committee has seats."""
    standing = rpc.read(stake.standing_of(model_id))
    if standing < size:
        raise ProtocolError(
            "committee/tickets",
            "too few operators have a stake on this model",
            value=f"{standing} tickets for {size} seats",
            remedy="ask a smaller committee, or with another guarantee",
        )


def ask_committee(
    connection: Connection,
    model_id: Digest,
    input_root: Digest,
    data: bytes,
    *,
    pay: Amount,
    size: int,
    window: int,
    respond_by: int,
    seal: Digest | None = None,
) -> Answer:
    """Convene a quorum; the fee waits in the contract. Raises what ``build_question`` and ``require_seats`` do."""
    rpc, committee = connection.rpc, connection.deployment.contract(Committee)
    require_seats(rpc, connection.deployment.contract(Stake), model_id, size)
    clocks = CommitteeClocks.read(rpc, committee)
    question = build_question(
        committee,
        clocks,
        requester=connection.sender.address,
        model_id=model_id,
        input_root=input_root,
        passes=1,
        pay=pay,
        size=size,
        window=max(window, clocks.appeal_seconds),
        respond_by=max(respond_by, rpc.read_block().timestamp + (ROUNDS + 1) * clocks.round_seconds),
        seal=seal,
    )
    receipt = connection.send("convene", committee.convene(question, data, value=Amount(size * pay)))
    question_id = rpc.read(committee.question_id_of(question))
    job = rpc.read(committee.job_of(question))
    job_id = rpc.read(connection.deployment.contract(Arbiter).job_id_of(job))
    document = {
        "ok": True,
        "job_id": job_id,
        "question_id": question_id,
        "model_id": model_id,
        "input_root": input_root,
        "guarantee": "quorum",
        "members": size,
        "gas": receipt.gas_used,
    }
    return Answer(document, (f"job 0x{job_id.hex()}", f"see `lockstep infer status 0x{job_id.hex()}`"))


def ask_watchers(connection: Connection, job: Job, *, pay: Amount, size: int, one_in: int) -> Answer:
    """Pay operators to check a job's claim: each of ``size`` seats is filled with the chance of 1 in ``one_in``."""
    rpc, committee = connection.rpc, connection.deployment.contract(Committee)
    seal = Digest(secrets.token_bytes(32))
    question = Question(job, connection.sender.address, size, one_in, pay, seal, secrets.randbits(64))
    receipt = connection.send("watch", committee.watch(question, value=Amount(size * pay)))
    question_id = rpc.read(committee.question_id_of(question))
    document = {"ok": True, "question_id": question_id, "seats": size, "one_in": one_in, "gas": receipt.gas_used}
    return Answer(document, (f"question 0x{question_id.hex()}: up to {size} watchers will be drawn",))


def find_question(rpc: Rpc, deployment: Deployment, job_id: Digest) -> Answer | None:
    """How far the question is that a job will answer; None if nobody asked it."""
    committee = deployment.contract(Committee)
    topics = ["0x" + Convened.topic().hex(), None, "0x" + job_id.hex()]
    logs = rpc.read_logs([committee.address], deployment.first_block, rpc.read_block_number(), topics)
    asked = [found.event for found in find_events(logs, [committee]) if isinstance(found.event, Convened)]
    if not asked:
        return None
    question = asked[0]
    progress = rpc.read(committee.progress_of(question.question_id))
    stage = str(progress.stage.name)
    is_void = stage == "DONE"
    document = {
        "job_id": job_id,
        "question_id": question.question_id,
        "status": "VOID" if is_void else stage,
        "verdict": "void" if is_void else "pending",
        "guarantee": "quorum",
        "progress": asdict(progress) | {"stage": stage},
    }
    seats = f"{progress.seats} seats, {progress.committed} committed, {progress.revealed} revealed"
    line = "void: the fee went back" if is_void else f"{stage.lower()}, round {progress.round + 1}: {seats}"
    return Answer(document, (line,))
