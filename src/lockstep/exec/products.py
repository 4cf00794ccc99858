"""Compiled MATMUL and CONV: image patches as rows of a matrix, an exact product on float BLAS, requantised in place.

A matrix product is the convolution of an image one pixel wide. Sums of integers are exact in binary32 up to 2^24 and in
binary64 up to 2^53, in any order and with or without fused multiply-add (IEEE 754, section 5.1); ``product_plan`` cuts
a sum into terms that stay below. A term is a rectangle of the kernel: some of its rows, some of its channels.
"""

from typing import Any

import numpy as np
from numba import njit
from numba import types as nb
from numba.extending import overload

GEOMETRY = (
    "height", "width", "channels", "kernel_width", "stride_height", "stride_width", "pad_top", "pad_left",
    "dilation_height", "dilation_width", "output_height", "output_width", "groups", "group_channels",
    "output_channels", "first_output", "fill", "block_rows", "group_outputs",
)  # fmt: skip
"""What the ``geometry`` array holds; ``fill`` is the value outside the image, ``block_rows`` what the buffers hold."""

SCALES = ("rounding", "two to the minus shift", "low minus zero point", "high minus zero point")
"""What the ``scales`` array holds, in binary64."""

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
    """``columns[row, :]`` = the values of ``x`` under one term of the kernel at output pixel ``first + row``.

    Indices are unsigned: a signed index may count from the end, and the check for that keeps a loop from being
    vectorised. A run is a kernel row whose taps lie one after another in the image.
    """
    height, width, channels, kernel_width = geometry[0], geometry[1], geometry[2], geometry[3]
    stride_height, stride_width, pad_top, pad_left = geometry[4], geometry[5], geometry[6], geometry[7]
    row_step, column_step, output_height, output_width = geometry[8], geometry[9], geometry[10], geometry[11]
    first_channel, depth = group * geometry[13] + term[2], term[3] - term[2]
    is_run = column_step == 1 and (depth == channels or kernel_width == 1)
    pieces, taps = (1, kernel_width) if is_run else (kernel_width, 1)
    length = np.uint64(taps * depth)
    fill = columns.dtype.type(geometry[16])
    at = np.uint64(0)
    image, pixel = divmod(first, output_height * output_width)
    oh, ow = divmod(pixel, output_width)
    for _ in range(count):
        first_left = ow * stride_width - pad_left
        is_simple = is_run and first_left >= 0 and first_left + taps <= width
        for kh in range(term[0], term[1]):
            y = oh * stride_height - pad_top + kh * row_step
            is_row_inside = y >= 0 and y < height
            if is_simple and is_row_inside:
                source = np.uint64(((image * height + y) * width + first_left) * channels + first_channel)
                for i in range(length):
                    columns[at + i] = columns.dtype.type(x[source + i])
                at += length
                continue
            for piece in range(pieces):
                left = first_left + piece * column_step
                source = np.uint64(((image * height + y) * width + left) * channels + first_channel)
                if not is_row_inside:
                    for i in range(length):
                        columns[at + i] = fill
                elif left >= 0 and left + taps <= width:
                    for i in range(length):
                        columns[at + i] = columns.dtype.type(x[source + i])
                else:
                    skipped = min(max(-left, 0), taps)
                    begin = np.uint64(skipped * depth)
                    end = np.uint64(max(min(width - left, taps), skipped) * depth)
                    for i in range(begin):
                        columns[at + i] = fill
                    for i in range(begin, end):
                        columns[at + i] = columns.dtype.type(x[source + i])
                    for i in range(end, length):
                        columns[at + i] = fill
                at += length
        ow += 1
        if ow == output_width:
            ow, oh = 0, oh + 1
            if oh == output_height:
                oh, image = 0, image + 1


@njit(nogil=True, cache=True)
def gather_planes(first, count, x, geometry, term, columns):  # type: ignore[no-untyped-def]
    """``gather_patches`` transposed, for images of one channel read at every column.

    The values under one tap at neighbouring pixels are neighbours in the image, and there are more of them than taps.
    """
    height, width, kernel_width = geometry[0], geometry[1], geometry[3]
    output_height, output_width = geometry[10], geometry[11]
    fill = columns.dtype.type(geometry[16])
    first_image, pixel = divmod(first, output_height * output_width)
    first_oh, first_ow = divmod(pixel, output_width)
    at = np.uint64(0)
    for kh in range(term[0], term[1]):
        for kw in range(kernel_width):
            image, oh, ow, left_over = first_image, first_oh, first_ow, count
            while left_over > 0:
                length = min(output_width - ow, left_over)
                y = oh * geometry[4] - geometry[6] + kh * geometry[8]
                left = ow - geometry[7] + kw * geometry[9]
                source = np.uint64((image * height + y) * width + left)
                begin, end = np.uint64(length), np.uint64(length)
                if y >= 0 and y < height:
                    begin = np.uint64(min(max(-left, 0), length))
                    end = np.uint64(max(min(width - left, length), min(max(-left, 0), length)))
                for i in range(begin):
                    columns[at + i] = fill
                for i in range(begin, end):
                    columns[at + i] = columns.dtype.type(x[source + i])
                for i in range(end, np.uint64(length)):
                    columns[at + i] = fill
                at += np.uint64(length)
                left_over -= length
                ow, oh = 0, oh + 1
                if oh == output_height:
                    oh, image = 0, image + 1


def _requantise(source: Any, bias: Any, multiplier: Any, numbers: Any, scales: Any, target: Any) -> None:
    """``target`` = rq(source + bias; multiplier), channels repeating every ``len(bias)``; overloaded below."""
    raise NotImplementedError


@overload(_requantise)
def _compile_requantise(source, bias, multiplier, numbers, scales, target):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """Multipliers in binary64 mean that four channels are done at once, and exactly.

    A product past 2^53, where it would be rounded, is past the clamp (``plan_products`` checks); below that everything
    is an integer, or one divided by a power of two.
    """
    if isinstance(multiplier.dtype, nb.Float):

        def in_binary64(source, bias, multiplier, numbers, scales, target):  # type: ignore[no-untyped-def]
            zero_point = np.int32(numbers[0])
            rounding, scale, low, high = scales[0], scales[1], scales[2], scales[3]
            channels = len(bias)
            for first in range(0, len(source), channels):
                values, results = source[first : first + channels], target[first : first + channels]
                for j in range(len(values)):
                    total = np.int32(np.int32(values[j]) + bias[j])
                    value = (np.float64(total) * multiplier[j] + rounding) * scale
                    value = low if value < low else value
                    value = high if value > high else value
                    results[j] = target.dtype.type(np.int32(np.int32(np.floor(value)) + zero_point))

        return in_binary64

    def in_int64(source, bias, multiplier, numbers, scales, target):  # type: ignore[no-untyped-def]  # noqa: ARG001
        zero_point, shift, rounding, low, high = numbers[0], numbers[3], numbers[4], numbers[5], numbers[6]
        channels = len(bias)
        for first in range(0, len(source), channels):
            values, results = source[first : first + channels], target[first : first + channels]
            for j in range(len(values)):
                value = (((np.int64(values[j]) + bias[j]) * multiplier[j] + rounding) >> shift) + zero_point
                results[j] = target.dtype.type(min(max(value, low), high))

    return in_int64


@njit(nogil=True, cache=True)
def _requantise_block(  # type: ignore[no-untyped-def]
    first, count, group, source, geometry, bias, multiplier, numbers, scales, out
):
    """Rows ``first … first + count − 1`` of the outputs of one group."""
    outputs, width = geometry[14], geometry[18]
    if width == outputs:
        _requantise(source, bias, multiplier, numbers, scales, out[first * outputs : (first + count) * outputs])
        return
    biases, multipliers = bias[group * width :][:width], multiplier[group * width :][:width]
    for row in range(count):
        begin = (first + row) * outputs + geometry[15] + group * width
        values = source[row * width : (row + 1) * width]
        _requantise(values, biases, multipliers, numbers, scales, out[begin : begin + width])


@njit(nogil=True, cache=True)
def multiply_patches(  # type: ignore[no-untyped-def]
    start, stop, x, geometry, terms, weights, bias, multiplier, numbers, scales, columns, product, sums, out
):
    """Output pixels start … stop − 1 of a convolution. ``columns``, ``product``, ``sums``: buffers for a block."""
    block_rows, width = geometry[17], geometry[18]
    is_planar = geometry[2] == 1 and geometry[5] == 1 and geometry[11] > geometry[3]
    for first in range(start, stop, block_rows):
        count = min(block_rows, stop - first)
        cells = count * width
        for group in range(geometry[12]):
            for number in range(len(terms)):
                length = terms[number, 5]
                begin = terms[number, 4] + group * length * width
                kernel = weights[begin : begin + length * width].reshape(length, width)
                patches = columns[: count * length]
                if is_planar:
                    gather_planes(first, count, x, geometry, terms[number], columns)
                    _multiply(patches.reshape(length, count).T, kernel, product[:cells].reshape(count, width))
                else:
                    gather_patches(first, count, group, x, geometry, terms[number], columns)
                    _multiply(patches.reshape(count, length), kernel, product[:cells].reshape(count, width))
                if len(terms) > 1:
                    for i in range(cells):
                        before = sums[i] if number > 0 else sums.dtype.type(0)
                        sums[i] = sums.dtype.type(before + sums.dtype.type(product[i]))
            if len(terms) > 1:
                _requantise_block(first, count, group, sums[:cells], geometry, bias, multiplier, numbers, scales, out)
            else:
                _requantise_block(
                    first, count, group, product[:cells], geometry, bias, multiplier, numbers, scales, out
                )


@njit(nogil=True, cache=True)
def convolve_depthwise(  # type: ignore[no-untyped-def]
    start, stop, x, geometry, terms, weights, bias, multiplier, numbers, scales, _columns, _product, sums, out
):
    """As ``multiply_patches`` where every channel has its own kernel; ``weights``: integers ``[taps, channels]``."""
    height, width, channels, kernel_width = geometry[0], geometry[1], geometry[2], geometry[3]
    fill = sums.dtype.type(geometry[16])
    for row in range(start, stop):
        image, pixel = divmod(row, geometry[10] * geometry[11])
        oh, ow = divmod(pixel, geometry[11])
        sums[:channels] = 0
        for kh in range(terms[0, 0], terms[0, 1]):
            y = oh * geometry[4] - geometry[6] + kh * geometry[8]
            for kw in range(kernel_width):
                column = ow * geometry[5] - geometry[7] + kw * geometry[9]
                tap = ((kh - terms[0, 0]) * kernel_width + kw) * channels
                kernel = weights[tap : tap + channels]
                if y < 0 or y >= height or column < 0 or column >= width:
                    for c in range(channels):
                        sums[c] += fill * kernel[c]
                else:
                    begin = ((image * height + y) * width + column) * channels
                    pixels = x[begin : begin + channels]
                    for c in range(channels):
                        sums[c] += sums.dtype.type(pixels[c]) * kernel[c]
        target = out[row * channels : (row + 1) * channels]
        _requantise(sums[:channels], bias, multiplier, numbers, scales, target)
