"""DIV: ``y·D + rest + above − below = N`` with 0 ≤ rest < D, where ``above`` is 0 unless y is at its top, ``below`` …

A divisor d ≤ 0 makes the quotient 0: then D = 1 and N = 0. A flag says which; it is 1 exactly where d > 0.
"""

from dataclasses import dataclass

from lockstep.proof.arithmetise.assembler import used_loops
from lockstep.proof.arithmetise.context import Context, Read
from lockstep.proof.arithmetise.elementwise import pair
from lockstep.proof.arithmetise.expressions import Affine
from lockstep.proof.arithmetise.loops import Extents
from lockstep.proof.arithmetise.ranges import require_no_wrap
from lockstep.proof.arithmetise.recipes import Excess, Floor, IsPositive, Masked, NodeValue


@dataclass(frozen=True)
class Fraction:
    """Numerator and divisor, at least 1, with the bounds of their magnitudes."""

    numerator: Affine
    divisor: Affine
    largest_numerator: int
    largest_divisor: int


def arithmetise_div(context: Context, number: int) -> None:
    """``d ≤ 0``: ``clamp(z)``, else ``clamp(⌊((a − za)·m + ⌊d/2⌋) / d⌋ + z, lo, hi)``."""
    node = context.graph.nodes[number]
    read = pair(context, number)
    fraction = _fraction(context, number, read)
    assembler, ranges, ending, loops = context.assembler, context.ranges, context.ending(number), read.result
    reach = max(abs(ending.low), abs(ending.high), 1)
    most = fraction.largest_numerator + (reach + 1) * fraction.largest_divisor
    result = assembler.over(loops, NodeValue(number, node.zero_point))
    divisor = assembler.amount(loops, fraction.divisor)
    value = assembler.amount(loops, fraction.numerator)
    bits = most.bit_length()
    require_no_wrap(most + (reach + 1) * fraction.largest_divisor + (2 << bits), f"node {node.name}")
    rest = ranges.limbs(loops, Floor(value, divisor, is_rest=True), fraction.largest_divisor.bit_length())
    ranges.check(loops, fraction.divisor - rest - 1, fraction.largest_divisor.bit_length())
    quotient = Floor(value, divisor)
    above = assembler.over(loops, Excess(quotient, ending.high, factor=divisor))
    below = assembler.over(loops, Excess(quotient, ending.low, below=True, factor=divisor))
    for excess, gap in ((above, -result + ending.high), (below, result - ending.low)):
        ranges.check(loops, excess, bits)
        assembler.group(loops, Affine(), [({}, excess, gap)])
    ranges.check_below(loops, result - ending.low, ending.high - ending.low + 1)
    assembler.group(loops, fraction.numerator - rest - above + below, [({}, result, fraction.divisor)])
    context.define(number, read, result.parts[0].block)


def _fraction(context: Context, number: int, read: Read) -> Fraction:
    node, assembler = context.graph.nodes[number], context.assembler
    a, d = context.value(read, 0) * node.multiplier, context.value(read, 1)
    low, high = (bound - node.operands[1].zero_point for bound in context.facts.of(node.operands[1]))
    magnitude = max(abs(bound - node.operands[0].zero_point) for bound in context.facts.of(node.operands[0]))
    largest = magnitude * abs(node.multiplier) + max(high, 1)
    needed = used_loops(d)
    loops = {name: extent for name, extent in read.result.items() if name in needed}
    if low >= 1:
        return Fraction(a + _half(context, loops, d, high), d, largest, high)
    d_amount = assembler.amount(loops, d)
    flag = assembler.over(loops, IsPositive(d_amount))
    positive = assembler.over(loops, Masked(d_amount, d_amount))
    assembler.look_up(assembler.range_table(1), loops, (flag,))
    assembler.group(loops, positive, [({}, flag, d)])
    # The flag is 1 only where d ≥ 1, and 0 only where d ≤ 0.
    context.ranges.check(loops, positive - flag, max(high, 1).bit_length())
    context.ranges.check(loops, positive - d, (-low).bit_length())
    condition = assembler.amount(read.result, d)
    masked = assembler.over(read.result, Masked(assembler.amount(read.result, a), condition))
    covered = a if used_loops(a) | needed >= set(read.result) else context.committed_copy(read.result, a)
    assembler.group(read.result, masked, [({}, covered, flag)])
    numerator = masked + _half(context, loops, positive, high)
    return Fraction(numerator, positive - flag + assembler.ones(loops), largest, max(high, 1))


def _half(context: Context, loops: Extents, divisor: Affine, largest: int) -> Affine:
    """``⌊divisor / 2⌋``: what is left of the divisor is 0 or 1."""
    bits = max(largest, 0).bit_length() - 1
    if bits <= 0:
        return Affine()
    half = context.ranges.limbs(loops, context.assembler.amount(loops, divisor), bits, shift=1)
    context.assembler.look_up(context.assembler.range_table(1), loops, (divisor - half * 2,))
    return half
