# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title DigitConsumer
@notice A contract that asks a model about images, and keeps the answers that it is handed.
@dev The contract is the requester, so refunds come to it. Invariants:
     1. An answer is stored only from the Arbiter, for a question that was asked here.
     2. The balance here and the credit at the Arbiter cover every fee that came back and was not passed on yet.
"""
from ..interfaces import IArbiter
from ..interfaces import IConsumer

implements: IConsumer

ARBITER: public(immutable(IArbiter))
MODEL_ID: public(immutable(bytes32))

# Who asked, by job.
asker_of: public(HashMap[bytes32, address])
output_root_of: public(HashMap[bytes32, bytes32])
output_of: public(HashMap[bytes32, Bytes[512]])

_refunded: HashMap[bytes32, bool]
_nonce: uint256


event Asked:
    job_id: indexed(bytes32)
    asker: indexed(address)


event Answered:
    job_id: indexed(bytes32)
    output_root: bytes32


@deploy
def __init__(arbiter: IArbiter, model_id: bytes32):
    ARBITER = arbiter
    MODEL_ID = model_id


@external
@payable
def __default__():
    assert msg.sender == ARBITER.address, "only/arbiter"


@external
@payable
def ask(
    input_root: bytes32,
    bond: uint256,
    window: uint256,
    respond_by: uint256,
    callback_gas: uint256,
    image: Bytes[16384],
) -> bytes32:
    """
    @notice Ask about one image; the fee is what is sent along.
    """
    self._nonce += 1
    job: IArbiter.Job = IArbiter.Job(
        requester=self,
        model_id=MODEL_ID,
        input_root=input_root,
        passes=1,
        fee=msg.value,
        bond=bond,
        window=window,
        respond_by=respond_by,
        callback_gas=callback_gas,
        nonce=self._nonce,
    )
    job_id: bytes32 = extcall ARBITER.request(job, image, value=msg.value)
    self.asker_of[job_id] = msg.sender
    log Asked(job_id=job_id, asker=msg.sender)
    return job_id


@external
def on_result(job_id: bytes32, output_root: bytes32, output: Bytes[512]):
    assert msg.sender == ARBITER.address, "only/arbiter"
    assert self.asker_of[job_id] != empty(address), "job/unknown"
    # Without its bytes the answer is of no use here: refuse, and be called again with them.
    assert len(output) != 0, "output/preimage"
    self.output_root_of[job_id] = output_root
    self.output_of[job_id] = output
    log Answered(job_id=job_id, output_root=output_root)


@external
def refund(job: IArbiter.Job):
    """
    @notice Pass the fee of a job that was not answered, or not rightly, on to who asked.
    """
    job_id: bytes32 = staticcall ARBITER.job_id_of(job)
    asker: address = self.asker_of[job_id]
    assert asker != empty(address), "job/unknown"
    assert not self._refunded[job_id], "job/already-done"
    record: IArbiter.Record = staticcall ARBITER.record_of(job_id)
    assert record.refunded, "job/status"
    self._refunded[job_id] = True
    # One withdrawal fetches the fees of all refunded jobs; they wait here for their askers.
    if staticcall ARBITER.credit_of(self) != 0:
        extcall ARBITER.withdraw()
    raw_call(asker, b"", value=job.fee)
