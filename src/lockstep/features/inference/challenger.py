"""The challenger role: runs every claim again, and plays for the true one wherever another was posted."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from lockstep.chain.bindings.arbiter import Status
from lockstep.features.inference.answers import Answer, AnswerProvider
from lockstep.features.inference.player import Table, challenge, joining_ends, play, withdraw
from lockstep.features.inference.view import JobsView, JobView
from lockstep.node.role import Action, about
from lockstep.types import Digest

LATE_SHARE = 2
"""An asserted truth that nobody has defended when 1/2 of the time to join is left is defended by the challenger."""


class Challenger:
    """Watches the models that its provider knows. It never plays for a claim that it did not compute itself."""

    name = "challenger"

    def __init__(
        self,
        table: Table,
        jobs: JobsView,
        answers: AnswerProvider,
        *,
        announce: Callable[[Mapping[Digest, int]], None] = lambda _: None,
    ) -> None:
        """``announce`` is told what is to be run: passes by model."""
        self._table, self._jobs, self._answers, self._announce = table, jobs, answers, announce
        self._found_right: dict[Digest, Digest] = {}

    def decide(self, now: int) -> Iterator[Action]:
        """Challenge, join, play, resolve, deliver what was overturned, withdraw."""
        self._announce(self._count_passes())
        for view in list(self._jobs.jobs.values()):
            if self._is_to_watch(view):
                yield from about(view.job_id, self._watch(view, now))
        self._announce(self._count_passes())
        for job_id in self._found_right.keys() - self._jobs.jobs.keys():
            del self._found_right[job_id]
        yield from withdraw(self._table)

    def _count_passes(self) -> Counter[Digest]:
        passes: Counter[Digest] = Counter()
        for view in self._jobs.jobs.values():
            if view.status is Status.ASSERTED and self._is_to_watch(view):
                passes[view.job.model_id] += view.job.passes
        return passes

    def _is_to_watch(self, view: JobView) -> bool:
        """A claim that is its own, or was found right, is not run again while nobody attacks it."""
        if view.status is Status.ASSERTED:
            is_right = self._found_right.get(view.job_id) == view.asserted_root
            return self._table.account in view.challengers or not (is_right or view.claimant == self._table.account)
        return view.status is Status.DISPUTED or self._owes_delivery(view)

    def _owes_delivery(self, view: JobView) -> bool:
        """Whoever was overturned will not deliver what is true."""
        is_overturned = view.status is Status.FINAL and view.output_root != view.asserted_root
        return is_overturned and view.job.callback_gas > 0 and not view.is_delivered

    def _watch(self, view: JobView, now: int) -> Iterator[Action]:
        answer = self._answers.find_answer(view.job_id, view.job, view.input_data)
        if answer is not None:
            yield from self._play(view, answer, now)

    def _play(self, view: JobView, answer: Answer, now: int) -> Iterator[Action]:
        if view.status is Status.FINAL:
            if view.output_root == answer.output_root:
                transaction = self._table.arbiter.deliver(view.job, answer.delivery)
                yield Action(f"deliver/{view.job_id.hex()}", transaction, "deliver")
            return
        if view.asserted_root == answer.output_root:
            self._found_right[view.job_id] = view.asserted_root
        has_committed = self._table.account in view.challengers
        if has_committed or view.asserted_root != answer.output_root or self._is_undefended(view, answer, now):
            yield from challenge(self._table, view, answer, now)
        if view.status is Status.DISPUTED:
            yield from play(self._table, view, answer, now)

    def _is_undefended(self, view: JobView, answer: Answer, now: int) -> bool:
        """The asserted truth is under attack, and its claimant is silent."""
        if view.status is not Status.DISPUTED or answer.claim_id(view.job_id) in view.claims:
            return False
        seconds = self._table.rpc.read_constant(self._table.bracket.JOIN_SECONDS())
        return now >= joining_ends(self._table, view) - seconds // LATE_SHARE
