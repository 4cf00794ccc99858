# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One storage word of a job: claimant (160 bits), time of assertion (40), status (8), delivered (1), refunded (1)
@dev Vyper does not pack structs, so the packing stands here, once.
"""
from ..interfaces import IArbiter

TIME_SHIFT: constant(uint256) = 160
STATUS_SHIFT: constant(uint256) = 200
DELIVERED_SHIFT: constant(uint256) = 208
REFUNDED_SHIFT: constant(uint256) = 209
ADDRESS_MASK: constant(uint256) = 2**160 - 1
TIME_MASK: constant(uint256) = 2**40 - 1
STATUS_MASK: constant(uint256) = 2**8 - 1


@internal
@pure
def _pack(status: IArbiter.Status, claimant: address, asserted_at: uint256) -> uint256:
    return (
        (convert(status, uint256) << STATUS_SHIFT)
        | (asserted_at << TIME_SHIFT)
        | convert(claimant, uint256)
    )


@internal
@pure
def _with_status(word: uint256, status: IArbiter.Status) -> uint256:
    return (word & ~(STATUS_MASK << STATUS_SHIFT)) | (convert(status, uint256) << STATUS_SHIFT)


@internal
@pure
def _with_delivered(word: uint256) -> uint256:
    return word | (1 << DELIVERED_SHIFT)


@internal
@pure
def _with_refunded(word: uint256) -> uint256:
    return word | (1 << REFUNDED_SHIFT)


@internal
@pure
def _status(word: uint256) -> IArbiter.Status:
    return convert((word >> STATUS_SHIFT) & STATUS_MASK, IArbiter.Status)


@internal
@pure
def _claimant(word: uint256) -> address:
    return convert(word & ADDRESS_MASK, address)


@internal
@pure
def _asserted_at(word: uint256) -> uint256:
    return (word >> TIME_SHIFT) & TIME_MASK


@internal
@pure
def _is_delivered(word: uint256) -> bool:
    return (word >> DELIVERED_SHIFT) & 1 == 1


@internal
@pure
def _is_refunded(word: uint256) -> bool:
    return (word >> REFUNDED_SHIFT) & 1 == 1
