# pragma version ==0.4.3
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title The terms of a question: its name, its job at the Arbiter, and what follows from them
@dev committee.md section 1. Terms travel in calldata; the name is their hash.
"""
from ..interfaces import IArbiter
from ..interfaces import ICommittee
from . import job_terms

MAXIMUM_SIZE: constant(uint256) = 15

ARBITER: public(immutable(IArbiter))
# The least window of a quorum's job, and what is left of a claim's window to its watchers.
APPEAL_SECONDS: public(immutable(uint256))


@deploy
def __init__(arbiter: IArbiter, appeal_seconds: uint256):
    assert appeal_seconds != 0, "committee/clock"
    ARBITER = arbiter
    APPEAL_SECONDS = appeal_seconds


@internal
@view
def _question_id(question: ICommittee.Question) -> bytes32:
    return keccak256(abi_encode(chain.id, self, question))


@internal
@view
def _job_of(question: ICommittee.Question, question_id: bytes32) -> IArbiter.Job:
    """
    @notice The terms as the Arbiter knows them: a quorum's nonce is the question, so two questions never are one job.
    """
    job: IArbiter.Job = question.job
    if not self._is_watch(question):
        job.nonce = convert(question_id, uint256)
    return job


@internal
@view
def _is_watch(question: ICommittee.Question) -> bool:
    return question.job.requester != self


@internal
@view
def _is_late(question: ICommittee.Question, answer_seconds: uint256) -> bool:
    """
    @notice Whether a draw is of no use any more.
    @param answer_seconds Commit and reveal.
    """
    if not self._is_watch(question):
        return block.timestamp >= question.job.respond_by
    record: IArbiter.Record = self._record(question.job)
    # Watchers who find the claim false have as long to challenge it as a committee's members.
    end: uint256 = block.timestamp + answer_seconds + APPEAL_SECONDS
    return (
        record.status != IArbiter.Status.ASSERTED
        or end > record.asserted_at + question.job.window
    )


@internal
@view
def _record(job: IArbiter.Job) -> IArbiter.Record:
    return staticcall ARBITER.record_of(
        job_terms._job_id(ARBITER.address, job)
    )


@internal
@view
def _needed(question: ICommittee.Question) -> uint256:
    """
    @notice Of a quorum two thirds, rounded up; of watchers one.
    """
    return 1 if self._is_watch(question) else (2 * question.size + 2) // 3


@internal
@view
def _missing(
    question: ICommittee.Question, progress: ICommittee.Progress, seed: bytes32
) -> uint256:
    """
    @notice How many seats a round has to fill.
    """
    if question.one_in == 1:
        return question.size - progress.revealed
    count: uint256 = 0
    for place: uint256 in range(question.size, bound=MAXIMUM_SIZE):
        # 65 bytes, so never what Stake hashes.
        lot: bytes32 = keccak256(concat(seed, convert(place, bytes32), b"\x01"))
        if convert(lot, uint256) % question.one_in == 0:
            count += 1
    return count


@external
@view
@reentrant
def question_id_of(question: ICommittee.Question) -> bytes32:
    return self._question_id(question)


@external
@view
@reentrant
def job_of(question: ICommittee.Question) -> IArbiter.Job:
    return self._job_of(question, self._question_id(question))
