"""All linear constraints of a proof, in the order of their numbers."""

from lockstep.proof.statement import Statement
from lockstep.proof.verifier.constraints import Constraint, out_of_domain_constraints
from lockstep.proof.verifier.logup import logup_constraints
from lockstep.proof.verifier.messages import LogUpMessages, ProductMessages
from lockstep.proof.verifier.products import product_constraints


def all_constraints(statement: Statement, logup: LogUpMessages, products: ProductMessages) -> list[Constraint]:
    """Constraints 0 … M+1 (look-ups), M+2 … M+5 (products), M+6 … (committed matrices)."""
    return [
        *logup_constraints(statement.program, logup),
        *product_constraints(statement.program, statement.publics, products),
        *out_of_domain_constraints(statement),
    ]
