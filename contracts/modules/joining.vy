# pragma version ==0.4.3
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title How claims come into a tournament: commitments, bonds, joining, taking over
@dev dispute.md section 3, points 1 and 2. Invariants:
     1. A challenge bond is held once for each commitment, until it is given back once or the tournament is resolved.
     2. A claim has one owner: the claimant if it defends with it, else who committed to it first among those who joined.
     3. Nothing here needs the cooperation of another player, so nobody can be kept out.
"""
from ..interfaces import IArbiter
from ..interfaces import IArtifacts
from ..interfaces import IBracket
from . import claim_word
from . import credits
from . import job_terms
from . import matches
from . import merkle
from . import model_header
from . import tournament_word

uses: credits
uses: matches

USED: constant(uint256) = 1 << 32

ARBITER: public(immutable(IArbiter))
ARTIFACTS: public(immutable(IArtifacts))
CHALLENGE_BOND: public(immutable(uint256))
JOIN_SECONDS: public(immutable(uint256))
CLOCK_SECONDS: public(immutable(uint256))

# Order of a commitment, with USED once it was opened or reclaimed; by H(job, commitment, sender).
_commitments: HashMap[bytes32, uint256]


@deploy
def __init__(
    arbiter: IArbiter,
    artifacts: IArtifacts,
    challenge_bond: uint256,
    join_seconds: uint256,
    clock_seconds: uint256,
):
    assert staticcall arbiter.BRACKET() == self, "bracket/arbiter"
    # A claim that nobody plays for still lives when joining ends, so nobody can kill the true one before its friends come.
    assert join_seconds != 0 and clock_seconds > join_seconds, "bracket/clock"
    assert clock_seconds < 2**40, "bracket/clock"
    ARBITER = arbiter
    ARTIFACTS = artifacts
    CHALLENGE_BOND = challenge_bond
    JOIN_SECONDS = join_seconds
    CLOCK_SECONDS = clock_seconds


@external
@payable
def challenge(job: IArbiter.Job, commitment: bytes32):
    """
    @notice Put up a bond that some other claim is true; which one is said when joining. The first opens the tournament.
    """
    assert msg.value == CHALLENGE_BOND, "bracket/value"
    job_id: bytes32 = job_terms._job_id(ARBITER.address, job)
    key: bytes32 = self._commitment_key(job_id, commitment, msg.sender)
    assert self._commitments[key] == 0, "bracket/already-done"
    tournament: uint256 = matches.tournaments[job_id]
    is_first: bool = tournament == 0
    if is_first:
        tournament = block.timestamp
    else:
        self._require_joining(tournament)
    tournament += tournament_word.ONE_CHALLENGE
    order: uint256 = tournament_word._challenges(tournament)
    matches.tournaments[job_id] = tournament
    self._commitments[key] = order
    log IBracket.Challenged(
        job_id=job_id, challenger=msg.sender, commitment=commitment, order=order
    )
    if is_first:
        extcall ARBITER.open_dispute(job)


@external
def defend(job: IArbiter.Job, trace_root: bytes32, kids: bytes32[16]):
    """
    @notice The claimant joins with what it asserted; its bond is the one that it asserted with.
    """
    job_id: bytes32 = job_terms._job_id(ARBITER.address, job)
    tournament: uint256 = matches.tournaments[job_id]
    self._require_joining(tournament)
    assert tournament & tournament_word.DEFENDED == 0, "bracket/already-done"
    record: IArbiter.Record = staticcall ARBITER.record_of(job_id)
    assert record.claimant == msg.sender, "bracket/claimant"
    self._join(
        job, job_id, tournament | tournament_word.DEFENDED, record.output_root, trace_root, kids, 0
    )


@external
def join(
    job: IArbiter.Job,
    output_root: bytes32,
    trace_root: bytes32,
    kids: bytes32[16],
    salt: bytes32,
):
    """
    @notice Join with the claim that the caller committed to.
    """
    job_id: bytes32 = job_terms._job_id(ARBITER.address, job)
    tournament: uint256 = matches.tournaments[job_id]
    self._require_joining(tournament)
    assert output_root != empty(bytes32), "bracket/outputs"
    claim_id: bytes32 = job_terms._claim_id(job_id, output_root, trace_root)
    order: uint256 = self._use_commitment(job_id, claim_id, salt)
    self._join(job, job_id, tournament, output_root, trace_root, kids, order)


@external
def reclaim(job_id: bytes32, output_root: bytes32, trace_root: bytes32, salt: bytes32):
    """
    @notice Somebody else stands for the claim that the caller committed to: its bond comes back.
    """
    tournament: uint256 = matches.tournaments[job_id]
    assert tournament != 0 and tournament & tournament_word.RESOLVED == 0, "bracket/closed"
    claim_id: bytes32 = job_terms._claim_id(job_id, output_root, trace_root)
    assert claim_word._is_alive(matches.claims[claim_id]), "bracket/alive"
    self._use_commitment(job_id, claim_id, salt)
    matches.tournaments[job_id] = tournament - tournament_word.ONE_HELD
    log IBracket.Reclaimed(job_id=job_id, challenger=msg.sender)
    credits._credit(msg.sender, CHALLENGE_BOND)


@internal
@pure
def _commitment_key(job_id: bytes32, commitment: bytes32, sender: address) -> bytes32:
    # With the sender, so that copying a commitment takes nothing from who made it.
    return keccak256(concat(job_id, commitment, convert(sender, bytes20)))


@internal
def _use_commitment(job_id: bytes32, claim_id: bytes32, salt: bytes32) -> uint256:
    """
    @notice Opens the caller's commitment to a claim, once; its order among the challenges.
    """
    commitment: bytes32 = keccak256(
        concat(job_id, claim_id, convert(msg.sender, bytes20), salt)
    )
    key: bytes32 = self._commitment_key(job_id, commitment, msg.sender)
    order: uint256 = self._commitments[key]
    assert order != 0, "bracket/commitment"
    assert order < USED, "bracket/already-done"
    self._commitments[key] = order | USED
    return order


@internal
@view
def _require_joining(tournament: uint256):
    assert tournament != 0 and tournament & tournament_word.RESOLVED == 0, "bracket/closed"
    assert block.timestamp < tournament_word._opened(tournament) + JOIN_SECONDS, "bracket/closed"


@internal
def _join(
    job: IArbiter.Job,
    job_id: bytes32,
    tournament: uint256,
    output_root: bytes32,
    trace_root: bytes32,
    kids: bytes32[16],
    order: uint256,
):
    """
    @notice A claim enters the tournament; or, if it stands, whoever committed to it first becomes its owner.
    """
    claim_id: bytes32 = job_terms._claim_id(job_id, output_root, trace_root)
    claim: uint256 = matches.claims[claim_id]
    if claim != 0:
        assert claim_word._is_alive(claim), "bracket/alive"
        assert order < claim_word._order(claim), "bracket/already-done"
        matches.claims[claim_id] = claim_word._pack(msg.sender, claim_word._clock(claim), order)
        matches.tournaments[job_id] = tournament - tournament_word.ONE_HELD
        log IBracket.TakenOver(job_id=job_id, claim_id=claim_id, owner=msg.sender)
        credits._credit(claim_word._owner(claim), CHALLENGE_BOND)
        return
    assert merkle._fold16(kids) == trace_root, "bracket/kids"
    elapsed: uint256 = block.timestamp - tournament_word._opened(tournament)
    matches.claims[claim_id] = claim_word._pack(msg.sender, CLOCK_SECONDS - elapsed, order)
    word: uint256 = tournament + tournament_word.ONE_ALIVE
    if tournament_word._trace_levels(word) == 0:
        header: bytes32 = staticcall ARTIFACTS.header_of(job.model_id)
        assert header != empty(bytes32), "bracket/model"
        word = tournament_word._with_trace_levels(
            word, model_header._levels(job.passes) + model_header._node_levels(header)
        )
    log IBracket.Joined(
        job_id=job_id,
        claim_id=claim_id,
        owner=msg.sender,
        output_root=output_root,
        trace_root=trace_root,
        kids=kids,
    )
    matches.tournaments[job_id] = matches._meet(job_id, word, claim_id, trace_root)
