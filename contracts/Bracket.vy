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
     2. Balance = credits + what was burnt (events `Resolved`) + for each tournament that is not resolved the claimant's bond
        and the held challenge bonds.
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
from .modules import disputed_tensor
from .modules import job_terms
from .modules import joining
from .modules import matches
from .modules import merkle
from .modules import model_header
from .modules import tiles
from .modules import tournament_word

implements: IBracket

initializes: credits
initializes: matches
initializes: joining[credits := credits, matches := matches]

exports: (credits.credit_of, credits.withdraw)
exports: (
    matches.MATCH_SECONDS,
    matches.claim_of,
    matches.tournament_of,
    matches.match_of,
    matches.verdict,
)
exports: (
    joining.ARBITER,
    joining.ARTIFACTS,
    joining.CHALLENGE_BOND,
    joining.JOIN_SECONDS,
    joining.CLOCK_SECONDS,
    joining.challenge,
    joining.defend,
    joining.join,
    joining.reclaim,
)

# Share of what the losers put up that goes to the owner of the winning claim; the rest is burnt, so that lying and
# then refuting oneself costs half a bond (decision 0013).
REWARD_PERCENT: constant(uint256) = 50

STEPS: public(immutable(ISteps))


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
    """
    @param arbiter Deployed just before, for the address that this contract gets.
    """
    matches.__init__(match_seconds)
    joining.__init__(arbiter, artifacts, challenge_bond, join_seconds, clock_seconds)
    STEPS = steps


@external
@payable
@reentrant
def __default__():
    """
    @dev The claimant's bond, which the Arbiter sends while `challenge` runs.
    """
    assert msg.sender == joining.ARBITER.address, "only/arbiter"


# --- moves: anybody may send them for either side


@external
def descend(state: IBracket.Match, descent: IBracket.Descent, next: bytes32[16]):
    """
    @notice Four levels down in a tree: to the first of 16 grandchildren in which the two sides differ.
    """
    match_id: bytes32 = matches._require_running(state)
    assert (
        (state.phase == IBracket.Phase.TRACE and state.levels > 4)
        or state.phase == IBracket.Phase.TILES
        or state.phase == IBracket.Phase.OUTPUTS
    ), "bracket/phase"
    after: IBracket.Match = matches._descended(state, descent)
    after.levels = state.levels - 4
    after.position = 16 * state.position + descent.index
    if after.levels != 0:
        matches._move(match_id, after, descent.child_mine, next)
    elif state.phase == IBracket.Phase.OUTPUTS:
        after.phase = IBracket.Phase.OUTPUT
        matches._move_without_kids(match_id, after)
    elif after.position < state.tiles:
        after.phase = IBracket.Phase.REVEAL
        matches._move_without_kids(match_id, after)
    else:
        zero: bytes32 = merkle._leaf(abi_encode(empty(uint256[16])))
        matches._decide(match_id, state, after.node_a == zero, after.node_b == zero)


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
    match_id: bytes32 = matches._require_running(state)
    assert state.phase == IBracket.Phase.TRACE and state.levels == 4, "bracket/phase"
    self._require_job(job, state)
    after: IBracket.Match = matches._descended(state, descent)
    after.item = 16 * state.position + descent.index
    model: IArtifacts.Model = staticcall joining.ARTIFACTS.model_of(job.model_id)
    node_levels: uint256 = model_header._node_levels(model.header)
    node: uint256 = after.item & ((1 << node_levels) - 1)
    if after.item >> node_levels >= job.passes or node >= model_header._nodes(model.header):
        matches._decide(
            match_id, state, after.node_a == empty(bytes32), after.node_b == empty(bytes32)
        )
        return
    disputed_tensor._require_descriptor(model, node, descriptor, descriptor_path)
    after.position = 0
    after.levels = disputed_tensor._field(descriptor, 4)
    after.tiles = disputed_tensor._field(descriptor, 5)
    if after.levels == 0:
        after.phase = IBracket.Phase.REVEAL
        matches._move_without_kids(match_id, after)
    else:
        after.phase = IBracket.Phase.TILES
        matches._move(match_id, after, descent.child_mine, next)


@external
def reveal(state: IBracket.Match, tile: Bytes[512]):
    """
    @notice The mover shows the bytes of the tile in which the sides differ; the other side has its own.
    """
    match_id: bytes32 = matches._require_running(state)
    assert state.phase == IBracket.Phase.REVEAL, "bracket/phase"
    node: bytes32 = state.node_a if state.turn == 0 else state.node_b
    assert merkle._leaf(tile) == node, "tile/preimage"
    after: IBracket.Match = state
    after.phase = IBracket.Phase.SETTLE
    after = matches._passed(match_id, after)
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
    match_id: bytes32 = matches._require_running(state)
    assert state.phase == IBracket.Phase.SETTLE, "bracket/phase"
    assert merkle._leaf(tile_a) == state.node_a, "tile/preimage"
    assert merkle._leaf(tile_b) == state.node_b, "tile/preimage"
    self._require_job(job, state)
    model: IArtifacts.Model = staticcall joining.ARTIFACTS.model_of(job.model_id)
    node_levels: uint256 = model_header._node_levels(model.header)
    node: uint256 = state.item & ((1 << node_levels) - 1)
    disputed_tensor._require_descriptor(model, node, descriptor, descriptor_path)
    first: uint256 = tiles._first_difference(tile_a, tile_b)
    end: uint256 = disputed_tensor._end(state, descriptor)
    if first >= end:
        matches._decide(
            match_id, state, tiles._is_zero_from(tile_a, end), tiles._is_zero_from(tile_b, end)
        )
        return
    width: uint256 = disputed_tensor._width(descriptor)
    first -= first % (width // 8)
    at: IStep.Position = disputed_tensor._position(job, model, state, first, width)
    kernel: address = staticcall STEPS.kernel_of(disputed_tensor._field(descriptor, 0))
    value: int256 = staticcall IStep(kernel).evaluate(at, descriptor, witness)
    claimed_a: int256 = tiles._value(tile_a, first, width)
    claimed_b: int256 = tiles._value(tile_b, first, width)
    log IBracket.Recomputed(
        match_id=match_id,
        item=state.item,
        element=at.element,
        value=value,
        claimed_a=claimed_a,
        claimed_b=claimed_b,
    )
    matches._decide(match_id, state, claimed_a == value, claimed_b == value)


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
    match_id: bytes32 = matches._require_running(state)
    assert state.phase == IBracket.Phase.OUTPUT_ROOTS, "bracket/phase"
    self._require_job(job, state)
    assert (
        job_terms._claim_id(state.job_id, output_a, state.trace_a) == state.claim_a
        and job_terms._claim_id(state.job_id, output_b, state.trace_b) == state.claim_b
    ), "bracket/outputs"
    header: bytes32 = staticcall joining.ARTIFACTS.header_of(job.model_id)
    after: IBracket.Match = state
    after.node_a = output_a
    after.node_b = output_b
    after.levels = model_header._levels(job.passes) + model_header._levels(
        model_header._outputs(header)
    )
    if after.levels == 0:
        after.phase = IBracket.Phase.OUTPUT
        matches._move_without_kids(match_id, after)
    else:
        after.phase = IBracket.Phase.OUTPUTS
        matches._move(match_id, after, output_a if state.turn == 0 else output_b, next)


@external
def settle_output(
    job: IArbiter.Job, state: IBracket.Match, tensor_root: bytes32, path: DynArray[bytes32, 64]
):
    """
    @notice Open the agreed trace at an output's node: who has another root there is out.
    """
    match_id: bytes32 = matches._require_running(state)
    assert state.phase == IBracket.Phase.OUTPUT, "bracket/phase"
    self._require_job(job, state)
    header: bytes32 = staticcall joining.ARTIFACTS.header_of(job.model_id)
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
    matches._decide(match_id, state, state.node_a == truth, state.node_b == truth)


@external
def timeout(state: IBracket.Match):
    """
    @notice The mover's clock has run out: it is eliminated.
    """
    match_id: bytes32 = matches._require_current(state)
    verdict: IBracket.Verdict = matches._verdict(state, block.timestamp)
    assert verdict != IBracket.Verdict.UNDECIDED, "bracket/clock"
    matches._decide(
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
    job_id: bytes32 = job_terms._job_id(joining.ARBITER.address, job)
    tournament: uint256 = matches.tournaments[job_id]
    assert tournament != 0, "bracket/closed"
    assert tournament & tournament_word.RESOLVED == 0, "bracket/already-done"
    assert block.timestamp >= tournament_word._opened(tournament) + joining.JOIN_SECONDS, "bracket/clock"
    matches.tournaments[job_id] = tournament | tournament_word.RESOLVED
    alive: uint256 = tournament_word._alive(tournament)
    pool: uint256 = job.bond + joining.CHALLENGE_BOND * tournament_word._held(tournament)
    if alive == 0:
        extcall joining.ARBITER.conclude(job, empty(bytes32))
        log IBracket.Resolved(
            job_id=job_id,
            claim_id=empty(bytes32),
            owner=empty(address),
            output_root=empty(bytes32),
            reward=0,
            burnt=pool,
        )
        return
    claim_id: bytes32 = job_terms._claim_id(job_id, output_root, trace_root)
    claim: uint256 = matches.claims[claim_id]
    assert alive == 1 and claim_word._is_alive(claim), "bracket/alive"
    claimant: address = empty(address)
    upheld: bool = False
    claimant, upheld = extcall joining.ARBITER.conclude(job, output_root)
    own: uint256 = joining.CHALLENGE_BOND
    if claim_word._order(claim) == 0:
        own = job.bond
    elif upheld:
        pool -= job.bond
        credits._credit(claimant, job.bond)
    reward: uint256 = (pool - own) * REWARD_PERCENT // 100
    log IBracket.Resolved(
        job_id=job_id,
        claim_id=claim_id,
        owner=claim_word._owner(claim),
        output_root=output_root,
        reward=reward,
        # Nobody is credited with it, and nothing but a credit leaves this contract.
        burnt=pool - own - reward,
    )
    credits._credit(claim_word._owner(claim), own + reward)


@internal
@view
def _require_job(job: IArbiter.Job, state: IBracket.Match):
    assert job_terms._job_id(joining.ARBITER.address, job) == state.job_id, "bracket/state"
