"""A request from outside a contract: terms, the transaction, and what has become of it."""

from dataclasses import asdict, dataclass
from enum import StrEnum

from lockstep.chain.binding import find_events
from lockstep.chain.bindings.arbiter import Arbiter, Record, Requested, Settled, Status
from lockstep.chain.bindings.bracket import Bracket, Recomputed, Resolved, Started
from lockstep.chain.bindings.shared import Job
from lockstep.chain.deployment import Deployment
from lockstep.chain.rpc import Rpc
from lockstep.errors import ProtocolError
from lockstep.types import Digest

LARGEST_INPUT = 16_384
"""Bytes of input that ``Arbiter.request`` logs."""

PROOF_BOND = (1 << 256) - 1
"""The bond of a job that only a proof may answer (dispute.md, section 2): nobody can put it up."""

LARGEST_BOND = (1 << 128) - 1
"""Wei, far beyond all there will be: from here on a bond asks for a proof."""


class Guarantee(StrEnum):
    """Why an answer is believed: one stands for it with a bond, or a committee does, or it is proved."""

    DISPUTE = "dispute"
    QUORUM = "quorum"
    PROOF = "proof"


def guarantee_of(job: Job) -> Guarantee:
    """What the requester asked for, of jobs that it asked itself; a quorum's are asked by the Committee."""
    return Guarantee.PROOF if job.bond > LARGEST_BOND else Guarantee.DISPUTE


@dataclass(frozen=True, slots=True)
class Progressed:
    """A job, its terms, the chain's record of it, and what its dispute or proof came to, if there was one."""

    job_id: Digest
    job: Job
    record: Record
    now: int
    recomputed: tuple[Recomputed, ...]
    resolved: Resolved | None
    settled: Settled | None

    @property
    def status(self) -> str:
        return self.record.status.name or "UNKNOWN"

    @property
    def verdict(self) -> str:
        """pending, upheld, rejected or void."""
        if self.record.status == Status.VOID:
            return "void"
        if self.record.status != Status.FINAL:
            return "pending"
        return "rejected" if self.record.refunded else "upheld"

    @property
    def waits_for(self) -> str:
        """What has to happen next, for a person."""
        if self.record.status == Status.OPEN:
            left = self.job.respond_by - self.now
            wanted = "a proof" if guarantee_of(self.job) is Guarantee.PROOF else "an answer"
            return f"{wanted}, for {left} s more" if left > 0 else f"{wanted} that is late: the fee can be taken back"
        if self.record.status == Status.ASSERTED:
            left = self.record.asserted_at + self.job.window - self.now
            return f"objections, for {left} s more" if left > 0 else "somebody to finalise it"
        return "the dispute to end" if self.record.status == Status.DISPUTED else ""


def read_progress(rpc: Rpc, deployment: Deployment, job_id: Digest) -> Progressed:
    """What the chain knows of a job. Raises ``ProtocolError`` ``job/unknown``."""
    arbiter, bracket = deployment.contract(Arbiter), deployment.contract(Bracket)
    logs = rpc.read_logs(
        [arbiter.address, bracket.address],
        deployment.first_block,
        rpc.read_block_number(),
        [None, "0x" + job_id.hex()],
    )
    events = [found.event for found in find_events(logs, [arbiter, bracket])]
    asked = next((event for event in events if isinstance(event, Requested)), None)
    if asked is None:
        raise ProtocolError(
            "job/unknown", "nobody asked for this job on this chain", value="0x" + job_id.hex(), remedy="check the id"
        )
    matches = [event.match_id for event in events if isinstance(event, Started)]
    return Progressed(
        job_id,
        asked.job,
        rpc.read(arbiter.record_of(job_id)),
        rpc.read_block().timestamp,
        tuple(number for match in matches for number in _numbers(rpc, deployment, bracket, match)),
        next((event for event in events if isinstance(event, Resolved)), None),
        next((event for event in events if isinstance(event, Settled)), None),
    )


def _numbers(rpc: Rpc, deployment: Deployment, bracket: Bracket, match: Digest) -> list[Recomputed]:
    topics = ["0x" + Recomputed.topic().hex(), "0x" + match.hex()]
    logs = rpc.read_logs([bracket.address], deployment.first_block, rpc.read_block_number(), topics)
    return [found.event for found in find_events(logs, [bracket]) if isinstance(found.event, Recomputed)]


def describe(progressed: Progressed) -> dict[str, object]:
    """As a document."""
    record, resolved = progressed.record, progressed.resolved
    return {
        "job_id": progressed.job_id,
        "status": progressed.status,
        "verdict": progressed.verdict,
        "waits_for": progressed.waits_for,
        "guarantee": guarantee_of(progressed.job),
        "claimant": record.claimant,
        "output_root": record.output_root,
        "delivered": record.delivered,
        "refunded": record.refunded,
        "job": asdict(progressed.job),
        "recomputed": [asdict(number) for number in progressed.recomputed],
        "winner": resolved.owner if resolved else None,
        "burnt_wei": resolved.burnt if resolved else 0,
        "proved_by": progressed.settled.prover if progressed.settled else None,
    }
