"""How large a program is, and which parameters it needs."""

from dataclasses import dataclass

from lockstep.proof.relations import Clamped, Program

LEAST_LOG_COLUMNS = 11


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a program costs: rows of each oracle, fractions, cube, terms of its functionals, pads."""

    rows: tuple[int, ...]
    fraction_bits: int
    fractions: int
    product_bits: int
    terms: int
    pads: int
    pad_capacity: int


def sizes_of(program: Program) -> Sizes:
    """The sizes of a placed program."""
    columns = [column for side in program.sides for column in side.columns if not isinstance(column, Clamped)]
    factors = [factor for section in program.sections for factor in (section.left, section.right)]
    expressions = [*columns, *factors, *(group.result for group in program.groups)]
    return Sizes(
        rows=tuple(oracle.rows for oracle in program.oracles),
        fraction_bits=program.fractions,
        fractions=sum(1 << side.bits for side in program.sides),
        product_bits=program.product_bits,
        terms=sum(len(expression.terms) for expression in expressions),
        pads=pads_needed(program),
        pad_capacity=1 << (program.log_columns - 3),
    )


def pads_needed(program: Program) -> int:
    """Pads that a proof takes (proof.md, section 4)."""
    layers = program.fractions
    rounds = layers * (layers - 1) + 1 + 3 * program.product_bits + 2 * (program.row_bits + program.log_columns + 1)
    return 7 * layers + 3 + rounds


def fits(program: Program) -> bool:
    """Whether the pad row has room for the pads."""
    return pads_needed(program) <= 1 << (program.log_columns - 3)
