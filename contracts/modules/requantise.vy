# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title From a wide accumulator back to a narrow value (integer-graph.md section 2)
@dev In 256 bits nothing overflows: accumulators stay below 2^140 and multipliers below 2^31.
"""

from . import calldata
from . import descriptors
from . import openings
from ..interfaces import IStep


@internal
@pure
def _clamp(node: descriptors.Node, scaled: int256) -> int256:
    return max(node.low, min(node.high, unsafe_add(scaled, node.zero_point)))


@internal
@pure
def _requantise(node: descriptors.Node, accumulator: int256, multiplier: int256) -> int256:
    scaled: int256 = unsafe_mul(accumulator, multiplier)
    if node.shift > 0:
        scaled = unsafe_add(scaled, 1 << unsafe_sub(node.shift, 1)) >> node.shift
    return self._clamp(node, scaled)


@internal
@pure
def _floor_division(numerator: int256, divisor: int256) -> int256:
    """
    @notice The floor of numerator / divisor, for a positive divisor.
    """
    quotient: int256 = numerator // divisor
    if numerator % divisor < 0:
        return quotient - 1
    return quotient


@internal
@view
def _table_row(
    at: IStep.Position, node: descriptors.Node, number: uint256, channel: int256, cursor: uint256
) -> (int256, int256, uint256):
    """
    @notice Bias and multiplier of a channel, and the cursor after them. The table is operand `number`, of `i64` pairs.
    """
    table: descriptors.Operand = descriptors._operand(node, number)
    assert table.width == 64, "descriptor/malformed"
    row: uint256 = 0
    following: uint256 = 0
    row, following = openings._open(at, table, 2 * channel, 2 * channel + 1, cursor)
    return calldata._value(row, 64), calldata._value(row + 8, 64), following
