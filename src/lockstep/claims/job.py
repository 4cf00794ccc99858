"""The terms of a job: what is asked, for how much, under which deadlines (docs/specs/dispute.md, section 2)."""

from dataclasses import dataclass

from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True, slots=True)
class Job:
    """Terms as the ``Arbiter`` hashes them; seconds, wei and Unix timestamps."""

    requester: Address
    model_id: Digest
    input_root: Digest
    passes: int
    fee: Amount
    bond: Amount
    window: int
    respond_by: int
    callback_gas: int
    nonce: int
