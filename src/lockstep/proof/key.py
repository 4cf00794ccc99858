"""The proof key: what a verifier must know of a model, and the name that a model id carries (proof.md, section 7)."""

import struct
from dataclasses import dataclass
from functools import cached_property

from lockstep.crypto.capped_merkle import NODE_BYTES
from lockstep.crypto.goldilocks import ELEMENT_BYTES, decode_element
from lockstep.crypto.hashing import keccak256
from lockstep.errors import ProofError
from lockstep.proof.parameters import PRESETS, Parameters
from lockstep.proof.program_bytes import decode_program, encode_program, program_digest
from lockstep.proof.relations import Program
from lockstep.proof.statement import OracleCommitment, Statement
from lockstep.types import ZERO_DIGEST, Digest

KEY_TAG = b"lockstep/zk/1"

COMMITMENT_BYTES = NODE_BYTES + 2 + 2 * ELEMENT_BYTES


@dataclass(frozen=True)
class ProofKey:
    """A program, the preset it is proved with, and the commitments that it reads (a model's: one, the weights)."""

    program: Program
    parameters: Parameters
    commitments: tuple[OracleCommitment, ...]

    @cached_property
    def digest(self) -> Digest:
        """The zk commitment of a model id: ``H(tag ‖ parameters ‖ commitments ‖ program digest)``."""
        commitments = b"".join(commitment.encode() for commitment in self.commitments)
        return keccak256(KEY_TAG, self.parameters.encode(), commitments, program_digest(self.program))

    def statement(self, publics: tuple[tuple[int, ...], ...], context: Digest = ZERO_DIGEST) -> Statement:
        """What a proof under this key states."""
        return Statement(self.program, self.parameters, self.commitments, publics, context)


def encode_key(key: ProofKey) -> bytes:
    """Preset name, commitments, program; lengths before what varies."""
    name = key.parameters.name.encode()
    parts = [struct.pack(">BB", len(name), len(key.commitments)), name]
    parts += [commitment.encode() for commitment in key.commitments]
    return b"".join([*parts, encode_program(key.program)])


def decode_key(data: bytes) -> ProofKey:
    """The key of canonical bytes. Raises ``ProofError``: ``proof/key``, ``proof/parameters``, ``proof/program``."""
    if len(data) < 2 or len(data) < 2 + data[0] + data[1] * COMMITMENT_BYTES:
        raise ProofError("proof/key", "the key ends too early", value=len(data))
    start = 2 + data[0]
    parameters = find_preset(data[2:start].decode(errors="replace"))
    commitments = []
    for _ in range(data[1]):
        commitments.append(decode_commitment(data[start : start + COMMITMENT_BYTES]))
        start += COMMITMENT_BYTES
    return ProofKey(decode_program(data[start:]), parameters, tuple(commitments))


def decode_commitment(data: bytes) -> OracleCommitment:
    (rows,) = struct.unpack_from(">H", data, NODE_BYTES)
    at = NODE_BYTES + 2
    first, second = decode_element(data[at : at + ELEMENT_BYTES]), decode_element(data[at + ELEMENT_BYTES :])
    return OracleCommitment(data[:NODE_BYTES], rows, (first, second))


def find_preset(name: str) -> Parameters:
    """The preset of a name. Raises ``ProofError`` ``proof/parameters``."""
    for parameters in PRESETS:
        if parameters.name == name:
            return parameters
    names = ", ".join(parameters.name for parameters in PRESETS)
    raise ProofError("proof/parameters", "the preset is not on the list", value=name, remedy=f"one of {names}")
