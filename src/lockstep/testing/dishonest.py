"""Nodes that cheat, each in one way: what an operator becomes who is bribed (``lockstep net chaos``).

``python -m lockstep.testing.dishonest KIND --config FILE`` is ``lockstep node --config FILE`` with other roles: a kind
is a role maker.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from lockstep.assembly.nodes import ChainStation, Post, RoleMaker, build_service, honest_role
from lockstep.chain.bindings.shared import Job
from lockstep.crypto.hashing import keccak256
from lockstep.exec.run import Program
from lockstep.features.inference.answers import Answer, AnswerProvider
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.view import JobView
from lockstep.features.quorum.member import Duty, Member, Seated
from lockstep.features.quorum.view import PanelView
from lockstep.node.config import RoleName, read_config
from lockstep.node.logs import configure_logs
from lockstep.node.role import Action, Role
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import lie_at
from lockstep.types import Digest

LIED_ABOUT_NODE = 0
"""The same for everybody, so that colluders agree."""
GRIEFED_ONE_IN = 3
SEATED = (RoleName.MEMBER, RoleName.WATCHER)


class Kind(StrEnum):
    """The ways to cheat."""

    LAZY = "lazy"
    COPIER = "copier"
    COLLUDER = "colluder"
    SILENT = "silent"
    LATE = "late"
    EQUIVOCATOR = "equivocator"
    GRIEFER = "griefer"


class DefaultAnswers:
    """Computes nothing: whatever is asked, what the model answers to zeros."""

    def __init__(self, honest: AnswerProvider) -> None:
        self._honest = honest

    def find_answer(self, job_id: Digest, job: Job, input_data: bytes) -> Answer | None:
        """With the true input's root, so that the lie is told only by its result."""
        answer = self._honest.find_answer(job_id, job, input_data)
        if answer is None:
            return None
        zeros = [np.zeros_like(values) for values in answer.inputs[0]]
        trace = Program(answer.graph).run_trace(*([zeros] * len(answer.inputs)))
        return Answer(answer.graph, answer.inputs, trace)


@dataclass(frozen=True)
class Omitting:
    """A role that leaves out some of what it should do."""

    role: Role
    purposes: frozenset[str]

    @property
    def name(self) -> str:
        return self.role.name

    def decide(self, now: int) -> Iterable[Action]:
        """The rest."""
        return (action for action in self.role.decide(now) if action.purpose not in self.purposes)


class Copier(Member):
    """Has everybody's roots and nobody's tiles: its keyed root is made up."""

    def _keyed_root(self, panel: PanelView, place: Seated) -> Digest:
        return keccak256(b"copied", panel.question_id, place.roots.trace_root)


class Equivocator(Member):
    """Commits to a lie and wants to reveal the truth."""

    def _commit(self, panel: PanelView, place: Seated) -> Action:
        lying = LyingAnswers(self._answers, lie_at(LIED_ABOUT_NODE))
        lie = lying.find_answer(panel.job_id, panel.question.job, panel.input_data)
        return super()._commit(panel, place if lie is None else replace(place, answer=lie))


class SelfChallenger(Challenger):
    """Challenges its own node's lies as well, to win its bond back."""

    def _is_to_watch(self, view: JobView) -> bool:
        is_own = view.claimant == self._table.account and not view.is_over
        return is_own or super()._is_to_watch(view)


@dataclass
class Late:
    """Decides as if it were earlier, and does everything so many seconds of the chain's time too late."""

    role: Role
    seconds: int
    _first_seen: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.role.name

    def decide(self, now: int) -> Iterable[Action]:
        """What it decided on ``seconds`` ago."""
        for action in self.role.decide(now - self.seconds):
            if now >= self._first_seen.setdefault(action.key, now) + self.seconds:
                yield action


@dataclass(frozen=True)
class Idle:
    """A post that its holder does not fill."""

    name: str

    def decide(self, now: int) -> Iterable[Action]:  # noqa: ARG002
        """Nothing."""
        return ()


def _liar(post: Post) -> Post:
    return replace(post, answers=LyingAnswers(post.answers, lie_at(LIED_ABOUT_NODE)))


def _lazy(station: ChainStation, name: RoleName, post: Post) -> Role:
    if name not in SEATED and name is not RoleName.SERVER:
        return Idle(name)
    role = honest_role(station, name, replace(post, answers=DefaultAnswers(post.answers)))
    return Omitting(role, frozenset({"defend", "appeal", "join"}))


def _copier(station: ChainStation, name: RoleName, post: Post) -> Role:
    if name not in SEATED:
        return honest_role(station, name, post)
    return Omitting(_member(Copier, station, name, post), frozenset({"open_tile"}))


def _colluder(station: ChainStation, name: RoleName, post: Post) -> Role:
    if name not in SEATED and name is not RoleName.SERVER:
        return Idle(name)
    return honest_role(station, name, _liar(post))


def _silent(station: ChainStation, name: RoleName, post: Post) -> Role:
    if name not in SEATED:
        return Idle(name)
    return Omitting(honest_role(station, name, post), frozenset({"reveal"}))


def _late(station: ChainStation, name: RoleName, post: Post) -> Role:
    committee = station.chamber(post.table).committee
    seconds = station.rpc.read(committee.COMMIT_SECONDS()) + station.rpc.read(committee.REVEAL_SECONDS())
    return Late(honest_role(station, name, post), seconds)


def _equivocator(station: ChainStation, name: RoleName, post: Post) -> Role:
    match name:
        case RoleName.SERVER:
            return honest_role(station, name, _liar(post))
        case RoleName.CHALLENGER:
            return SelfChallenger(post.table, post.view.jobs, post.answers)
        case RoleName.MEMBER | RoleName.WATCHER:
            return _member(Equivocator, station, name, post)
        case _:
            return Idle(name)


def _griefer(station: ChainStation, name: RoleName, post: Post) -> Role:
    if name is not RoleName.CHALLENGER:
        return Idle(name) if name is RoleName.SERVER else honest_role(station, name, post)
    lie = lie_at(LIED_ABOUT_NODE)

    def choose(answer: Answer) -> tuple[int, int, int] | None:
        return lie(answer) if answer.trace.root[0] % GRIEFED_ONE_IN == 0 else None

    return Challenger(post.table, post.view.jobs, LyingAnswers(post.answers, choose))


def _member(make: type[Member], station: ChainStation, name: RoleName, post: Post) -> Member:
    duty = Duty.QUORUM if name is RoleName.MEMBER else Duty.WATCH
    return make(station.chamber(post.table), post.view, post.answers, duty=duty)


KINDS: Mapping[Kind, RoleMaker] = {
    Kind.LAZY: _lazy,
    Kind.COPIER: _copier,
    Kind.COLLUDER: _colluder,
    Kind.SILENT: _silent,
    Kind.LATE: _late,
    Kind.EQUIVOCATOR: _equivocator,
    Kind.GRIEFER: _griefer,
}
assert set(KINDS) == set(Kind)


def main(words: list[str] | None = None) -> int:
    """Runs a node of a kind until it is stopped."""
    parser = argparse.ArgumentParser(prog="python -m lockstep.testing.dishonest", description=__doc__)
    parser.add_argument("kind", choices=[str(kind) for kind in Kind])
    parser.add_argument("--config", type=Path, required=True)
    chosen = parser.parse_args(words)
    config = read_config(chosen.config)
    configure_logs(config.log, config.log_level)
    service = build_service(config, KINDS[Kind(chosen.kind)])
    service.install_signals()
    service.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
