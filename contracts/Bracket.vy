# pragma version ==0.4.3
# pragma optimize gas
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Bracket
@notice Which of several claims about one job is true: a tournament of matches, each decided by one recomputed number.
@dev dispute.md sections 3 to 6. Invariants:
     1. A claim whose trace and outputs come from running the model survives every match if its moves are made in time:
        each accepted move is an opening of both committed trees at their first difference, whoever sends it.
     2. Balance = for each tournament that is not resolved the claimant's bond + held challenge bonds, + credits (credits of
        the zero address are what was burnt).
     3. `alive` counts the claims that are alive; each of them waits or plays exactly one match. At most one waits.
     4. Each match has one mover, whose clock alone runs; a move needs `used < clock`, a timeout `used >= clock`, so some
        call can be made at every moment, by anybody.
     5. Time never takes from a winner: a clock is charged only by a move that does not decide.
     6. All state is written before the Arbiter is called; nobody else is called but in `withdraw`. No administrator.
@custom:kill None: open tournaments end by their clocks.
"""
from .interfaces import IArbiter
from .interfaces import IArtifacts
from .interfaces import IBracket
from .interfaces import IStep
from .interfaces import ISteps
from .modules import claim_word
from .modules import credits
from .modules import descents
from .modules import job_terms
from .modules import merkle
from .modules import model_header
from .modules import tiles
from .modules import tournament_word

implements: IBracket

initializes: credits

exports: (credits.credit_of, credits.withdraw)

# Share of what the losers put up that goes to the owner of the winning claim; the rest is burnt, so that lying and
# then refuting oneself costs half a bond (disputes.md 4.8).
REWARD_PERCENT: constant(uint256) = 50
USED: constant(uint256) = 1 << 32
WIDTHS: constant(uint256[4]) = [8, 16, 32, 64]

ARBITER: public(immutable(IArbiter))
ARTIFACTS: public(immutable(IArtifacts))
STEPS: public(immutable(ISteps))
CHALLENGE_BOND: public(immutable(uint256))
JOIN_SECONDS: public(immutable(uint256))
CLOCK_SECONDS: public(immutable(uint256))
MATCH_SECONDS: public(immutable(uint256))

_tournaments: HashMap[bytes32, uint256]
# The claim that waits for an opponent, and its trace root; meaningful while the tournament's word says WAITING.
_waiting_claims: HashMap[bytes32, bytes32]
_waiting_traces: HashMap[bytes32, bytes32]
# Order of a commitment, with USED once it was opened or reclaimed; by H(job, commitment, sender).
_commitments: HashMap[bytes32, uint256]
_claims: HashMap[bytes32, uint256]
_matches: HashMap[bytes32, bytes32]


@deploy
def __init__(
    arbiter: IArbiter,
    artifacts: IArtifacts,
    steps: ISteps,
    challenge_bond: uint256,
    join_seconds: uint256,
    clock_seconds: uint256,
    match_seconds: uint256,
):
    assert staticcall arbiter.BRACKET() == self, "bracket/arbiter"
    # A claim that nobody plays for still lives when joining ends, so nobody can kill the true one before its friends come.
    assert join_seconds != 0 and clock_seconds > join_seconds, "bracket/clock"
    assert match_seconds != 0 and max(clock_seconds, match_seconds) < 2**40, "bracket/clock"
    ARBITER = arbiter
    ARTIFACTS = artifacts
    STEPS = steps
    CHALLENGE_BOND = challenge_bond
    JOIN_SECONDS = join_seconds
    CLOCK_SECONDS = clock_seconds
    MATCH_SECONDS = match_seconds


@external
@payable
@reentrant
def __default__():
    """
    @dev The claimant's bond, which the Arbiter sends while `challenge` runs.
    """
    assert msg.sender == ARBITER.address, "only/bracket"


# --- joining


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
    tournament: uint256 = self._tournaments[job_id]
    is_first: bool = tournament == 0
    if is_first:
        tournament = block.timestamp
    else:
        self._require_joining(tournament)
    tournament += tournament_word.ONE_CHALLENGE
    order: uint256 = tournament_word._challenges(tournament)
    self._tournaments[job_id] = tournament
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
    tournament: uint256 = self._tournaments[job_id]
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
    tournament: uint256 = self._tournaments[job_id]
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
    tournament: uint256 = self._tournaments[job_id]
    assert tournament != 0 and tournament & tournament_word.RESOLVED == 0, "bracket/closed"
    claim_id: bytes32 = job_terms._claim_id(job_id, output_root, trace_root)
    assert claim_word._is_alive(self._claims[claim_id]), "bracket/alive"
    self._use_commitment(job_id, claim_id, salt)
    self._tournaments[job_id] = tournament - tournament_word.ONE_HELD
    log IBracket.Reclaimed(job_id=job_id, challenger=msg.sender)
    credits._credit(msg.sender, CHALLENGE_BOND)


# --- moves: anybody may send them for either side


@external
def descend(state: IBracket.Match, descent: IBracket.Descent, next: bytes32[16]):
    """
    @notice Four levels down in a tree: to the first of 16 grandchildren in which the two sides differ.
    """
    match_id: bytes32 = self._require_running(state)
    assert (
        (state.phase == IBracket.Phase.TRACE and state.levels > 4)
        or state.phase == IBracket.Phase.TILES
        or state.phase == IBracket.Phase.OUTPUTS
    ), "bracket/phase"
    after: IBracket.Match = self._descended(state, descent)
    after.levels = state.levels - 4
    after.position = 16 * state.position + descent.index
    if after.levels != 0:
        self._move(match_id, after, descent.child_mine, next)
    elif state.phase == IBracket.Phase.OUTPUTS:
        after.phase = IBracket.Phase.OUTPUT
        self._move_without_kids(match_id, after)
    elif after.position < state.tiles:
        after.phase = IBracket.Phase.REVEAL
        self._move_without_kids(match_id, after)
    else:
        zero: bytes32 = merkle._leaf(abi_encode(empty(uint256[16])))
        self._decide(match_id, state, after.node_a == zero, after.node_b == zero)


@external
def enter(
    job: IArbiter.Job,
    state: IBracket.Match,
    descent: IBracket.Descent,
    descriptor: Bytes[512],
    descriptor_path: DynArray[bytes32, 32],
    next: bytes32[16],
):
    """
    @notice The last move in the trace: to the first tensor in which the two sides differ.
    """
    match_id: bytes32 = self._require_running(state)
    assert state.phase == IBracket.Phase.TRACE and state.levels == 4, "bracket/phase"
    self._require_job(job, state)
    after: IBracket.Match = self._descended(state, descent)
    after.item = 16 * state.position + descent.index
    model: IArtifacts.Model = staticcall ARTIFACTS.model_of(job.model_id)
    node_levels: uint256 = model_header._node_levels(model.header)
    node: uint256 = after.item & ((1 << node_levels) - 1)
    if after.item >> node_levels >= job.passes or node >= model_header._nodes(model.header):
        self._decide(
            match_id, state, after.node_a == empty(bytes32), after.node_b == empty(bytes32)
        )
        return
    self._require_descriptor(model, node, descriptor, descriptor_path)
    after.position = 0
    after.levels = self._field(descriptor, 4)
    after.tiles = self._field(descriptor, 5)
    if after.levels == 0:
        after.phase = IBracket.Phase.REVEAL
        self._move_without_kids(match_id, after)
    else:
        after.phase = IBracket.Phase.TILES
        self._move(match_id, after, descent.child_mine, next)


@external
def reveal(state: IBracket.Match, tile: Bytes[512]):
    """
    @notice The mover shows the bytes of the tile in which the sides differ; the other side has its own.
    """
    match_id: bytes32 = self._require_running(state)
    assert state.phase == IBracket.Phase.REVEAL, "bracket/phase"
    node: bytes32 = state.node_a if state.turn == 0 else state.node_b
    assert merkle._leaf(tile) == node, "tile/preimage"
    after: IBracket.Match = state
    after.phase = IBracket.Phase.SETTLE
    after = self._passed(match_id, after)
    log IBracket.Revealed(match_id=match_id, job_id=state.job_id, state=after, tile=tile)


@external
def settle(
    job: IArbiter.Job,
    state: IBracket.Match,
    tile_a: Bytes[512],
    tile_b: Bytes[512],
    descriptor: Bytes[512],
    descriptor_path: DynArray[bytes32, 32],
    witness: Bytes[16384],
):
    """
    @notice Recompute the first element in which the two tiles differ: who has another one is out.
    """
    match_id: bytes32 = self._require_running(state)
    assert state.phase == IBracket.Phase.SETTLE, "bracket/phase"
    assert merkle._leaf(tile_a) == state.node_a, "tile/preimage"
    assert merkle._leaf(tile_b) == state.node_b, "tile/preimage"
    self._require_job(job, state)
    model: IArtifacts.Model = staticcall ARTIFACTS.model_of(job.model_id)
    node_levels: uint256 = model_header._node_levels(model.header)
    node: uint256 = state.item & ((1 << node_levels) - 1)
    self._require_descriptor(model, node, descriptor, descriptor_path)
    width: uint256 = self._field(descriptor, 1)
    assert width in WIDTHS, "descriptor/malformed"
    tile_start: uint256 = tiles.TILE_BYTES * state.position
    end: uint256 = self._field(descriptor, 6) * (width // 8)
    first: uint256 = tiles._first_difference(tile_a, tile_b)
    if tile_start + first >= end:
        # After the tensor's end; the end itself may lie before the first difference.
        padding: uint256 = end - tile_start if end > tile_start else 0
        self._decide(
            match_id,
            state,
            tiles._is_zero_from(tile_a, padding),
            tiles._is_zero_from(tile_b, padding),
        )
        return
    first -= first % (width // 8)
    at: IStep.Position = IStep.Position(
        pass_index=state.item >> node_levels,
        node_index=node,
        element=(tile_start + first) // (width // 8),
        input_root=job.input_root,
        weights_root=model.weights_root,
        # The mover's, which alone it knows in full. Before the disputed item, and a kernel opens nothing else, both are equal.
        trace_root=state.trace_a if state.turn == 0 else state.trace_b,
        pass_levels=model_header._levels(job.passes),
        node_levels=node_levels,
        input_levels=model_header._levels(model_header._inputs(model.header)),
        weight_levels=model_header._levels(model_header._weight_leaves(model.header)),
    )
    kernel: address = staticcall STEPS.kernel_of(self._field(descriptor, 0))
    value: int256 = staticcall IStep(kernel).evaluate(at, descriptor, witness)
    zero_code: int256 = convert(1 << (width - 1), int256)
    claimed_a: int256 = convert(tiles._code(tile_a, first, width), int256) - zero_code
    claimed_b: int256 = convert(tiles._code(tile_b, first, width), int256) - zero_code
    log IBracket.Recomputed(
        match_id=match_id,
        item=state.item,
        element=at.element,
        value=value,
        claimed_a=claimed_a,
        claimed_b=claimed_b,
    )
    self._decide(match_id, state, claimed_a == value, claimed_b == value)


@external
def open_outputs(
    job: IArbiter.Job,
    state: IBracket.Match,
    output_a: bytes32,
    output_b: bytes32,
    next: bytes32[16],
):
    """
    @notice The sides agree about the trace: show the two output roots behind the claims.
    """
    match_id: bytes32 = self._require_running(state)
    assert state.phase == IBracket.Phase.OUTPUT_ROOTS, "bracket/phase"
    self._require_job(job, state)
    assert (
        job_terms._claim_id(state.job_id, output_a, state.trace_a) == state.claim_a
        and job_terms._claim_id(state.job_id, output_b, state.trace_b) == state.claim_b
    ), "bracket/outputs"
    header: bytes32 = staticcall ARTIFACTS.header_of(job.model_id)
    after: IBracket.Match = state
    after.node_a = output_a
    after.node_b = output_b
    after.levels = model_header._levels(job.passes) + model_header._levels(
        model_header._outputs(header)
    )
    if after.levels == 0:
        after.phase = IBracket.Phase.OUTPUT
        self._move_without_kids(match_id, after)
    else:
        after.phase = IBracket.Phase.OUTPUTS
        self._move(match_id, after, output_a if state.turn == 0 else output_b, next)


@external
def settle_output(
    job: IArbiter.Job, state: IBracket.Match, tensor_root: bytes32, path: DynArray[bytes32, 64]
):
    """
    @notice Open the agreed trace at an output's node: who has another root there is out.
    """
    match_id: bytes32 = self._require_running(state)
    assert state.phase == IBracket.Phase.OUTPUT, "bracket/phase"
    self._require_job(job, state)
    header: bytes32 = staticcall ARTIFACTS.header_of(job.model_id)
    outputs: uint256 = model_header._outputs(header)
    output_levels: uint256 = model_header._levels(outputs)
    pass_index: uint256 = state.position >> output_levels
    output: uint256 = state.position & ((1 << output_levels) - 1)
    truth: bytes32 = empty(bytes32)
    if pass_index < job.passes and output < outputs:
        node_levels: uint256 = model_header._node_levels(header)
        node: uint256 = model_header._nodes(header) - outputs + output
        truth = tensor_root
        assert len(path) == model_header._levels(job.passes) + node_levels, "opening/trace"
        assert (
            merkle._root_from_path(truth, (pass_index << node_levels) + node, path)
            == state.trace_a
        ), "opening/trace"
    self._decide(match_id, state, state.node_a == truth, state.node_b == truth)


@external
def timeout(state: IBracket.Match):
    """
    @notice The mover's clock has run out: it is eliminated.
    """
    match_id: bytes32 = self._require_current(state)
    verdict: IBracket.Verdict = self._verdict(state, block.timestamp)
    assert verdict != IBracket.Verdict.UNDECIDED, "bracket/clock"
    self._decide(
        match_id,
        state,
        verdict == IBracket.Verdict.A_SURVIVES,
        verdict == IBracket.Verdict.B_SURVIVES,
    )


# --- the end


@external
def resolve(job: IArbiter.Job, output_root: bytes32, trace_root: bytes32):
    """
    @notice Joining is over and at most one claim is alive: its output is final. None: the job is void.
    """
    job_id: bytes32 = job_terms._job_id(ARBITER.address, job)
    tournament: uint256 = self._tournaments[job_id]
    assert tournament != 0, "bracket/closed"
    assert tournament & tournament_word.RESOLVED == 0, "bracket/already-done"
    assert block.timestamp >= tournament_word._opened(tournament) + JOIN_SECONDS, "bracket/clock"
    self._tournaments[job_id] = tournament | tournament_word.RESOLVED
    alive: uint256 = tournament_word._alive(tournament)
    pool: uint256 = job.bond + CHALLENGE_BOND * tournament_word._held(tournament)
    if alive == 0:
        extcall ARBITER.conclude(job, empty(bytes32))
        log IBracket.Resolved(
            job_id=job_id,
            claim_id=empty(bytes32),
            owner=empty(address),
            output_root=empty(bytes32),
            reward=0,
            burnt=pool,
        )
        credits._credit(empty(address), pool)
        return
    claim_id: bytes32 = job_terms._claim_id(job_id, output_root, trace_root)
    claim: uint256 = self._claims[claim_id]
    assert alive == 1 and claim_word._is_alive(claim), "bracket/alive"
    claimant: address = empty(address)
    upheld: bool = False
    claimant, upheld = extcall ARBITER.conclude(job, output_root)
    own: uint256 = CHALLENGE_BOND
    if claim_word._order(claim) == 0:
        own = job.bond
    elif upheld:
        pool -= job.bond
        credits._credit(claimant, job.bond)
    reward: uint256 = (pool - own) * REWARD_PERCENT // 100
    burnt: uint256 = pool - own - reward
    log IBracket.Resolved(
        job_id=job_id,
        claim_id=claim_id,
        owner=claim_word._owner(claim),
        output_root=output_root,
        reward=reward,
        burnt=burnt,
    )
    credits._credit(claim_word._owner(claim), own + reward)
    credits._credit(empty(address), burnt)


# --- views


@external
@view
@reentrant
def claim_of(claim_id: bytes32) -> IBracket.Claim:
    word: uint256 = self._claims[claim_id]
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
    word: uint256 = self._tournaments[job_id]
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


# --- claims


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
    claim: uint256 = self._claims[claim_id]
    if claim != 0:
        assert claim_word._is_alive(claim), "bracket/alive"
        assert order < claim_word._order(claim), "bracket/already-done"
        self._claims[claim_id] = claim_word._pack(msg.sender, claim_word._clock(claim), order)
        self._tournaments[job_id] = tournament - tournament_word.ONE_HELD
        log IBracket.TakenOver(job_id=job_id, claim_id=claim_id, owner=msg.sender)
        credits._credit(claim_word._owner(claim), CHALLENGE_BOND)
        return
    assert merkle._fold16(kids) == trace_root, "bracket/kids"
    elapsed: uint256 = block.timestamp - tournament_word._opened(tournament)
    self._claims[claim_id] = claim_word._pack(msg.sender, CLOCK_SECONDS - elapsed, order)
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
    self._tournaments[job_id] = self._meet(job_id, word, claim_id, trace_root)


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
    claim: uint256 = self._claims[claim_id]
    if claim_word._clock(claim) < MATCH_SECONDS:
        self._claims[claim_id] = claim_word._with_clock(claim, MATCH_SECONDS)


# --- matches


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
        both_joined: bool = self._claims[state.claim_a] != 0 and self._claims[state.claim_b] != 0
        # A match that was decided has no state, and one of its claims is out.
        assert not (
            both_joined
            and stored == empty(bytes32)
            and not (
                claim_word._is_alive(self._claims[state.claim_a])
                and claim_word._is_alive(self._claims[state.claim_b])
            )
        ), "bracket/already-done"
        raise "bracket/state"
    return match_id


@internal
@view
def _verdict(state: IBracket.Match, now: uint256) -> IBracket.Verdict:
    mover: bytes32 = state.claim_a if state.turn == 0 else state.claim_b
    if now - state.moved_at < claim_word._clock(self._claims[mover]):
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
@view
def _require_job(job: IArbiter.Job, state: IBracket.Match):
    assert job_terms._job_id(ARBITER.address, job) == state.job_id, "bracket/state"


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
        claim: uint256 = self._claims[mover]
        self._claims[mover] = claim_word._with_clock(claim, claim_word._clock(claim) - used)
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
    tournament: uint256 = self._tournaments[state.job_id]
    survivor: bytes32 = empty(bytes32)
    trace_root: bytes32 = empty(bytes32)
    if survives_a:
        survivor = state.claim_a
        trace_root = state.trace_a
    else:
        self._claims[state.claim_a] = claim_word._eliminated(self._claims[state.claim_a])
        tournament -= tournament_word.ONE_ALIVE
    if survives_b:
        survivor = state.claim_b
        trace_root = state.trace_b
    else:
        self._claims[state.claim_b] = claim_word._eliminated(self._claims[state.claim_b])
        tournament -= tournament_word.ONE_ALIVE
    log IBracket.Decided(match_id=match_id, job_id=state.job_id, survivor=survivor)
    if survivor != empty(bytes32):
        tournament = self._meet(state.job_id, tournament, survivor, trace_root)
    self._tournaments[state.job_id] = tournament


# --- the disputed node


@internal
@pure
def _field(descriptor: Bytes[512], field: uint256) -> uint256:
    return extract32(descriptor, 4 * field, output_type=uint256) >> 224


@internal
@pure
def _require_descriptor(
    model: IArtifacts.Model,
    node: uint256,
    descriptor: Bytes[512],
    path: DynArray[bytes32, 32],
):
    """
    @notice The descriptor is that of this node of the model.
    """
    assert len(descriptor) == 512, "descriptor/path"
    assert len(path) == model_header._levels(model_header._nodes(model.header)), "descriptor/path"
    assert (
        merkle._root_from_path(merkle._leaf(descriptor), node, path) == model.descriptors_root
    ), "descriptor/path"
