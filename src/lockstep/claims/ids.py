"""Names by content: jobs, claims and commitments to claims (integer-graph.md, section 4; dispute.md, section 3)."""

from dataclasses import astuple

from eth_abi.abi import encode

from lockstep.claims.job import Job
from lockstep.crypto.hashing import keccak256
from lockstep.types import Address, Digest

JOB_TYPE = "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)"


def job_id(chain_id: int, arbiter: Address, job: Job) -> Digest:
    """``H(abi_encode(chain_id, arbiter, job))``."""
    return keccak256(encode(["uint256", "address", JOB_TYPE], [chain_id, arbiter, astuple(job)]))


def claim_id(job: Digest, output_root: Digest, trace_root: Digest) -> Digest:
    """``H(job_id ‖ output_root ‖ trace_root)``."""
    return keccak256(job, output_root, trace_root)


def commitment(job: Digest, claim: Digest, sender: Address, salt: Digest) -> Digest:
    """``H(job_id ‖ claim_id ‖ sender ‖ salt)``, the sender as 20 bytes."""
    return keccak256(job, claim, bytes.fromhex(sender[2:]), salt)
