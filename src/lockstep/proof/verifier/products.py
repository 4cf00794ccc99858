"""Step P3: the product sumcheck: all sections of all groups, and the products of pads, in one sum."""

from collections.abc import Sequence

from lockstep.crypto.goldilocks import ONE, ZERO, Element, add, equality_bits, multiply, negate, subtract
from lockstep.proof.relations import Group, Index, Program, Role, Section
from lockstep.proof.verifier.constraints import Constraint, Functional
from lockstep.proof.verifier.expressions import IndexWeight, add_expression, slice_point
from lockstep.proof.verifier.messages import Point, ProductMessages
from lockstep.proof.verifier.pads import PRODUCT_STRIDE, PadNumbers
from lockstep.proof.weights import equality_table, truncated_equality

KINDS = 3
"""Kinds of pad products: A, B and C."""


def product_constraints(
    program: Program, publics: Sequence[Sequence[int]], messages: ProductMessages
) -> list[Constraint]:
    """The constraints M+2 … M+5 of a proof."""
    numbers = PadNumbers(program.fractions)
    powers = [ONE]
    for _ in program.groups:
        powers.append(multiply(powers[-1], messages.gamma))
    return [
        _claim_constraint(program, publics, messages, powers, numbers),
        _final_constraint(program, messages, powers, numbers),
        *_factor_constraints(program, messages, numbers),
    ]


def _claim_constraint(
    program: Program,
    publics: Sequence[Sequence[int]],
    messages: ProductMessages,
    powers: list[Element],
    numbers: PadNumbers,
) -> Constraint:
    """``Σ_g γ^g·(⟨result_g⟩ − ⟨public_g⟩) + γ^G·Σ eq(τ, 32j+ℓ)·pad_{j,ℓ} = claim``."""
    functional = Functional()
    for group, power in zip(program.groups, powers, strict=False):
        weights = [_group_weight(index, messages.outer) for index in group.indices]
        add_expression(functional, program, group.result, weights, power)
        if group.public is not None:
            public = public_value(group, publics[group.public], messages.outer)
            functional.constant = subtract(functional.constant, multiply(power, public))
    table = equality_table(messages.tau)
    for layer in range(program.fractions):
        for kind, number in enumerate(numbers.products(layer)):
            functional.add_pad(number, multiply(powers[-1], table[PRODUCT_STRIDE * kind + layer]))
    functional.add_pad(numbers.claim, ONE)
    return Constraint(tuple(functional.terms), functional.pads, subtract(messages.claim, functional.constant))


def _group_weight(index: Index, outer: Point) -> IndexWeight:
    if index.role is Role.SUMMED:
        return IndexWeight(None, index.extent)
    return IndexWeight(slice_point(outer, index.outer, index.bits), index.extent, own_extent=index.extent)


def public_value(group: Group, values: Sequence[int], outer: Point) -> Element:
    """``Σ_i eq(outer point, i)·public[i]`` over the OUTER indices of a group."""
    table = [ONE]
    for index in group.indices:
        if index.role is Role.OUTER:
            weights = equality_table(slice_point(outer, index.outer, index.bits))[: index.extent]
            table = [multiply(a, b) for a in table for b in weights]
    real = sum(value * weight[0] for value, weight in zip(values, table, strict=True))
    phi = sum(value * weight[1] for value, weight in zip(values, table, strict=True))
    return add(ZERO, (real, phi))


def _final_constraint(
    program: Program, messages: ProductMessages, powers: list[Element], numbers: PadNumbers
) -> Constraint:
    """``C − U(ρ)·L̂·R̂ = 0``."""
    value = messages.claim
    weights = []
    for entry in messages.rounds:
        c, (c0, c2, c3) = entry.challenge, entry.sent
        square = multiply(c, c)
        cube = multiply(square, c)
        factors = (subtract(subtract(ONE, c), c), subtract(square, c), subtract(cube, c))
        value = multiply(c, value)
        for sent, factor in zip((c0, c2, c3), factors, strict=True):
            value = add(value, multiply(sent, factor))
        weights.append(factors)
    pads, suffix = {}, ONE
    for turn in reversed(range(len(weights))):
        for place, factor in enumerate(weights[turn]):
            pads[numbers.product_round(turn) + place] = negate(multiply(suffix, factor))
        suffix = multiply(suffix, messages.rounds[turn].challenge)
    pads[numbers.claim] = negate(suffix)
    product = multiply(_cube_weight(program, messages, powers), multiply(messages.left, messages.right))
    return Constraint((), pads, subtract(product, value))


def section_weight(section: Section, point: Point) -> Element:
    """``eq`` of a section's place in the cube."""
    return equality_bits(point[section.bits :], section.position >> section.bits)


def _cube_weight(program: Program, messages: ProductMessages, powers: list[Element]) -> Element:
    """U(ρ)."""
    point, total = messages.point, ZERO
    for section in program.sections:
        weight = multiply(section_weight(section, point), powers[section.group])
        for index in section.indices:
            if index.role is Role.BOTH:
                outer = slice_point(messages.outer, index.outer, index.bits)
                local = slice_point(point, index.inner, index.bits)
                weight = multiply(weight, truncated_equality(outer, local, index.extent))
        total = add(total, weight)
    layers = truncated_equality(messages.tau[:5], point[:5], program.fractions)
    kinds = ZERO
    for kind in range(KINDS):
        kinds = add(kinds, multiply(equality_bits(messages.tau[5:7], kind), equality_bits(point[5:7], kind)))
    place = equality_bits(point[7:], program.pad_products >> 7)
    return add(total, multiply(multiply(powers[-1], place), multiply(layers, kinds)))


def _factor_constraints(program: Program, messages: ProductMessages, numbers: PadNumbers) -> list[Constraint]:
    """``⟨left⟩ + pads = L̂`` and ``⟨right⟩ + pads = R̂`` at ρ."""
    point, left, right = messages.point, Functional(), Functional()
    for section in program.sections:
        weight = section_weight(section, point)
        for functional, factor, is_right in ((left, section.left, False), (right, section.right, True)):
            weights = [_factor_weight(index, messages.outer, point, is_right=is_right) for index in section.indices]
            add_expression(functional, program, factor, weights, weight)
    place = equality_bits(point[7:], program.pad_products >> 7)
    table = equality_table(point[:5])
    kinds = [multiply(place, equality_bits(point[5:7], kind)) for kind in range(KINDS)]
    for layer in range(program.fractions):
        n0, d0, n1, d1 = numbers.children(layer)
        for kind, (in_left, in_right) in enumerate(((n0, d1), (d0, d1), (n1, d0))):
            weight = multiply(kinds[kind], table[layer])
            left.add_pad(in_left, weight)
            right.add_pad(in_right, weight)
    left.add_pad(numbers.left_slot, equality_bits(point, program.slots))
    right.add_pad(numbers.right_slot, equality_bits(point, program.slots + 1))
    return [
        Constraint(tuple(left.terms), left.pads, subtract(messages.left, left.constant)),
        Constraint(tuple(right.terms), right.pads, subtract(messages.right, right.constant)),
    ]


def _factor_weight(index: Index, outer: Point, point: Point, *, is_right: bool) -> IndexWeight:
    """What lies beyond the extent of an INNER index may be read on the right: on the left it counts as 0."""
    if index.role is Role.OUTER:
        weights = slice_point(outer, index.outer, index.bits)
        return IndexWeight(weights, index.extent, is_summed=False, own_extent=index.extent)
    if index.role is Role.SUMMED:
        return IndexWeight(None, index.extent)
    own_extent = index.extent if is_right else None
    return IndexWeight(slice_point(point, index.inner, index.bits), index.extent, own_extent=own_extent)
