# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One storage word of a tournament: opened (40 bits), challenges (32), held (32), alive (32), trace levels (8), flags
@dev Zero: no tournament. Counters grow by one a transaction within a join period, so 32 bits never overflow; subtracting
     below zero would borrow from the neighbour, so `held` and `alive` are decreased only for what was counted before.
"""

CHALLENGES_SHIFT: constant(uint256) = 40
HELD_SHIFT: constant(uint256) = 72
ALIVE_SHIFT: constant(uint256) = 104
LEVELS_SHIFT: constant(uint256) = 136
DEFENDED: constant(uint256) = 1 << 144
WAITING: constant(uint256) = 1 << 145
RESOLVED: constant(uint256) = 1 << 146
TIME_MASK: constant(uint256) = 2**40 - 1
COUNT_MASK: constant(uint256) = 2**32 - 1
LEVELS_MASK: constant(uint256) = 2**8 - 1

ONE_CHALLENGE: constant(uint256) = (1 << 40) + (1 << 72)
ONE_HELD: constant(uint256) = 1 << 72
ONE_ALIVE: constant(uint256) = 1 << 104


@internal
@pure
def _opened(word: uint256) -> uint256:
    return word & TIME_MASK


@internal
@pure
def _challenges(word: uint256) -> uint256:
    return (word >> CHALLENGES_SHIFT) & COUNT_MASK


@internal
@pure
def _held(word: uint256) -> uint256:
    return (word >> HELD_SHIFT) & COUNT_MASK


@internal
@pure
def _alive(word: uint256) -> uint256:
    return (word >> ALIVE_SHIFT) & COUNT_MASK


@internal
@pure
def _trace_levels(word: uint256) -> uint256:
    return (word >> LEVELS_SHIFT) & LEVELS_MASK


@internal
@pure
def _with_trace_levels(word: uint256, levels: uint256) -> uint256:
    """
    @notice Sets the levels, which were not known before (a trace has at least four).
    """
    return word | (levels << LEVELS_SHIFT)
