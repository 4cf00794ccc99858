"""Step P3: all sections and all pad products in one cube, and its sumcheck."""

import numpy as np

from lockstep.crypto.goldilocks import MODULUS, ONE, Element, add, multiply, scale, subtract
from lockstep.crypto.sumcheck_kernels import cubic_round, fold
from lockstep.crypto.vector_kernels import (
    Words,
    dot,
    equality_table,
    multiply_in_place,
    scale_in_place,
    to_element,
)
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.prover.factors import SectionSpace, cube_weight, factor_table
from lockstep.proof.prover.places import BlockReader
from lockstep.proof.verifier.messages import ProductMessages
from lockstep.proof.verifier.pads import PRODUCT_STRIDE, PadNumbers
from lockstep.proof.verifier.reading import TAU_BITS

HALF = (MODULUS + 1) // 2


def prove_products(channel: ProverChannel, blocks: BlockReader, pads: Words) -> ProductMessages:
    """Say step P3."""
    program = blocks.program
    outer = channel.challenges(program.outer_bits)
    gamma = channel.challenge()
    tau = channel.challenges(TAU_BITS)
    weight, left, right = _cube(blocks, outer, gamma, tau, pads)
    product = left.copy()
    multiply_in_place(product, right)
    claim = to_element(dot(weight, product))
    del product
    (sent,) = channel.masked([claim])
    rounds, half = [], len(weight)
    while half > 1:
        half >>= 1
        words = cubic_round(weight, left, right, half)
        coefficients = _coefficients(claim, *(to_element(words[k : k + 2]) for k in (0, 2, 4)))
        turn = channel.round([coefficients[0], coefficients[2], coefficients[3]])
        claim = _at(coefficients, turn.challenge)
        c0, c1 = np.uint64(turn.challenge[0]), np.uint64(turn.challenge[1])
        for table in (weight, left, right):
            fold(table[:half], table[half : 2 * half], c0, c1)
        rounds.append(turn)
    ends = channel.clear([to_element(left[0]), to_element(right[0])])
    return ProductMessages(outer, gamma, tau, sent, tuple(rounds), ends[0], ends[1])


def _coefficients(claim: Element, zero: Element, leading: Element, minus_one: Element) -> tuple[Element, ...]:
    """The cubic g with g(0), its X³ coefficient and g(−1), and g(0) + g(1) = claim."""
    one = subtract(claim, zero)
    square = subtract(scale(add(one, minus_one), HALF), zero)
    linear = subtract(subtract(subtract(one, zero), square), leading)
    return zero, linear, square, leading


def _at(coefficients: tuple[Element, ...], place: Element) -> Element:
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = add(multiply(value, place), coefficient)
    return value


def _cube(
    blocks: BlockReader, outer: tuple[Element, ...], gamma: Element, tau: tuple[Element, ...], pads: Words
) -> tuple[Words, Words, Words]:
    """U, left and right over the whole cube, ``[2^κ, 2]`` each."""
    program = blocks.program
    weight, left, right = (np.zeros((1 << program.product_bits, 2), np.uint64) for _ in range(3))
    powers = [ONE]
    for _ in program.groups:
        powers.append(multiply(powers[-1], gamma))
    for section in program.sections:
        places = slice(section.position, section.position + (1 << section.bits))
        space = SectionSpace(section, outer)
        cube_weight(space, powers[section.group], weight[places])
        factor_table(blocks, space, section.left, left[places])
        factor_table(blocks, space, section.right, right[places])
    numbers, layers = PadNumbers(program.fractions), program.fractions
    of_tau = equality_table(tau)
    scale_in_place(of_tau, np.uint64(powers[-1][0]), np.uint64(powers[-1][1]))
    for kind, (in_left, in_right) in enumerate(((0, 3), (1, 3), (2, 1))):
        start = program.pad_products + PRODUCT_STRIDE * kind
        weight[start : start + layers] = of_tau[PRODUCT_STRIDE * kind :][:layers]
        for layer in range(layers):
            children = numbers.children(layer)
            left[start + layer], right[start + layer] = pads[children[in_left]], pads[children[in_right]]
    left[program.slots] = pads[numbers.left_slot]
    right[program.slots + 1] = pads[numbers.right_slot]
    return weight, left, right
