# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title 512 bytes of a tensor: where two differ, what stands at an element, what stands after the end
@dev integer-graph.md section 1. A tile holds whole elements, because 512 is a multiple of every width.
"""

WORDS: constant(uint256) = 16
TILE_BYTES: constant(uint256) = 512


@internal
@pure
def _first_difference(tile_a: Bytes[512], tile_b: Bytes[512]) -> uint256:
    """
    @notice The first byte in which two tiles of different hash differ.
    """
    for word: uint256 in range(WORDS):
        difference: uint256 = extract32(tile_a, 32 * word, output_type=uint256) ^ extract32(
            tile_b, 32 * word, output_type=uint256
        )
        if difference != 0:
            for byte_index: uint256 in range(32):
                if difference >> (248 - 8 * byte_index) != 0:
                    return 32 * word + byte_index
    return TILE_BYTES


@internal
@pure
def _value(tile: Bytes[512], first_byte: uint256, width: uint256) -> int256:
    """
    @notice The value of `width` bits that starts at a byte which is a multiple of the width (offset binary).
    """
    word: uint256 = extract32(tile, first_byte & ~31, output_type=uint256)
    code: uint256 = (word >> (256 - 8 * (first_byte & 31) - width)) & ((1 << width) - 1)
    return convert(code, int256) - convert(1 << (width - 1), int256)


@internal
@pure
def _is_zero_from(tile: Bytes[512], first_byte: uint256) -> bool:
    for word: uint256 in range(first_byte // 32, WORDS, bound=16):
        content: uint256 = extract32(tile, 32 * word, output_type=uint256)
        if word == first_byte // 32:
            # Bytes of the same word that still belong to the tensor.
            content = content & (max_value(uint256) >> (8 * (first_byte & 31)))
        if content != 0:
            return False
    return True
