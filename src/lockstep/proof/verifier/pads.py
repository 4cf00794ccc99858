"""Which pad hides which message: numbers in the pad row (proof.md, section 4)."""

from dataclasses import dataclass

PRODUCT_STRIDE = 32
"""Pad products of one kind in the product cube; also the most layers that a LogUp tree may have."""


@dataclass(frozen=True, slots=True)
class PadNumbers:
    """Numbers of the pads of a program with 2^fractions leaves."""

    fractions: int

    def children(self, layer: int) -> tuple[int, int, int, int]:
        """Pads of (n0, d0, n1, d1) of a layer: N0, D0, N1, D1."""
        m = self.fractions
        return layer, m + layer, 2 * m + layer, 3 * m + layer

    def products(self, layer: int) -> tuple[int, int, int]:
        """Pads A = N0·D1, B = D0·D1, C = N1·D0 of a layer."""
        m = self.fractions
        return 4 * m + layer, 5 * m + layer, 6 * m + layer

    @property
    def left_slot(self) -> int:
        """z1."""
        return 7 * self.fractions

    @property
    def right_slot(self) -> int:
        """z2."""
        return 7 * self.fractions + 1

    @property
    def blinding(self) -> int:
        """δ: the denominator of the blinding fraction."""
        return 7 * self.fractions + 2

    @property
    def stream(self) -> int:
        """The first pad of the stream of masked messages."""
        return 7 * self.fractions + 3

    def layer_round(self, layer: int, turn: int) -> int:
        """The first of the two pads of round ``turn`` of a LogUp layer."""
        return self.stream + layer * (layer - 1) + 2 * turn

    @property
    def claim(self) -> int:
        """The pad of the product sumcheck's claim; the pads of its rounds follow, three a round."""
        return self.stream + self.fractions * (self.fractions - 1)

    def product_round(self, turn: int) -> int:
        """The first of the three pads of a round of the product sumcheck."""
        return self.claim + 1 + 3 * turn

    def batch(self, product_bits: int) -> int:
        """The first pad of the batch step; two a round."""
        return self.product_round(product_bits)

    def used(self, product_bits: int, batch_rounds: int) -> int:
        """How many pads a proof needs."""
        return self.batch(product_bits) + 2 * batch_rounds
