"""Step P2: the leaves of the LogUp tree, its layers, and a sumcheck down every layer."""

from collections.abc import Sequence

import numpy as np
from numba import njit

from lockstep.crypto.field_kernels import minus, times
from lockstep.crypto.goldilocks import MODULUS, ONE, ZERO, Element, add, invert, multiply, subtract
from lockstep.crypto.sumcheck_kernels import add_halves, fold, fraction_layer, fraction_round
from lockstep.crypto.vector_kernels import Words, equality_table, to_array, to_element
from lockstep.errors import ProofError
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.prover.places import BlockReader, expression_at_places
from lockstep.proof.relations import Clamped, Column, Side
from lockstep.proof.verifier.messages import Layer, LogUpMessages
from lockstep.proof.verifier.pads import PadNumbers


def prove_look_ups(channel: ProverChannel, blocks: BlockReader, blinding: Element, *, check: bool) -> LogUpMessages:
    """Say step P2. Raises ``proof/unsatisfied`` if a look-up is in no table, unless told not to check."""
    program = blocks.program
    alpha, beta = channel.challenges(2)
    layers = _tree(*_leaves(blocks, alpha, beta, blinding))
    numerator, root = (to_element(table[0]) for table in layers[-1])
    if check and numerator != ZERO:
        raise ProofError("proof/unsatisfied", "a look-up is in no table", remedy="the witness does not fit the program")
    channel.clear([root])
    numbers, said = PadNumbers(program.fractions), list[Layer]()
    point: tuple[Element, ...] = ()
    fraction = numerator, root
    for number in range(program.fractions):
        layer, fraction = _prove_layer(channel, layers.pop(-2), point, fraction, numbers.children(number))
        point = (*(turn.challenge for turn in reversed(layer.rounds)), layer.selector)
        said.append(layer)
    return LogUpMessages(alpha, beta, root, tuple(said))


def _leaves(blocks: BlockReader, alpha: Element, beta: Element, blinding: Element) -> tuple[Words, Words]:
    """Numerators and denominators, ``[2^M, 2]`` each; leaves of nothing are 0/1."""
    program = blocks.program
    numerators = np.zeros((1 << program.fractions, 2), np.uint64)
    denominators = np.zeros_like(numerators)
    denominators[:, 0] = 1
    for side in program.sides:
        places = slice(side.position, side.position + (1 << side.bits))
        extents = [1 << index.bits for index in side.indices]
        columns = np.stack([_column(blocks, side, column) for column in side.columns])
        factors, factor = [], ONE
        for _ in side.columns:
            factor = multiply(factor, beta)
            factors.append(factor)
        start = subtract(alpha, (side.tag, 0))
        fill_denominators(np.uint64(start[0]), np.uint64(start[1]), columns, to_array(factors), denominators[places])
        numerators[places, 0] = _side_numerators(blocks, side, extents)
    denominators[program.blinding_fraction] = blinding
    return numerators, denominators


def _column(blocks: BlockReader, side: Side, column: Column) -> Words:
    if isinstance(column, Clamped):
        clamped = np.clip(np.arange(1 << side.bits, dtype=np.int64), column.low, column.high).astype(object)
        return ((clamped + column.constant) % MODULUS).astype(np.uint64)
    return expression_at_places(blocks, column, side.indices)


def _side_numerators(blocks: BlockReader, side: Side, extents: Sequence[int]) -> Words:
    """Inside the extents 1 for look-ups, −multiplicity for tables."""
    table = np.zeros(extents, np.uint64)
    cut = tuple(slice(0, index.extent) for index in side.indices)
    if side.multiplicity is None:
        table[cut] = 1
    else:
        counts = blocks[side.multiplicity]
        within = tuple(slice(0, min(i.extent, n)) for i, n in zip(side.indices, counts.shape, strict=True))
        table[within] = np.where(counts > 0, np.uint64(MODULUS) - counts, np.uint64(0))[within]
    return table.reshape(-1)


@njit(cache=True)
def fill_denominators(start_real, start_phi, columns, factors, out):  # type: ignore[no-untyped-def]
    """``out_i = start − Σ_j factors_j·columns[j, i]``."""
    for i in range(columns.shape[1]):
        real, phi = start_real, start_phi
        for j in range(columns.shape[0]):
            real = minus(real, times(factors[j, 0], columns[j, i]))
            phi = minus(phi, times(factors[j, 1], columns[j, i]))
        out[i, 0], out[i, 1] = real, phi


def _tree(numerators: Words, denominators: Words) -> list[tuple[Words, Words]]:
    """All layers, leaves first."""
    layers = [(numerators, denominators)]
    while len(numerators) > 1:
        half = len(numerators) // 2
        above = np.empty((half, 2), np.uint64), np.empty((half, 2), np.uint64)
        fraction_layer(numerators, denominators, *above)
        layers.append(above)
        numerators, denominators = above
    return layers


def _prove_layer(
    channel: ProverChannel,
    tables: tuple[Words, Words],
    point: Sequence[Element],
    fraction: tuple[Element, Element],
    pads: Sequence[int],
) -> tuple[Layer, tuple[Element, Element]]:
    """One layer and the fraction at the point below it.

    ``tables``: numerators and denominators below the layer, halves by the top variable; ``fraction``: the layer's at
    ``point``.
    """
    combiner = channel.challenge()
    claim = add(fraction[0], multiply(combiner, fraction[1]))
    half = len(tables[0]) // 2
    n0, n1, d0, d1 = tables[0][:half], tables[0][half:], tables[1][:half], tables[1][half:]
    equality = equality_table(point[:-1])
    real, phi = np.uint64(combiner[0]), np.uint64(combiner[1])
    rounds = []
    for coordinate in reversed(point):
        half >>= 1
        words = fraction_round(n0, n1, d0, d1, half, equality, real, phi)
        at_zero, highest = to_element(words[:2]), to_element(words[2:])
        # The claim is (1 − coordinate)·t(0) + coordinate·t(1).
        slope = multiply(subtract(claim, at_zero), invert(coordinate))
        turn = channel.round([slope, highest])
        claim = _at(at_zero, slope, highest, turn.challenge)
        c0, c1 = np.uint64(turn.challenge[0]), np.uint64(turn.challenge[1])
        for table in (n0, n1, d0, d1):
            fold(table[:half], table[half : 2 * half], c0, c1)
        if half > 1:
            add_halves(equality, half >> 1)
        rounds.append(turn)
    values = [to_element(table[0]) for table in (n0, d0, n1, d1)]
    sent = channel.masked_by(values, pads)
    layer = Layer(combiner, tuple(rounds), (sent[0], sent[1], sent[2], sent[3]), channel.challenge())
    n, d = (_at(zero, subtract(one, zero), ZERO, layer.selector) for zero, one in (values[::2], values[1::2]))
    return layer, (n, d)


def _at(zero: Element, slope: Element, highest: Element, c: Element) -> Element:
    """At c, what is ``zero`` at 0, ``zero + slope`` at 1, and has a ``highest`` coefficient of X²."""
    return add(zero, multiply(c, add(slope, multiply(subtract(c, ONE), highest))))
