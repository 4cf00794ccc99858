# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title What the Committee says for its groups in the Bracket
@dev committee.md sections 5 and 7. The Committee is an ordinary claimant and challenger there.
"""
from ..interfaces import IArbiter
from ..interfaces import IBracket
from ..interfaces import ICommittee
from . import job_terms

interface IBonds:
    def CHALLENGE_BOND() -> uint256: view
    def MINIMUM_BOND() -> uint256: view


ARBITER: public(immutable(IArbiter))
BRACKET: public(immutable(IBracket))
CHALLENGE_BOND: immutable(uint256)


@deploy
def __init__(arbiter: IArbiter, bracket: IBracket, ticket: uint256):
    ARBITER = arbiter
    BRACKET = bracket
    CHALLENGE_BOND = staticcall IBonds(bracket.address).CHALLENGE_BOND()
    # A group of one can put up every bond, and losing it is never cheaper than the bond.
    assert ticket >= CHALLENGE_BOND, "committee/ticket"
    assert ticket >= staticcall IBonds(arbiter.address).MINIMUM_BOND(), "committee/ticket"


@internal
def _challenge(job: IArbiter.Job, answer: ICommittee.Answer):
    """
    @notice The money is here already. There is nothing to hide: answers are public by now.
    """
    job_id: bytes32 = job_terms._job_id(ARBITER.address, job)
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
    if staticcall ARBITER.credit_of(self) != 0:
        extcall ARBITER.withdraw()
    if staticcall BRACKET.credit_of(self) != 0:
        extcall BRACKET.withdraw()
