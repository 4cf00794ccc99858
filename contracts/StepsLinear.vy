# pragma version ==0.4.3
# pragma optimize gas
# pragma experimental-codegen
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One element of MATMUL or CONV, from opened operands
@dev integer-graph.md sections 3 and 5. Equal to `lockstep.exec.reference` on every input (tests/differential).
     Venom code is what the fuzzing covers, and the cheaper one:
     MATMUL of 512 i8: 65,878 gas instead of 82,807; 15,247 bytes instead of 17,050.
"""

from .interfaces import IStep
from .modules import descriptors
from .modules import dots
from .modules import openings
from .modules import requantise
from .modules import windows

implements: IStep

MATMUL: constant(uint256) = 1
CONV: constant(uint256) = 2

MAXIMUM_COLUMNS: constant(uint256) = 4096


# The part of a kernel that one node sums over: rows and channels, `first` to before `end`.
struct Part:
    first_row: int256
    end_row: int256
    first_channel: int256
    end_channel: int256


@external
@view
def evaluate(at: IStep.Position, descriptor: Bytes[512], witness: Bytes[16384]) -> int256:
    node: descriptors.Node = descriptors._node()
    if node.opcode == MATMUL:
        return self._matmul(at, node)
    assert node.opcode == CONV, "step/opcode"
    return self._conv(at, node)


@internal
@view
def _finish(
    at: IStep.Position, node: descriptors.Node, accumulator: int256, channel: int256, cursor: uint256
) -> int256:
    """
    @notice Adds the channel's bias if there is a table, and requantises.
    """
    if node.operands == 2:
        openings._finish(cursor)
        return requantise._requantise(node, accumulator, node.multiplier)
    bias: int256 = 0
    multiplier: int256 = 0
    following: uint256 = 0
    bias, multiplier, following = requantise._table_row(at, node, 2, channel, cursor)
    openings._finish(following)
    return requantise._requantise(node, accumulator + bias, multiplier)


@internal
@view
def _matmul(at: IStep.Position, node: descriptors.Node) -> int256:
    x: descriptors.Operand = descriptors._operand(node, 0)
    w: descriptors.Operand = descriptors._operand(node, 1)
    length: int256 = descriptors._positive(node, 0)
    columns: int256 = descriptors._positive(node, 5)
    column: int256 = convert(at.element, int256) % columns
    row: int256 = convert(at.element, int256) // columns
    batch: int256 = row // descriptors._positive(node, 6)
    x_first: int256 = descriptors._attribute(node, 2) + row * descriptors._attribute(node, 1)
    w_first: int256 = (
        descriptors._attribute(node, 4)
        + batch * descriptors._attribute(node, 7)
        + column * descriptors._attribute(node, 3)
    )
    x_at: uint256 = 0
    w_at: uint256 = 0
    cursor: uint256 = openings._begin()
    x_at, cursor = openings._open(at, x, x_first, x_first + length - 1, cursor)
    w_at, cursor = openings._open(at, w, w_first, w_first + length - 1, cursor)
    accumulator: int256 = dots._dot(
        dots.Run(position=x_at, width=x.width, zero_point=x.zero_point),
        dots.Run(position=w_at, width=w.width, zero_point=w.zero_point),
        convert(length, uint256),
    )
    return self._finish(at, node, accumulator, column, cursor)


@internal
@view
def _part(node: descriptors.Node) -> Part:
    rows: int256 = descriptors._attribute(node, 13)
    channels: int256 = descriptors._attribute(node, 14)
    part: Part = Part(
        first_row=rows >> 16,
        end_row=rows & 65535,
        first_channel=channels >> 16,
        end_channel=channels & 65535,
    )
    assert part.first_row >= 0 and part.first_row < part.end_row, "descriptor/malformed"
    assert part.end_row <= descriptors._positive(node, 3), "descriptor/malformed"
    assert part.first_channel >= 0 and part.first_channel < part.end_channel, "descriptor/malformed"
    assert part.end_channel <= descriptors._positive(node, 5), "descriptor/malformed"
    return part


@internal
@view
def _conv(at: IStep.Position, node: descriptors.Node) -> int256:
    x: descriptors.Operand = descriptors._operand(node, 0)
    w: descriptors.Operand = descriptors._operand(node, 1)
    part: Part = self._part(node)
    window: windows.Window = windows._window(node, at.element, part.first_row, part.end_row)
    columns: int256 = descriptors._positive(node, 4)
    depth: int256 = descriptors._positive(node, 5)  # channels of a kernel tap
    outputs_of_group: int256 = descriptors._extent(node, 3) // descriptors._positive(node, 12)
    assert outputs_of_group > 0, "descriptor/malformed"
    base: int256 = window.channel // outputs_of_group * depth
    rows: DynArray[uint256, 64] = []
    cursor: uint256 = openings._begin()
    rows, cursor = windows._open_rows(
        at, x, window, base + part.first_channel, base + part.end_channel - 1, cursor
    )
    kernel: int256 = window.channel * descriptors._positive(node, 3)
    w_first: int256 = (kernel + part.first_row) * columns * depth + part.first_channel
    w_last: int256 = (kernel + part.end_row) * columns * depth - depth + part.end_channel - 1
    w_at: uint256 = 0
    w_at, cursor = openings._open(at, w, w_first, w_last, cursor)
    skipped: int256 = ((window.first_row - part.first_row) * columns + window.first_column) * depth
    accumulator: int256 = 0
    if len(rows) > 0:
        accumulator = self._sum_rows(
            rows,
            window,
            dots.Run(position=0, width=x.width, zero_point=x.zero_point),
            dots.Run(position=w_at + convert(skipped, uint256) * (w.width >> 3), width=w.width, zero_point=w.zero_point),
            convert(part.end_channel - part.first_channel, uint256),
            convert(depth, uint256),
            convert(columns * depth, uint256),
        )
    return self._finish(at, node, accumulator, window.channel, cursor)


@internal
@view
def _sum_rows(
    rows: DynArray[uint256, 64],
    window: windows.Window,
    x: dots.Run,
    w: dots.Run,
    taken: uint256,
    depth: uint256,
    kernel_row: uint256,
) -> int256:
    """
    @notice The sum over the taps inside, `taken` channels each; w stands at the first tap inside.
    @dev Taps that follow one another without a gap in both operands are one dot product.
    """
    taps: uint256 = convert(window.end_column - window.first_column, uint256)
    step: uint256 = convert(window.column_step * window.channels, uint256)
    count: uint256 = taken
    if step == taken and depth == taken:
        count = taken * taps
        taps = 1
    total: int256 = 0
    w_row: dots.Run = w
    for row: uint256 in rows:
        x_tap: dots.Run = x
        x_tap.position = row
        w_tap: dots.Run = w_row
        for tap: uint256 in range(taps, bound=MAXIMUM_COLUMNS):
            total += dots._dot(x_tap, w_tap, count)
            x_tap.position += step * (x.width >> 3)
            w_tap.position += depth * (w.width >> 3)
        w_row.position += kernel_row * (w.width >> 3)
    return total
