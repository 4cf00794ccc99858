"""What a verifier is told before it sees a proof, and how that starts the transcript (proof.md, section 4)."""

import struct
from dataclasses import dataclass

from lockstep.crypto.goldilocks import Element, encode_elements
from lockstep.crypto.transcript import Transcript
from lockstep.proof.parameters import Parameters
from lockstep.proof.program_bytes import program_digest
from lockstep.proof.relations import Program
from lockstep.types import ZERO_DIGEST, Digest


@dataclass(frozen=True, slots=True)
class OracleCommitment:
    """A committed matrix: its Merkle root (26 bytes), its rows, and two evaluations that single out one message."""

    root: bytes
    rows: int
    out_of_domain: tuple[Element, Element]

    def encode(self) -> bytes:
        return self.root + struct.pack(">H", self.rows) + encode_elements(*self.out_of_domain)


@dataclass(frozen=True)
class Statement:
    """A program, the committed oracles that it reads, and its public tensors (flat, row-major, signed integers).

    ``context`` is what else the proof is bound to: chain, contract and job. ``commitments`` are the program's oracles
    but the last.
    """

    program: Program
    parameters: Parameters
    commitments: tuple[OracleCommitment, ...]
    publics: tuple[tuple[int, ...], ...]
    context: Digest = ZERO_DIGEST


def start_transcript(statement: Statement) -> Transcript:
    """The transcript after step P0."""
    transcript = Transcript(b"proof")
    transcript.absorb(program_digest(statement.program) + statement.parameters.encode())
    for commitment in statement.commitments:
        transcript.absorb(commitment.encode())
    for values in statement.publics:
        transcript.absorb(b"".join(struct.pack(">q", value) for value in values))
    transcript.absorb(statement.context)
    return transcript


def out_of_domain_points(root: bytes, rows: int) -> list[tuple[Element, list[Element]]]:
    """The two places ``(z, row point)`` at which a committed matrix is evaluated once and for all."""
    transcript = Transcript(b"model")
    transcript.absorb(root)
    return [(transcript.challenge(), transcript.challenges((rows - 1).bit_length())) for _ in range(2)]
