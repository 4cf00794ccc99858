"""Weights along an axis of a tensor: what they are, and their multilinear extensions without writing them out.

``w(y) = Σ_{i < first_extent} Σ_{j < second_extent} first(i)·second(j)·[y = stride·i + dilation·j + offset]`` for
0 ≤ y < axis_extent, and 0 beyond; ``first(i) = eq(first_point, i)``, or 1 if the point is ``None``; likewise second. An
index that is absent has the point ``None`` and the extent 1. Points have their low variable first.

Or, with ``limb_bits`` s > 0, ``w(y) = 2^(s·y)`` at every place of the address space: see ``power_weights``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lockstep.crypto.goldilocks import MODULUS, ONE, ZERO, Element, add, embed, equality_bits, multiply, scale, subtract

Point = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class AxisWeight:
    """A weight for each place of an axis of ``axis_extent`` places in an address space of ``2^axis_bits``."""

    first_point: Point | None
    first_extent: int
    stride: int
    second_point: Point | None
    second_extent: int
    dilation: int
    offset: int
    axis_extent: int
    axis_bits: int
    limb_bits: int = 0

    @property
    def is_single(self) -> bool:
        """Whether only the first index matters."""
        return self.second_extent == 1 and not self.second_point

    @property
    def end(self) -> int:
        """One beyond the greatest address, for positive strides."""
        return self.stride * (self.first_extent - 1) + self.dilation * (self.second_extent - 1) + self.offset + 1


def plain_weights(point: Point, extent: int, axis_extent: int, axis_bits: int) -> AxisWeight:
    """The weights of an axis that one index addresses as it is."""
    return AxisWeight(point, extent, 1, None, 1, 1, 0, axis_extent, axis_bits)


def power_weights(limb_bits: int, axis_bits: int) -> AxisWeight:
    """The weights ``2^(limb_bits · y)``: limbs of so many bits, the lowest first, are put together."""
    extent = 1 << axis_bits
    return AxisWeight(None, extent, 1, None, 1, 1, 0, extent, axis_bits, limb_bits)


def equality_table(point: Sequence[Element]) -> list[Element]:
    """``eq(point, i)`` for all i."""
    table = [ONE]
    for real, phi in point:
        high = [((real * a + 7 * phi * b) % MODULUS, (real * b + phi * a) % MODULUS) for a, b in table]
        table = [((a - c) % MODULUS, (b - d) % MODULUS) for (a, b), (c, d) in zip(table, high, strict=True)] + high
    return table


def index_weights(point: Point | None, extent: int) -> list[Element]:
    """The weights of the places of one index."""
    if point is None:
        return [ONE] * extent
    weights = equality_table(point)[:extent]
    return weights + [ZERO] * (extent - len(weights))


def axis_weights(weight: AxisWeight) -> list[Element]:
    """The definition: every place's weight, written out."""
    if weight.limb_bits:
        return [embed(1 << weight.limb_bits * y) for y in range(weight.axis_extent)]
    values = [ZERO] * weight.axis_extent
    second = index_weights(weight.second_point, weight.second_extent)
    for i, first in enumerate(index_weights(weight.first_point, weight.first_extent)):
        for j, factor in enumerate(second):
            y = weight.stride * i + weight.dilation * j + weight.offset
            if 0 <= y < weight.axis_extent:
                values[y] = add(values[y], multiply(first, factor))
    return values


def axis_sum(weight: AxisWeight) -> Element:
    """The sum of all weights: their product with the tensor of ones."""
    if weight.stride < 1 or weight.limb_bits:
        return _sum(axis_weights(weight))
    total = ZERO
    for j, factor in enumerate(index_weights(weight.second_point, weight.second_extent)):
        first, end = _range(weight, weight.offset + weight.dilation * j)
        total = add(total, multiply(factor, _index_range_sum(weight.first_point, first, end)))
    return total


def evaluate_axis(weight: AxisWeight, point: Sequence[Element]) -> Element:
    """``Σ_y eq(point, y)·w(y)``: about a dozen products a bit for one index, written out for windows."""
    if weight.limb_bits:
        return power_sum(point, embed(1 << weight.limb_bits))
    shift = weight.stride.bit_length() - 1
    if weight.stride < 1 or weight.stride != 1 << shift:
        return _evaluate_written_out(weight, point)
    if weight.is_single:
        low = equality_bits(point[:shift], weight.offset % weight.stride)
        first, end = _range(weight, weight.offset)
        return multiply(low, _evaluate_shifted(weight.first_point, point[shift:], first, end, weight.offset >> shift))
    is_split = weight.dilation == 1 and weight.offset == 0 and weight.second_extent <= weight.stride
    if is_split and weight.end <= weight.axis_extent:
        low = _evaluate_shifted(weight.second_point, point[:shift], 0, weight.second_extent, 0)
        return multiply(low, _evaluate_shifted(weight.first_point, point[shift:], 0, weight.first_extent, 0))
    return _evaluate_written_out(weight, point)


def power_sum(point: Sequence[Element], base: Element) -> Element:
    """``Σ_i base^i·eq(point, i) = Π_k (1 − point_k + point_k·base^(2^k))``."""
    value = ONE
    for bit in point:
        value = multiply(value, add(subtract(ONE, bit), multiply(bit, base)))
        base = multiply(base, base)
    return value


def prefix_sum(point: Sequence[Element], count: int) -> Element:
    """``Σ_{i < count} eq(point, i)``."""
    return _prefix_sums(point, count)[0]


def truncated_equality(left: Sequence[Element], right: Sequence[Element], count: int) -> Element:
    """``Σ_{i < count} eq(left, i)·eq(right, i)``; the shorter point is extended with zeros."""
    less_real, less_phi, full_real, full_phi = 0, 0, 1, 0
    for k in range(max(len(left), len(right), count.bit_length())):
        a, b = left[k] if k < len(left) else ZERO, right[k] if k < len(right) else ZERO
        both_real = a[0] * b[0] + 7 * a[1] * b[1]
        both_phi = a[0] * b[1] + a[1] * b[0]
        none_real = (1 - a[0] - b[0] + both_real) % MODULUS
        none_phi = (both_phi - a[1] - b[1]) % MODULUS
        kept_real = none_real * full_real + 7 * none_phi * full_phi
        kept_phi = none_real * full_phi + none_phi * full_real
        other_real, other_phi = both_real % MODULUS, both_phi % MODULUS
        if count >> k & 1:
            less_real, less_phi = (
                (kept_real + other_real * less_real + 7 * other_phi * less_phi) % MODULUS,
                (kept_phi + other_real * less_phi + other_phi * less_real) % MODULUS,
            )
        else:
            less_real, less_phi = (
                (none_real * less_real + 7 * none_phi * less_phi) % MODULUS,
                (none_real * less_phi + none_phi * less_real) % MODULUS,
            )
        full_real, full_phi = (
            (kept_real + other_real * full_real + 7 * other_phi * full_phi) % MODULUS,
            (kept_phi + other_real * full_phi + other_phi * full_real) % MODULUS,
        )
    return less_real, less_phi


def shifted_equality(left: Sequence[Element], right: Sequence[Element], count: int, shift: int) -> Element:
    """``Σ_{i < count} eq(left, i)·eq(right, i + shift)``, addresses modulo a power of two beyond both.

    Bits from the lowest; ``sums[carry][is_less]`` are the sums over the low bits of i that lead to this carry and are
    less than the low bits of count, or not.
    """
    bits = max(len(left), len(right), count.bit_length(), abs(shift).bit_length()) + 1
    sums = [[ONE, ZERO], [ZERO, ZERO]]
    for k in range(bits):
        a, b = left[k] if k < len(left) else ZERO, right[k] if k < len(right) else ZERO
        both = multiply(a, b)
        only_a, only_b = subtract(a, both), subtract(b, both)
        table = ((subtract(subtract(ONE, a), only_b), only_b), (only_a, both))
        following = [[ZERO, ZERO], [ZERO, ZERO]]
        for i in (0, 1):
            for carry in (0, 1):
                total = i + (shift >> k & 1) + carry
                factor = table[i][total & 1]
                for is_less in (0, 1):
                    next_less = is_less if i == count >> k & 1 else i < count >> k & 1
                    target = following[total >> 1]
                    target[next_less] = add(target[next_less], multiply(factor, sums[carry][is_less]))
        sums = following
    return add(sums[0][1], sums[1][1])


def clamped_value(point: Sequence[Element], low: int, high: int) -> Element:
    """``Σ_i eq(point, i)·min(max(i, low), high)``."""
    below_low, sum_low = _prefix_sums(point, low)
    below_high, sum_high = _prefix_sums(point, high)
    ends = add(scale(below_low, low), scale(subtract(ONE, below_high), high))
    return add(ends, subtract(sum_high, sum_low))


def index_value(point: Sequence[Element]) -> Element:
    """``Σ_i eq(point, i)·i``."""
    return _sum(scale(value, 1 << k) for k, value in enumerate(point))


def _prefix_sums(point: Sequence[Element], count: int) -> tuple[Element, Element]:
    """Over i < count: the sums of ``eq(point, i)`` and of ``eq(point, i)·i``."""
    if count >= 1 << len(point):
        return ONE, index_value(point)
    less, less_index, all_index = ZERO, ZERO, ZERO
    for k, bit in enumerate(point):
        none = subtract(ONE, bit)
        if count >> k & 1:
            less_index = add(multiply(none, all_index), multiply(bit, add(less_index, scale(less, 1 << k))))
            less = add(none, multiply(bit, less))
        else:
            less_index = multiply(none, less_index)
            less = multiply(none, less)
        all_index = add(all_index, scale(bit, 1 << k))
    return less, less_index


def _sum(values: Iterable[Element]) -> Element:
    total = ZERO
    for value in values:
        total = add(total, value)
    return total


def _range(weight: AxisWeight, offset: int) -> tuple[int, int]:
    """Which i have ``0 ≤ stride·i + offset < axis_extent``: from, and to before."""
    first = max(0, -(offset // weight.stride))
    end = min(weight.first_extent, -((offset - weight.axis_extent) // weight.stride))
    return (first, end) if first < end else (0, 0)


def _index_range_sum(point: Point | None, first: int, end: int) -> Element:
    if point is None:
        return embed(end - first)
    if first == 0:
        return prefix_sum(point, end)
    return subtract(prefix_sum(point, end), prefix_sum(point, first))


def _evaluate_shifted(index: Point | None, point: Sequence[Element], first: int, end: int, shift: int) -> Element:
    """``Σ_{first ≤ i < end} weight(i)·eq(point, i + shift)``; the addresses are inside the axis."""
    if first >= end:
        return ZERO
    if index is None:
        return subtract(prefix_sum(point, end + shift), prefix_sum(point, first + shift))
    bits = len(index)
    if first == 0 and shift % (1 << bits) == 0:
        high = equality_bits(point[bits:], shift >> bits)
        return multiply(high, truncated_equality(index, point[:bits], end))
    value = shifted_equality(index, point, end, shift)
    return subtract(value, shifted_equality(index, point, first, shift)) if first else value


def _evaluate_written_out(weight: AxisWeight, point: Sequence[Element]) -> Element:
    table = equality_table(point)
    second = index_weights(weight.second_point, weight.second_extent)
    total_real = total_phi = 0
    for i, (a, b) in enumerate(index_weights(weight.first_point, weight.first_extent)):
        real = phi = 0
        for j, (c, d) in enumerate(second):
            y = weight.stride * i + weight.dilation * j + weight.offset
            if 0 <= y < weight.axis_extent:
                e, f = table[y]
                real += c * e + 7 * d * f
                phi += c * f + d * e
        real, phi = real % MODULUS, phi % MODULUS
        total_real += a * real + 7 * b * phi
        total_phi += a * phi + b * real
    return total_real % MODULUS, total_phi % MODULUS
