# pragma version ==0.4.3
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title What the Committee says for its groups in the Bracket
@dev committee.md sections 5 and 7. The Committee is an ordinary claimant and challenger there.
"""
from ..interfaces import IArbiter
from ..interfaces import IBracket
from ..interfaces import ICommittee
from . import credits
from . import job_terms
from . import panels
from . import progress_word
from . import questions

uses: credits
uses: panels
uses: questions

interface IBonds:
    def CHALLENGE_BOND() -> uint256: view
    def MINIMUM_BOND() -> uint256: view


BRACKET: public(immutable(IBracket))
CHALLENGE_BOND: immutable(uint256)


@deploy
def __init__(bracket: IBracket, ticket: uint256):
    BRACKET = bracket
    CHALLENGE_BOND = staticcall IBonds(bracket.address).CHALLENGE_BOND()
    # A group of one can put up every bond, and losing it is never cheaper than the bond.
    assert ticket >= CHALLENGE_BOND, "committee/ticket"
    assert ticket >= staticcall IBonds(questions.ARBITER.address).MINIMUM_BOND(), "committee/ticket"


@external
def appeal(question: ICommittee.Question, group: uint256, answer: ICommittee.Answer):
    """
    @notice A group challenges the answer with its own stake. Anybody may see to it: a group that keeps silent loses as much.
    """
    question_id: bytes32 = questions._question_id(question)
    progress: ICommittee.Progress = panels._settled_progress(question_id)
    assert group < progress.groups and group + 1 != progress.planted, "committee/group"
    if questions._is_watch(question):
        record: IArbiter.Record = questions._record(question.job)
        if answer.output_root == record.output_root:
            # Who agrees with the claim must not be dragged into a game, and may stand for it in one that others began.
            assert (
                record.status == IArbiter.Status.DISPUTED
                and panels._is_member(question_id, progress, group, msg.sender)
            ), "committee/group"
    self._appeal(question, question_id, progress, group, answer)


@internal
def _appeal(
    question: ICommittee.Question,
    question_id: bytes32,
    given: ICommittee.Progress,
    group: uint256,
    answer: ICommittee.Answer,
):
    progress: ICommittee.Progress = given
    panels._require_answer(question_id, group, answer)
    assert group + 1 != progress.asserted, "committee/group"
    assert progress.challenged & (1 << group) == 0, "committee/already-done"
    progress.challenged |= 1 << group
    panels.words[question_id] = progress_word._pack(progress)
    log ICommittee.Appealed(question_id=question_id, group=group)
    if group + 1 != progress.planted:
        extcall panels.STAKE.lend(CHALLENGE_BOND)
    self._challenge(questions._job_of(question, question_id), answer)


@external
def join(
    question: ICommittee.Question,
    group: uint256,
    answer: ICommittee.Answer,
    kids: bytes32[16],
):
    """
    @notice Bring a group's claim into the tournament; who knows its trace can. Moves are then made in the Bracket.
    """
    question_id: bytes32 = questions._question_id(question)
    progress: ICommittee.Progress = panels._settled_progress(question_id)
    panels._require_answer(question_id, group, answer)
    job: IArbiter.Job = questions._job_of(question, question_id)
    if group + 1 == progress.asserted:
        extcall BRACKET.defend(job, answer.trace_root, kids)
    else:
        self._require_bond(progress.challenged, group)
        progress.joined |= 1 << group
        panels.words[question_id] = progress_word._pack(progress)
        extcall BRACKET.join(
            job, answer.output_root, answer.trace_root, kids, empty(bytes32)
        )


@external
def reclaim(question: ICommittee.Question, group: uint256, answer: ICommittee.Answer):
    """
    @notice Somebody else stands for a group's claim: its bond comes back.
    """
    question_id: bytes32 = questions._question_id(question)
    progress: ICommittee.Progress = panels._settled_progress(question_id)
    panels._require_answer(question_id, group, answer)
    self._require_bond(progress.challenged, group)
    progress.reclaimed |= 1 << group
    panels.words[question_id] = progress_word._pack(progress)
    job: IArbiter.Job = questions._job_of(question, question_id)
    extcall BRACKET.reclaim(
        job_terms._job_id(questions.ARBITER.address, job),
        answer.output_root,
        answer.trace_root,
        empty(bytes32),
    )


@external
@payable
def expose(question: ICommittee.Question, answer: ICommittee.Answer, salt: bytes32):
    """
    @notice The question was planted: show the answer that was sealed in it. Another one than the committee's goes into the
            Bracket with the planter's bond, so that nobody has to trust the planter.
    """
    question_id: bytes32 = questions._question_id(question)
    progress: ICommittee.Progress = panels._settled_progress(question_id)
    assert question.requester == msg.sender, "committee/requester"
    assert msg.value == CHALLENGE_BOND, "committee/value"
    assert (
        keccak256(concat(answer.output_root, answer.trace_root, salt)) == question.seal
    ), "committee/seal"
    assert answer.output_root != empty(bytes32), "committee/answer"
    assert progress.asserted != 0, "committee/job"
    assert progress.planted == 0, "committee/already-done"
    known: uint256 = progress.groups
    group: uint256 = panels._group(
        question_id, known, answer.output_root, answer.trace_root
    )
    # With its roots: whoever concludes the question has to name the answers of all groups.
    log ICommittee.Audited(
        question_id=question_id,
        agrees=group == progress.asserted,
        output_root=answer.output_root,
        trace_root=answer.trace_root,
    )
    if group > known:
        progress.groups = group
        progress.planted = group
        self._appeal(question, question_id, progress, group - 1, answer)
    else:
        # A group of the committee says the same, and has its own stake for it.
        credits._credit(msg.sender, msg.value)
        if group != progress.asserted and progress.challenged & (1 << (group - 1)) == 0:
            self._appeal(question, question_id, progress, group - 1, answer)


@internal
@pure
def _require_bond(challenged: uint256, group: uint256):
    """
    @notice The Bracket sees one challenger, the Committee; which of its questions put up a bond is known here only.
    """
    assert (challenged >> group) & 1 == 1, "committee/group"


@internal
def _challenge(job: IArbiter.Job, answer: ICommittee.Answer):
    """
    @notice The money is here already. There is nothing to hide: answers are public by now.
    """
    job_id: bytes32 = job_terms._job_id(questions.ARBITER.address, job)
    claim_id: bytes32 = job_terms._claim_id(job_id, answer.output_root, answer.trace_root)
    commitment: bytes32 = keccak256(
        concat(job_id, claim_id, convert(self, bytes20), empty(bytes32))
    )
    extcall BRACKET.challenge(job, commitment, value=CHALLENGE_BOND)


@internal
def _fetch():
    """
    @notice What the trunk owes the Committee, for whatever question.
    """
    if staticcall questions.ARBITER.credit_of(self) != 0:
        extcall questions.ARBITER.withdraw()
    if staticcall BRACKET.credit_of(self) != 0:
        extcall BRACKET.withdraw()
