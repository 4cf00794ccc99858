"""Who plays: servers and a challenger, each a node of its own with its roles, journal and account."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.sender import Sender
from lockstep.cli.demo.lie import Lie
from lockstep.cli.demo.prepared import Prepared
from lockstep.cli.demo.stage import TERMS, WINDOW_SECONDS, Stage, account_of
from lockstep.errors import ProtocolError
from lockstep.exec.trace import Trace
from lockstep.features.inference.answers import Answer, AnswerProvider, HonestAnswers, ModelLibrary
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.player import Table
from lockstep.features.inference.server import Server
from lockstep.features.inference.view import JobsView
from lockstep.ir.graph import Graph
from lockstep.node.journal import Journal
from lockstep.node.runner import Runner
from lockstep.types import Digest

LONGEST_PLAY = 200
"""Rounds of all nodes; the demo takes about twenty."""


@dataclass(frozen=True)
class FalseAnswers:
    """Answers as a liar does: with the lie's values for the inputs that it was made for."""

    honest: AnswerProvider
    graph: Graph
    lie: Lie
    lies: dict[Digest, Answer]

    def find_answer(self, job_id: Digest, job: object, input_data: bytes) -> Answer | None:
        """The false answer, always the same one for a job."""
        true = self.honest.find_answer(job_id, job, input_data)  # type: ignore[arg-type]
        if true is None:
            return None
        if job_id not in self.lies:
            trace = Trace.of(self.graph, [(list(true.inputs[0]), self.lie.values)])
            self.lies[job_id] = Answer(self.graph, true.inputs, trace)
        return self.lies[job_id]


@dataclass(frozen=True)
class Cast:
    """The nodes by name."""

    stage: Stage
    nodes: dict[str, Runner]

    def play(self, job_id: Digest, players: Sequence[str]) -> None:
        """Let the players' nodes run until the answer is final and delivered, and everybody is paid."""
        for _ in range(LONGEST_PLAY):
            has_acted = [self.nodes[name].step() for name in players]
            if any(has_acted):
                continue
            record = self.stage.rpc.read(self.stage.arbiter.record_of(job_id))
            if record.delivered or record.status == Status.VOID:
                return
            self.stage.pass_time(WINDOW_SECONDS if record.status == Status.ASSERTED else TERMS.join_seconds)
        raise ProtocolError("demo/stuck", "the nodes did not come to an end", value=LONGEST_PLAY)


@contextmanager
def open_cast(stage: Stage, prepared: Prepared) -> Iterator[Cast]:
    """Start the nodes; their journals go with the block."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="lockstep-demo-")))
        honest = HonestAnswers(ModelLibrary.of(prepared.graph))
        false = FalseAnswers(honest, prepared.graph, prepared.lie, {})
        providers: dict[str, AnswerProvider] = {
            "honest server": honest,
            "cheating server": false,
            "challenger": HonestAnswers(ModelLibrary.of(prepared.graph)),
        }
        nodes = {}
        for name, answers in providers.items():
            journal = Journal(folder / f"{name}.sqlite".replace(" ", "-"))
            stack.callback(journal.close)
            nodes[name] = _node(stage, name, journal, answers)
        yield Cast(stage, nodes)


def _node(stage: Stage, name: str, journal: Journal, answers: AnswerProvider) -> Runner:
    account, view = account_of(name), JobsView()
    table = Table(stage.rpc, stage.arbiter, stage.bracket, account.address, journal.secret("salt"))
    role = Challenger if name == "challenger" else Server
    return Runner(
        stage.rpc,
        Sender(stage.rpc, account, journal.outbox),
        journal,
        contracts=[stage.arbiter, stage.bracket],
        view=view,
        roles=[role(table, view, answers)],
    )
