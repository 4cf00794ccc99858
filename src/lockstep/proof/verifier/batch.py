"""Step P4: all constraints as one functional, and its sumcheck over rows and columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from lockstep.crypto.goldilocks import ONE, ZERO, Element, add, multiply, subtract
from lockstep.proof.parameters import Parameters
from lockstep.proof.relations import Program
from lockstep.proof.verifier.channel import ProofReader
from lockstep.proof.verifier.constraints import Constraint
from lockstep.proof.verifier.functional import WordPoint
from lockstep.proof.verifier.messages import Point, Round
from lockstep.proof.verifier.pads import PadNumbers
from lockstep.proof.verifier.reading import read_batch_rounds


@dataclass(frozen=True, slots=True)
class BatchClaim:
    """``weight · Z̃(column, row) + Σ pads[t]·pad_t = value``."""

    row: Point
    column: Point
    weight: Element
    pads: dict[int, Element]
    value: Element


def check_batch(
    reader: ProofReader, program: Program, parameters: Parameters, constraints: Sequence[Constraint]
) -> BatchClaim:
    """Step P4, and ω̃ at its point."""
    zeta = reader.challenge()
    value, power = ZERO, ONE
    for constraint in constraints:
        value = add(value, multiply(power, constraint.value))
        power = multiply(power, zeta)
    rows, columns = program.row_bits, parameters.log_columns + 1
    rounds = read_batch_rounds(reader, rows, columns, parameters.row_work)
    for entry in rounds:
        value = quadratic_claim(value, entry)
    row = tuple(entry.challenge for entry in rounds[:rows])
    column = tuple(entry.challenge for entry in reversed(rounds[rows:]))
    first_pad = PadNumbers(program.fractions).batch(program.product_bits)
    weight = WordPoint(program, parameters, column, row).combine(constraints, zeta)
    return BatchClaim(row, column, weight, batch_pads([entry.challenge for entry in rounds], first_pad), value)


def quadratic_claim(value: Element, entry: Round) -> Element:
    """The claim after a round: ``c·C + (1−2c)·c0 + (c²−c)·c2``."""
    c = entry.challenge
    c0, c2 = entry.sent
    linear = multiply(subtract(subtract(ONE, c), c), c0)
    return add(multiply(c, value), add(linear, multiply(subtract(multiply(c, c), c), c2)))


def batch_pads(challenges: Sequence[Element], first_pad: int) -> dict[int, Element]:
    """a': the coefficients of the pads of the batch rounds, from their challenges in order."""
    pads, suffix = {}, ONE
    for turn in reversed(range(len(challenges))):
        c = challenges[turn]
        pads[first_pad + 2 * turn] = multiply(suffix, subtract(subtract(ONE, c), c))
        pads[first_pad + 2 * turn + 1] = multiply(suffix, subtract(multiply(c, c), c))
        suffix = multiply(suffix, c)
    return pads
