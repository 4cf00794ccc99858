"""ω̃(ρ): the functional of all constraints at one address (proof.md, end of section 3)."""

from collections.abc import Sequence

from lockstep.crypto.goldilocks import (
    MODULUS,
    ONE,
    PHI,
    ZERO,
    Element,
    add,
    equality_bits,
    multiply,
    power,
    subtract,
)
from lockstep.proof.parameters import Parameters
from lockstep.proof.relations import Program
from lockstep.proof.verifier.constraints import Constraint, FunctionalTerm, OutOfDomainTerm
from lockstep.proof.weights import AxisWeight, Point, equality_table, evaluate_axis, power_sum


class WordPoint:
    """A point (column: b + 1 variables, row: k variables) of the words; remembers what terms have in common."""

    def __init__(self, program: Program, parameters: Parameters, column: Point, row: Point) -> None:
        self.program = program
        self.parameters = parameters
        self.column = column
        self.row = row
        self.address = column[: program.log_columns] + row
        self.is_data = subtract(ONE, column[program.log_columns])
        self._prefixes: dict[int, Element] = {}
        self._axes: dict[tuple[AxisWeight, int], Element] = {}
        self._rows: list[Element] | None = None

    @property
    def rows(self) -> list[Element]:
        """``eq(ρ_row, row)`` for all rows."""
        if self._rows is None:
            self._rows = equality_table(self.row)
        return self._rows

    def combine(self, constraints: Sequence[Constraint], zeta: Element) -> Element:
        """``Σ_i ζ^i · functional_i(ρ)``."""
        total, factor = ZERO, ONE
        pads: dict[int, Element] = {}
        for constraint in constraints:
            value = ZERO
            for term in constraint.terms:
                value = add(value, self.term(term))
            if constraint.out_of_domain is not None:
                value = add(value, self.out_of_domain(constraint.out_of_domain))
            total = add(total, multiply(factor, value))
            for number, coefficient in constraint.pads.items():
                pads[number] = add(pads.get(number, ZERO), multiply(factor, coefficient))
            factor = multiply(factor, zeta)
        return add(total, self.pads(pads))

    def term(self, term: FunctionalTerm) -> Element:
        """A functional on the words of a block."""
        value = multiply(term.coefficient, self._prefix(term.block))
        place = 0
        for axis in reversed(term.axes):
            value = multiply(value, self._axis(axis, place))
            place += axis.axis_bits
        return value

    def _prefix(self, number: int) -> Element:
        """``(1 − ρ_col[b])·eq`` of the global address above a block's bits."""
        if number not in self._prefixes:
            block = self.program.blocks[number]
            start = (self.program.oracles[block.oracle].first_row << self.program.log_columns) + block.offset
            high = equality_bits(self.address[block.bits :], start >> block.bits)
            self._prefixes[number] = multiply(self.is_data, high)
        return self._prefixes[number]

    def _axis(self, axis: AxisWeight, place: int) -> Element:
        key = (axis, place)
        if key not in self._axes:
            self._axes[key] = evaluate_axis(axis, self.address[place : place + axis.axis_bits])
        return self._axes[key]

    def out_of_domain(self, term: OutOfDomainTerm) -> Element:
        """``Σ_i eq(row_point, i)·eq(ρ_row, row i) · Σ_{j<K} z^j·eq(ρ_col, j)``."""
        oracle = self.program.oracles[term.oracle]
        weights = equality_table(term.row_point)[: oracle.rows]
        of_rows = ZERO
        for number, weight in enumerate(weights):
            of_rows = add(of_rows, multiply(weight, self.rows[oracle.first_row + number]))
        b, tail_bits = self.parameters.log_columns, self.parameters.tail.bit_length() - 1
        data = multiply(self.is_data, power_sum(self.column[:b], term.point))
        tail = multiply(power_sum(self.column[:tail_bits], term.point), power(term.point, 1 << b))
        tail = multiply(tail, equality_bits(self.column[tail_bits:], 1 << b - tail_bits))
        return multiply(of_rows, add(data, tail))

    def pads(self, coefficients: dict[int, Element]) -> Element:
        """``Σ_t coefficients[t]·pad_t`` as a functional on the pad row: real parts from 0, φ parts from NP."""
        split = self.parameters.log_columns - 3
        bits = min(split, max(coefficients, default=0).bit_length())
        table = equality_table(self.column[:bits])
        real = phi = 0
        for number, (a, b) in coefficients.items():
            c, d = table[number]
            real += a * c + 7 * b * d
            phi += a * d + b * c
        value = multiply((real % MODULUS, phi % MODULUS), equality_bits(self.column[bits:split], 0))
        selector = self.column[split]
        value = multiply(value, add(subtract(ONE, selector), multiply(PHI, selector)))
        value = multiply(value, equality_bits(self.column[split + 1 :], 0))
        last = self.program.oracles[-1]
        return multiply(value, self.rows[last.first_row + last.rows - 1])
