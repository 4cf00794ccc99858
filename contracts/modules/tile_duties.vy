# pragma version ==0.4.3
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Who has to open a tile, and that it was opened
@dev committee.md section 4. Invariant: a deposit is held for each tile that was demanded and is not opened, until it is
     opened (then it is the member's) or the question is done (then the demander's).
"""
from ..interfaces import ICommittee
from ..interfaces import IReferee
from . import credits
from . import panels
from . import progress_word
from . import questions
from . import seat_word

uses: credits
uses: panels

REFEREE: public(immutable(IReferee))
BEACON_SECONDS: public(immutable(uint256))
OPENING_SECONDS: public(immutable(uint256))
OPENING_ONE_IN: public(immutable(uint256))
OPENING_DEPOSIT: public(immutable(uint256))

_demanders: HashMap[bytes32, HashMap[uint256, address]]


@deploy
def __init__(
    referee: IReferee,
    beacon_seconds: uint256,
    opening_seconds: uint256,
    one_in: uint256,
    deposit: uint256,
):
    assert one_in != 0, "committee/tiles"
    assert opening_seconds != 0 and opening_seconds < 2**32, "committee/clock"
    assert beacon_seconds != 0 and beacon_seconds < 2**32, "committee/clock"
    REFEREE = referee
    BEACON_SECONDS = beacon_seconds
    OPENING_SECONDS = opening_seconds
    OPENING_ONE_IN = one_in
    OPENING_DEPOSIT = deposit


@external
def light(question_id: bytes32, evidence: Bytes[1024]):
    """
    @notice Show the second beacon, which says what members have to open.
    """
    progress: ICommittee.Progress = panels._at(question_id, ICommittee.Stage.SETTLED)
    assert block.timestamp < progress.since + BEACON_SECONDS, "committee/clock"
    seed: bytes32 = panels._fix_seed(
        question_id, progress.beacon_block, panels.OPENING_ROUND, evidence
    )
    progress.stage = ICommittee.Stage.LIT
    progress.since = block.timestamp
    panels.words[question_id] = progress_word._pack(progress)
    log ICommittee.Lit(question_id=question_id, seed=seed)


@external
@payable
def demand(question_id: bytes32, seat: uint256):
    """
    @notice Ask a member for its tile, for what opening it costs. In the first half of the time, so that it can answer.
    """
    progress: ICommittee.Progress = panels._at(question_id, ICommittee.Stage.LIT)
    assert block.timestamp < progress.since + OPENING_SECONDS, "committee/clock"
    assert msg.value == OPENING_DEPOSIT, "committee/value"
    word: uint256 = panels.seats[question_id][seat]
    assert seat_word._group(word) != 0, "committee/member"
    assert not self._must_open(question_id, word), "committee/already-done"
    panels.seats[question_id][seat] = word | seat_word.DEMANDED
    self._demanders[question_id][seat] = msg.sender
    log ICommittee.TileDemanded(question_id=question_id, seat=seat, demander=msg.sender)


@external
def open_tile(
    question: ICommittee.Question,
    seat: uint256,
    answer: ICommittee.Answer,
    opening: ICommittee.KeyedOpening,
):
    """
    @notice A member's tile under its keyed trace root and under the trace root; anybody may send it.
    """
    question_id: bytes32 = questions._question_id(question)
    progress: ICommittee.Progress = panels._at(question_id, ICommittee.Stage.LIT)
    assert block.timestamp < progress.since + 2 * OPENING_SECONDS, "committee/clock"
    word: uint256 = panels.seats[question_id][seat]
    group: uint256 = seat_word._group(word)
    assert group != 0 and self._must_open(question_id, word), "committee/member"
    assert word & seat_word.OPENED == 0, "committee/already-done"
    panels._require_answer(question_id, group - 1, answer)
    operator: address = seat_word._operator(word)
    assert staticcall REFEREE.shows_tile(
        question.job,
        panels.seeds[question_id][seat_word._round(word)],
        self._pick(question_id, operator),
        operator,
        answer.trace_root,
        panels.digests[question_id][seat],
        opening,
    ), "committee/opening"
    panels.seats[question_id][seat] = word | seat_word.OPENED
    if word & seat_word.DEMANDED != 0:
        credits._credit(operator, OPENING_DEPOSIT)
    log ICommittee.TileOpened(question_id=question_id, seat=seat)


@internal
@view
def _pick(question_id: bytes32, operator: address) -> uint256:
    seed: bytes32 = panels.seeds[question_id][panels.OPENING_ROUND]
    return convert(keccak256(concat(seed, convert(operator, bytes20))), uint256)


@internal
@view
def _must_open(question_id: bytes32, word: uint256) -> bool:
    """
    @notice Whether a member that revealed was asked for its tile, by somebody or by the beacon.
    @dev The top bits say whether, the lower ones which tile.
    """
    pick: uint256 = self._pick(question_id, seat_word._operator(word))
    return word & seat_word.DEMANDED != 0 or (pick >> 192) % OPENING_ONE_IN == 0


@internal
@view
def _require_over(progress: ICommittee.Progress):
    """
    @notice Nobody has to open anything any more.
    """
    time: uint256 = BEACON_SECONDS
    if progress.stage == ICommittee.Stage.LIT:
        time = 2 * OPENING_SECONDS
    assert block.timestamp >= progress.since + time, "committee/clock"


@internal
def _has_failed(
    question_id: bytes32, progress: ICommittee.Progress, seat: uint256, word: uint256
) -> bool:
    """
    @notice Whether the member in a seat did not open what it had to; then who demanded it gets its deposit back.
    """
    if (
        progress.stage != ICommittee.Stage.LIT
        or seat_word._group(word) == 0
        or word & seat_word.OPENED != 0
        or not self._must_open(question_id, word)
    ):
        return False
    if word & seat_word.DEMANDED != 0:
        credits._credit(self._demanders[question_id][seat], OPENING_DEPOSIT)
    return True
