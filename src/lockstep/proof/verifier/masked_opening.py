"""Step P5: the row combination G, hidden by the random rows M1 and M2 of the witness."""

from collections.abc import Sequence
from dataclasses import dataclass

from lockstep.crypto.goldilocks import MODULUS, Element, add, multiply
from lockstep.proof.parameters import Parameters
from lockstep.proof.relations import Program
from lockstep.proof.statement import Statement
from lockstep.proof.verifier.batch import BatchClaim
from lockstep.proof.verifier.channel import ProofReader
from lockstep.proof.verifier.openings import read_openings
from lockstep.proof.weights import equality_table

MASK_ROWS = 4
"""M1 (real, φ) and M2 (real, φ), after the rows of the witness in its leaves."""


@dataclass(frozen=True, slots=True)
class MaskedClaim:
    """``⟨W, h⟩ = value``; W is made of the batch claim, ``h = (M1, M2) + ε·(G, pad row)``."""

    batch: BatchClaim
    epsilon: Element
    value: Element


def read_masked_claim(reader: ProofReader, parameters: Parameters, batch: BatchClaim) -> MaskedClaim:
    """σ, work, ε."""
    (sigma,) = reader.elements(1)
    reader.work(parameters.row_work)
    epsilon = reader.challenge()
    return MaskedClaim(batch, epsilon, add(sigma, multiply(epsilon, batch.value)))


def read_matrix_openings(
    reader: ProofReader, statement: Statement, witness_root: bytes, claim: MaskedClaim, places: list[int]
) -> list[tuple[Element, Element]]:
    """At each place the values of h1 and h2, from the rows of all oracles."""
    program = statement.program
    roots = [commitment.root for commitment in statement.commitments] + [witness_root]
    widths = [oracle.rows for oracle in program.oracles]
    widths[-1] += MASK_ROWS
    opened = [
        read_openings(reader, root, width, statement.parameters.log_domain, places)
        for root, width in zip(roots, widths, strict=True)
    ]
    weights = row_weights(program, claim)
    values = []
    for leaves in zip(*opened, strict=True):
        real = phi = 0
        for (of_real, of_phi), leaf in zip(weights, leaves, strict=True):
            real += sum(map(int.__mul__, of_real, leaf))
            phi += sum(map(int.__mul__, of_phi, leaf))
        m1_real, m1_phi, m2_real, m2_phi = leaves[-1][-MASK_ROWS:]
        pad = leaves[-1][-MASK_ROWS - 1]
        epsilon_real, epsilon_phi = claim.epsilon
        h1 = ((m1_real + real) % MODULUS, (m1_phi + phi) % MODULUS)
        values.append((h1, ((m2_real + epsilon_real * pad) % MODULUS, (m2_phi + epsilon_phi * pad) % MODULUS)))
    return values


def row_weights(program: Program, claim: MaskedClaim) -> list[tuple[Sequence[int], Sequence[int]]]:
    """``ε·eq(ρ_row, row)`` for the rows of each oracle: real parts and φ parts."""
    table = equality_table(claim.batch.row)
    weights: list[tuple[Sequence[int], Sequence[int]]] = []
    for oracle in program.oracles:
        rows = table[oracle.first_row : oracle.first_row + oracle.rows]
        scaled = [multiply(claim.epsilon, weight) for weight in rows]
        weights.append(([real for real, _ in scaled], [phi for _, phi in scaled]))
    return weights
