"""Step P2: LogUp-GKR. Every look-up is a row of its table; M + 2 constraints are left."""

from dataclasses import dataclass

from lockstep.crypto.goldilocks import ONE, ZERO, Element, add, equality_bits, multiply, negate, scale, subtract
from lockstep.proof.relations import Clamped, Program, Side
from lockstep.proof.verifier.constraints import Constraint, Functional, FunctionalTerm
from lockstep.proof.verifier.expressions import add_expression, inside, slice_point, whole_space
from lockstep.proof.verifier.messages import Layer, LogUpMessages, Point
from lockstep.proof.verifier.pads import PadNumbers
from lockstep.proof.weights import clamped_value, plain_weights


@dataclass(frozen=True, slots=True)
class Hidden:
    """A value that is known up to pads: ``sent − Σ pads[t]·pad_t``."""

    sent: Element
    pads: dict[int, Element]


def logup_constraints(program: Program, messages: LogUpMessages) -> list[Constraint]:
    """The constraints 0 … M+1 of a proof."""
    numbers = PadNumbers(program.fractions)
    numerator, denominator = Hidden(ZERO, {}), Hidden(messages.root, {})
    constraints = []
    for number, layer in enumerate(messages.layers):
        claim = _plus(numerator, denominator, layer.combiner)
        constraints.append(_layer_constraint(numbers, number, layer, claim, messages.layer_point(number)))
        n0, d0, n1, d1 = layer.children
        a, b, c, d = numbers.children(number)
        numerator = _between(n0, a, n1, c, layer.selector)
        denominator = _between(d0, b, d1, d, layer.selector)
    constraints.append(_leaf_constraint(_denominators(program, messages, numbers), denominator))
    constraints.append(_leaf_constraint(_numerators(program, messages), numerator))
    return constraints


def _plus(left: Hidden, right: Hidden, factor: Element) -> Hidden:
    """``left + factor · right``."""
    pads = dict(left.pads)
    for number, coefficient in right.pads.items():
        pads[number] = add(pads.get(number, ZERO), multiply(factor, coefficient))
    return Hidden(add(left.sent, multiply(factor, right.sent)), pads)


def _between(zero: Element, zero_pad: int, one: Element, one_pad: int, at: Element) -> Hidden:
    """The line through two masked values."""
    return Hidden(add(zero, multiply(at, subtract(one, zero))), {zero_pad: subtract(ONE, at), one_pad: at})


def _layer_constraint(numbers: PadNumbers, number: int, layer: Layer, claim: Hidden, point: Point) -> Constraint:
    """``n0·d1 + λ·d0·d1 + n1·d0 − C = 0``; a product of masked values is ``x̂ŷ − x̂·p_y − ŷ·p_x + p_xy``."""
    value, pads = claim.sent, dict(claim.pads)
    for turn, entry in enumerate(layer.rounds):
        c, coordinate = entry.challenge, point[number - 1 - turn]
        factors = subtract(c, coordinate), subtract(multiply(c, c), c)
        for pad, (factor, sent) in enumerate(zip(factors, entry.sent, strict=True), numbers.layer_round(number, turn)):
            value = add(value, multiply(factor, sent))
            pads[pad] = factor
    n0, d0, n1, d1 = layer.children
    combiner = layer.combiner
    of_n0, of_d0, of_n1, of_d1 = numbers.children(number)
    pads[of_n0] = negate(d1)
    pads[of_d0] = negate(add(multiply(combiner, d1), n1))
    pads[of_n1] = negate(d0)
    pads[of_d1] = negate(add(n0, multiply(combiner, d0)))
    pads.update(zip(numbers.products(number), (ONE, combiner, ONE), strict=True))
    both = add(add(multiply(n0, d1), multiply(n1, d0)), multiply(combiner, multiply(d0, d1)))
    return Constraint((), pads, subtract(value, both))


def _leaf_constraint(functional: Functional, claim: Hidden) -> Constraint:
    """``functional = claim``."""
    for number, coefficient in claim.pads.items():
        functional.add_pad(number, coefficient)
    return Constraint(tuple(functional.terms), functional.pads, subtract(claim.sent, functional.constant))


def side_weight(side: Side, point: Point) -> Element:
    """``eq`` of a side's place among the fractions."""
    return equality_bits(point[side.bits :], side.position >> side.bits)


def _denominators(program: Program, messages: LogUpMessages, numbers: PadNumbers) -> Functional:
    """``Σ_leaves eq(r, leaf)·denominator``: 1 at leaves that belong to nothing, pad δ at the blinding fraction."""
    point, functional = messages.point, Functional()
    blinding = equality_bits(point, program.blinding_fraction)
    functional.add_pad(numbers.blinding, blinding)
    rest = subtract(ONE, blinding)
    for side in program.sides:
        weight, local = side_weight(side, point), point[: side.bits]
        rest = subtract(rest, weight)
        start = subtract(messages.alpha, (side.tag, 0))
        functional.constant = add(functional.constant, multiply(weight, start))
        factor = negate(weight)
        for column in side.columns:
            factor = multiply(factor, messages.beta)
            if isinstance(column, Clamped):
                clamped = clamped_value(local, column.low, column.high)
                value = add(clamped, scale(ONE, column.constant))
                functional.constant = add(functional.constant, multiply(factor, value))
                continue
            add_expression(functional, program, column, [whole_space(i, local) for i in side.indices], factor)
    functional.constant = add(functional.constant, rest)
    return functional


def _numerators(program: Program, messages: LogUpMessages) -> Functional:
    """``Σ_leaves eq(r, leaf)·numerator``: 1 at look-ups, −multiplicity at tables, inside the extents; else 0."""
    functional = Functional()
    for side in program.sides:
        weight, local = side_weight(side, messages.point), messages.point[: side.bits]
        if side.multiplicity is None:
            for index in side.indices:
                weight = multiply(weight, inside(index, local).total())
            functional.constant = add(functional.constant, weight)
            continue
        axes = program.blocks[side.multiplicity].axes
        weights = tuple(
            plain_weights(slice_point(local, index.inner, index.bits), index.extent, axis.extent, axis.bits)
            for index, axis in zip(side.indices, axes, strict=True)
        )
        functional.terms.append(FunctionalTerm(negate(weight), side.multiplicity, weights))
    return functional
