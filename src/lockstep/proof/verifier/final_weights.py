"""The weights of step P6 at its end: each is a product over the variables, so none is ever written out.

``fold`` holds, for each variable of h, the challenge that it was folded at; the lowest ``final_bits`` are left and meet
the final vector f.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lockstep.crypto.goldilocks import (
    MODULUS,
    ONE,
    PHI,
    ZERO,
    Element,
    add,
    equality_bits,
    multiply,
    subtract,
)
from lockstep.proof.parameters import Parameters
from lockstep.proof.verifier.batch import BatchClaim
from lockstep.proof.weights import Point, equality_table


@dataclass(frozen=True, slots=True)
class PointWeight:
    """``factor · eq(point, ·)`` on the variables that were left then."""

    factor: Element
    point: Point


@dataclass(frozen=True, slots=True)
class PowerWeight:
    """``factor · x^j`` on the variables that were left then. ``part``: 1 and 2 for h1 and h2 of the first level."""

    factor: Element
    base: int
    variables: int
    part: int = 0


@dataclass(frozen=True)
class FinalVector:
    """f, and the challenges of all folds by variable (entries below ``bits`` are not used)."""

    values: tuple[Element, ...]
    bits: int
    fold: tuple[Element, ...]

    def horner(self, base: int) -> Element:
        """``Σ_j f_j·x^j``."""
        real = phi = 0
        for a, b in reversed(self.values):
            real = (real * base + a) % MODULUS
            phi = (phi * base + b) % MODULUS
        return real, phi

    def dot(self, weights: Sequence[Element]) -> Element:
        """``Σ_j f_j·w_j``."""
        real = sum(a * c + 7 * b * d for (a, b), (c, d) in zip(self.values, weights, strict=True))
        phi = sum(a * d + b * c for (a, b), (c, d) in zip(self.values, weights, strict=True))
        return real % MODULUS, phi % MODULUS

    @property
    def top_quarter(self) -> Element:
        """The weight of the top quarter of h."""
        return multiply(self.fold[-1], self.fold[-2])


def point_value(weight: PointWeight, final: FinalVector) -> Element:
    """``⟨factor · eq(point, ·) folded, f⟩``."""
    value = multiply(weight.factor, final.dot(equality_table(weight.point[: final.bits])))
    for a, b in zip(weight.point[final.bits :], final.fold[final.bits :], strict=False):
        value = multiply(value, _equal(a, b))
    return value


def _equal(a: Element, b: Element) -> Element:
    both = multiply(a, b)
    return add(subtract(subtract(ONE, a), b), add(both, both))


def power_value(weight: PowerWeight, final: FinalVector) -> Element:
    """``⟨factor · x^j folded, f⟩``."""
    real, phi = weight.factor
    variables = weight.variables - (2 if weight.part else 0)
    power = pow(weight.base, 1 << final.bits, MODULUS)
    for a, b in final.fold[final.bits : variables]:
        # 1 − t + t·x^(2^j)
        less = power - 1
        c, d = 1 + a * less, b * less % MODULUS
        real, phi = (real * c + 7 * phi * d) % MODULUS, (real * d + phi * c) % MODULUS
        power = power * power % MODULUS
    value = multiply((real, phi), final.horner(weight.base))
    if weight.part == 1:
        return multiply(value, _below_top_quarter(final, power))
    return multiply(value, final.top_quarter) if weight.part == 2 else value


def _below_top_quarter(final: FinalVector, power: int) -> Element:
    """``Σ`` over the two top variables but (1, 1) of ``eq · x^…``; ``power`` is x to the lower of their steps."""
    square = power * power % MODULUS
    (a, b), (c, d) = final.fold[-2:]
    both = ((1 + a * (power - 1)) % MODULUS, b * (power - 1) % MODULUS)
    both = multiply(both, ((1 + c * (square - 1)) % MODULUS, d * (square - 1) % MODULUS))
    (e, f), step = final.top_quarter, power * square % MODULUS
    return subtract(both, (e * step % MODULUS, f * step % MODULUS))


def opening_value(batch: BatchClaim, parameters: Parameters, final: FinalVector) -> Element:
    """``⟨W folded, f⟩``: ω̃(ρ)·eq(ρ_col, ·) below the top quarter, the pads' coefficients in it."""
    lower = point_value(PointWeight(batch.weight, batch.column[:-2]), final)
    quarter = final.top_quarter
    equal = multiply(_equal(batch.column[-1], final.fold[-1]), _equal(batch.column[-2], final.fold[-2]))
    cut = multiply(quarter, multiply(batch.column[-1], batch.column[-2]))
    value = multiply(lower, subtract(equal, cut))
    return add(value, multiply(quarter, _pads_value(batch.pads, parameters, final)))


def _pads_value(pads: dict[int, Element], parameters: Parameters, final: FinalVector) -> Element:
    """``Σ_t a'_t·(weight at t + φ·weight at NP + t)`` inside the top quarter."""
    split = parameters.log_columns - 3
    highs: dict[int, Element] = {}
    value, mask = ZERO, (1 << final.bits) - 1
    for number, coefficient in pads.items():
        high = number >> final.bits
        if high not in highs:
            highs[high] = equality_bits(final.fold[final.bits : split], high)
        value = add(value, multiply(coefficient, multiply(highs[high], final.values[number & mask])))
    selector = final.fold[split]
    value = multiply(value, add(subtract(ONE, selector), multiply(PHI, selector)))
    return multiply(value, subtract(ONE, final.fold[split + 1]))
