"""Range checks: a value is cut into limbs, and each limb is a row of a table of 0 … 2^t − 1."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lockstep.errors import ProofError
from lockstep.proof.arithmetise.assembler import MODULUS, Assembler
from lockstep.proof.arithmetise.expressions import Affine, Place
from lockstep.proof.arithmetise.loops import Extents
from lockstep.proof.arithmetise.recipes import Bits, Limbs, Source
from lockstep.proof.relations import Clamped

LIMB = "limb"


@dataclass(frozen=True, slots=True)
class Ranges:
    """Cuts values into limbs of at most ``limb_bits`` bits."""

    assembler: Assembler
    limb_bits: int
    clamp_bits: int
    """Values of up to so many bits are clamped by a table of all of them."""
    shared_widths: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """For the ends of a clamp, the bits of the table that all with these ends use."""

    def widths(self, bits: int) -> list[int]:
        """Limbs of nearly equal width, so that few tables are needed."""
        count = max(1, -(-bits // self.limb_bits))
        return [bits // count + (number < bits % count) for number in range(count)]

    def even_bits(self, bits: int) -> int:
        """The least number of bits from ``bits`` on that is cut into limbs of one width."""
        count = len(self.widths(bits))
        return -(-bits // count) * count

    def limbs(self, loops: Extents, source: Source, bits: int, *, shift: int = 0) -> Affine:
        """Commits ``bits`` bits of a value from bit ``shift`` and checks each limb; their sum."""
        widths = self.widths(bits)
        count = len(widths)
        if count > 1 and count & (count - 1) == 0 and len(set(widths)) == 1:
            return self._limbs_of_one_width(loops, source, (count, widths[0]), shift)
        value, low = Affine(), 0
        for width in widths:
            limb = self.assembler.over(loops, Bits(source, shift + low, width))
            self.assembler.look_up(self.assembler.range_table(width), loops, (limb,))
            value, low = value + limb * (1 << low), low + width
        return value

    def _limbs_of_one_width(self, loops: Extents, source: Source, shape: tuple[int, int], shift: int) -> Affine:
        """All limbs in one block and one look-up."""
        count, width = shape
        every = {LIMB: count, **loops}
        limbs = self.assembler.over(every, Limbs(source, shift, count, width))
        self.assembler.look_up(self.assembler.range_table(width), every, (limbs,))
        (part,) = limbs.parts
        return Affine((replace(part, places=(Place(limb_bits=width), *part.places[1:])),))

    def check(self, loops: Extents, value: Affine, bits: int) -> None:
        """0 ≤ value < 2^bits at every place. The lowest limb is what the others leave, and is not committed."""
        if bits > 62:
            raise ProofError("proof/range", "a value is too wide for the field", value=bits)
        if bits == 0:
            self.assembler.group(loops, value)
            return
        widths = self.widths(bits)
        source, low = self.assembler.amount(loops, value), widths[0]
        for width in widths[1:]:
            limb = self.assembler.over(loops, Bits(source, low, width))
            self.assembler.look_up(self.assembler.range_table(width), loops, (limb,))
            value, low = value - limb * (1 << low), low + width
        self.assembler.look_up(self.assembler.range_table(widths[0]), loops, (value,))

    def check_below(self, loops: Extents, value: Affine, end: int) -> None:
        """0 ≤ value < end at every place."""
        bits = (end - 1).bit_length()
        self.check(loops, value, bits)
        if end != 1 << bits:
            self.check(loops, -value + (end - 1), bits)

    def clamp_width(self, bits: int, low: int, high: int) -> int:
        """Bits of the table that clamps values of ``bits`` bits: one table serves all with the same ends."""
        return max(bits, self.shared_widths.get((low, high), 0))

    def clamp(self, loops: Extents, value: Affine, bits: int, result: Affine, *, low: int, high: int) -> None:
        """``result = clamp(value, low, high)`` by table, which also shows −2^(bits−1) ≤ value < 2^(bits−1).

        The table may be wider: see ``clamp_width``.
        """
        bits = self.clamp_width(bits, low, high)
        middle, last = 1 << (bits - 1), (1 << bits) - 1
        least, most = low + middle, high + middle
        if most < 0 or least > last:
            column = Clamped(0, 0, low if least > last else high)
        else:
            column = Clamped(max(0, least), min(most, last), -middle)
        self.assembler.look_up(self.assembler.clamp_table(bits, column), loops, (value + middle, result))


def require_no_wrap(largest: int, what: str) -> None:
    """Refuses an equation whose sides may differ by the modulus."""
    if largest >= MODULUS:
        raise ProofError("proof/range", f"{what}: a sum may wrap around the modulus", value=largest)
