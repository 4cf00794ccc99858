# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title The taps of a two-dimensional window that lie inside the image, opened row by row
@dev integer-graph.md section 5, "Rows of a window". Shared by CONV and the pools; attribute numbers are the same for both.
"""

from . import descriptors
from . import openings
from ..interfaces import IStep

LEAF_BYTES: constant(uint256) = 512
MAXIMUM_ROWS: constant(uint256) = 64
MAXIMUM_RANGES: constant(uint256) = 16
MERGE_LEAVES: constant(uint256) = 2  # a gap of one leaf costs less than a second path


# Which taps of output element (n, oh, ow, channel) are inside: rows and columns from `first` to before `end`.
struct Window:
    channel: int256  # of the output
    image: int256  # n
    top: int256  # image row of kernel row 0
    left: int256  # image column of kernel column 0
    height: int256
    width: int256
    channels: int256
    row_step: int256  # dilation
    column_step: int256
    first_row: int256
    end_row: int256
    first_column: int256
    end_column: int256


@internal
@pure
def _first_inside(start: int256, step: int256) -> int256:
    """
    @notice The least k >= 0 with start + k * step >= 0.
    """
    if start >= 0:
        return 0
    return (step - 1 - start) // step


@internal
@pure
def _end_inside(start: int256, step: int256, size: int256) -> int256:
    """
    @notice The least k >= 0 with start + k * step >= size.
    """
    if start >= size:
        return 0
    return (size - start + step - 1) // step


@internal
@view
def _window(node: descriptors.Node, element: uint256, first_row: int256, end_row: int256) -> Window:
    """
    @notice The window of an output element, for the kernel rows first_row to before end_row.
    """
    assert node.rank == 4, "descriptor/malformed"
    rest: int256 = convert(element, int256)
    extent: int256 = descriptors._extent(node, 3)
    channel: int256 = rest % extent
    rest = rest // extent
    extent = descriptors._extent(node, 2)
    left: int256 = (rest % extent) * descriptors._attribute(node, 7) - descriptors._attribute(node, 9)
    rest = rest // extent
    extent = descriptors._extent(node, 1)
    top: int256 = (rest % extent) * descriptors._attribute(node, 6) - descriptors._attribute(node, 8)
    rest = rest // extent
    window: Window = Window(
        channel=channel,
        image=rest,
        top=top,
        left=left,
        height=descriptors._positive(node, 0),
        width=descriptors._positive(node, 1),
        channels=descriptors._positive(node, 2),
        row_step=descriptors._positive(node, 10),
        column_step=descriptors._positive(node, 11),
        first_row=0,
        end_row=0,
        first_column=0,
        end_column=0,
    )
    window.first_row = max(first_row, self._first_inside(top, window.row_step))
    window.end_row = min(end_row, self._end_inside(top, window.row_step, window.height))
    window.first_column = self._first_inside(left, window.column_step)
    window.end_column = min(
        descriptors._positive(node, 4), self._end_inside(left, window.column_step, window.width)
    )
    return window


@internal
@view
def _open_rows(
    at: IStep.Position,
    operand: descriptors.Operand,
    window: Window,
    first_channel: int256,
    last_channel: int256,
    cursor: uint256,
) -> (DynArray[uint256, MAXIMUM_ROWS], uint256):
    """
    @notice Where the first tap inside of each kernel row inside stands, and the cursor after all of them.
    """
    rows: DynArray[uint256, MAXIMUM_ROWS] = []
    following: uint256 = cursor
    if window.first_row >= window.end_row or window.first_column >= window.end_column:
        return rows, following
    count: uint256 = convert(window.end_row - window.first_row, uint256)
    assert count <= MAXIMUM_ROWS, "step/too-large"
    size: uint256 = operand.width // 8
    span: int256 = (
        (window.end_column - 1 - window.first_column) * window.column_step * window.channels
        + last_channel
        - first_channel
    )
    assert span >= 0 and first_channel >= 0 and last_channel < window.channels, "descriptor/malformed"
    # The row that is looked at, then the range that is growing.
    first: int256 = (
        (window.image * window.height + window.top + window.first_row * window.row_step) * window.width
        + window.left + window.first_column * window.column_step
    ) * window.channels + first_channel
    stride: int256 = window.row_step * window.width * window.channels
    range_first: int256 = first
    range_last: int256 = first + span
    ranges: uint256 = 1
    position: uint256 = 0
    for i: uint256 in range(count, bound=MAXIMUM_ROWS):
        first_leaf: uint256 = convert(first, uint256) * size // LEAF_BYTES
        if first_leaf > convert(range_last, uint256) * size // LEAF_BYTES + MERGE_LEAVES:
            position, following = openings._open(at, operand, range_first, range_last, following)
            range_first = first
            ranges += 1
            assert ranges <= MAXIMUM_RANGES, "step/too-large"
        range_last = first + span
        range_byte: uint256 = convert(range_first, uint256) * size
        rows.append(
            following + range_byte % LEAF_BYTES + convert(first - range_first, uint256) * size
        )
        first += stride
    position, following = openings._open(at, operand, range_first, range_last, following)
    return rows, following
