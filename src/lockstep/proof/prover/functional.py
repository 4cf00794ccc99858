"""Step P4, first half: all constraints as one weight for every word, written out row by row."""

from collections.abc import Sequence

import numpy as np

from lockstep.crypto.goldilocks import ONE, PHI, ZERO, Element, add, multiply
from lockstep.crypto.vector_kernels import (
    Words,
    add_in_place,
    add_scaled,
    equality_table,
    outer_add,
    powers,
    scale_in_place,
    to_array,
    to_element,
)
from lockstep.proof.parameters import Parameters
from lockstep.proof.relations import Program
from lockstep.proof.verifier.constraints import Constraint, FunctionalTerm, OutOfDomainTerm
from lockstep.proof.weights import AxisWeight, axis_weights


class DenseFunctional:
    """ω = Σ ζ^i · functional_i on the words ``[row][K, 2]``, and the sum of the right sides."""

    def __init__(self, program: Program, parameters: Parameters) -> None:
        self._program, self._parameters = program, parameters
        count = program.oracles[-1].first_row + program.oracles[-1].rows
        existing = {row for o in program.oracles for row in range(o.first_row, o.first_row + o.rows)}
        self.rows: dict[int, Words] = {
            row: np.zeros((parameters.row_length, 2), np.uint64) for row in range(count) if row in existing
        }
        self.value: Element = ZERO
        self._axes: dict[AxisWeight, Words] = {}

    def add(self, constraints: Sequence[Constraint], zeta: Element) -> None:
        """Add all constraints, the i-th times ζ^i."""
        factor, pads = ONE, np.zeros((self._parameters.pad_capacity, 2), np.uint64)
        for constraint in constraints:
            for term in constraint.terms:
                self._add_term(term, factor)
            if constraint.out_of_domain is not None:
                self._add_out_of_domain(constraint.out_of_domain, factor)
            for number, coefficient in constraint.pads.items():
                pads[number] = add(to_element(pads[number]), multiply(factor, coefficient))
            self.value = add(self.value, multiply(factor, constraint.value))
            factor = multiply(factor, zeta)
        add_pads(self.rows[self._program.oracles[-1].first_row + self._program.oracles[-1].rows - 1], pads)

    def _add_term(self, term: FunctionalTerm, factor: Element) -> None:
        block = self._program.blocks[term.block]
        weights = to_array([multiply(factor, term.coefficient)])
        for axis in term.axes:
            if axis not in self._axes:
                self._axes[axis] = axis_words(axis)
            weights = _kronecker(weights, self._axes[axis])
        columns = 1 << self._parameters.log_columns
        start = block.offset + self._program.oracles[block.oracle].first_row * columns
        for at in range(0, len(weights), columns):
            row, column = divmod(start + at, columns)
            add_in_place(self.rows[row][column:], weights[at : at + columns])

    def _add_out_of_domain(self, term: OutOfDomainTerm, factor: Element) -> None:
        oracle = self._program.oracles[term.oracle]
        column = powers(np.uint64(term.point[0]), np.uint64(term.point[1]), self._parameters.row_length)
        rows = equality_table(term.row_point)
        scale_in_place(rows, np.uint64(factor[0]), np.uint64(factor[1]))
        for row in range(oracle.rows):
            add_scaled(self.rows[oracle.first_row + row], column, rows[row, 0], rows[row, 1])


def add_pads(row: Words, pads: Words) -> None:
    """Add a functional on pads to that on the words of the pad row: pad t is word t plus φ times word NP + t."""
    add_in_place(row, pads)
    shifted = pads.copy()
    scale_in_place(shifted, np.uint64(PHI[0]), np.uint64(PHI[1]))
    add_in_place(row[len(pads) :], shifted)


def axis_words(weight: AxisWeight) -> Words:
    """The weights of an axis over its whole address space, ``[2^bits, 2]``."""
    out = np.zeros((1 << weight.axis_bits, 2), np.uint64)
    if not weight.is_single or weight.stride < 1 or weight.limb_bits:
        written = to_array(axis_weights(weight))
        out[: len(written)] = written
        return out
    if weight.first_point is None:
        first = to_array([ONE] * weight.first_extent)
    else:
        first = equality_table(weight.first_point)[: weight.first_extent]
    addresses = weight.offset + weight.stride * np.arange(len(first), dtype=np.int64)
    inside = (addresses >= 0) & (addresses < weight.axis_extent)
    out[addresses[inside]] = first[inside]
    return out


def _kronecker(high: Words, low: Words) -> Words:
    out = np.zeros((len(high), len(low), 2), np.uint64)
    outer_add(out, high, low)
    return out.reshape(-1, 2)
