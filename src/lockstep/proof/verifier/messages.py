"""What was sent and challenged up to the batch step: from these alone both sides derive the constraints.

The verifier fills them from the proof, the prover while it speaks. ``sent`` values are as they are in the proof: for
masked messages value + pad; the pads' numbers follow from ``PadNumbers``.
"""

from dataclasses import dataclass

from lockstep.crypto.goldilocks import Element

Point = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """One sumcheck round: the coefficients as sent, then the challenge."""

    sent: Point
    challenge: Element


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the LogUp tree: λ, its rounds (top variable first), n0 d0 n1 d1 as sent, μ."""

    combiner: Element
    rounds: tuple[Round, ...]
    children: tuple[Element, Element, Element, Element]
    selector: Element


@dataclass(frozen=True, slots=True)
class LogUpMessages:
    """Step P2: α, β, q_root and the layers ℓ = 0 … M−1."""

    alpha: Element
    beta: Element
    root: Element
    layers: tuple[Layer, ...]

    @property
    def point(self) -> Point:
        """r: where the leaves are evaluated, low variable first."""
        return self.layer_point(len(self.layers))

    def layer_point(self, layer: int) -> Point:
        """The point of the claim that a layer starts with; empty for layer 0."""
        if layer == 0:
            return ()
        before = self.layers[layer - 1]
        return (*(turn.challenge for turn in reversed(before.rounds)), before.selector)


@dataclass(frozen=True, slots=True)
class ProductMessages:
    """Step P3: outer point, γ, τ, the claim as sent, κ rounds (top variable first), L̂ and R̂."""

    outer: Point
    gamma: Element
    tau: Point
    claim: Element
    rounds: tuple[Round, ...]
    left: Element
    right: Element

    @property
    def point(self) -> Point:
        """ρ: where the factors are evaluated, low variable first."""
        return tuple(turn.challenge for turn in reversed(self.rounds))
