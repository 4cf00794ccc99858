# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title How a job is named: by the hash of its terms, on one chain, at one Arbiter
"""
from ..interfaces import IArbiter


@internal
@view
def _job_id(arbiter: address, job: IArbiter.Job) -> bytes32:
    return keccak256(abi_encode(chain.id, arbiter, job))


@internal
@pure
def _claim_id(job_id: bytes32, output_root: bytes32, trace_root: bytes32) -> bytes32:
    return keccak256(concat(job_id, output_root, trace_root))
