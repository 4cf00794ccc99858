# pragma version ==0.4.3
# pragma optimize gas
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Referee
@notice For the Committee: what a job's verdict means for its groups, and whether a member has the tiles of its trace.
@dev committee.md sections 4 and 7. Everything is derived from what the trunk records of one job, never from a balance, so
     questions cannot take from one another.
@custom:kill None: it holds no money and has no state.
"""
from .interfaces import IArbiter
from .interfaces import IArtifacts
from .interfaces import IBracket
from .interfaces import ICommittee
from .interfaces import IReferee
from .modules import job_terms
from .modules import keyed_tiles
from .modules import seat_word

implements: IReferee

# Of dispute.md section 3; the Bracket's rule, which is part of its code.
REWARD_PERCENT: constant(uint256) = 50
WINNERS_PERCENT: constant(uint256) = 50

interface IChallengeBond:
    def CHALLENGE_BOND() -> uint256: view


# What a job's verdict means for the groups of a question.
struct Outcome:
    is_final: bool
    upheld: bool  # the Committee's own answer is the final one
    won: uint256  # bit set of groups
    lost: uint256[16]  # wei of each group's bonds that did not come back
    lent: uint256  # wei of bonds that were put up from stakes
    reward: uint256
    rewarded: uint256  # 1 + the group that the reward is for
    indemnity: uint256  # wei that the Arbiter gave the requester, who was lied to


ARBITER: public(immutable(IArbiter))
BRACKET: public(immutable(IBracket))
ARTIFACTS: public(immutable(IArtifacts))
CHALLENGE_BOND: immutable(uint256)


@deploy
def __init__(arbiter: IArbiter, bracket: IBracket, artifacts: IArtifacts):
    ARBITER = arbiter
    BRACKET = bracket
    ARTIFACTS = artifacts
    CHALLENGE_BOND = staticcall IChallengeBond(bracket.address).CHALLENGE_BOND()


@external
@view
def shows_tile(
    job: IArbiter.Job,
    seed: bytes32,
    pick: uint256,
    operator: address,
    trace_root: bytes32,
    keyed_root: bytes32,
    opening: ICommittee.KeyedOpening,
) -> bool:
    """
    @notice Whether the opening shows the tile that `pick` names under both roots.
    """
    return keyed_tiles._shows(
        staticcall ARTIFACTS.model_of(job.model_id),
        job.passes,
        seed,
        pick,
        operator,
        trace_root,
        keyed_root,
        opening,
    )


@external
@view
def shares_of(
    question: ICommittee.Question,
    job: IArbiter.Job,
    progress: ICommittee.Progress,
    answers: DynArray[ICommittee.Answer, 16],
    is_void: bool,
    panel: IReferee.Panel,
) -> IReferee.Shares:
    """
    @notice Who gets what, for the Committee that calls. `is_void`: there never was an answer.
    """
    # 1. Which groups are right, and what became of their bonds.
    outcome: Outcome = empty(Outcome)
    outcome.won = max_value(uint256)
    if not is_void:
        outcome = self._outcome(job, progress, answers)
    # 2. Which members are right and have their tiles.
    shares: IReferee.Shares = empty(IReferee.Shares)
    winners: uint256 = 0
    for seat: uint256 in range(len(panel.seats), bound=45):
        group: uint256 = seat_word._group(panel.seats[seat])
        is_right: bool = group != 0 and (outcome.won >> (group - 1)) & 1 == 1
        if is_right and (panel.failed >> seat) & 1 == 0:
            shares.winners |= 1 << seat
            winners += 1
    # 3. What each ticket forfeits, and what is left of it after the bonds that are gone.
    shares.forfeits = self._forfeits(panel, outcome, winners != 0 and not is_void)
    for forfeit: uint256 in shares.forfeits:
        shares.forfeited += forfeit
    shares.lent = outcome.lent
    left: uint256 = shares.forfeited
    for group: uint256 in range(progress.groups, bound=16):
        if group + 1 != progress.planted:
            left -= outcome.lost[group]
    # 4. Half of that is shared, and what the Bracket gave for the winning claim.
    shared: uint256 = left * WINNERS_PERCENT // 100
    shares.burnt = left - shared
    if progress.planted != 0:
        shares.requester = CHALLENGE_BOND - outcome.lost[progress.planted - 1]
    if outcome.rewarded == 0 or outcome.rewarded != progress.planted:
        shared += outcome.reward
    else:
        # No member was right: the planter stands where winners would.
        shares.requester += shared + outcome.reward
        shared = 0
    # 5. Pay, unless a prover has the fee.
    pot: uint256 = question.size * question.pay if outcome.indemnity == 0 else 0
    pay: uint256 = question.pay if pot != 0 and not is_void else 0
    shares.requester += pot - pay * winners + outcome.indemnity
    if winners != 0:
        shares.each = shared // winners
    shares.burnt += shared - shares.each * winners
    shares.each += pay
    return shares


@internal
@pure
def _forfeits(
    panel: IReferee.Panel, outcome: Outcome, was_answerable: bool
) -> DynArray[uint256, 45]:
    """
    @notice What each seat's ticket loses (committee.md section 7).
    """
    counts: uint256[16] = empty(uint256[16])
    for word: uint256 in panel.seats:
        if seat_word._group(word) != 0:
            counts[seat_word._group(word) - 1] += 1
    forfeits: DynArray[uint256, 45] = []
    for seat: uint256 in range(len(panel.seats), bound=45):
        group: uint256 = seat_word._group(panel.seats[seat])
        forfeit: uint256 = 0
        if group == 0:
            if was_answerable or (panel.committed >> seat) & 1 == 1:
                forfeit = panel.silence_forfeit
        elif (panel.failed >> seat) & 1 == 1:
            forfeit = panel.ticket
        elif (outcome.won >> (group - 1)) & 1 == 1:
            # Right, and yet its bond may be gone: nobody brought the claim into the game.
            forfeit = (outcome.lost[group - 1] + counts[group - 1] - 1) // counts[group - 1]
        elif outcome.is_final or outcome.lost[group - 1] != 0:
            # Not the final answer; or a void job, in which this claim was eliminated.
            forfeit = panel.ticket
        forfeits.append(forfeit)
    return forfeits


@internal
@view
def _outcome(
    job: IArbiter.Job, progress: ICommittee.Progress, answers: DynArray[ICommittee.Answer, 16]
) -> Outcome:
    """
    @notice What a decided job means for each group.
    """
    job_id: bytes32 = job_terms._job_id(ARBITER.address, job)
    record: IArbiter.Record = staticcall ARBITER.record_of(job_id)
    tournament: IBracket.Tournament = staticcall BRACKET.tournament_of(job_id)
    is_disputed: bool = tournament.opened != 0
    outcome: Outcome = empty(Outcome)
    outcome.is_final = record.status == IArbiter.Status.FINAL
    assert outcome.is_final or record.status == IArbiter.Status.VOID, "committee/undecided"
    if progress.asserted != 0:
        asserted_root: bytes32 = answers[progress.asserted - 1].output_root
        outcome.upheld = outcome.is_final and record.output_root == asserted_root
        if outcome.is_final and not outcome.upheld and not is_disputed:
            # Arbiter.settle: a proof said otherwise.
            outcome.indemnity = job.bond - job.bond // 2
    for group: uint256 in range(len(answers), bound=16):
        answer: ICommittee.Answer = answers[group]
        claim: IBracket.Claim = empty(IBracket.Claim)
        if is_disputed:
            claim = staticcall BRACKET.claim_of(
                job_terms._claim_id(job_id, answer.output_root, answer.trace_root)
            )
        survives: bool = outcome.is_final and claim.alive
        if self._is_right(group, progress, outcome, is_disputed, survives, answer, record):
            outcome.won |= 1 << group
        # Another question of the Committee may stand for the same claim: only the one that brought it in is rewarded.
        is_own: bool = group + 1 == progress.asserted or (progress.joined >> group) & 1 == 1
        if survives and claim.owner == msg.sender and is_own:
            outcome.rewarded = group + 1
            outcome.reward = self._reward(
                job, claim.order == 0, tournament.held, not record.refunded
            )
        lent: uint256 = 0
        back: uint256 = 0
        lent, back = self._bond_of(group, job, progress, outcome.upheld, survives or claim.owner != msg.sender)
        outcome.lost[group] = lent - back
        if group + 1 != progress.planted:
            outcome.lent += lent
    return outcome


@internal
@view
def _is_right(
    group: uint256,
    progress: ICommittee.Progress,
    outcome: Outcome,
    is_disputed: bool,
    survives: bool,
    answer: ICommittee.Answer,
    record: IArbiter.Record,
) -> bool:
    if not outcome.is_final:
        return False
    if progress.asserted == 0 or (not is_disputed and not outcome.upheld):
        # A watched claim, or a proof: only the output is known.
        return answer.output_root == record.output_root
    if is_disputed:
        return survives
    return group + 1 == progress.asserted


@internal
@view
def _bond_of(
    group: uint256,
    job: IArbiter.Job,
    progress: ICommittee.Progress,
    upheld: bool,
    is_back: bool,
) -> (uint256, uint256):
    """
    @return What was put up for a group, and how much of it came back.
    """
    bit: uint256 = 1 << group
    if group + 1 == progress.asserted:
        return job.bond, job.bond if upheld else 0
    if progress.challenged & bit == 0:
        return 0, 0
    if progress.reclaimed & bit != 0:
        return CHALLENGE_BOND, CHALLENGE_BOND
    if progress.joined & bit == 0:
        return CHALLENGE_BOND, 0
    # It won, or somebody whose commitment was older took it over.
    return CHALLENGE_BOND, CHALLENGE_BOND if is_back else 0


@internal
@view
def _reward(
    job: IArbiter.Job, is_claimants: bool, held: uint256, is_upheld: bool
) -> uint256:
    """
    @notice What the Bracket gave the owner of the winning claim beside its bond (dispute.md section 5).
    """
    pool: uint256 = job.bond + CHALLENGE_BOND * held
    if is_claimants:
        return (pool - job.bond) * REWARD_PERCENT // 100
    if is_upheld:
        pool -= job.bond
    return (pool - CHALLENGE_BOND) * REWARD_PERCENT // 100
