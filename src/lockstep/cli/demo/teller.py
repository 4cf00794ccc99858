"""Makes the record of a run from what the chain says of it."""

import time
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.digit_consumer import DigitConsumer
from lockstep.chain.bindings.shared import Job
from lockstep.cli.demo.example import Example
from lockstep.cli.demo.history import History
from lockstep.cli.demo.prepared import Prepared
from lockstep.cli.demo.record import DemoRun, ModelFacts, Recomputed, Request
from lockstep.cli.demo.stage import TERMS, Stage, account_of
from lockstep.codec import decode_values
from lockstep.dispute.witness import Evidence
from lockstep.exec.trace import Trace
from lockstep.features.models.facts import count_multiplications, count_parameters
from lockstep.types import Digest

CHAIN = "anvil, hardfork osaka, with mainnet's limit of gas for one transaction"


@dataclass(frozen=True)
class Teller:
    """Reads the chain, the history of it and the consumer contract."""

    stage: Stage
    prepared: Prepared
    example: Example
    consumer: DigitConsumer

    @cached_property
    def history(self) -> History:
        stage = self.stage
        return History(stage.chronicle.entries, stage.arbiter, stage.bracket, stage.names)

    def tell(self, honest: tuple[Job, int], cheat: tuple[Job, int], started: float) -> DemoRun:
        """The record; jobs come with the number of their picture."""
        job_id = self._job_id(cheat[0])
        return DemoRun(
            model=self._model(),
            contracts=tuple((name, contract.address) for name, contract in self.stage.deployment.contracts.items()),
            steps=tuple(self.stage.steps),
            honest=self._request(*honest, answered=self.prepared.runs[honest[1]][1][-1]),
            cheat=self._request(*cheat, answered=self.prepared.lie.values[-1]),
            match=self.history.read_match(job_id, account_of("cheating server").address),
            recomputed=self._recomputed(job_id),
            seconds=time.monotonic() - started,
            chain=CHAIN,
        )

    def _job_id(self, job: Job) -> Digest:
        return Digest(self.stage.rpc.read(self.stage.arbiter.job_id_of(job)))

    def _model(self) -> ModelFacts:
        graph, commitment = self.prepared.graph, self.prepared.commitment
        lineage = tuple((ancestor.name, ancestor.root) for ancestor in self.prepared.ancestors)
        return ModelFacts(
            "digits",
            commitment.model_id,
            count_parameters(graph),
            len(graph.nodes),
            count_multiplications(graph),
            lineage,
        )

    def _request(self, job: Job, picture: int, *, answered: np.ndarray) -> Request:
        job_id = self._job_id(job)
        record = self.stage.rpc.read(self.stage.arbiter.record_of(job_id))
        is_upheld = record.status == Status.FINAL and not record.refunded
        return Request(
            job_id=job_id,
            picture=self.example.picture(picture),
            answered=int(answered.argmax()),
            delivered=self._delivered(job_id),
            verdict="upheld" if is_upheld else "void" if record.status == Status.VOID else "rejected",
            paid_in=self.history.read_paid_in(job_id, TERMS.challenge_bond),
            paid_out=self.history.read_paid_out(job_id),
        )

    def _delivered(self, job_id: Digest) -> int | None:
        """The class that the consumer contract holds."""
        tile = self.stage.rpc.read(self.consumer.output_of(job_id))
        spec = self.prepared.graph.outputs[0]
        size = int(np.prod(spec.shape)) * spec.dtype.size
        return int(decode_values(tile[:size], spec.dtype.width).argmax()) if tile else None

    def _recomputed(self, job_id: Digest) -> Recomputed:
        event, graph = self.history.read_recomputed(job_id), self.prepared.graph
        node = graph.nodes[event.item]
        claimed = event.claimed_a if event.claimed_a != event.value else event.claimed_b
        inputs, values = self.prepared.runs[self.prepared.lie.picture]
        evidence = Evidence(graph, [inputs], Trace.of(graph, [(inputs, values)]))
        opened = evidence.ranges(0, event.item, event.element)
        return Recomputed(
            node=node.name,
            node_number=event.item,
            opcode=node.opcode.name,
            shape=node.shape,
            element=event.element,
            coordinates=tuple(int(c) for c in np.unravel_index(event.element, node.shape)),
            claimed=claimed,
            computed=event.value,
            terms=sum(part.last - part.first + 1 for part in opened),
        )
