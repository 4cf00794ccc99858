"""Step P4, second half: the sumcheck of the functional with all words, rows first."""

from dataclasses import dataclass

import numpy as np

from lockstep.crypto.goldilocks import ONE, ZERO, Element, add, multiply, scale, subtract
from lockstep.crypto.sumcheck_kernels import fold, fold_base, quadratic_round, quadratic_round_base
from lockstep.crypto.vector_kernels import Words, dot, dot_base, scale_in_place, to_element
from lockstep.errors import ProofError
from lockstep.proof.prover.channel import ProverChannel

Row = tuple[Words, Words]
"""A row's weights ``[K, 2]`` and its words, ``[K]`` or, once folded, ``[K, 2]``."""


@dataclass(frozen=True, eq=False)
class BatchEnd:
    """The point, ω̃ there, the combination of rows ``[K, 2]``, and all challenges in order."""

    row: tuple[Element, ...]
    column: tuple[Element, ...]
    weight: Element
    combination: Words
    challenges: tuple[Element, ...]


def prove_batch(
    channel: ProverChannel,
    rows: dict[int, Row],
    claim: Element,
    *,
    row_bits: int,
    log_columns: int,
    work: int,
    check: bool,
) -> BatchEnd:
    """Say the rounds of step P4; ``rows`` are used up."""
    challenges = []
    for _ in range(row_bits):
        pairs = {number >> 1: (rows.get(number & ~1), rows.get(number | 1)) for number in sorted(rows)}
        constant, leading = ZERO, ZERO
        for low, high in pairs.values():
            c0, c2 = _pair_round(low, high)
            constant, leading = add(constant, c0), add(leading, c2)
        turn = channel.round([constant, leading], work=work)
        claim = next_claim(claim, constant, leading, turn.challenge)
        rows = {number: _fold_pair(low, high, turn.challenge) for number, (low, high) in pairs.items()}
        challenges.append(turn.challenge)
    ((weights, words),) = rows.values()
    combination = _extended(words)
    of_columns, weight, value = _prove_columns(channel, weights, combination, claim, log_columns + 1)
    if check and multiply(weight, value[1]) != value[0]:
        raise ProofError(
            "proof/unsatisfied", "an equation does not hold", remedy="the witness does not fit the program"
        )
    row = tuple(challenges)
    return BatchEnd(row, tuple(reversed(of_columns)), weight, combination, (*row, *of_columns))


def next_claim(claim: Element, constant: Element, leading: Element, c: Element) -> Element:
    """g(c) for g = c0 + c1 X + c2 X² with g(0) + g(1) = claim."""
    linear = subtract(subtract(claim, scale(constant, 2)), leading)
    return add(constant, multiply(c, add(linear, multiply(c, leading))))


def _prove_columns(
    channel: ProverChannel, weights: Words, combination: Words, claim: Element, bits: int
) -> tuple[list[Element], Element, tuple[Element, Element]]:
    """Rounds over the columns, top variable first; returns challenges, ω̃(ρ), and (claim, G̃(ρ))."""
    table, values = (np.zeros((1 << bits, 2), np.uint64) for _ in range(2))
    table[: len(weights)], values[: len(combination)] = weights, combination
    half, challenges = 1 << bits, []
    for _ in range(bits):
        half >>= 1
        words = quadratic_round(table[:half], table[half : 2 * half], values[:half], values[half : 2 * half])
        constant, leading = to_element(words[:2]), to_element(words[2:])
        turn = channel.round([constant, leading])
        claim = next_claim(claim, constant, leading, turn.challenge)
        c0, c1 = np.uint64(turn.challenge[0]), np.uint64(turn.challenge[1])
        fold(table[:half], table[half : 2 * half], c0, c1)
        fold(values[:half], values[half : 2 * half], c0, c1)
        challenges.append(turn.challenge)
    return challenges, to_element(table[0]), (claim, to_element(values[0]))


def _extended(words: Words) -> Words:
    return words if words.ndim > 1 else np.stack([words, np.zeros_like(words)], axis=1)


def _pair_round(low: Row | None, high: Row | None) -> tuple[Element, Element]:
    """g(0) and the X² coefficient for two rows; a row that does not exist is zero."""
    if low is None or high is None:
        weights, words = low or high  # type: ignore[misc]
        product = to_element(dot_base(weights, words) if words.ndim == 1 else dot(weights, words))
        return (ZERO, product) if low is None else (product, product)
    (w0, f0), (w1, f1) = low, high
    if f0.ndim == f1.ndim == 1:
        words = quadratic_round_base(w0, w1, f0, f1)
    else:
        words = quadratic_round(w0, w1, _extended(f0), _extended(f1))
    return to_element(words[:2]), to_element(words[2:])


def _fold_pair(low: Row | None, high: Row | None, challenge: Element) -> Row:
    c0, c1 = np.uint64(challenge[0]), np.uint64(challenge[1])
    if low is None or high is None:
        weights, words = low or high  # type: ignore[misc]
        factor = challenge if low is None else subtract(ONE, challenge)
        scaled = _extended(words).copy()
        for table in (weights, scaled):
            scale_in_place(table, np.uint64(factor[0]), np.uint64(factor[1]))
        return weights, scaled
    (w0, f0), (w1, f1) = low, high
    fold(w0, w1, c0, c1)
    if f0.ndim == f1.ndim == 1:
        out = np.empty((len(f0), 2), np.uint64)
        fold_base(f0, f1, c0, c1, out)
        return w0, out
    folded = _extended(f0).copy()
    fold(folded, _extended(f1), c0, c1)
    return w0, folded
