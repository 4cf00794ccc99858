"""Who plays: the servers and the challenger, each with its own run of the model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.chain.bindings.bracket import Started
from lockstep.chain.bindings.shared import Job
from lockstep.claims.ids import claim_id, commitment
from lockstep.cli.demo.lie import Lie
from lockstep.cli.demo.stage import BOND, TERMS, WINDOW_SECONDS, Stage, account_of
from lockstep.crypto.hashing import keccak256
from lockstep.exec.run import Program
from lockstep.exec.trace import Trace
from lockstep.ir.graph import Graph
from lockstep.testing.duel import Duel
from lockstep.types import Digest

Inputs = list[NDArray[np.signedinteger]]


@dataclass
class Cast:
    """Plays a job to its end, delivery included."""

    stage: Stage
    graph: Graph
    lie: Lie

    def answer_honestly(self, job: Job, inputs: Inputs) -> None:
        """The honest server answers; nobody objects; the window passes."""
        trace = Program(self.graph).run_trace(inputs)
        self._assert("honest server", job, trace)
        self.stage.pass_time(WINDOW_SECONDS)
        self.stage.send("honest server", self.stage.arbiter.finalise(job))
        self._deliver("honest server", job, trace)

    def answer_falsely(self, job: Job, inputs: Inputs) -> None:
        """The cheating server answers; the challenger plays for the truth until the contract has decided."""
        stage, bracket = self.stage, self.stage.bracket
        false, true = Trace.of(self.graph, [(inputs, self.lie.values)]), Program(self.graph).run_trace(inputs)
        self._assert("cheating server", job, false)
        job_id = Digest(stage.rpc.read(stage.arbiter.job_id_of(job)))
        salt = keccak256(job_id, b"salt")
        sealed = commitment(
            job_id, claim_id(job_id, true.output_root, true.root), account_of("challenger").address, salt
        )
        stage.send("challenger", bracket.challenge(job, sealed, value=BOND))
        stage.send("cheating server", bracket.defend(job, false.root, false.descendants(0, 0)))
        joined = stage.send("challenger", bracket.join(job, true.output_root, true.root, true.descendants(0, 0), salt))
        started = next(e.event for e in joined.events(bracket) if isinstance(e.event, Started))
        sides = ("cheating server", "challenger")
        duel = Duel(bracket, job, self.graph, [inputs], (false, true))
        duel.play(started.state, lambda _, side, call: stage.send(sides[side], call))
        stage.pass_time(TERMS.join_seconds)
        stage.send("challenger", bracket.resolve(job, true.output_root, true.root))
        self._deliver("challenger", job, true)

    def _assert(self, by: str, job: Job, trace: Trace) -> None:
        self.stage.send(by, self.stage.arbiter.assert_result(job, trace.output_root, value=BOND))

    def _deliver(self, by: str, job: Job, trace: Trace) -> None:
        output = trace.tensor_bytes(0, len(self.graph.nodes) - 1)
        self.stage.send(by, self.stage.arbiter.deliver(job, output))
