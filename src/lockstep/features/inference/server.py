"""The server role: answers jobs, stands by its answers, collects its pay."""

from collections.abc import Iterator, Mapping

from lockstep.chain.bindings.arbiter import Status
from lockstep.features.inference.answers import Answer, AnswerProvider
from lockstep.features.inference.player import Table, joining_ends, play, withdraw
from lockstep.features.inference.requests import Guarantee, guarantee_of
from lockstep.features.inference.view import JobsView, JobView
from lockstep.node.admission import STEP_SECONDS, Admission, Offer
from lockstep.node.role import Action, about
from lockstep.types import Amount, Digest


class Server:
    """Answers every job about a model that its provider knows; those that only a proof may answer are the prover's."""

    name = "server"

    def __init__(
        self, table: Table, jobs: JobsView, answers: AnswerProvider, *, admission: Admission | None = None
    ) -> None:
        self._table, self._jobs, self._answers = table, jobs, answers
        self._admission = admission or Admission()
        self._asserted_at: dict[Digest, int] = {}

    def decide(self, now: int) -> Iterator[Action]:
        """Defend, play, finalise, deliver, withdraw what earlier answers ask for; then answer what can be answered."""
        for view in list(self._jobs.jobs.values()):
            if view.claimant == self._table.account and guarantee_of(view.job) is not Guarantee.PROOF:
                yield from about(view.job_id, self._stand_by(view, now))
        for job_id in self._asserted_at.keys() - self._jobs.jobs.keys():
            del self._asserted_at[job_id]
        yield from self._answer_open(now)
        yield from withdraw(self._table)

    def _answer_open(self, now: int) -> Iterator[Action]:
        spent = 0.0
        for job_id, seconds in self._admit(now).items():
            yield from about(job_id, self._answer(self._jobs.jobs[job_id]))
            spent += seconds
            if spent > STEP_SECONDS:
                return

    def _answer(self, view: JobView) -> Iterator[Action]:
        answer = self._answers.find_answer(view.job_id, view.job, view.input_data)
        if answer is not None:
            bond = Amount(view.job.bond)
            transaction = self._table.arbiter.assert_result(view.job, answer.output_root, value=bond)
            yield Action(f"assert/{view.job_id.hex()}", transaction, "assert")

    def _admit(self, now: int) -> Mapping[Digest, float]:
        offers = [offer_of(view) for view in self._jobs.jobs.values() if self._is_open(view, now)]
        funds = self._table.rpc.read_balance(self._table.account) if offers else 0
        return self._admission.admit(offers, now=now, funds=funds)

    def _is_open(self, view: JobView, now: int) -> bool:
        is_for_bonds = guarantee_of(view.job) is not Guarantee.PROOF
        return is_for_bonds and view.status is Status.OPEN and now < view.job.respond_by

    def _owes_delivery(self, view: JobView) -> bool:
        is_mine = view.claimant == self._table.account and view.output_root == view.asserted_root
        return is_mine and view.job.callback_gas > 0 and not view.is_delivered

    def _stand_by(self, view: JobView, now: int) -> Iterator[Action]:
        job, name = view.job, view.job_id.hex()
        if view.status is Status.ASSERTED:
            if now >= self._read_asserted_at(view) + job.window:
                yield Action(f"finalise/{name}", self._table.arbiter.finalise(job), "finalise")
        elif view.status is Status.DISPUTED or self._owes_delivery(view):
            answer = self._answers.find_answer(view.job_id, job, view.input_data)
            if answer is not None:
                yield from self._defend(view, answer, now)

    def _defend(self, view: JobView, answer: Answer, now: int) -> Iterator[Action]:
        table, job, name = self._table, view.job, view.job_id.hex()
        if view.status is Status.FINAL:
            yield Action(f"deliver/{name}", table.arbiter.deliver(job, answer.delivery), "deliver")
        elif answer.claim_id(view.job_id) in view.claims:
            yield from play(table, view, answer, now)
        elif view.asserted_root == answer.output_root and now < joining_ends(table, view):
            transaction = table.bracket.defend(job, answer.trace.root, answer.solver.kids)
            yield Action(f"defend/{name}", transaction, "defend")

    def _read_asserted_at(self, view: JobView) -> int:
        """When it was answered; read once, because thousands may wait for their windows."""
        if view.job_id not in self._asserted_at:
            record = self._table.rpc.read(self._table.arbiter.record_of(view.job_id))
            self._asserted_at[view.job_id] = record.asserted_at
        return self._asserted_at[view.job_id]


def offer_of(view: JobView) -> Offer:
    """A job as the door sees it."""
    job = view.job
    return Offer(view.job_id, job.model_id, job.passes, job.fee, job.bond, job.respond_by)
