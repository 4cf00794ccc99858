"""Committed matrices: rows of words with random tails, encoded and hashed once (proof.md, sections 3 and 4)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lockstep.crypto.encoding import Codeword
from lockstep.crypto.goldilocks import Element, multiply
from lockstep.crypto.randomness import Randomness
from lockstep.crypto.vector_kernels import Words, combine_rows, dot, equality_table, powers, to_element
from lockstep.proof.parameters import Parameters
from lockstep.proof.relations import Program
from lockstep.proof.statement import OracleCommitment, out_of_domain_points
from lockstep.proof.verifier.masked_opening import MASK_ROWS
from lockstep.proof.verifier.pads import PadNumbers


@dataclass(frozen=True, eq=False)
class CommittedOracle:
    """A matrix that proofs read: weights or data. ``rows``: ``[R, K]``, words and tails."""

    commitment: OracleCommitment
    rows: Words
    codeword: Codeword


def commit_oracle(
    rows: Words, parameters: Parameters, randomness: Randomness | None, *, folder: Path | None = None
) -> CommittedOracle:
    """Commit to canonical words ``[R, 2^b]``. Without randomness whoever has the words can repeat it.

    With a ``folder`` code words are kept there and not in memory.
    """
    whole = _with_tails(rows, parameters, randomness)
    codeword = Codeword(np.ascontiguousarray(whole.T), parameters.log_domain, folder=folder)
    first, second = (
        _evaluate(whole, point, row_point) for point, row_point in out_of_domain_points(codeword.root, len(rows))
    )
    return CommittedOracle(OracleCommitment(codeword.root, len(rows), (first, second)), whole, codeword)


def _with_tails(rows: Words, parameters: Parameters, randomness: Randomness | None) -> Words:
    tails = np.zeros((len(rows), parameters.tail), np.uint64)
    if randomness is not None:
        tails = randomness.field(tails.shape)
    return np.concatenate([rows, tails], axis=1)


def _evaluate(rows: Words, point: Element, row_point: list[Element]) -> Element:
    """``Σ_i eq(row_point, i)·Σ_j point^j·rows[i, j]``."""
    combination = np.zeros((rows.shape[1], 2), np.uint64)
    weights = np.ascontiguousarray(equality_table(row_point)[: len(rows)])
    combine_rows(np.ascontiguousarray(rows.T), weights, combination)
    return to_element(dot(combination, powers(np.uint64(point[0]), np.uint64(point[1]), rows.shape[1])))


@dataclass(frozen=True, eq=False)
class WitnessMatrix:
    """The witness of one proof. ``rows``: data rows with tails, then the pad row; ``masks``: M1 and M2, ``[4, K]``."""

    rows: Words
    pads: Words
    masks: Words
    codeword: Codeword


def commit_witness(
    words: Words, program: Program, parameters: Parameters, randomness: Randomness, *, folder: Path | None = None
) -> WitnessMatrix:
    """Commit to the witness's words ``[R − 1, 2^b]``, with pads and masks drawn for this proof alone."""
    data = _with_tails(words, parameters, randomness.child("tails"))
    pad_row, pads = _draw_pads(program, parameters, randomness.child("pads"))
    half = 1 << (parameters.log_columns - 1)
    masks = randomness.child("masks").field((MASK_ROWS, parameters.row_length))
    masks[2:, half:] = 0
    rows = np.concatenate([data, pad_row[None]])
    message = np.ascontiguousarray(np.concatenate([rows, masks]).T)
    codeword = Codeword(message, parameters.log_domain, folder=folder)
    return WitnessMatrix(rows, pads, masks, codeword)


def _draw_pads(program: Program, parameters: Parameters, randomness: Randomness) -> tuple[Words, Words]:
    """The pad row (random in its first 2^(b−1) columns) and its pads, products of pads filled in."""
    capacity, half = parameters.pad_capacity, 1 << (parameters.log_columns - 1)
    row = np.zeros(parameters.row_length, np.uint64)
    row[:half] = randomness.field((half,))
    pads = np.stack([row[:capacity], row[capacity : 2 * capacity]], axis=1)
    numbers = PadNumbers(program.fractions)
    for layer in range(program.fractions):
        n0, d0, n1, d1 = (to_element(pads[number]) for number in numbers.children(layer))
        products = multiply(n0, d1), multiply(d0, d1), multiply(n1, d0)
        for number, product in zip(numbers.products(layer), products, strict=True):
            pads[number] = product
            row[number], row[capacity + number] = product
    return row, pads
