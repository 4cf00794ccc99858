# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Exact dot products of two runs of codes in calldata, many products for each multiplication
@dev Multiplying two words as polynomials in 2^32 (or 2^64) puts the dot product of their lanes in the top lane, once one
     word's lanes stand in reverse. Codes are unsigned, so no lane borrows. Zero points come in at the end:
     sum (x - zx)(w - zw) = sum x w - zw sum x - zx sum w + n zx zw, with codes and zero points both shifted by 2^(width-1).
     Runs are read from the end, where a word always has calldata before it; what is left at the start is masked.
"""

from . import calldata

# One in every lane of 16, 32, 64, 128 bits.
ONES_16: constant(uint256) = max_value(uint256) // (2**16 - 1)
ONES_32: constant(uint256) = max_value(uint256) // (2**32 - 1)
ONES_64: constant(uint256) = max_value(uint256) // (2**64 - 1)
ONES_128: constant(uint256) = max_value(uint256) // (2**128 - 1)

LOW_8_OF_16: constant(uint256) = ONES_16 * (2**8 - 1)
LOW_8_OF_32: constant(uint256) = ONES_32 * (2**8 - 1)
LOW_16_OF_32: constant(uint256) = ONES_32 * (2**16 - 1)
LOW_16_OF_64: constant(uint256) = ONES_64 * (2**16 - 1)
LOW_32_OF_64: constant(uint256) = ONES_64 * (2**32 - 1)
LOW_64_OF_128: constant(uint256) = ONES_128 * (2**64 - 1)

LOW_128: constant(uint256) = 2**128 - 1
ONE: constant(uint256) = 1

# A witness has 16,384 bytes, so no run has more codes.
MAXIMUM_WORDS_8: constant(uint256) = 513
MAXIMUM_WORDS_16: constant(uint256) = 1025
MAXIMUM_CODES: constant(uint256) = 16384


# A run of codes: where it starts, its width in bits, its zero point.
struct Run:
    position: uint256
    width: uint256
    zero_point: int256


@internal
@view
def _dot(x: Run, w: Run, count: uint256) -> int256:
    assert count <= MAXIMUM_CODES, "step/too-large"
    if x.width > 16 or w.width > 16:
        return self._dot_wide(x, w, count)
    products: uint256 = 0
    sum_x: uint256 = 0
    sum_w: uint256 = 0
    if x.width == 8 and w.width == 8:
        products, sum_x, sum_w = self._sums_8(x.position + count, w.position + count, count)
    else:
        products, sum_x, sum_w = self._sums_16(
            x.position + count * (x.width >> 3), w.position + count * (w.width >> 3), x.width, w.width, count
        )
    zero_x: int256 = x.zero_point + convert(ONE << (x.width - 1), int256)
    zero_w: int256 = w.zero_point + convert(ONE << (w.width - 1), int256)
    return (
        convert(products, int256)
        - zero_w * convert(sum_x, int256)
        - zero_x * convert(sum_w, int256)
        + zero_x * zero_w * convert(count, int256)
    )


@internal
@view
def _sums_8(x_end: uint256, w_end: uint256, count: uint256) -> (uint256, uint256, uint256):
    """
    @notice Sums of products, of x codes and of w codes: 32 codes of 8 bits a word, in eight lanes of 32 bits.
    @dev A word adds at most 4 * 8 * 255^2 < 2^21 to a lane of products and 4 * 255 to a lane of sums; 513 words < 2^31.
    """
    products: uint256 = 0
    sums_x: uint256 = 0
    sums_w: uint256 = 0
    x_at: uint256 = x_end
    w_at: uint256 = w_end
    words: uint256 = (count + 31) >> 5
    for i: uint256 in range(words, bound=MAXIMUM_WORDS_8):
        x_at = unsafe_sub(x_at, 32)
        w_at = unsafe_sub(w_at, 32)
        x: uint256 = calldata._word(x_at)
        w: uint256 = calldata._word(w_at)
        rest: uint256 = unsafe_sub(count, i << 5)
        if rest < 32:
            kept: uint256 = unsafe_sub(ONE << (rest << 3), 1)
            x = x & kept
            w = w & kept
        w = (w << 128) | (w >> 128)
        w = ((w & LOW_64_OF_128) << 64) | ((w >> 64) & LOW_64_OF_128)
        w = ((w & LOW_32_OF_64) << 32) | ((w >> 32) & LOW_32_OF_64)
        for part: uint256 in range(4):
            x_lanes: uint256 = x & LOW_8_OF_32
            w_lanes: uint256 = w & LOW_8_OF_32
            products = unsafe_add(products, unsafe_mul(x_lanes, w_lanes))
            sums_x = unsafe_add(sums_x, x_lanes)
            sums_w = unsafe_add(sums_w, w_lanes)
            x = x >> 8
            w = w >> 8
    return products >> 224, unsafe_mul(sums_x, ONES_32) >> 224, unsafe_mul(sums_w, ONES_32) >> 224


@internal
@pure
def _widen(codes: uint256) -> uint256:
    """
    @notice The 16 codes of 8 bits in the lower half of a word, as 16 codes of 16 bits in the same order.
    """
    spread: uint256 = codes & LOW_128
    spread = (spread | (spread << 64)) & LOW_64_OF_128
    spread = (spread | (spread << 32)) & LOW_32_OF_64
    spread = (spread | (spread << 16)) & LOW_16_OF_32
    return (spread | (spread << 8)) & LOW_8_OF_16


@internal
@view
def _sums_16(
    x_end: uint256, w_end: uint256, x_width: uint256, w_width: uint256, count: uint256
) -> (uint256, uint256, uint256):
    """
    @notice As `_sums_8` for widths 8 and 16 in any mixture: 16 codes a word, in four lanes of 64 bits.
    @dev A word adds less than 4 * 4 * 2^32 = 2^36 to a lane of products; 1,025 words < 2^47.
    """
    products: uint256 = 0
    sums_x: uint256 = 0
    sums_w: uint256 = 0
    x_at: uint256 = x_end
    w_at: uint256 = w_end
    words: uint256 = (count + 15) >> 4
    for i: uint256 in range(words, bound=MAXIMUM_WORDS_16):
        x: uint256 = calldata._word(unsafe_sub(x_at, 32))
        w: uint256 = calldata._word(unsafe_sub(w_at, 32))
        if x_width == 8:
            x = self._widen(x)
        if w_width == 8:
            w = self._widen(w)
        x_at = unsafe_sub(x_at, x_width << 1)
        w_at = unsafe_sub(w_at, w_width << 1)
        rest: uint256 = unsafe_sub(count, i << 4)
        if rest < 16:
            kept: uint256 = unsafe_sub(ONE << (rest << 4), 1)
            x = x & kept
            w = w & kept
        w = (w << 128) | (w >> 128)
        w = ((w & LOW_64_OF_128) << 64) | ((w >> 64) & LOW_64_OF_128)
        for part: uint256 in range(4):
            x_lanes: uint256 = x & LOW_16_OF_64
            w_lanes: uint256 = w & LOW_16_OF_64
            products = unsafe_add(products, unsafe_mul(x_lanes, w_lanes))
            sums_x = unsafe_add(sums_x, x_lanes)
            sums_w = unsafe_add(sums_w, w_lanes)
            x = x >> 16
            w = w >> 16
    return products >> 192, unsafe_mul(sums_x, ONES_64) >> 192, unsafe_mul(sums_w, ONES_64) >> 192


@internal
@view
def _dot_wide(x: Run, w: Run, count: uint256) -> int256:
    """
    @notice The dot product one product at a time, for 32 and 64 bits.
    """
    total: int256 = 0
    x_at: uint256 = x.position
    w_at: uint256 = w.position
    for i: uint256 in range(count, bound=MAXIMUM_CODES):
        a: int256 = unsafe_sub(calldata._value(x_at, x.width), x.zero_point)
        b: int256 = unsafe_sub(calldata._value(w_at, w.width), w.zero_point)
        total = unsafe_add(total, unsafe_mul(a, b))
        x_at = unsafe_add(x_at, x.width >> 3)
        w_at = unsafe_add(w_at, w.width >> 3)
    return total
