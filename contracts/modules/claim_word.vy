# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One storage word of a claim: owner (160 bits), clock in seconds (40), order of its commitment (32), alive (1)
@dev Zero: nobody joined with the claim. Order 0: the claimant's own, which no commitment is older than.
"""

CLOCK_SHIFT: constant(uint256) = 160
ORDER_SHIFT: constant(uint256) = 200
ALIVE_SHIFT: constant(uint256) = 232
ADDRESS_MASK: constant(uint256) = 2**160 - 1
CLOCK_MASK: constant(uint256) = 2**40 - 1
ORDER_MASK: constant(uint256) = 2**32 - 1


@internal
@pure
def _pack(owner: address, clock: uint256, order: uint256) -> uint256:
    """
    @notice A claim that is alive.
    """
    return (
        (1 << ALIVE_SHIFT) | (order << ORDER_SHIFT) | (clock << CLOCK_SHIFT) | convert(owner, uint256)
    )


@internal
@pure
def _with_clock(word: uint256, clock: uint256) -> uint256:
    return (word & ~(CLOCK_MASK << CLOCK_SHIFT)) | (clock << CLOCK_SHIFT)


@internal
@pure
def _eliminated(word: uint256) -> uint256:
    return word & ~(1 << ALIVE_SHIFT)


@internal
@pure
def _owner(word: uint256) -> address:
    return convert(word & ADDRESS_MASK, address)


@internal
@pure
def _clock(word: uint256) -> uint256:
    return (word >> CLOCK_SHIFT) & CLOCK_MASK


@internal
@pure
def _order(word: uint256) -> uint256:
    return (word >> ORDER_SHIFT) & ORDER_MASK


@internal
@pure
def _is_alive(word: uint256) -> bool:
    return (word >> ALIVE_SHIFT) & 1 == 1
