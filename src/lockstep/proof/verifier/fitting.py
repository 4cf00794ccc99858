"""What a verifier refuses before it reads the proof: presets that are not listed, programs that do not fit."""

from collections.abc import Sequence
from math import prod

from lockstep.errors import ProofError
from lockstep.proof.parameters import Parameters
from lockstep.proof.relations import Program, Role
from lockstep.proof.statement import Statement
from lockstep.proof.validity import verify_program
from lockstep.proof.verifier.channel import ROOT_BYTES
from lockstep.proof.verifier.pads import PRODUCT_STRIDE, PadNumbers

WORD_BITS = 63
"""Public numbers are signed words of 8 bytes."""


def verify_fits(statement: Statement, presets: Sequence[Parameters]) -> None:
    """Raises ``proof/program``, ``proof/parameters`` or ``proof/public``."""
    program, parameters = statement.program, statement.parameters
    verify_program(program)
    if parameters not in presets:
        raise ProofError("proof/parameters", "the preset is not on the list", value=parameters.name)
    if not fits(program, parameters):
        raise ProofError("proof/parameters", "the program does not fit the preset", value=parameters.name)
    sizes = [(oracle.rows, ROOT_BYTES) for oracle in program.oracles[:-1]]
    if [(commitment.rows, len(commitment.root)) for commitment in statement.commitments] != sizes:
        raise ProofError("proof/parameters", "the commitments are not the program's", value=len(statement.commitments))
    _verify_publics(statement)


def fits(program: Program, parameters: Parameters) -> bool:
    """Whether a preset has the program's columns, and room for its pads."""
    return (
        program.log_columns == parameters.log_columns
        and program.fractions <= PRODUCT_STRIDE
        and pads_used(program) <= parameters.pad_capacity
    )


def pads_used(program: Program) -> int:
    """Pads that a proof of a program needs."""
    rounds = program.row_bits + program.log_columns + 1
    return PadNumbers(program.fractions).used(program.product_bits, rounds)


def _verify_publics(statement: Statement) -> None:
    program = statement.program
    if [len(values) for values in statement.publics] != [prod(shape) for shape in program.publics]:
        raise ProofError("proof/public", "the public tensors are not the program's", value=len(statement.publics))
    for group in program.groups:
        shape = tuple(index.extent for index in group.indices if index.role is Role.OUTER)
        if group.public is not None and prod(program.publics[group.public]) != prod(shape):
            raise ProofError("proof/public", "a public tensor does not have its group's shape", value=shape)
    if any(not -(1 << WORD_BITS) <= value < 1 << WORD_BITS for values in statement.publics for value in values):
        raise ProofError("proof/public", "a public number has more than 64 bits")
