"""Jobs, claims and matches as a node sees them: folded from the events of Arbiter and Bracket, nothing else."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from lockstep.chain.binding import LoggedEvent
from lockstep.chain.bindings.arbiter import Asserted, Delivered, Disputed, Finalised, Requested, Settled, Status, Voided
from lockstep.chain.bindings.bracket import (
    Challenged,
    Decided,
    Joined,
    Match,
    Moved,
    Reclaimed,
    Resolved,
    Revealed,
    Started,
    TakenOver,
)
from lockstep.chain.bindings.shared import Job
from lockstep.crypto.hashing import keccak256
from lockstep.dispute.moves import Shown
from lockstep.types import ZERO_DIGEST, Address, Digest


@dataclass(slots=True)
class ClaimView:
    """A claim that has joined, with the 16 digests that it showed."""

    output_root: Digest
    trace_root: Digest
    owner: Address
    kids: tuple[Digest, ...]


@dataclass(slots=True)
class MatchView:
    """A match and what each side has shown last. ``survivor`` is set once it is decided (ZERO: nobody)."""

    state: Match
    kids: list[tuple[Digest, ...]]
    tiles: list[bytes] = field(default_factory=lambda: [b"", b""])
    survivor: Digest | None = None
    moves: int = 0

    @property
    def state_hash(self) -> Digest:
        """Names the state in a transaction's key."""
        state = self.state
        numbers = (state.phase, state.turn, state.position, state.levels, state.item, state.moved_at)
        return keccak256(state.claim_a, state.claim_b, state.node_a, state.node_b, repr(numbers).encode())


@dataclass(slots=True)
class JobView:
    """One job. ``claims`` and ``matches`` are empty until there is a dispute.

    ``challengers`` maps who committed to the order of the commitment, ``orders`` each commitment with who made it;
    ``opened`` are those whose bond was put to use by joining, or came back.
    """

    job_id: Digest
    job: Job
    input_data: bytes
    status: Status = Status.OPEN
    claimant: Address | None = None
    asserted_root: Digest = ZERO_DIGEST
    output_root: Digest = ZERO_DIGEST
    is_delivered: bool = False
    is_delivery_refused: bool = False
    is_resolved: bool = False
    challengers: dict[Address, int] = field(default_factory=dict)
    orders: dict[tuple[Address, Digest], int] = field(default_factory=dict)
    opened: set[Address] = field(default_factory=set)
    claims: dict[Digest, ClaimView] = field(default_factory=dict)
    matches: dict[Digest, MatchView] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Nothing can change any more but the delivery."""
        return self.status in (Status.FINAL, Status.VOID)

    @property
    def is_finished(self) -> bool:
        """Nobody will act on it again: it is over, and its consumer has been told, or would not listen."""
        has_told = self.job.callback_gas == 0 or self.is_delivered or self.is_delivery_refused
        return self.status is Status.VOID or (self.status is Status.FINAL and has_told)

    def shown(self, match: MatchView, side: int) -> Shown:
        """What the other side of ``side`` has shown."""
        other = match.state.claim_b if side == 0 else match.state.claim_a
        return Shown(match.kids[1 - side], match.tiles[1 - side], self.claims[other].output_root)


class JobsView:
    """All jobs by id, until they are forgotten."""

    def __init__(self) -> None:
        self.jobs: dict[Digest, JobView] = {}
        self._forgotten: Counter[str] = Counter()

    def clear(self) -> None:
        self.jobs.clear()
        self._forgotten.clear()

    def forget_finished(self) -> None:
        """Memory does not grow with what is over; after a reorganisation all is folded anew from the journal."""
        for job_id in [job_id for job_id, view in self.jobs.items() if view.is_finished]:
            self._forgotten[_name_of(self.jobs.pop(job_id).status)] += 1

    def count_states(self) -> Mapping[str, int]:
        """Jobs by state, the forgotten ones too."""
        return self._forgotten + Counter(_name_of(view.status) for view in self.jobs.values())

    def apply(self, logged: LoggedEvent) -> None:
        """Events about jobs asked before the first block that is read are ignored."""
        event = logged.event
        if isinstance(event, Requested):
            self.jobs[event.job_id] = JobView(event.job_id, event.job, event.input_data)
            return
        job = self.jobs.get(getattr(event, "job_id", ZERO_DIGEST))
        if job is not None:
            _apply(job, event)


def _name_of(status: Status) -> str:
    return str(status.name).lower()


def _apply(job: JobView, event: object) -> None:
    match event:
        case Asserted():
            job.status, job.claimant = Status.ASSERTED, event.claimant
            job.asserted_root = job.output_root = event.output_root
        case Disputed():
            job.status = Status.DISPUTED
        case Finalised():
            job.status, job.output_root = Status.FINAL, event.output_root
        case Settled():
            job.status, job.output_root = Status.FINAL, event.output_root
            job.claimant = job.claimant or event.prover
        case Voided():
            job.status = Status.VOID
        case Delivered():
            job.is_delivered |= event.success
            job.is_delivery_refused |= not event.success
        case Challenged():
            job.challengers[event.challenger] = event.order
            job.orders[event.challenger, event.commitment] = event.order
        case Joined():
            job.claims[event.claim_id] = ClaimView(event.output_root, event.trace_root, event.owner, event.kids)
            if event.owner != job.claimant:  # the claimant defends without a commitment
                job.opened.add(event.owner)
        case TakenOver():
            job.claims[event.claim_id].owner = event.owner
            if event.owner != job.claimant:
                job.opened.add(event.owner)
        case Reclaimed():
            job.opened.add(event.challenger)
        case Started():
            state = event.state
            kids = [job.claims[state.claim_a].kids, job.claims[state.claim_b].kids]
            job.matches[event.match_id] = MatchView(state, kids)
        case Moved() | Revealed():
            _move(job.matches[event.match_id], event)
        case Decided():
            job.matches[event.match_id].survivor = event.survivor
        case Resolved():
            job.is_resolved = True
        case _:
            pass


def _move(match: MatchView, event: Moved | Revealed) -> None:
    """The one whose turn it was has shown something."""
    mover = match.state.turn
    match.state = event.state
    match.moves += 1
    if isinstance(event, Moved):
        match.kids[mover] = event.kids
    else:
        match.tiles[mover] = event.tile
