# pragma version ==0.4.3
# pragma optimize gas
# pragma experimental-codegen
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
ONE: constant(uint256) = 1


# What one pass over codes leaves behind; every operator here needs some of it. Codes are ordered as their values are.
struct Summary:
    total: uint256
    greatest: uint256
    greatest_at: uint256  # the least position of the greatest
    count: uint256


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
    @notice The summary after `count` more codes, `stride` bytes apart. A word holds many if there are no gaps.
    """
    assert count <= MAXIMUM_ELEMENTS, "step/too-large"
    result: Summary = summary
    size: uint256 = width >> 3
    codes_of_word: uint256 = 1
    step: uint256 = stride
    if stride == size:
        codes_of_word = 32 // size
        step = 32
    done: uint256 = 0
    place: uint256 = position
    for w: uint256 in range(MAXIMUM_ELEMENTS):
        if done == count:
            break
        taken: uint256 = min(codes_of_word, unsafe_sub(count, done))
        bytes_taken: uint256 = unsafe_mul(taken, size)
        # The word that ends with the codes: what stands after them may be the end of calldata.
        codes: uint256 = calldata._word(unsafe_sub(unsafe_add(place, bytes_taken), 32))
        codes = codes << unsafe_sub(256, bytes_taken << 3)
        for i: uint256 in range(taken, bound=32):
            code: uint256 = codes >> unsafe_sub(256, width)
            codes = codes << width
            result.total = unsafe_add(result.total, code)
            if code > result.greatest:
                result.greatest = code
                result.greatest_at = unsafe_add(result.count, unsafe_add(done, i))
        done = unsafe_add(done, taken)
        place = unsafe_add(place, step)
    result.count = unsafe_add(result.count, count)
    return result


@internal
@pure
def _value(code: uint256, width: uint256) -> int256:
    return convert(code, int256) - convert(ONE << (width - 1), int256)


@internal
@pure
def _total(summary: Summary, operand: descriptors.Operand) -> int256:
    """
    @notice The sum of values without their zero points.
    """
    bias: int256 = operand.zero_point + convert(ONE << (operand.width - 1), int256)
    return convert(summary.total, int256) - convert(summary.count, int256) * bias


@internal
@view
def _pool(at: IStep.Position, node: descriptors.Node) -> int256:
    operand: descriptors.Operand = descriptors._operand(node, 0)
    window: windows.Window = windows._window(node, at.element, 0, descriptors._positive(node, 3))
    rows: DynArray[uint256, 64] = []
    cursor: uint256 = openings._begin()
    rows, cursor = windows._open_rows(at, operand, window, window.channel, window.channel, cursor)
    assert len(rows) > 0, "descriptor/malformed"
    summary: Summary = empty(Summary)
    columns: uint256 = convert(window.end_column - window.first_column, uint256)
    stride: uint256 = convert(window.column_step * window.channels, uint256) * operand.width // 8
    for row: uint256 in rows:
        summary = self._run(summary, row, operand.width, columns, stride)
    result: int256 = self._value(summary.greatest, operand.width)
    if node.opcode == AVGPOOL:
        result = self._average(node, operand, summary)
    openings._finish(cursor)
    return result


@internal
@view
def _average(node: descriptors.Node, operand: descriptors.Operand, summary: Summary) -> int256:
    taps: int256 = convert(summary.count, int256)
    if descriptors._attribute(node, 5) == 1:
        taps = descriptors._positive(node, 3) * descriptors._positive(node, 4)
    assert node.shift > 0, "descriptor/malformed"
    numerator: int256 = self._total(summary, operand) * node.multiplier + (taps << (node.shift - 1))
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
    summary: Summary = empty(Summary)
    summary = self._run(summary, position, operand.width, convert(length, uint256), operand.width // 8)
    if node.opcode == SUM:
        return requantise._requantise(node, self._total(summary, operand), node.multiplier)
    if node.opcode == MAX:
        return self._value(summary.greatest, operand.width)
    return convert(summary.greatest_at, int256)
