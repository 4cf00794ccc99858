# pragma version ==0.4.3
# pragma optimize gas
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Arbiter
@notice The life of a job, from the question to the delivered answer.
@dev dispute.md section 2. Invariants:
     1. A job moves only OPEN -> ASSERTED -> (DISPUTED ->) FINAL or VOID, OPEN -> FINAL (by proof) or OPEN -> VOID; every
        step but a dispute's can be taken by anybody, after a time that is bounded when the job is asked.
     2. Balance = fees of OPEN, ASSERTED and DISPUTED jobs + bonds of ASSERTED jobs + credits.
     3. All state is written before any call; only `deliver` and `withdraw` call strangers, and neither can stop a payment.
     4. No administrator.
@custom:kill None: jobs that were asked are decided by these rules.
"""
from .interfaces import IArbiter
from .interfaces import IConsumer
from .modules import credits
from .modules import job_terms
from .modules import job_word
from .modules import merkle
from .modules import model_header

implements: IArbiter

initializes: credits

exports: (credits.credit_of, credits.withdraw)

MAXIMUM_PASSES: constant(uint256) = 65536
# A year: no clock that a job names can be longer, so every job ends.
MAXIMUM_SECONDS: constant(uint256) = 31_536_000
# What is done in `deliver` around the callback, with a wide margin.
DELIVERY_RESERVE: constant(uint256) = 20_000

BRACKET: public(immutable(address))
DESK: public(immutable(address))
MINIMUM_BOND: public(immutable(uint256))

_words: HashMap[bytes32, uint256]
_output_roots: HashMap[bytes32, bytes32]


@deploy
def __init__(bracket: address, desk: address, minimum_bond: uint256):
    """
    @param bracket Where the Bracket will be: it checks, when it is deployed, that this names it.
    @param desk Where the ProofDesk will be; it decides jobs by proof.
    @param minimum_bond Wei; at least what refuting a false claim costs.
    """
    BRACKET = bracket
    DESK = desk
    MINIMUM_BOND = minimum_bond


@external
@payable
@reentrant
def request(job: IArbiter.Job, input_data: Bytes[16384]) -> bytes32:
    """
    @notice Ask. `input_data` is the input of all passes, or empty when it is in a store; who answers checks it.
    @dev Reentrant, as the views are: a consumer may ask its next question from inside its callback.
    """
    job_id: bytes32 = job_terms._job_id(self, job)
    assert self._words[job_id] == 0, "job/already-done"
    assert job.requester == msg.sender, "job/requester"
    assert msg.value == job.fee, "job/value"
    assert job.passes != 0 and job.passes <= MAXIMUM_PASSES, "job/passes"
    assert job.bond >= MINIMUM_BOND, "job/bond"
    assert job.window != 0 and job.window <= MAXIMUM_SECONDS, "job/window"
    assert job.respond_by > block.timestamp, "job/deadline"
    assert job.respond_by <= block.timestamp + MAXIMUM_SECONDS, "job/deadline"
    self._words[job_id] = job_word._pack(IArbiter.Status.OPEN, empty(address), 0)
    log IArbiter.Requested(
        job_id=job_id,
        requester=job.requester,
        model_id=job.model_id,
        job=job,
        input_data=input_data,
    )
    return job_id


@external
@payable
def assert_result(job: IArbiter.Job, output_root: bytes32):
    """
    @notice Answer, and put up a bond that the answer is true.
    """
    job_id: bytes32 = job_terms._job_id(self, job)
    self._require(self._words[job_id], IArbiter.Status.OPEN)
    assert block.timestamp < job.respond_by, "job/deadline"
    assert msg.value == job.bond, "job/value"
    assert output_root != empty(bytes32), "job/output"
    self._words[job_id] = job_word._pack(IArbiter.Status.ASSERTED, msg.sender, block.timestamp)
    self._output_roots[job_id] = output_root
    log IArbiter.Asserted(job_id=job_id, claimant=msg.sender, output_root=output_root)


@external
def cancel(job: IArbiter.Job):
    """
    @notice Nobody answered in time: the fee goes back to the requester.
    """
    job_id: bytes32 = job_terms._job_id(self, job)
    word: uint256 = self._words[job_id]
    assert job_word._status(word) != IArbiter.Status.VOID, "job/already-done"
    self._require(word, IArbiter.Status.OPEN)
    assert block.timestamp >= job.respond_by, "job/deadline"
    self._words[job_id] = job_word._with_refunded(
        job_word._with_status(word, IArbiter.Status.VOID)
    )
    credits._credit(job.requester, job.fee)
    log IArbiter.Voided(job_id=job_id)


@external
def finalise(job: IArbiter.Job):
    """
    @notice Nobody challenged within the window: the answer stands and the claimant is paid.
    """
    job_id: bytes32 = job_terms._job_id(self, job)
    word: uint256 = self._words[job_id]
    assert job_word._status(word) != IArbiter.Status.FINAL, "job/already-done"
    self._require(word, IArbiter.Status.ASSERTED)
    assert block.timestamp >= job_word._asserted_at(word) + job.window, "job/window"
    self._words[job_id] = job_word._with_status(word, IArbiter.Status.FINAL)
    credits._credit(job_word._claimant(word), job.fee + job.bond)
    log IArbiter.Finalised(job_id=job_id, output_root=self._output_roots[job_id])


@external
def open_dispute(job: IArbiter.Job) -> bytes32:
    """
    @notice The Bracket takes over the decision, and the bond that is at stake in it.
    """
    assert msg.sender == BRACKET, "only/bracket"
    job_id: bytes32 = job_terms._job_id(self, job)
    word: uint256 = self._words[job_id]
    self._require(word, IArbiter.Status.ASSERTED)
    assert block.timestamp < job_word._asserted_at(word) + job.window, "job/window"
    self._words[job_id] = job_word._with_status(word, IArbiter.Status.DISPUTED)
    log IArbiter.Disputed(job_id=job_id)
    # The Bracket accepts money from here only, within the stipend.
    send(BRACKET, job.bond)
    return job_id


@external
def conclude(job: IArbiter.Job, output_root: bytes32) -> (address, bool):
    """
    @notice The Bracket has decided; zero stands for "no claim survived".
    @return The claimant, and whether it asserted what was decided.
    """
    assert msg.sender == BRACKET, "only/bracket"
    job_id: bytes32 = job_terms._job_id(self, job)
    word: uint256 = self._words[job_id]
    self._require(word, IArbiter.Status.DISPUTED)
    claimant: address = job_word._claimant(word)
    upheld: bool = output_root == self._output_roots[job_id]
    payee: address = claimant
    if not upheld:
        payee = job.requester
        word = job_word._with_refunded(word)
    if output_root == empty(bytes32):
        self._words[job_id] = job_word._with_status(word, IArbiter.Status.VOID)
        log IArbiter.Voided(job_id=job_id)
    else:
        self._words[job_id] = job_word._with_status(word, IArbiter.Status.FINAL)
        self._output_roots[job_id] = output_root
        log IArbiter.Finalised(job_id=job_id, output_root=output_root)
    credits._credit(payee, job.fee)
    return claimant, upheld


@external
def settle(job: IArbiter.Job, output_root: bytes32, prover: address):
    """
    @notice The desk has seen a proof of the output: the job is final at once, whether somebody answered it or not.
    @dev A claimant that said the same is paid as if its window had ended. One that said otherwise loses its bond: half
         to the prover, who also has the fee, half to the requester, to whom it lied.
    """
    assert msg.sender == DESK, "only/desk"
    job_id: bytes32 = job_terms._job_id(self, job)
    word: uint256 = self._words[job_id]
    assert word != 0, "job/unknown"
    status: IArbiter.Status = job_word._status(word)
    if status == IArbiter.Status.OPEN:
        assert block.timestamp < job.respond_by, "job/deadline"
        self._words[job_id] = job_word._pack(IArbiter.Status.FINAL, prover, block.timestamp)
        credits._credit(prover, job.fee)
    else:
        assert status == IArbiter.Status.ASSERTED, "job/status"
        self._words[job_id] = job_word._with_status(word, IArbiter.Status.FINAL)
        if output_root == self._output_roots[job_id]:
            credits._credit(job_word._claimant(word), job.fee + job.bond)
        else:
            credits._credit(prover, job.fee + job.bond // 2)
            credits._credit(job.requester, job.bond - job.bond // 2)
    self._output_roots[job_id] = output_root
    log IArbiter.Settled(job_id=job_id, prover=prover, output_root=output_root)


@external
def deliver(job: IArbiter.Job, output: Bytes[512]) -> bool:
    """
    @notice Hand a final result to the contract that asked for it. A callback that fails can be tried again.
    """
    job_id: bytes32 = job_terms._job_id(self, job)
    word: uint256 = self._words[job_id]
    assert not job_word._is_delivered(word), "output/delivered"
    self._require(word, IArbiter.Status.FINAL)
    assert job.callback_gas != 0, "output/no-callback"
    output_root: bytes32 = self._output_roots[job_id]
    call_data: Bytes[644] = self._call_data(job_id, output_root, output)
    self._words[job_id] = job_word._with_delivered(word)
    # A call gets at most 63/64 of what is left; with less than it was promised it could be made to fail.
    assert msg.gas * 63 // 64 >= job.callback_gas + DELIVERY_RESERVE, "output/gas"
    success: bool = raw_call(
        job.requester, call_data, max_outsize=0, gas=job.callback_gas, revert_on_failure=False
    )
    if not success:
        self._words[job_id] = word
    log IArbiter.Delivered(job_id=job_id, success=success)
    return success


@internal
@pure
def _call_data(job_id: bytes32, output_root: bytes32, output: Bytes[512]) -> Bytes[644]:
    """
    @notice `on_result` with the output filled to a whole leaf, so that what a consumer gets has one form.
    """
    if len(output) == 0:
        return abi_encode(
            job_id, output_root, b"", method_id=method_id("on_result(bytes32,bytes32,bytes)")
        )
    zeros: Bytes[512] = abi_encode(empty(uint256[16]))
    tile: Bytes[512] = slice(concat(output, zeros), 0, 512)
    assert merkle._leaf(tile) == output_root, "output/preimage"
    return abi_encode(
        job_id, output_root, tile, method_id=method_id("on_result(bytes32,bytes32,bytes)")
    )


@internal
@pure
def _require(word: uint256, status: IArbiter.Status):
    assert word != 0, "job/unknown"
    assert job_word._status(word) == status, "job/status"


@external
@view
@reentrant
def job_id_of(job: IArbiter.Job) -> bytes32:
    return job_terms._job_id(self, job)


@external
@view
@reentrant
def record_of(job_id: bytes32) -> IArbiter.Record:
    word: uint256 = self._words[job_id]
    return IArbiter.Record(
        status=job_word._status(word),
        claimant=job_word._claimant(word),
        asserted_at=job_word._asserted_at(word),
        delivered=job_word._is_delivered(word),
        refunded=job_word._is_refunded(word),
        output_root=self._output_roots[job_id],
    )


@external
@view
@reentrant
def verify_result(
    job: IArbiter.Job, pass_index: uint256, output_digest: bytes32, path: DynArray[bytes32, 64]
) -> bool:
    """
    @notice Whether `output_digest` is result `pass_index` of a final batch.
    @dev The height is that of the job's passes: a longer or shorter path would prove a digest of another kind.
    """
    job_id: bytes32 = job_terms._job_id(self, job)
    return (
        job_word._status(self._words[job_id]) == IArbiter.Status.FINAL
        and pass_index < job.passes
        and len(path) == model_header._levels(job.passes)
        and merkle._root_from_path(output_digest, pass_index, path) == self._output_roots[job_id]
    )
