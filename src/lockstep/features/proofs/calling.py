"""Asking the ProofVerifier about a proof: the call that anybody may make, for nothing but its gas."""

import struct
from collections.abc import Sequence

from lockstep.chain.binding import View
from lockstep.chain.proof_verifier import ProofVerifier
from lockstep.proof.files import ProofFile
from lockstep.proof.program_bytes import encode_program


def verify_on_chain(verifier: ProofVerifier, file: ProofFile) -> View[bool]:
    """True, or it reverts with a code of docs/specs/proof.md, section 6."""
    statement = file.key.statement(file.publics, file.context)
    return verifier.verify(
        encode_program(statement.program),
        statement.parameters.encode(),
        b"".join(commitment.encode() for commitment in statement.commitments),
        encode_publics(statement.publics),
        statement.context,
        file.proof,
    )


def encode_publics(publics: Sequence[Sequence[int]]) -> bytes:
    """Each tensor as contracts take it: the count of its numbers (u32), then the numbers (i64, big-endian)."""
    return b"".join(struct.pack(f">I{len(values)}q", len(values), *values) for values in publics)
