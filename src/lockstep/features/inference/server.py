"""The server role: answers jobs, stands by its answers, collects its pay."""

from collections.abc import Iterator

from lockstep.chain.bindings.arbiter import Status
from lockstep.features.inference.answers import Answer, AnswerProvider
from lockstep.features.inference.player import Table, joining_ends, play, withdraw
from lockstep.features.inference.requests import Guarantee, guarantee_of
from lockstep.features.inference.view import JobsView, JobView
from lockstep.node.role import Action
from lockstep.types import Amount


class Server:
    """Answers every job about a model that its provider knows; those that only a proof may answer are the prover's."""

    name = "server"

    def __init__(self, table: Table, jobs: JobsView, answers: AnswerProvider, *, least_fee: int = 0) -> None:
        self._table, self._jobs, self._answers = table, jobs, answers
        self._least_fee = least_fee

    def decide(self, now: int) -> Iterator[Action]:
        """Assert, defend, play, finalise, deliver, withdraw: whatever each job asks for."""
        for view in list(self._jobs.jobs.values()):
            if view.status is Status.VOID or (view.status is Status.FINAL and not self._owes_delivery(view)):
                continue
            if guarantee_of(view.job) is Guarantee.PROOF:
                continue
            if view.claimant in (None, self._table.account):
                answer = self._answers.find_answer(view.job_id, view.job, view.input_data)
                if answer is not None:
                    yield from self._serve(view, answer, now)
        yield from withdraw(self._table)

    def _owes_delivery(self, view: JobView) -> bool:
        is_mine = view.claimant == self._table.account and view.output_root == view.asserted_root
        return is_mine and view.job.callback_gas > 0 and not view.is_delivered

    def _serve(self, view: JobView, answer: Answer, now: int) -> Iterator[Action]:
        table, job, name = self._table, view.job, view.job_id.hex()
        if view.status is Status.OPEN:
            if now < job.respond_by and job.fee >= self._least_fee:
                bond = Amount(job.bond)
                transaction = table.arbiter.assert_result(job, answer.output_root, value=bond)
                yield Action(f"assert/{name}", transaction, "assert")
        elif view.status is Status.ASSERTED:
            record = table.rpc.read(table.arbiter.record_of(view.job_id))
            if now >= record.asserted_at + job.window:
                yield Action(f"finalise/{name}", table.arbiter.finalise(job), "finalise")
        elif view.status is Status.DISPUTED:
            if answer.claim_id(view.job_id) in view.claims:
                yield from play(table, view, answer, now)
            elif view.asserted_root == answer.output_root and now < joining_ends(table, view):
                transaction = table.bracket.defend(job, answer.trace.root, answer.solver.kids)
                yield Action(f"defend/{name}", transaction, "defend")
        elif self._owes_delivery(view):
            yield Action(f"deliver/{name}", table.arbiter.deliver(job, answer.delivery), "deliver")
