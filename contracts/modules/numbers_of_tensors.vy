# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title A tensor's bytes as the numbers that a proof's statement lists
@dev From offset binary of 8, 16, 32 or 64 bits (integer-graph.md section 1) to a count of 4 bytes and 8 bytes a number,
     signed (proof.md section 5, P0). Four numbers fill a word.
"""

MOST_NUMBERS: constant(uint256) = 1024
FEW_NUMBERS: constant(uint256) = 512


@internal
@pure
def _numbers(data: Bytes[8192], width: uint256) -> Bytes[8196]:
    """
    @notice At most 1,024 numbers.
    """
    size: uint256 = self._bytes_of(width)
    count: uint256 = len(data) // size
    assert count * size == len(data) and count <= MOST_NUMBERS, "desk/numbers"
    filled: Bytes[8224] = concat(data, empty(bytes32))
    words: uint256[256] = empty(uint256[256])
    for i: uint256 in range(count, bound=MOST_NUMBERS):
        code: uint256 = extract32(filled, i * size, output_type=uint256) >> (256 - width)
        words[i >> 2] |= self._signed(code, width) << (192 - 64 * (i & 3))
    return concat(self._count(count), slice(abi_encode(words), 0, 8 * count))


@internal
@pure
def _few_numbers(data: Bytes[512], width: uint256) -> Bytes[4100]:
    """
    @notice At most 512 numbers.
    """
    size: uint256 = self._bytes_of(width)
    count: uint256 = len(data) // size
    assert count * size == len(data), "desk/numbers"
    filled: Bytes[544] = concat(data, empty(bytes32))
    words: uint256[128] = empty(uint256[128])
    for i: uint256 in range(count, bound=FEW_NUMBERS):
        code: uint256 = extract32(filled, i * size, output_type=uint256) >> (256 - width)
        words[i >> 2] |= self._signed(code, width) << (192 - 64 * (i & 3))
    return concat(self._count(count), slice(abi_encode(words), 0, 8 * count))


@internal
@pure
def _bytes_of(width: uint256) -> uint256:
    assert width == 8 or width == 16 or width == 32 or width == 64, "desk/width"
    return width >> 3


@internal
@pure
def _signed(code: uint256, width: uint256) -> uint256:
    """
    @notice The 64 low bits of `code - 2 ** (width - 1)`.
    """
    return unsafe_sub(code, 1 << (width - 1)) & (2**64 - 1)


@internal
@pure
def _count(count: uint256) -> bytes4:
    return convert(convert(count, uint32), bytes4)
