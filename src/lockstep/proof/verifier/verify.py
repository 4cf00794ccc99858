"""``verify_proof``: the steps P0 … P6 of docs/specs/proof.md, section 5."""

from collections.abc import Sequence

from lockstep.proof.parameters import PRESETS, Parameters
from lockstep.proof.statement import Statement, start_transcript
from lockstep.proof.verifier.batch import check_batch
from lockstep.proof.verifier.channel import ProofReader
from lockstep.proof.verifier.fitting import verify_fits
from lockstep.proof.verifier.masked_opening import read_masked_claim
from lockstep.proof.verifier.reading import read_logup, read_products
from lockstep.proof.verifier.statement_constraints import all_constraints
from lockstep.proof.verifier.whir import check_whir


def verify_proof(statement: Statement, proof: bytes, *, presets: Sequence[Parameters] = PRESETS) -> None:
    """Returns when the proof holds, else raises ``ProofError`` with a code of section 6."""
    program, parameters = statement.program, statement.parameters
    verify_fits(statement, presets)
    # P0. The transcript begins with the statement.
    reader = ProofReader(proof, start_transcript(statement))
    # P1. The witness.
    witness_root = reader.root()
    # P2. Look-ups.
    logup = read_logup(reader, program)
    # P3. Products. What P2 and P3 leave are linear constraints.
    products = read_products(reader, program)
    constraints = all_constraints(statement, logup, products)
    # P4. All constraints become one claim on Z at one address, and on pads.
    claim = check_batch(reader, program, parameters, constraints)
    # P5. Its row combination is hidden.
    masked = read_masked_claim(reader, parameters, claim)
    # P6. The claim holds for the committed matrices.
    check_whir(reader, statement, witness_root, masked)
    reader.finish()
