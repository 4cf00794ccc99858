"""What anybody may do for a question, so that it comes to its end: draw, settle, light, finalise, conclude."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from lockstep.chain.bindings.arbiter import Arbiter, Status
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Progress, Stage
from lockstep.chain.header import read_header
from lockstep.chain.rpc import Rpc
from lockstep.crypto.hashing import keccak256
from lockstep.features.quorum.view import PanelView
from lockstep.node.role import Action
from lockstep.types import Address, Digest

TURN_SECONDS = 2
"""After which the next member does what the one before it did not."""
PLACES_BEFORE_DRAW = 4
"""Turns that holders of tickets spread over while nobody knows who will be drawn."""
BEACON_KEPT = 256
"""Blocks whose hashes a contract can read: an older beacon cannot be shown."""


@dataclass(frozen=True)
class Steward:
    """Needs no ticket and no answer: members do this as they go, a requester when nobody else does."""

    rpc: Rpc
    arbiter: Arbiter
    committee: Committee

    def advance(self, panel: PanelView, now: int) -> Iterator[Action]:
        """All that can be done now."""
        if panel.stage is Stage.DRAWING:
            yield from self.draw(panel)
            return
        progress = self.rpc.read(self.committee.progress_of(panel.question_id))
        if progress.stage is not panel.stage:
            return  # what has happened is not in the view yet
        if panel.stage is Stage.ANSWERING:
            yield from self.settle(panel, progress, now)
        elif panel.stage is not Stage.DONE:
            yield from self.light(panel, progress, now)
            yield from self.finish(panel, progress, now)

    def draw(self, panel: PanelView) -> Iterator[Action]:
        """The seats of a round, or a later beacon when nobody showed this one in time."""
        newest, number, name = self.rpc.read_block_number(), panel.beacon_block, panel.question_id.hex()
        if newest > number + BEACON_KEPT:
            yield Action(f"await/{name}/{number}", self.committee.await_beacon(panel.question), "await_beacon")
        elif newest > number:
            transaction = self.committee.draw(panel.question, read_header(self.rpc, number))
            yield Action.by_content(f"draw/{name}/{number}", transaction, "draw")

    def settle(self, panel: PanelView, progress: Progress, now: int) -> Iterator[Action]:
        """Once everybody revealed, or had the time to."""
        waits = (self.committee.COMMIT_SECONDS(), self.committee.REVEAL_SECONDS())
        is_time = now >= progress.since + sum(self.rpc.read_constant(wait) for wait in waits)
        if is_time or all(seat.group is not None for seat in panel.present().values()):
            transaction = self.committee.settle(panel.question, panel.answers)
            yield Action.by_content(f"settle/{panel.question_id.hex()}/{panel.round}", transaction, "settle")

    def light(self, panel: PanelView, progress: Progress, now: int) -> Iterator[Action]:
        """The beacon that says who has to open which tile."""
        if panel.stage is not Stage.SETTLED or self.rpc.read_block_number() <= panel.beacon_block:
            return
        if now < progress.since + self.rpc.read_constant(self.committee.BEACON_SECONDS()):
            transaction = self.committee.light(panel.question_id, read_header(self.rpc, panel.beacon_block))
            yield Action.by_content(f"light/{panel.question_id.hex()}", transaction, "light")

    def finish(self, panel: PanelView, progress: Progress, now: int) -> Iterator[Action]:
        """Finalise at the Arbiter what nobody challenged, then divide the money."""
        job = self.rpc.read(self.committee.job_of(panel.question))
        record = self.rpc.read(self.arbiter.record_of(panel.job_id))
        if record.status is Status.ASSERTED and now >= record.asserted_at + job.window:
            yield Action(f"finalise/{panel.job_id.hex()}", self.arbiter.finalise(job), "finalise")
        is_dark = panel.stage is Stage.SETTLED
        seconds = self.committee.BEACON_SECONDS() if is_dark else self.committee.OPENING_SECONDS()
        is_time = now >= progress.since + (1 if is_dark else 2) * self.rpc.read_constant(seconds)
        if record.status in (Status.FINAL, Status.VOID) and is_time:
            transaction = self.committee.conclude(panel.question, panel.answers)
            yield Action.by_content(f"conclude/{panel.question_id.hex()}", transaction, "conclude")


@dataclass
class Turns:
    """Whose turn it is to do what anybody may: by lot for each action, so that one member pays for it and not all."""

    account: Address
    _since: dict[Digest, dict[str, int]] = field(default_factory=dict)

    def take(self, panel: PanelView, actions: Iterable[Action], now: int) -> Iterator[Action]:
        """Those that have been possible for as long as this account's turn is away."""
        since = self._since.setdefault(panel.question_id, {})
        for action in actions:
            if now - since.setdefault(action.key, now) >= self._seconds(panel, action.key):
                yield action

    def forget_all_but(self, questions: Collection[Digest]) -> None:
        """Questions that are over."""
        for question_id in self._since.keys() - questions:
            del self._since[question_id]

    def _seconds(self, panel: PanelView, key: str) -> int:
        seated = {seat.operator for seat in panel.present().values()}
        lots = sorted(_lot(key, operator) for operator in seated)
        own = _lot(key, self.account)
        place = lots.index(own) if own in lots else len(lots) + own[0] % PLACES_BEFORE_DRAW
        return TURN_SECONDS * place


def _lot(key: str, account: Address) -> Digest:
    return keccak256(key.encode(), account.encode())
