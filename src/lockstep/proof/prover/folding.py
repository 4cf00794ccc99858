"""Steps P5 and P6: the masked combination of rows, then WHIR: encode, ask, fold, again."""

from collections.abc import Callable, Sequence

import numpy as np

from lockstep.crypto.encoding import Codeword
from lockstep.crypto.goldilocks import MODULUS, Element, multiply, root_of_unity
from lockstep.crypto.sumcheck_kernels import fold, quadratic_round
from lockstep.crypto.vector_kernels import (
    Words,
    add_in_place,
    add_powers,
    canonicalise,
    dot,
    equality_table,
    scale_in_place,
    to_element,
    to_elements,
)
from lockstep.proof.parameters import Parameters
from lockstep.proof.prover.batch import BatchEnd
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.prover.functional import add_pads
from lockstep.proof.prover.matrices import WitnessMatrix
from lockstep.proof.verifier.batch import batch_pads


def open_masked(
    channel: ProverChannel, parameters: Parameters, witness: WitnessMatrix, end: BatchEnd, first_pad: int
) -> tuple[Words, Words]:
    """Step P5: say σ; returns h and its weight W, ``[2^b', 2]`` each."""
    half, length = 1 << (parameters.log_columns - 1), parameters.row_length
    top = 3 * half
    weight = equality_table(end.column)
    scale_in_place(weight, np.uint64(end.weight[0]), np.uint64(end.weight[1]))
    weight[top:] = 0
    pads = np.zeros((parameters.pad_capacity, 2), np.uint64)
    for number, coefficient in batch_pads(end.challenges, first_pad).items():
        pads[number] = coefficient
    add_pads(weight[top:], pads)
    hidden = np.zeros_like(weight)
    hidden[:length] = witness.masks[:2].T
    hidden[top:] = witness.masks[2:, :half].T
    channel.clear([to_element(dot(weight, hidden))])
    channel.work(parameters.row_work)
    epsilon = channel.challenge()
    pad_row = np.stack([witness.rows[-1, :half], np.zeros(half, np.uint64)], axis=1)
    for start, part in ((0, end.combination.copy()), (top, pad_row)):
        scale_in_place(part, np.uint64(epsilon[0]), np.uint64(epsilon[1]))
        add_in_place(hidden[start:], part)
    canonicalise(hidden)
    return hidden, weight


def prove_folding(
    channel: ProverChannel,
    parameters: Parameters,
    codewords: Sequence[Codeword],
    hidden: Words,
    weight: Words,
    progress: Callable[[float], None],
) -> None:
    """Step P6 on ⟨weight, hidden⟩; ``codewords`` are those of the matrices."""
    top = 3 << (parameters.log_columns - 1)
    for number, level in enumerate(parameters.levels):
        rows = 1 << level.folds
        columns = hidden.reshape(rows, len(hidden) // rows, 2).transpose(1, 0, 2).reshape(-1, 2 * rows)
        codeword = Codeword(np.ascontiguousarray(columns), level.log_domain, folder=codewords[0].folder)
        channel.root(codeword.root)
        point = equality_table(channel.challenges((len(hidden) - 1).bit_length()))
        channel.clear([to_element(dot(hidden, point))])
        places = _open(channel, parameters, codewords, number)
        xi = channel.challenge()
        scale_in_place(point, np.uint64(xi[0]), np.uint64(xi[1]))
        add_in_place(weight, point)
        parts = (weight[:top], weight[top:]) if number == 0 else (weight,)
        _add_queries(parts, places, codewords[0].log_domain, xi)
        hidden, weight = _fold(channel, hidden, weight, level.folds, parameters.fold_work[number])
        codewords = [codeword]
        progress((number + 1) / (len(parameters.levels) + 1))
    channel.clear(to_elements(hidden))
    _open(channel, parameters, codewords, len(parameters.levels))


def _open(channel: ProverChannel, parameters: Parameters, codewords: Sequence[Codeword], number: int) -> list[int]:
    """Work, then the openings of all codewords at the places that the transcript gives."""
    channel.work(parameters.query_work)
    places = channel.indices(parameters.queries[number], codewords[0].log_domain)
    for codeword in codewords:
        channel.openings(codeword.openings(places))
    return places


def _add_queries(parts: Sequence[Words], places: Sequence[int], log_domain: int, xi: Element) -> None:
    """Add each query's weights x^j to every part, with the powers ξ², ξ³, …"""
    generator, factor = root_of_unity(log_domain), xi
    for place in places:
        x = np.uint64(pow(generator, place, MODULUS))
        for part in parts:
            factor = multiply(factor, xi)
            add_powers(part, x, np.uint64(factor[0]), np.uint64(factor[1]))


def _fold(channel: ProverChannel, hidden: Words, weight: Words, folds: int, work: int) -> tuple[Words, Words]:
    half = len(hidden)
    for _ in range(folds):
        half >>= 1
        words = quadratic_round(weight[:half], weight[half : 2 * half], hidden[:half], hidden[half : 2 * half])
        challenge = channel.clear_round([to_element(words[:2]), to_element(words[2:])], work=work)
        for table in (weight, hidden):
            fold(table[:half], table[half : 2 * half], np.uint64(challenge[0]), np.uint64(challenge[1]))
    hidden, weight = hidden[:half].copy(), weight[:half].copy()
    canonicalise(hidden)
    return hidden, weight
