# pragma version ==0.4.3
# pragma optimize gas
# pragma experimental-codegen
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One element of MAXPOOL, AVGPOOL, SUM, MAX or ARGMAX, from opened operands
@dev integer-graph.md sections 3 and 5. Equal to `lockstep.exec.reference` on every input (tests/differential).
     Venom code is what the fuzzing covers, and the cheaper one:
     MAXPOOL 3x3: 53,933 gas instead of 70,697; 11,566 bytes instead of 13,072.
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

MAXIMUM_COLUMNS: constant(uint256) = 16384  # bytes of a witness
MAXIMUM_WORDS: constant(uint256) = 513  # of 32 codes or fewer
ONE: constant(uint256) = 1


# Every operator here needs some of it. Codes are ordered as their values are.
struct Summary:
    total: uint256
    greatest: uint256
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
@pure
def _lanes(width: uint256) -> (uint256, uint256):
    """
    @notice The lower half of every lane of twice the width, and one in every such lane.
    """
    ones: uint256 = max_value(uint256) // unsafe_sub(ONE << (width << 1), 1)
    return unsafe_mul(ones, unsafe_sub(ONE << width, 1)), ones


@internal
@view
def _sum(position: uint256, width: uint256, count: uint256) -> uint256:
    """
    @notice The sum of codes that follow one another.
    @dev Two codes meet in a lane of twice their width; multiplying by one in every lane adds up the lanes in the top one.
         16 lanes of 16 bits: 32 * 255 < 2^16, and wider lanes have more room. Read from the end, see `dots`.
    """
    low: uint256 = 0
    ones: uint256 = 0
    low, ones = self._lanes(width)
    top: uint256 = unsafe_sub(256, width << 1)
    total: uint256 = 0
    length: uint256 = count * (width >> 3)
    words: uint256 = (length + 31) >> 5
    at: uint256 = position + length
    for i: uint256 in range(words, bound=MAXIMUM_WORDS):
        at = unsafe_sub(at, 32)
        codes: uint256 = calldata._word(at)
        rest: uint256 = unsafe_sub(length, i << 5)
        if rest < 32:
            codes = codes & unsafe_sub(ONE << (rest << 3), 1)
        pairs: uint256 = unsafe_add(codes & low, (codes >> width) & low)
        total = unsafe_add(total, unsafe_mul(pairs, ones) >> top)
    return total


@internal
@view
def _greatest(position: uint256, width: uint256, count: uint256) -> (uint256, uint256):
    """
    @notice The greatest of codes that follow one another, and its least position.
    @dev A word in which no code is greater than the greatest so far is passed over: in lanes of twice the width, adding
         2^width - 1 - greatest carries out of the lower half exactly if the code is greater.
    """
    low: uint256 = 0
    ones: uint256 = 0
    low, ones = self._lanes(width)
    carries: uint256 = ones << width
    size: uint256 = width >> 3
    codes_of_word: uint256 = 32 // size
    greatest: uint256 = 0
    greatest_at: uint256 = 0
    length: uint256 = count * size
    words: uint256 = (length + 31) >> 5
    for i: uint256 in range(words, bound=MAXIMUM_WORDS):
        # The word that ends with the codes, to the top: what stands after them may be the end of calldata.
        taken: uint256 = min(32, unsafe_sub(length, i << 5))
        at: uint256 = unsafe_add(position, unsafe_add(i << 5, taken))
        codes: uint256 = calldata._word(unsafe_sub(at, 32)) << unsafe_sub(256, taken << 3)
        room: uint256 = unsafe_mul(ones, unsafe_sub(unsafe_sub(ONE << width, 1), greatest))
        over: uint256 = unsafe_add(codes & low, room) | unsafe_add((codes >> width) & low, room)
        if over & carries == 0:
            continue
        for k: uint256 in range(codes_of_word, bound=32):
            code: uint256 = codes >> unsafe_sub(256, width)
            codes = codes << width
            if code > greatest:
                greatest = code
                greatest_at = unsafe_add(unsafe_mul(i, codes_of_word), k)
    return greatest, greatest_at


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
    columns: uint256 = convert(window.end_column - window.first_column, uint256)
    stride: uint256 = convert(window.column_step * window.channels, uint256) * (operand.width // 8)
    summary: Summary = empty(Summary)
    summary.count = len(rows) * columns
    for row: uint256 in rows:
        place: uint256 = row
        for k: uint256 in range(columns, bound=MAXIMUM_COLUMNS):
            code: uint256 = calldata._code(place, operand.width)
            summary.total += code
            summary.greatest = max(summary.greatest, code)
            place = unsafe_add(place, stride)
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
    count: uint256 = convert(length, uint256)
    if node.opcode == SUM:
        total: uint256 = self._sum(position, operand.width, count)
        summary: Summary = Summary(total=total, greatest=0, count=count)
        return requantise._requantise(node, self._total(summary, operand), node.multiplier)
    code: uint256 = 0
    place: uint256 = 0
    code, place = self._greatest(position, operand.width, count)
    if node.opcode == MAX:
        return self._value(code, operand.width)
    return convert(place, int256)
