"""The duties of who has a ticket at stake: answer what it is drawn for, stand by it, see questions to their end."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Answer as Roots
from lockstep.chain.bindings.shared import KeyedOpening, Progress, Stage
from lockstep.chain.bindings.stake import Stake
from lockstep.claims.committee import (
    OPENING_ROUND,
    DescriptorOpening,
    KeyedTiles,
    TraceShape,
    member_commitment,
    member_pick,
    must_open,
)
from lockstep.crypto.hashing import LEAF_BYTES, keccak256
from lockstep.dispute.witness import TraceSource
from lockstep.features.inference.answers import Answer, AnswerProvider
from lockstep.features.inference.player import Table
from lockstep.features.quorum.advocate import Advocate
from lockstep.features.quorum.steward import Steward, Turns
from lockstep.features.quorum.view import CommitteesView, PanelView, SeatView
from lockstep.node.role import Action, about
from lockstep.types import Digest


class Duty(StrEnum):
    """Which questions: those that a quorum answers, or those about somebody's claim."""

    QUORUM = "member"
    WATCH = "watcher"


@dataclass(frozen=True)
class Chamber:
    """The contracts of committees, beside the table on which their disputes are played."""

    table: Table
    committee: Committee
    stake: Stake
    chain_id: int


@dataclass(frozen=True)
class Seated:
    """A seat of ours, with the answer that we have for it."""

    number: int
    seat: SeatView
    answer: Answer

    @property
    def roots(self) -> Roots:
        return Roots(self.answer.output_root, self.answer.trace.root)


@dataclass(frozen=True)
class Tiles:
    """A trace by its tiles, the last of a tensor filled with zeros."""

    trace: TraceSource

    def digest_at(self, level: int, index: int) -> Digest:
        return self.trace.digest_at(level, index)

    def leaf(self, pass_index: int, node: int, tile: int) -> bytes:
        data = self.trace.tensor_bytes(pass_index, node)
        return data[tile * LEAF_BYTES : (tile + 1) * LEAF_BYTES].ljust(LEAF_BYTES, b"\x00")


class Member:
    """One duty of a node with tickets. Whatever anybody may do for a question, it does for those of its models."""

    def __init__(self, chamber: Chamber, view: CommitteesView, answers: AnswerProvider, *, duty: Duty) -> None:
        self._chamber, self._view, self._answers, self._duty = chamber, view, answers, duty
        self._advocate = Advocate(chamber.table, chamber.committee, view)
        self._steward = Steward(chamber.table.rpc, chamber.table.arbiter, chamber.committee)
        self._turns = Turns(chamber.table.account)

    @property
    def name(self) -> str:
        return self._duty.value

    def decide(self, now: int) -> Iterator[Action]:
        """Draw, commit, reveal, settle, appeal, play, open tiles, conclude, withdraw."""
        self._turns.forget_all_but(self._view.panels)
        for panel in list(self._view.panels.values()):
            if panel.stage is not Stage.DONE and panel.is_watch == (self._duty is Duty.WATCH):
                yield from about(panel.job_id, self._advance(panel, now))
        yield from self._withdraw()

    def _advance(self, panel: PanelView, now: int) -> Iterator[Action]:
        if not self._concerns(panel):
            return
        if panel.stage is Stage.DRAWING:
            yield from self._turns.take(panel, self._steward.draw(panel), now)
            return
        progress = self._chamber.table.rpc.read(self._chamber.committee.progress_of(panel.question_id))
        if progress.stage is not panel.stage:
            return  # what has happened is not in the view yet
        if panel.stage is Stage.ANSWERING:
            yield from self._answer(panel, progress, now)
        else:
            yield from self._stand_by(panel, progress, now)

    def _concerns(self, panel: PanelView) -> bool:
        """Whether we sit in it, or might."""
        account = self._chamber.table.account
        if any(seat.operator == account for seat in panel.seats.values()):
            return True
        held = self._chamber.stake.tickets_of(panel.question.job.model_id, account)
        return self._chamber.table.rpc.read(held) > 0

    # --- answering

    def _answer(self, panel: PanelView, progress: Progress, now: int) -> Iterator[Action]:
        rpc, committee = self._chamber.table.rpc, self._chamber.committee
        commits_end = progress.since + rpc.read_constant(committee.COMMIT_SECONDS())
        reveals_end = commits_end + rpc.read_constant(committee.REVEAL_SECONDS())
        present = panel.present()
        for place in self._own_seats(panel):
            if not place.seat.is_committed and now < commits_end:
                yield self._commit(panel, place)
                continue
            is_sealed = now >= commits_end or all(seat.is_committed for seat in present.values())
            if is_sealed and place.seat.is_committed and place.seat.group is None and now < reveals_end:
                yield self._reveal(panel, place)
        yield from self._turns.take(panel, self._steward.settle(panel, progress, now), now)

    def _own_seats(self, panel: PanelView) -> Iterator[Seated]:
        """Of this round; none if the question cannot be answered here."""
        account = self._chamber.table.account
        own = [(number, seat) for number, seat in panel.present().items() if seat.operator == account]
        answer = self._find_answer(panel) if own else None
        if answer is not None:
            yield from (Seated(number, seat, answer) for number, seat in own)

    def _find_answer(self, panel: PanelView) -> Answer | None:
        job = self._view.jobs.jobs.get(panel.job_id)
        data = panel.input_data or (job.input_data if job is not None else b"")
        return self._answers.find_answer(panel.job_id, panel.question.job, data)

    def _keyed(self, panel: PanelView, place: Seated) -> KeyedTiles:
        shape = TraceShape.of(place.answer.graph, panel.question.job.passes)
        seed = panel.seeds[place.seat.round]
        return KeyedTiles(shape, Tiles(place.answer.trace), seed, place.seat.operator)

    def _keyed_root(self, panel: PanelView, place: Seated) -> Digest:
        return self._keyed(panel, place).root

    def _salt(self, panel: PanelView, place: Seated) -> Digest:
        """Derived, so that it is known again after a crash."""
        return keccak256(self._chamber.table.secret, panel.question_id, place.number.to_bytes(32, "big"))

    def _commit(self, panel: PanelView, place: Seated) -> Action:
        commitment = member_commitment(
            self._chamber.chain_id,
            self._chamber.committee.address,
            question=panel.question_id,
            member=place.seat.operator,
            output_root=place.roots.output_root,
            trace_root=place.roots.trace_root,
            keyed_root=self._keyed_root(panel, place),
            salt=self._salt(panel, place),
        )
        transaction = self._chamber.committee.commit(panel.question_id, place.number, commitment)
        return Action.by_content(f"commit/{panel.question_id.hex()}/{place.number}", transaction, "commit")

    def _reveal(self, panel: PanelView, place: Seated) -> Action:
        transaction = self._chamber.committee.reveal(
            panel.question_id,
            place.number,
            place.roots.output_root,
            place.roots.trace_root,
            self._keyed_root(panel, place),
            self._salt(panel, place),
        )
        return Action.by_content(f"reveal/{panel.question_id.hex()}/{place.number}", transaction, "reveal")

    # --- after the answer

    def _stand_by(self, panel: PanelView, progress: Progress, now: int) -> Iterator[Action]:
        job = self._view.jobs.jobs.get(panel.job_id)
        own = [
            (number, seat)
            for number, seat in panel.seats.items()
            if seat.operator == self._chamber.table.account and seat.group is not None
        ]
        answer = self._find_answer(panel) if own else None
        if answer is not None and job is not None:
            yield from self._advocate.defend(panel, progress, job, answer, now)
        if panel.stage is Stage.SETTLED:
            yield from self._turns.take(panel, self._steward.light(panel, progress, now), now)
        elif answer is not None:
            for number, seat in own:
                yield from self._open(panel, progress, Seated(number, seat, answer), now)
        yield from self._turns.take(panel, self._steward.finish(panel, progress, now), now)

    def _open(self, panel: PanelView, progress: Progress, place: Seated, now: int) -> Iterator[Action]:
        rpc, committee = self._chamber.table.rpc, self._chamber.committee
        pick = member_pick(panel.seeds[OPENING_ROUND], place.seat.operator)
        is_asked = place.seat.is_demanded or must_open(pick, rpc.read_constant(committee.OPENING_ONE_IN()))
        if (
            place.seat.is_opened
            or not is_asked
            or now >= progress.since + 2 * rpc.read_constant(committee.OPENING_SECONDS())
        ):
            return
        shown = self._keyed(panel, place).opening(pick)
        descriptor = DescriptorOpening.of(place.answer.graph, shown.node)
        opening = KeyedOpening(shown.data, descriptor.data, descriptor.path, shown.trace_path, shown.keyed_path)
        transaction = committee.open_tile(panel.question, place.number, place.roots, opening)
        yield Action.by_content(f"open/{panel.question_id.hex()}/{place.number}", transaction, "open_tile")

    def _withdraw(self) -> Iterator[Action]:
        table = self._chamber.table
        for name, contract in (("committee", self._chamber.committee), ("stake", self._chamber.stake)):
            if table.rpc.read(contract.credit_of(table.account)):
                nonce = table.rpc.read_nonce(table.account)
                yield Action(f"withdraw/{name}/{nonce}", contract.withdraw(), "withdraw")
