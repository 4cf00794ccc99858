"""Requantisation: ``divisor·q + rest = value + rounding`` with the rest in limbs, then ``y = clamp(q + z, lo, hi)``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lockstep.proof.arithmetise.assembler import MODULUS, Assembler
from lockstep.proof.arithmetise.expressions import Affine, Merges, compacted, expanded
from lockstep.proof.arithmetise.loops import Extents
from lockstep.proof.arithmetise.ranges import Ranges, require_no_wrap
from lockstep.proof.arithmetise.recipes import Bits, Excess, Floor, NodeValue, Source

Product = tuple[Extents, Affine, Affine]
"""Inner loops, left and right factor."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a node does after its accumulator. ``low`` and ``high`` are those of the word: minus the zero point.

    ``width``: the quotient lies in [−2^(width−1), 2^(width−1)); 0: nothing is divided and the clamp is never reached.
    """

    number: int
    name: str
    divisor: int
    zero_point: int
    low: int
    high: int
    width: int

    @property
    def half(self) -> int:
        """The quotient is at least −half and less than half."""
        return 1 << (self.width - 1)

    @property
    def is_clamped(self) -> bool:
        return self.width > 0 and not (self.low <= -self.half and self.half - 1 <= self.high)


@dataclass(frozen=True, slots=True)
class Divisor:
    """A divisor that differs from place to place: ``factor · Σ_inner count``, at most the ending's divisor."""

    inner: Extents
    count: Affine
    """Over the result's and the inner loops."""
    value: Affine
    """The divisor over the result's loops."""
    factor: int


@dataclass(frozen=True, slots=True)
class Requantiser:
    """Writes requantisations."""

    assembler: Assembler
    ranges: Ranges

    def apply(
        self,
        loops: Extents,
        ending: Ending,
        value: Affine,
        products: Sequence[Product] = (),
        divisor: Divisor | None = None,
        merges: Merges = (),
    ) -> int:
        """Commits ``clamp(⌊(Σ products + value) / divisor⌋)`` at every place of the loops; the block of the words.

        ``merges``: loops that share an axis of all blocks and an index of all look-ups.
        """
        assert divisor is None or not merges
        assembler = self.assembler
        scale = self._scale(ending)
        ending, value = replace(ending, divisor=ending.divisor * scale), value * scale
        products = [(inner, left * scale, right) for inner, left, right in products]
        source = assembler.total(loops, value, len(products)) if products else assembler.amount(loops, value)
        if ending.width:
            require_no_wrap(ending.divisor << self._checked_width(ending), f"node {ending.name}")
        by = assembler.amount(loops, divisor.value) if divisor else ending.divisor
        compact = compacted(loops, merges)
        rest = self._rest(compact, ending, Floor(source, by, is_rest=True), divisor)
        result = assembler.over(compact, NodeValue(ending.number, ending.zero_point))
        quotient = self._quotient(compact, ending, Floor(source, by), result)
        if divisor is None:
            equal = expanded(quotient * ending.divisor + rest, loops, merges)
            assembler.group(loops, equal - value, products)
        else:
            taken = (divisor.inner, divisor.count * -divisor.factor, quotient)
            assembler.group(loops, rest - value, [*products, taken])
        if ending.is_clamped and ending.width > self.ranges.clamp_bits:
            self._complementary(compact, ending, quotient, result)
        return result.parts[0].block

    def _scale(self, ending: Ending) -> int:
        """By what to multiply value and divisor, so that what the division leaves has limbs of one width."""
        bits = ending.divisor.bit_length() - 1
        if bits == 0 or ending.divisor != 1 << bits:
            return 1
        even = self.ranges.even_bits(bits)
        return 1 << (even - bits) if 1 << (even + self._checked_width(ending)) < MODULUS else 1

    def _checked_width(self, ending: Ending) -> int:
        """Bits that the quotient is shown to have."""
        if ending.is_clamped and ending.width <= self.ranges.clamp_bits:
            return self.ranges.clamp_width(ending.width, ending.low, ending.high)
        return ending.width

    def _rest(self, loops: Extents, ending: Ending, source: Source, divisor: Divisor | None) -> Affine:
        """What the division leaves: at least 0 and less than the divisor."""
        if ending.divisor == 1:
            return Affine()
        bits = (ending.divisor - 1).bit_length()
        rest = self.ranges.limbs(loops, source, bits)
        if divisor is not None:
            self.ranges.check(loops, divisor.value - rest - 1, bits)
        elif ending.divisor != 1 << bits:
            self.ranges.check(loops, -rest + (ending.divisor - 1), bits)
        return rest

    def _quotient(self, loops: Extents, ending: Ending, source: Source, result: Affine) -> Affine:
        """The quotient as committed, or as an expression."""
        if not ending.is_clamped:
            if ending.width:
                self.ranges.check(loops, result + ending.half, ending.width)
            return result
        if ending.width > self.ranges.clamp_bits:
            return self._with_excess(loops, ending, source, result)
        quotient = self.assembler.over(loops, Bits(source, 0))
        self.ranges.clamp(loops, quotient, ending.width, result, low=ending.low, high=ending.high)
        return quotient

    def _with_excess(self, loops: Extents, ending: Ending, source: Source, result: Affine) -> Affine:
        """``quotient = result + above − below``: what the clamp cuts off at either end."""
        quotient = result
        if ending.half - 1 > ending.high:
            quotient += self.assembler.over(loops, Excess(source, ending.high))
        if -ending.half < ending.low:
            quotient -= self.assembler.over(loops, Excess(source, ending.low, below=True))
        return quotient

    def _complementary(self, loops: Extents, ending: Ending, quotient: Affine, result: Affine) -> None:
        """Both excesses are in range, and each is 0 unless the result is at its end."""
        for part in quotient.parts[len(result.parts) :]:
            excess = Affine((part,)) * part.coefficient
            gap = result * -1 + ending.high if part.coefficient > 0 else result - ending.low
            most = ending.half - 1 - ending.high if part.coefficient > 0 else ending.low + ending.half
            self.ranges.check(loops, excess, most.bit_length())
            self.assembler.group(loops, Affine(), [({}, excess, gap)])
        self.ranges.check_below(loops, result - ending.low, ending.high - ending.low + 1)
