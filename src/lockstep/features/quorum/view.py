"""Questions to committees as a node sees them: folded from the events of Committee, nothing else."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from lockstep.chain.binding import LoggedEvent
from lockstep.chain.bindings.arbiter import Requested
from lockstep.chain.bindings.committee import (
    Appealed,
    Audited,
    BeaconAwaited,
    Committed,
    CommitteeVoided,
    Concluded,
    Convened,
    Drawn,
    Lit,
    MemberRevealed,
    Seated,
    TileDemanded,
    TileOpened,
)
from lockstep.chain.bindings.shared import Answer, Question, Stage
from lockstep.claims.committee import OPENING_ROUND
from lockstep.features.inference.view import JobsView
from lockstep.types import ZERO_DIGEST, Address, Digest


@dataclass(slots=True)
class SeatView:
    """One seat. ``group`` is None until its member has revealed."""

    operator: Address
    round: int
    is_committed: bool = False
    group: int | None = None
    is_demanded: bool = False
    is_opened: bool = False


@dataclass(slots=True)
class PanelView:
    """One question, the seats that were drawn for it, and the answers of its groups."""

    question_id: Digest
    job_id: Digest
    question: Question
    input_data: bytes
    committee: Address
    beacon_block: int = 0
    stage: Stage = Stage.DRAWING
    round: int = 0
    seeds: dict[int, Digest] = field(default_factory=dict)
    seats: dict[int, SeatView] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    appealed: set[int] = field(default_factory=set)

    @property
    def is_watch(self) -> bool:
        """Whether somebody's claim is checked; else a quorum answers a question of its own."""
        return self.question.job.requester != self.committee

    def present(self) -> dict[int, SeatView]:
        """The seats of this round."""
        return {number: seat for number, seat in self.seats.items() if seat.round == self.round}

    def group_of(self, output_root: Digest, trace_root: Digest) -> int | None:
        """The group with an answer."""
        answer = Answer(output_root, trace_root)
        return self.answers.index(answer) if answer in self.answers else None


class CommitteesView:
    """Jobs and questions together: a quorum's job has its input from the question."""

    def __init__(self, jobs: JobsView, committee: Address) -> None:
        self.jobs, self._committee = jobs, committee
        self.panels: dict[Digest, PanelView] = {}
        self._beacons: dict[Digest, int] = {}
        self._ended: Counter[str] = Counter()

    def clear(self) -> None:
        self.jobs.clear()
        self.panels.clear()
        self._beacons.clear()
        self._ended.clear()

    def forget_finished(self) -> None:
        """Questions that are done."""
        self.jobs.forget_finished()
        for question_id in [name for name, panel in self.panels.items() if panel.stage is Stage.DONE]:
            del self.panels[question_id]

    def find_appeal(self, panel: PanelView, answer: Answer) -> PanelView | None:
        """The question whose members put up the bond for an answer about the same job: this one, or another watch.

        The Bracket takes one commitment of the Committee to a claim, so there is at most one.
        """
        for one in (panel, *self.panels.values()):
            group = one.group_of(answer.output_root, answer.trace_root) if one.job_id == panel.job_id else None
            if group is not None and group in one.appealed:
                return one
        return None

    def count_states(self) -> Mapping[str, int]:
        """Jobs by state, and questions."""
        waiting = Counter(f"question_{str(panel.stage.name).lower()}" for panel in self.panels.values())
        return Counter(self.jobs.count_states()) + waiting + self._ended

    def apply(self, logged: LoggedEvent) -> None:
        """Of Arbiter and Bracket, and of the Committee."""
        self.jobs.apply(logged)
        event = logged.event
        if isinstance(event, Convened):
            panel = PanelView(event.question_id, event.job_id, event.question, event.input_data, self._committee)
            panel.beacon_block = self._beacons.pop(event.question_id, 0)
            self.panels[event.question_id] = panel
            return
        if isinstance(event, Requested):
            self._hand_over_input(event)
        panel_of_event = self.panels.get(getattr(event, "question_id", ZERO_DIGEST))
        if panel_of_event is not None:
            self._apply(panel_of_event, event)
        elif isinstance(event, BeaconAwaited):  # it comes before the question
            self._beacons[event.question_id] = event.number

    def _hand_over_input(self, event: Requested) -> None:
        for panel in self.panels.values():
            if panel.job_id == event.job_id and not event.input_data:
                self.jobs.jobs[event.job_id].input_data = panel.input_data

    def _apply(self, panel: PanelView, event: object) -> None:
        match event:
            case BeaconAwaited():
                _await_beacon(panel, event)
            case Drawn():
                panel.stage, panel.round, panel.seeds[event.round] = Stage.ANSWERING, event.round, event.seed
            case Seated():
                panel.seats[event.seat] = SeatView(event.operator, panel.round)
            case Committed():
                panel.seats[event.seat].is_committed = True
            case MemberRevealed():
                _reveal(panel, event)
            case Appealed():
                panel.appealed.add(event.group)
            case Audited():
                if panel.group_of(event.output_root, event.trace_root) is None:
                    panel.answers.append(Answer(event.output_root, event.trace_root))
            case Lit():
                panel.stage, panel.seeds[OPENING_ROUND] = Stage.LIT, event.seed
            case TileDemanded():
                panel.seats[event.seat].is_demanded = True
            case TileOpened():
                panel.seats[event.seat].is_opened = True
            case Concluded() | CommitteeVoided():
                if panel.stage is not Stage.DONE:
                    self._ended["question_done"] += 1
                panel.stage = Stage.DONE
            case _:
                pass


def _await_beacon(panel: PanelView, event: BeaconAwaited) -> None:
    panel.beacon_block = event.number
    if event.round == OPENING_ROUND:
        panel.stage = Stage.SETTLED
    else:
        panel.stage, panel.round = Stage.DRAWING, event.round


def _reveal(panel: PanelView, event: MemberRevealed) -> None:
    panel.seats[event.seat].group = event.group
    if event.group == len(panel.answers):
        panel.answers.append(Answer(event.output_root, event.trace_root))
