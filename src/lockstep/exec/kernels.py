"""Compiled operators other than products. Each computes elements ``start … stop − 1`` by the formula of ``reference``.

``numbers`` holds a node's numbers in the order of ``NUMBERS``. Integer arithmetic is 64 bits wide: a valid graph does
not exceed it (integer-graph.md, section 2). Loops run over slices from 0, or over unsigned indices: a signed index may
count from the end, and the check for that keeps a loop from being vectorised.
"""

import numpy as np
from numba import njit

NUMBERS = (
    "zero_point", "multiplier", "multiplier2", "shift", "rounding", "low", "high", "first_zero_point",
    "second_zero_point",
)  # fmt: skip


@njit(inline="always")
def _clamp(value, numbers):  # type: ignore[no-untyped-def]
    return min(max(value + numbers[0], numbers[5]), numbers[6])


@njit(inline="always")
def _requantise(accumulator, multiplier, numbers):  # type: ignore[no-untyped-def]
    return _clamp((accumulator * multiplier + numbers[4]) >> numbers[3], numbers)


@njit(nogil=True, cache=True)
def requant(start, stop, x, numbers, out):  # type: ignore[no-untyped-def]
    """REQUANT without a table, and what ends an ACCUMULATE."""
    x, out = x[start:stop], out[start:stop]
    for e in range(len(out)):
        out[e] = _requantise(np.int64(x[e]) - numbers[7], numbers[1], numbers)


@njit(nogil=True, cache=True)
def requant_channels(start, stop, x, table, numbers, out):  # type: ignore[no-untyped-def]
    """``table``: ``[channels, 2]`` of (bias, multiplier)."""
    channels = len(table)
    for e in range(start, stop):
        row = table[e % channels]
        out[e] = _requantise((np.int64(x[e]) - numbers[7]) * numbers[2] + row[0], row[1], numbers)


@njit(nogil=True, cache=True)
def add(start, stop, a, b, numbers, out):  # type: ignore[no-untyped-def]
    """ADD, of any width."""
    za, zb, m, m2 = numbers[7], numbers[8], numbers[1], numbers[2]
    z, s, r, low, high = numbers[0], numbers[3], numbers[4], numbers[5], numbers[6]
    a, b, out = a[start:stop], b[start:stop], out[start:stop]
    for e in range(len(out)):
        total = (np.int64(a[e]) - za) * m + (np.int64(b[e]) - zb) * m2
        out[e] = out.dtype.type(min(max(((total + r) >> s) + z, low), high))


@njit(nogil=True, cache=True)
def add_narrow(start, stop, a, b, numbers, out):  # type: ignore[no-untyped-def]
    """``add`` for values of at most 16 bits and shifts of at most 50, four at a time.

    |sum + r| < 2^51, so binary64 is exact, and so is dividing by a power of two. The clamp commutes with the floor.
    """
    za, zb, z = np.int32(numbers[7]), np.int32(numbers[8]), np.int32(numbers[0])
    m, m2 = np.float64(numbers[1]), np.float64(numbers[2])
    rounding, scale = np.float64(numbers[4]), 1.0 / np.float64(np.int64(1) << numbers[3])
    low, high = np.float64(numbers[5] - numbers[0]), np.float64(numbers[6] - numbers[0])
    a, b, out = a[start:stop], b[start:stop], out[start:stop]
    for e in range(len(out)):
        first, second = np.int32(np.int32(a[e]) - za), np.int32(np.int32(b[e]) - zb)
        value = (np.float64(first) * m + np.float64(second) * m2 + rounding) * scale
        value = low if value < low else value
        value = high if value > high else value
        out[e] = out.dtype.type(np.int32(np.int32(np.floor(value)) + z))


@njit(nogil=True, cache=True)
def multiply(start, stop, a, b, numbers, out):  # type: ignore[no-untyped-def]
    """MUL."""
    a, b, out = a[start:stop], b[start:stop], out[start:stop]
    for e in range(len(out)):
        product = (np.int64(a[e]) - numbers[7]) * (np.int64(b[e]) - numbers[8])
        out[e] = _requantise(product, numbers[1], numbers)


@njit(nogil=True, cache=True, error_model="numpy")
def divide(start, stop, a, b, numbers, out):  # type: ignore[no-untyped-def]
    """DIV."""
    for e in range(start, stop):
        divisor = np.int64(b[e]) - numbers[8]
        quotient = np.int64(0)
        if divisor > 0:
            quotient = ((np.int64(a[e]) - numbers[7]) * numbers[1] + divisor // 2) // divisor
        out[e] = _clamp(quotient, numbers)


@njit(nogil=True, cache=True)
def look_up(start, stop, x, table, out):  # type: ignore[no-untyped-def]
    """LUT."""
    middle = len(table) // 2
    for e in range(start, stop):
        out[e] = table[middle + x[e]]


@njit(nogil=True, cache=True)
def max_pool(start, stop, x, window, out):  # type: ignore[no-untyped-def]
    """Output pixels start … stop − 1. ``window``: attributes a0 … a11, then output height and width."""
    height, width, channels = window[0], window[1], window[2]
    for row in range(start, stop):
        image, pixel = divmod(row, window[12] * window[13])
        oh, ow = divmod(pixel, window[13])
        first_tap = True
        for kh in range(window[3]):
            y = oh * window[6] - window[8] + kh * window[10]
            if y < 0 or y >= height:
                continue
            for kw in range(window[4]):
                column = ow * window[7] - window[9] + kw * window[11]
                if column < 0 or column >= width:
                    continue
                source = np.uint64(((image * height + y) * width + column) * channels)
                target = np.uint64(row * channels)
                if first_tap:
                    for c in range(np.uint64(channels)):
                        out[target + c] = x[source + c]
                    first_tap = False
                else:
                    for c in range(np.uint64(channels)):
                        value, best = x[source + c], out[target + c]
                        out[target + c] = value if value > best else best


@njit(nogil=True, cache=True, error_model="numpy")
def average_pool(start, stop, x, window, numbers, out):  # type: ignore[no-untyped-def]
    """As ``max_pool``; a5 is 1 if taps outside the image count. ``⌊a / (n·2^s)⌋ = ⌊⌊a / 2^s⌋ / n⌋``."""
    height, width, channels = window[0], window[1], window[2]
    totals = np.empty(channels, np.int64)
    for row in range(start, stop):
        image, pixel = divmod(row, window[12] * window[13])
        oh, ow = divmod(pixel, window[13])
        totals[:] = 0
        taps = 0
        for kh in range(window[3]):
            y = oh * window[6] - window[8] + kh * window[10]
            for kw in range(window[4]):
                column = ow * window[7] - window[9] + kw * window[11]
                if 0 <= y < height and 0 <= column < width:
                    begin = ((image * height + y) * width + column) * channels
                    taps += 1
                    for c in range(channels):
                        totals[c] += x[begin + c]
        zeros = taps * numbers[7]
        n = window[3] * window[4] if window[5] == 1 else taps
        half = n << (numbers[3] - 1)
        for c in range(channels):
            scaled = ((totals[c] - zeros) * numbers[1] + half) >> numbers[3]
            out[row * channels + c] = _clamp(scaled // n, numbers)


@njit(nogil=True, cache=True)
def total(start, stop, x, run, numbers, out):  # type: ignore[no-untyped-def]
    """``run``: length, stride and offset."""
    for e in range(start, stop):
        first = run[2] + e * run[1]
        accumulator = -run[0] * numbers[7]
        for k in range(run[0]):
            accumulator += x[first + k]
        out[e] = _requantise(accumulator, numbers[1], numbers)


@njit(nogil=True, cache=True)
def greatest(start, stop, x, run, positions, out):  # type: ignore[no-untyped-def]
    """The greatest of each run, or its position if ``positions`` is 1."""
    for e in range(start, stop):
        first = run[2] + e * run[1]
        best = 0
        for k in range(1, run[0]):
            if x[first + k] > x[first + best]:
                best = k
        out[e] = best if positions == 1 else x[first + best]


@njit(nogil=True, cache=True)
def walk_trees(start, stop, x, nodes, values, out):  # type: ignore[no-untyped-def]
    """TREES. Pairs ``row · trees + tree``; ``nodes`` and ``values`` by tree, ``out``: ``[rows, outputs, trees]``."""
    trees = len(nodes)
    for pair in range(start, stop):
        row, tree = divmod(pair, trees)
        node = 0
        while node >= 0:
            at = nodes[tree, node]
            node = at[2] if x[row, at[0]] <= at[1] else at[3]
        leaf = values[tree, -1 - node]
        for o in range(len(leaf)):
            out[row, o, tree] = leaf[o]
