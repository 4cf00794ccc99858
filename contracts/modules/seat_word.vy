# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One storage word of a seat: operator (160 bits), ticket (40), round (8), group (8), demanded (1), opened (1)
@dev The first two as `Stake.draw` gives them. Group: 1 + its number, 0 while the member has not revealed.
"""

TICKET_SHIFT: constant(uint256) = 160
ROUND_SHIFT: constant(uint256) = 200
GROUP_SHIFT: constant(uint256) = 208
DEMANDED: constant(uint256) = 1 << 216
OPENED: constant(uint256) = 1 << 217
ADDRESS_MASK: constant(uint256) = 2**160 - 1
TICKET_MASK: constant(uint256) = 2**40 - 1
BYTE: constant(uint256) = 2**8 - 1


@internal
@pure
def _operator(word: uint256) -> address:
    return convert(word & ADDRESS_MASK, address)


@internal
@pure
def _ticket(word: uint256) -> uint256:
    return (word >> TICKET_SHIFT) & TICKET_MASK


@internal
@pure
def _round(word: uint256) -> uint256:
    return (word >> ROUND_SHIFT) & BYTE


@internal
@pure
def _group(word: uint256) -> uint256:
    return (word >> GROUP_SHIFT) & BYTE
