"""Compiled MATMUL and CONV: image patches as rows of a matrix, an exact product on float BLAS, requantised in place.

A matrix product is the convolution of an image one pixel wide. Sums of integers are exact in binary32 up to 2^24 and in
binary64 up to 2^53, in any order and with or without fused multiply-add (IEEE 754, section 5.1); ``product_plan`` cuts a
sum into terms that stay below. A term is a rectangle of the kernel: rows ``kh0 … kh1``, channels ``c0 … c1``.
"""

from typing import Any

import numpy as np
from numba import njit
from numba import types as nb
from numba.extending import overload

GEOMETRY = (
    "height", "width", "channels", "kernel_width", "stride_height", "stride_width", "pad_top", "pad_left",
    "dilation_height", "dilation_width", "output_height", "output_width", "groups", "group_channels",
    "output_channels", "first_output", "fill", "block_rows",
)  # fmt: skip
"""What the ``geometry`` array holds; ``fill`` is the value outside the image, ``block_rows`` what the buffers hold."""

TERM = ("first_row", "end_row", "first_channel", "end_channel", "first_weight", "length")


def _multiply(columns: Any, weights: Any, product: Any) -> None:
    """``product = columns @ weights``; overloaded below for compiled code."""
    np.matmul(columns, weights, out=product)


@overload(_multiply)
def _compile_multiply(columns, weights, product):  # type: ignore[no-untyped-def]  # noqa: ARG001  (numba wants the names)
    if isinstance(columns.dtype, nb.Float):

        def with_blas(columns, weights, product):  # type: ignore[no-untyped-def]
            np.dot(columns, weights, product)

        return with_blas

    def with_integers(columns, weights, product):  # type: ignore[no-untyped-def]
        product[:] = 0
        for row in range(columns.shape[0]):
            for k in range(columns.shape[1]):
                value = columns[row, k]
                for column in range(weights.shape[1]):
                    product[row, column] += value * weights[k, column]

    return with_integers


@njit(nogil=True, cache=True)
def gather_patches(first, count, group, x, geometry, term, columns):  # type: ignore[no-untyped-def]
    """``columns[row, :]`` = the values of ``x`` under one term of the kernel at output pixel ``first + row``."""
    height, width, channels, kernel_width = geometry[0], geometry[1], geometry[2], geometry[3]
    first_channel = group * geometry[13] + term[2]
    depth = term[3] - term[2]
    is_run = depth == channels and geometry[9] == 1
    fill = columns.dtype.type(geometry[16])
    at = 0
    for row in range(first, first + count):
        image, pixel = divmod(row, geometry[10] * geometry[11])
        oh, ow = divmod(pixel, geometry[11])
        left = ow * geometry[5] - geometry[7]
        for kh in range(term[0], term[1]):
            y = oh * geometry[4] - geometry[6] + kh * geometry[8]
            if y < 0 or y >= height:
                columns[at : at + kernel_width * depth] = fill
                at += kernel_width * depth
                continue
            source = (image * height + y) * width
            if is_run and left >= 0 and left + kernel_width <= width:
                begin = (source + left) * channels
                for i in range(kernel_width * depth):
                    columns[at + i] = columns.dtype.type(x[begin + i])
                at += kernel_width * depth
                continue
            for kw in range(kernel_width):
                column = left + kw * geometry[9]
                if column < 0 or column >= width:
                    columns[at : at + depth] = fill
                else:
                    begin = (source + column) * channels + first_channel
                    for i in range(depth):
                        columns[at + i] = columns.dtype.type(x[begin + i])
                at += depth


@njit(nogil=True, cache=True)
def requantise_rows(first, count, group, sums, geometry, bias, multiplier, numbers, out):  # type: ignore[no-untyped-def]
    """``out`` = rq(sum + bias; multiplier) of a block of rows and the outputs of one group (section 2)."""
    outputs = geometry[14]
    width = len(bias) // geometry[12]
    zero_point, shift, rounding, low, high = numbers[0], numbers[3], numbers[4], numbers[5], numbers[6]
    biases = bias[group * width : (group + 1) * width]
    multipliers = multiplier[group * width : (group + 1) * width]
    for row in range(count):
        begin = (first + row) * outputs + geometry[15] + group * width
        target = out[begin : begin + width]
        source = sums[row * width : (row + 1) * width]
        for j in range(width):
            total = np.int64(sums.dtype.type(source[j] + biases[j]))
            value = ((total * np.int64(multipliers[j]) + rounding) >> shift) + zero_point
            target[j] = out.dtype.type(min(max(value, low), high))


@njit(nogil=True, cache=True)
def multiply_patches(  # type: ignore[no-untyped-def]
    start, stop, x, geometry, terms, weights, bias, multiplier, numbers, columns, product, sums, out
):
    """Output pixels start … stop − 1 of a convolution. ``columns``, ``product``, ``sums``: buffers for a block of rows."""
    block_rows, groups = geometry[17], geometry[12]
    width = len(bias) // groups
    for first in range(start, stop, block_rows):
        count = min(block_rows, stop - first)
        cells = count * width
        for group in range(groups):
            for number in range(len(terms)):
                term = terms[number]
                length = term[5]
                gather_patches(first, count, group, x, geometry, term, columns)
                begin = term[4] + group * length * width
                _multiply(
                    columns[: count * length].reshape(count, length),
                    weights[begin : begin + length * width].reshape(length, width),
                    product[:cells].reshape(count, width),
                )
                if number == 0:
                    for i in range(cells):
                        sums[i] = sums.dtype.type(product[i])
                else:
                    for i in range(cells):
                        sums[i] += sums.dtype.type(product[i])
            requantise_rows(first, count, group, sums, geometry, bias, multiplier, numbers, out)


@njit(nogil=True, cache=True)
def convolve_depthwise(  # type: ignore[no-untyped-def]
    start, stop, x, geometry, terms, weights, bias, multiplier, numbers, columns, product, sums, out
):
    """As ``multiply_patches`` where every channel has its own kernel; ``weights`` is ``[taps, channels]``."""
    height, width, channels, kernel_width = geometry[0], geometry[1], geometry[2], geometry[3]
    single = geometry.copy()
    single[12] = 1
    accumulators = sums[:channels]
    for row in range(start, stop):
        image, pixel = divmod(row, geometry[10] * geometry[11])
        oh, ow = divmod(pixel, geometry[11])
        accumulators[:] = 0
        for kh in range(terms[0, 0], terms[0, 1]):
            y = oh * geometry[4] - geometry[6] + kh * geometry[8]
            for kw in range(kernel_width):
                column = ow * geometry[5] - geometry[7] + kw * geometry[9]
                tap = ((kh - terms[0, 0]) * kernel_width + kw) * channels
                kernel = weights[tap : tap + channels]
                if y < 0 or y >= height or column < 0 or column >= width:
                    for c in range(channels):
                        accumulators[c] += sums.dtype.type(geometry[16]) * kernel[c]
                else:
                    begin = ((image * height + y) * width + column) * channels
                    pixels = x[begin : begin + channels]
                    for c in range(channels):
                        accumulators[c] += sums.dtype.type(pixels[c]) * kernel[c]
        requantise_rows(row, 1, 0, accumulators, single, bias, multiplier, numbers, out)


@njit(nogil=True, cache=True)
def spread_weights(w, first, row_stride, zero_point, weights):  # type: ignore[no-untyped-def]
    """``weights[k, n] = w[first + n·stride + k] − zero point``: a computed operand as the right side of a product."""
    for n in range(weights.shape[1]):
        begin = first + n * row_stride
        for k in range(weights.shape[0]):
            weights[k, n] = w[begin + k] - zero_point
