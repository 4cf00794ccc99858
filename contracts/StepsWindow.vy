# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One element of MAXPOOL, AVGPOOL, SUM, MAX or ARGMAX, from opened operands
@dev integer-graph.md sections 3 and 5. Equal to `lockstep.exec.reference` on every input (tests/differential).
"""

from .interfaces import IStep
from .modules import calldata
from .modules import descriptors
from .modules import openings
from .modules import requantise
from .modules import windows

implements: IStep

MAXPOOL: constant(uint256) = 9
AVGPOOL: constant(uint256) = 10
SUM: constant(uint256) = 11
MAX: constant(uint256) = 12
ARGMAX: constant(uint256) = 13

MAXIMUM_ELEMENTS: constant(uint256) = 16384  # bytes of a witness, so elements of a range


# What one pass over values leaves behind; every operator here needs some of it.
struct Summary:
    total: int256
    greatest: int256
    greatest_at: int256  # the least position of the greatest
    count: int256


@external
@view
def evaluate(at: IStep.Position, descriptor: Bytes[512], witness: Bytes[16384]) -> int256:
    node: descriptors.Node = descriptors._node()
    if node.opcode == MAXPOOL or node.opcode == AVGPOOL:
        return self._pool(at, node)
    assert node.opcode == SUM or node.opcode == MAX or node.opcode == ARGMAX, "step/opcode"
    return self._reduce(at, node)


@internal
@view
def _run(summary: Summary, position: uint256, width: uint256, count: uint256, stride: uint256) -> Summary:
    """
    @notice The summary after `count` more values, `stride` bytes apart.
    """
    assert count <= MAXIMUM_ELEMENTS, "step/too-large"
    result: Summary = summary
    place: uint256 = position
    for i: uint256 in range(count, bound=MAXIMUM_ELEMENTS):
        value: int256 = calldata._value(place, width)
        result.total = unsafe_add(result.total, value)
        if value > result.greatest:
            result.greatest = value
            result.greatest_at = result.count
        result.count = unsafe_add(result.count, 1)
        place = unsafe_add(place, stride)
    return result


@internal
@view
def _pool(at: IStep.Position, node: descriptors.Node) -> int256:
    operand: descriptors.Operand = descriptors._operand(node, 0)
    window: windows.Window = windows._window(node, at.element, 0, descriptors._positive(node, 3))
    rows: DynArray[uint256, 64] = []
    cursor: uint256 = openings._begin()
    rows, cursor = windows._open_rows(at, operand, window, window.channel, window.channel, cursor)
    openings._finish(cursor)
    assert len(rows) > 0, "descriptor/malformed"
    summary: Summary = Summary(total=0, greatest=min_value(int256), greatest_at=0, count=0)
    columns: uint256 = convert(window.end_column - window.first_column, uint256)
    stride: uint256 = convert(window.column_step * window.channels, uint256) * operand.width // 8
    for row: uint256 in rows:
        summary = self._run(summary, row, operand.width, columns, stride)
    if node.opcode == MAXPOOL:
        return summary.greatest
    return self._average(node, operand, summary)


@internal
@view
def _average(node: descriptors.Node, operand: descriptors.Operand, summary: Summary) -> int256:
    taps: int256 = summary.count
    if descriptors._attribute(node, 5) == 1:
        taps = descriptors._positive(node, 3) * descriptors._positive(node, 4)
    assert node.shift > 0, "descriptor/malformed"
    total: int256 = summary.total - summary.count * operand.zero_point
    numerator: int256 = total * node.multiplier + (taps << (node.shift - 1))
    return requantise._clamp(node, requantise._floor_division(numerator, taps << node.shift))


@internal
@view
def _reduce(at: IStep.Position, node: descriptors.Node) -> int256:
    operand: descriptors.Operand = descriptors._operand(node, 0)
    length: int256 = descriptors._positive(node, 0)
    first: int256 = (
        descriptors._attribute(node, 2)
        + convert(at.element, int256) * descriptors._attribute(node, 1)
    )
    position: uint256 = 0
    cursor: uint256 = openings._begin()
    position, cursor = openings._open(at, operand, first, first + length - 1, cursor)
    openings._finish(cursor)
    summary: Summary = Summary(total=0, greatest=min_value(int256), greatest_at=0, count=0)
    summary = self._run(summary, position, operand.width, convert(length, uint256), operand.width // 8)
    if node.opcode == SUM:
        total: int256 = summary.total - length * operand.zero_point
        return requantise._requantise(node, total, node.multiplier)
    if node.opcode == MAX:
        return summary.greatest
    return summary.greatest_at
