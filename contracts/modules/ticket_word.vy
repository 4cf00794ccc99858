# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One storage word of a ticket: operator (160 bits), since (32), left (32), price in gwei (31), locked (1)
@dev Timestamps of 32 bits last until 2106. Zero: the place is free.
"""

SINCE_SHIFT: constant(uint256) = 160
LEFT_SHIFT: constant(uint256) = 192
PRICE_SHIFT: constant(uint256) = 224
LOCKED: constant(uint256) = 1 << 255
ADDRESS_MASK: constant(uint256) = 2**160 - 1
TIME_MASK: constant(uint256) = 2**32 - 1
PRICE_LIMIT: constant(uint256) = 2**31


@internal
@pure
def _pack(operator: address, since: uint256, price_gwei: uint256) -> uint256:
    return (price_gwei << PRICE_SHIFT) | (since << SINCE_SHIFT) | convert(operator, uint256)


@internal
@pure
def _with_left(word: uint256, left: uint256) -> uint256:
    """
    @notice Sets the time of leaving, which was zero.
    """
    return word | (left << LEFT_SHIFT)


@internal
@pure
def _unlocked(word: uint256, since: uint256) -> uint256:
    return (word & ~LOCKED & ~(TIME_MASK << SINCE_SHIFT)) | (since << SINCE_SHIFT)


@internal
@pure
def _operator(word: uint256) -> address:
    return convert(word & ADDRESS_MASK, address)


@internal
@pure
def _since(word: uint256) -> uint256:
    return (word >> SINCE_SHIFT) & TIME_MASK


@internal
@pure
def _left(word: uint256) -> uint256:
    return (word >> LEFT_SHIFT) & TIME_MASK


@internal
@pure
def _price_gwei(word: uint256) -> uint256:
    return (word >> PRICE_SHIFT) & (PRICE_LIMIT - 1)


@internal
@pure
def _can_be_drawn(word: uint256, drawn_for: uint256, price_gwei: uint256) -> bool:
    """
    @notice Whether the ticket stood, free and staying, when the question was asked, and takes its price.
    @dev By what was true before the question, so that nobody who knows the beacon can move a draw by coming or leaving.
    """
    left: uint256 = self._left(word)
    return (
        word != 0
        and word & LOCKED == 0
        and self._since(word) < drawn_for
        and (left == 0 or left >= drawn_for)
        and self._price_gwei(word) <= price_gwei
    )
