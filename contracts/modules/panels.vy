# pragma version ==0.4.3
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Who sits for a question, and what each committed to and revealed
@dev committee.md sections 3 and 4. Invariants:
     1. All operators that were ever drawn for a question are different: redraws go on without replacement.
     2. A commitment is written once and binds chain, contract, question and member, so it is worth nothing to anybody else.
     3. Members with equal answers are in one group; a group's key never changes.
"""
from ..interfaces import IBeacon
from ..interfaces import ICommittee
from ..interfaces import IStake
from . import progress_word
from . import seat_word

COMMITMENT_TAG: constant(Bytes[21]) = b"lockstep/commitment/1"
MAXIMUM_SEATS: constant(uint256) = 45
OPENING_ROUND: constant(uint256) = 3

STAKE: public(immutable(IStake))
BEACON: public(immutable(IBeacon))
BEACON_BLOCKS: public(immutable(uint256))
COMMIT_SECONDS: public(immutable(uint256))
REVEAL_SECONDS: public(immutable(uint256))
ANSWER_SECONDS: immutable(uint256)

# Packed words: see progress_word and seat_word.
words: HashMap[bytes32, uint256]
seats: HashMap[bytes32, HashMap[uint256, uint256]]
# A seat's commitment, then its keyed trace root.
digests: HashMap[bytes32, HashMap[uint256, bytes32]]
# H(output root, trace root) of each group.
groups: HashMap[bytes32, HashMap[uint256, bytes32]]
# Of each round, and under OPENING_ROUND of the openings.
seeds: HashMap[bytes32, HashMap[uint256, bytes32]]


@deploy
def __init__(
    stake: IStake,
    beacon: IBeacon,
    beacon_blocks: uint256,
    commit_seconds: uint256,
    reveal_seconds: uint256,
):
    assert staticcall stake.COMMITTEE() == self, "committee/stake"
    assert commit_seconds != 0 and commit_seconds < 2**32, "committee/clock"
    assert reveal_seconds != 0 and reveal_seconds < 2**32, "committee/clock"
    assert beacon_blocks != 0 and beacon_blocks < 256, "committee/beacon"
    STAKE = stake
    BEACON = beacon
    BEACON_BLOCKS = beacon_blocks
    COMMIT_SECONDS = commit_seconds
    REVEAL_SECONDS = reveal_seconds
    ANSWER_SECONDS = commit_seconds + reveal_seconds


@external
def commit(question_id: bytes32, seat: uint256, commitment: bytes32):
    """
    @notice The member in a seat binds itself to an answer that nobody can read yet. The first one counts.
    """
    progress: ICommittee.Progress = progress_word._unpack(self.words[question_id])
    assert progress.stage == ICommittee.Stage.ANSWERING, "committee/stage"
    assert block.timestamp < progress.since + COMMIT_SECONDS, "committee/clock"
    self._own_seat(question_id, seat, progress)
    assert commitment != empty(bytes32), "committee/commitment"
    assert self.digests[question_id][seat] == empty(bytes32), "committee/already-done"
    self.digests[question_id][seat] = commitment
    progress.committed += 1
    self.words[question_id] = progress_word._pack(progress)
    log ICommittee.Committed(question_id=question_id, seat=seat, commitment=commitment)


@external
def reveal(
    question_id: bytes32,
    seat: uint256,
    output_root: bytes32,
    trace_root: bytes32,
    keyed_root: bytes32,
    salt: bytes32,
):
    """
    @notice Show the answer behind a commitment, once nobody of this round can commit any more.
    """
    progress: ICommittee.Progress = progress_word._unpack(self.words[question_id])
    assert progress.stage == ICommittee.Stage.ANSWERING, "committee/stage"
    end: uint256 = progress.since + COMMIT_SECONDS
    assert (
        block.timestamp >= end or progress.committed == progress.seats - progress.round_start
    ), "committee/clock"
    assert block.timestamp < end + REVEAL_SECONDS, "committee/clock"
    word: uint256 = self._own_seat(question_id, seat, progress)
    assert seat_word._group(word) == 0, "committee/already-done"
    assert output_root != empty(bytes32), "committee/answer"
    assert self.digests[question_id][seat] == self._commitment(
        question_id, msg.sender, output_root, trace_root, keyed_root, salt
    ), "committee/commitment"
    group: uint256 = self._group(question_id, progress.groups, output_root, trace_root)
    progress.groups = max(progress.groups, group)
    progress.revealed += 1
    self.seats[question_id][seat] = word | (group << seat_word.GROUP_SHIFT)
    self.digests[question_id][seat] = keyed_root
    self.words[question_id] = progress_word._pack(progress)
    log ICommittee.MemberRevealed(
        question_id=question_id,
        seat=seat,
        group=group - 1,
        output_root=output_root,
        trace_root=trace_root,
        keyed_root=keyed_root,
    )


@internal
@view
def _commitment(
    question_id: bytes32,
    member: address,
    output_root: bytes32,
    trace_root: bytes32,
    keyed_root: bytes32,
    salt: bytes32,
) -> bytes32:
    return keccak256(
        concat(
            COMMITMENT_TAG,
            convert(chain.id, bytes32),
            convert(self, bytes20),
            question_id,
            convert(member, bytes20),
            output_root,
            trace_root,
            keyed_root,
            salt,
        )
    )


@internal
def _group(
    question_id: bytes32, groups: uint256, output_root: bytes32, trace_root: bytes32
) -> uint256:
    """
    @return 1 + the number of the group with this answer, a new one if there is none.
    """
    key: bytes32 = keccak256(concat(output_root, trace_root))
    for group: uint256 in range(groups, bound=16):
        if self.groups[question_id][group] == key:
            return group + 1
    self.groups[question_id][groups] = key
    return groups + 1


@internal
@view
def _own_seat(
    question_id: bytes32, seat: uint256, progress: ICommittee.Progress
) -> uint256:
    word: uint256 = self.seats[question_id][seat]
    assert word != 0 and seat_word._operator(word) == msg.sender, "committee/member"
    assert seat >= progress.round_start, "committee/round"
    return word


@internal
@view
def _places(model_id: bytes32) -> uint256:
    return staticcall STAKE.places_of(model_id)


@internal
def _await_beacon(question_id: bytes32, progress: ICommittee.Progress, places: uint256):
    """
    @notice The draw waits for a block that nobody knows; the table of tickets is the one that stands now.
    """
    waiting: ICommittee.Progress = progress
    waiting.stage = ICommittee.Stage.DRAWING
    waiting.since = block.timestamp
    waiting.beacon_block = block.number + BEACON_BLOCKS
    waiting.places = places
    self.words[question_id] = progress_word._pack(waiting)
    log ICommittee.BeaconAwaited(
        question_id=question_id, round=waiting.round, number=waiting.beacon_block
    )


@internal
def _fix_seed(
    question_id: bytes32, number: uint256, round: uint256, evidence: Bytes[1024]
) -> bytes32:
    value: bytes32 = staticcall BEACON.value_of(number, evidence)
    seed: bytes32 = keccak256(concat(value, question_id, convert(round, bytes32)))
    self.seeds[question_id][round] = seed
    return seed


@internal
def _seat(
    question_id: bytes32,
    progress: ICommittee.Progress,
    model_id: bytes32,
    seed: bytes32,
    count: uint256,
    price_gwei: uint256,
) -> ICommittee.Progress:
    """
    @notice Fill `count` seats with operators that were not drawn before.
    """
    after: ICommittee.Progress = progress
    after.round_start = progress.seats
    after.kept = progress.revealed
    after.committed = 0
    after.since = block.timestamp
    after.stage = ICommittee.Stage.ANSWERING
    drawn_before: DynArray[address, 45] = []
    for seat: uint256 in range(progress.seats, bound=MAXIMUM_SEATS):
        drawn_before.append(seat_word._operator(self.seats[question_id][seat]))
    drawn: DynArray[uint256, 15] = extcall STAKE.draw(
        model_id, seed, count, progress.places, progress.since, price_gwei, drawn_before
    )
    for word: uint256 in drawn:
        self.seats[question_id][after.seats] = word | (after.round << seat_word.ROUND_SHIFT)
        log ICommittee.Seated(
            question_id=question_id,
            operator=seat_word._operator(word),
            seat=after.seats,
            ticket=seat_word._ticket(word),
        )
        after.seats += 1
    return after


@internal
def _settled(question_id: bytes32, given: ICommittee.Progress):
    """
    @notice From here on tiles can be asked for, by a beacon that nobody knows yet.
    """
    progress: ICommittee.Progress = given
    progress.stage = ICommittee.Stage.SETTLED
    progress.since = block.timestamp
    progress.beacon_block = block.number + BEACON_BLOCKS
    self.words[question_id] = progress_word._pack(progress)
    log ICommittee.BeaconAwaited(
        question_id=question_id, round=OPENING_ROUND, number=progress.beacon_block
    )


@internal
@view
def _is_answered(progress: ICommittee.Progress) -> bool:
    """
    @notice Whether nobody of this round can reveal any more.
    """
    return (
        progress.revealed - progress.kept == progress.seats - progress.round_start
        or block.timestamp >= progress.since + ANSWER_SECONDS
    )


@internal
@view
def _require_answer(question_id: bytes32, group: uint256, answer: ICommittee.Answer):
    assert (
        keccak256(concat(answer.output_root, answer.trace_root)) == self.groups[question_id][group]
    ), "committee/answer"


@internal
@view
def _at(question_id: bytes32, stage: ICommittee.Stage) -> ICommittee.Progress:
    progress: ICommittee.Progress = progress_word._unpack(self.words[question_id])
    assert progress.stage == stage, "committee/stage"
    return progress


@internal
@view
def _settled_progress(question_id: bytes32) -> ICommittee.Progress:
    progress: ICommittee.Progress = progress_word._unpack(self.words[question_id])
    assert progress.stage in (
        ICommittee.Stage.SETTLED | ICommittee.Stage.LIT
    ), "committee/stage"
    return progress


@internal
@view
def _is_member(
    question_id: bytes32, progress: ICommittee.Progress, group: uint256, account: address
) -> bool:
    for seat: uint256 in range(progress.seats, bound=MAXIMUM_SEATS):
        word: uint256 = self.seats[question_id][seat]
        if seat_word._group(word) == group + 1 and seat_word._operator(word) == account:
            return True
    return False


@internal
@view
def _count(question_id: bytes32, progress: ICommittee.Progress) -> uint256[16]:
    """
    @notice Members of each group.
    """
    counts: uint256[16] = empty(uint256[16])
    for seat: uint256 in range(progress.seats, bound=45):
        group: uint256 = seat_word._group(self.seats[question_id][seat])
        if group != 0:
            counts[group - 1] += 1
    return counts


@internal
@view
def _require_answers(
    question_id: bytes32,
    progress: ICommittee.Progress,
    answers: DynArray[ICommittee.Answer, 16],
):
    assert len(answers) == progress.groups, "committee/answer"
    for group: uint256 in range(progress.groups, bound=16):
        self._require_answer(question_id, group, answers[group])


@external
@view
@reentrant
def progress_of(question_id: bytes32) -> ICommittee.Progress:
    return progress_word._unpack(self.words[question_id])


@external
@view
@reentrant
def seat_of(question_id: bytes32, seat: uint256) -> ICommittee.Seat:
    word: uint256 = self.seats[question_id][seat]
    return ICommittee.Seat(
        operator=seat_word._operator(word),
        ticket=seat_word._ticket(word),
        round=seat_word._round(word),
        group=seat_word._group(word),
        demanded=word & seat_word.DEMANDED != 0,
        opened=word & seat_word.OPENED != 0,
        digest=self.digests[question_id][seat],
    )


@external
@view
@reentrant
def seed_of(question_id: bytes32, round: uint256) -> bytes32:
    """
    @notice The seed of a round's draw; round 3: of the openings. Empty while it is not known.
    """
    return self.seeds[question_id][round]
