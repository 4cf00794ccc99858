# pragma version ==0.4.3
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Claims that wait, meet and are eliminated
@dev dispute.md sections 3 and 4: everything about a match that does not depend on what is disputed. Invariants:
     1. A claim that is alive waits, or plays exactly one match; at most one of a tournament waits; `alive` counts them.
     2. A match has one mover, whose clock alone runs; a move needs `used < clock`, a timeout `used >= clock`.
     3. Time never takes from a winner: a clock is charged only by a move that does not decide.
"""
from ..interfaces import IBracket
from . import claim_word
from . import descents
from . import merkle
from . import tournament_word

MATCH_SECONDS: public(immutable(uint256))

# Packed words: see the modules of these names.
tournaments: HashMap[bytes32, uint256]
claims: HashMap[bytes32, uint256]
# The claim that waits for an opponent, and its trace root; meaningful while the tournament's word says WAITING.
_waiting_claims: HashMap[bytes32, bytes32]
_waiting_traces: HashMap[bytes32, bytes32]
# Hash of the state of each running match, by H(claim_a, claim_b).
_matches: HashMap[bytes32, bytes32]


@deploy
def __init__(match_seconds: uint256):
    assert match_seconds != 0 and match_seconds < 2**40, "bracket/clock"
    MATCH_SECONDS = match_seconds


@external
@view
@reentrant
def claim_of(claim_id: bytes32) -> IBracket.Claim:
    word: uint256 = self.claims[claim_id]
    return IBracket.Claim(
        owner=claim_word._owner(word),
        clock=claim_word._clock(word),
        order=claim_word._order(word),
        alive=claim_word._is_alive(word),
    )


@external
@view
@reentrant
def tournament_of(job_id: bytes32) -> IBracket.Tournament:
    word: uint256 = self.tournaments[job_id]
    waiting: bytes32 = empty(bytes32)
    if word & tournament_word.WAITING != 0:
        waiting = self._waiting_claims[job_id]
    return IBracket.Tournament(
        opened=tournament_word._opened(word),
        challenges=tournament_word._challenges(word),
        held=tournament_word._held(word),
        alive=tournament_word._alive(word),
        trace_levels=tournament_word._trace_levels(word),
        defended=word & tournament_word.DEFENDED != 0,
        waiting=waiting,
        resolved=word & tournament_word.RESOLVED != 0,
    )


@external
@view
@reentrant
def match_of(match_id: bytes32) -> bytes32:
    """
    @notice The hash of a running match's state; empty when it never began or is decided.
    """
    return self._matches[match_id]


@external
@view
@reentrant
def verdict(state: IBracket.Match, now: uint256) -> IBracket.Verdict:
    """
    @notice What time alone decides, at a time that is not before the last move.
    """
    self._require_current(state)
    return self._verdict(state, now)


@internal
def _meet(job_id: bytes32, tournament: uint256, claim_id: bytes32, trace_root: bytes32) -> uint256:
    """
    @notice A claim without a match meets the one that waits, or waits. The tournament's new word.
    """
    if tournament & tournament_word.WAITING == 0:
        self._waiting_claims[job_id] = claim_id
        self._waiting_traces[job_id] = trace_root
        return tournament | tournament_word.WAITING
    state: IBracket.Match = empty(IBracket.Match)
    state.job_id = job_id
    state.claim_a = self._waiting_claims[job_id]
    state.claim_b = claim_id
    state.trace_a = self._waiting_traces[job_id]
    state.trace_b = trace_root
    state.moved_at = block.timestamp
    if state.trace_a == trace_root:
        state.phase = IBracket.Phase.OUTPUT_ROOTS
    else:
        state.phase = IBracket.Phase.TRACE
        state.node_a = state.trace_a
        state.node_b = trace_root
        state.levels = tournament_word._trace_levels(tournament)
    self._raise_clock(state.claim_a)
    self._raise_clock(claim_id)
    match_id: bytes32 = self._match_id(state)
    self._matches[match_id] = keccak256(abi_encode(state))
    log IBracket.Started(match_id=match_id, job_id=job_id, state=state)
    return tournament & ~tournament_word.WAITING


@internal
def _raise_clock(claim_id: bytes32):
    claim: uint256 = self.claims[claim_id]
    if claim_word._clock(claim) < MATCH_SECONDS:
        self.claims[claim_id] = claim_word._with_clock(claim, MATCH_SECONDS)


@internal
@pure
def _match_id(state: IBracket.Match) -> bytes32:
    return keccak256(concat(state.claim_a, state.claim_b))


@internal
@view
def _require_current(state: IBracket.Match) -> bytes32:
    match_id: bytes32 = self._match_id(state)
    stored: bytes32 = self._matches[match_id]
    if stored != keccak256(abi_encode(state)):
        both_joined: bool = self.claims[state.claim_a] != 0 and self.claims[state.claim_b] != 0
        # A match that was decided has no state, and one of its claims is out.
        assert not (
            both_joined
            and stored == empty(bytes32)
            and not (
                claim_word._is_alive(self.claims[state.claim_a])
                and claim_word._is_alive(self.claims[state.claim_b])
            )
        ), "bracket/already-done"
        raise "bracket/state"
    return match_id


@internal
@view
def _verdict(state: IBracket.Match, now: uint256) -> IBracket.Verdict:
    mover: bytes32 = state.claim_a if state.turn == 0 else state.claim_b
    if now - state.moved_at < claim_word._clock(self.claims[mover]):
        return IBracket.Verdict.UNDECIDED
    return IBracket.Verdict.B_SURVIVES if state.turn == 0 else IBracket.Verdict.A_SURVIVES


@internal
@view
def _require_running(state: IBracket.Match) -> bytes32:
    """
    @notice The match is in this state and its mover has time left.
    """
    match_id: bytes32 = self._require_current(state)
    assert self._verdict(state, block.timestamp) == IBracket.Verdict.UNDECIDED, "bracket/clock"
    return match_id


@internal
@pure
def _descended(state: IBracket.Match, descent: IBracket.Descent) -> IBracket.Match:
    """
    @notice The state with both sides at the children of a descent by the mover.
    """
    after: IBracket.Match = state
    if state.turn == 0:
        descents._require(descent, state.node_a, state.node_b)
        after.node_a = descent.child_mine
        after.node_b = descent.child_theirs
    else:
        descents._require(descent, state.node_b, state.node_a)
        after.node_a = descent.child_theirs
        after.node_b = descent.child_mine
    return after


@internal
def _move(match_id: bytes32, after: IBracket.Match, child: bytes32, next: bytes32[16]):
    """
    @notice A move that shows the 16 grandchildren of the mover's node, for the other side's next move.
    """
    assert merkle._fold16(next) == child, "bracket/next"
    state: IBracket.Match = self._passed(match_id, after)
    log IBracket.Moved(match_id=match_id, job_id=state.job_id, state=state, kids=next)


@internal
def _move_without_kids(match_id: bytes32, after: IBracket.Match):
    state: IBracket.Match = self._passed(match_id, after)
    log IBracket.Moved(
        match_id=match_id, job_id=state.job_id, state=state, kids=empty(bytes32[16])
    )


@internal
def _passed(match_id: bytes32, after: IBracket.Match) -> IBracket.Match:
    """
    @notice Charge the mover's clock and pass the turn; the state that is now stored.
    """
    state: IBracket.Match = after
    mover: bytes32 = state.claim_a if state.turn == 0 else state.claim_b
    used: uint256 = block.timestamp - state.moved_at
    if used != 0:
        claim: uint256 = self.claims[mover]
        self.claims[mover] = claim_word._with_clock(claim, claim_word._clock(claim) - used)
    state.turn = 1 - state.turn
    state.moved_at = block.timestamp
    self._matches[match_id] = keccak256(abi_encode(state))
    return state


@internal
def _decide(match_id: bytes32, state: IBracket.Match, survives_a: bool, survives_b: bool):
    """
    @notice Eliminates who does not survive; never do both. A survivor meets the next claim, or waits for it.
    """
    self._matches[match_id] = empty(bytes32)
    tournament: uint256 = self.tournaments[state.job_id]
    survivor: bytes32 = empty(bytes32)
    trace_root: bytes32 = empty(bytes32)
    if survives_a:
        survivor = state.claim_a
        trace_root = state.trace_a
    else:
        self.claims[state.claim_a] = claim_word._eliminated(self.claims[state.claim_a])
        tournament -= tournament_word.ONE_ALIVE
    if survives_b:
        survivor = state.claim_b
        trace_root = state.trace_b
    else:
        self.claims[state.claim_b] = claim_word._eliminated(self.claims[state.claim_b])
        tournament -= tournament_word.ONE_ALIVE
    log IBracket.Decided(match_id=match_id, job_id=state.job_id, survivor=survivor)
    if survivor != empty(bytes32):
        tournament = self._meet(state.job_id, tournament, survivor, trace_root)
    self.tournaments[state.job_id] = tournament
