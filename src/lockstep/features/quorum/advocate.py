"""Standing for an answer in the Bracket in the Committee's name: appeal, join, fetch the bond, play."""

from collections.abc import Iterator
from dataclasses import dataclass

from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Answer as Roots
from lockstep.chain.bindings.shared import Progress
from lockstep.claims.ids import commitment
from lockstep.features.inference.answers import Answer
from lockstep.features.inference.player import Table, joining_ends, play
from lockstep.features.inference.view import JobView
from lockstep.features.quorum.view import CommitteesView, PanelView
from lockstep.node.role import Action
from lockstep.types import ZERO_DIGEST

CLAIMANTS_ORDER = 0
"""Of a claim that its claimant defends: no commitment is older (dispute.md, section 3)."""


@dataclass(frozen=True)
class Advocate:
    """For groups that say what we say; anybody may do it for any group, who has the trace can."""

    table: Table
    committee: Committee
    view: CommitteesView

    def defend(self, panel: PanelView, progress: Progress, job: JobView, answer: Answer, now: int) -> Iterator[Action]:
        """Challenge another answer, join, see to the bond, play."""
        roots = Roots(answer.output_root, answer.trace.root)
        group = panel.group_of(roots.output_root, roots.trace_root)
        if group is None or job.is_over:
            return
        is_asserted = group + 1 == progress.asserted
        bonded = panel if is_asserted else self.view.find_appeal(panel, roots)
        if bonded is None and self._must_appeal(panel, job, answer, now):
            transaction = self.committee.appeal(panel.question, group, roots)
            yield Action(f"appeal/{panel.question_id.hex()}/{group}", transaction, "appeal")
        if job.status is not Status.DISPUTED:
            return
        if bonded is not None:
            yield from self._bring_in(bonded, job, answer, is_asserted=is_asserted, now=now)
        if answer.claim_id(panel.job_id) in job.claims:
            yield from play(self.table, job, answer, now)

    def _must_appeal(self, panel: PanelView, job: JobView, answer: Answer, now: int) -> bool:
        return job.asserted_root != answer.output_root or self._is_abandoned(panel, job, answer, now)

    def _is_abandoned(self, panel: PanelView, job: JobView, answer: Answer, now: int) -> bool:
        """Whether the claim that watchers found true is disputed, and its claimant has not come to defend it."""
        if not panel.is_watch or job.status is not Status.DISPUTED or answer.claim_id(panel.job_id) in job.claims:
            return False
        left = joining_ends(self.table, job) - now
        return 0 < left <= self.table.rpc.read_constant(self.table.bracket.JOIN_SECONDS()) // 2

    def _bring_in(
        self, panel: PanelView, job: JobView, answer: Answer, *, is_asserted: bool, now: int
    ) -> Iterator[Action]:
        """Join; where somebody stands for the claim already, take it over if our bond is older, else fetch the bond."""
        roots, claim = Roots(answer.output_root, answer.trace.root), answer.claim_id(panel.job_id)
        group, name = panel.group_of(roots.output_root, roots.trace_root), panel.question_id.hex()
        assert group is not None
        can_join = now < joining_ends(self.table, job)
        if claim in job.claims:
            sealed = commitment(job.job_id, claim, self.committee.address, ZERO_DIGEST)
            order = CLAIMANTS_ORDER if is_asserted else job.orders.get((self.committee.address, sealed))
            standing = self.table.rpc.read(self.table.bracket.claim_of(claim))
            if order is None or not standing.alive or standing.order == order or job.is_resolved:
                return
            if standing.order < order or not can_join:
                yield from self._reclaim(panel, group, roots)
                return
        if can_join:
            transaction = self.committee.join(panel.question, group, roots, answer.solver.kids)
            yield Action(f"join/{name}/{group}", transaction, "join")

    def _reclaim(self, panel: PanelView, group: int, roots: Roots) -> Iterator[Action]:
        """An asserted answer's bond comes back by itself; one that was used is not to be fetched."""
        progress = self.table.rpc.read(self.committee.progress_of(panel.question_id))
        is_used = (progress.joined | progress.reclaimed) >> group & 1
        if progress.challenged >> group & 1 and not is_used:
            transaction = self.committee.reclaim(panel.question, group, roots)
            yield Action(f"reclaim/{panel.question_id.hex()}/{group}", transaction, "reclaim")
