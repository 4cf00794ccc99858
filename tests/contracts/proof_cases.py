"""One honest proof of the tiny program, and the contract that decides about it as the Python verifier does."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boa
import numpy as np
import pytest

from lockstep.crypto.randomness import Randomness
from lockstep.errors import ProofError
from lockstep.features.proofs.calling import encode_publics
from lockstep.proof.parameters import Parameters
from lockstep.proof.program_bytes import encode_program
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.statement import Statement
from lockstep.proof.verifier import verify_proof
from lockstep.proof.verifier.channel import ProofReader
from tests.unit.proof.tiny import PROGRAM, TINY, satisfying_words

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "src" / "lockstep" / "chain" / "engines" / "ProofEngine.json"
ACCEPTED = "accepted"

Arguments = tuple[bytes, bytes, bytes, bytes, bytes, bytes]


@dataclass(frozen=True)
class HonestProof:
    """``regions``: where the verifier read the proof, and how many bytes each time."""

    statement: Statement
    proof: bytes
    regions: tuple[tuple[int, int], ...]


@cache
def honest_proof() -> HonestProof:
    """Made once for all tests."""
    words = satisfying_words()
    rows = [np.array(words.rows(oracle), dtype=np.uint64) for oracle in (0, 1)]
    weights = commit_oracle(rows[0], TINY, Randomness(b"m" * 32))
    statement = Statement(PROGRAM, TINY, (weights.commitment,), words.publics)
    proof = prove(statement, [weights], rows[1][:-1], randomness=Randomness(b"w" * 32))
    regions: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        take = ProofReader.take

        def recorded(reader: ProofReader, count: int) -> bytes:
            regions.append((reader.place, count))
            return take(reader, count)

        patch.setattr(ProofReader, "take", recorded)
        verify_proof(statement, proof, presets=(TINY,))
    return HonestProof(statement, proof, tuple(regions))


def arguments(statement: Statement, proof: bytes) -> Arguments:
    """What ``ProofVerifier.verify`` is called with."""
    return (
        encode_program(statement.program),
        statement.parameters.encode(),
        b"".join(commitment.encode() for commitment in statement.commitments),
        encode_publics(statement.publics),
        bytes(statement.context),
        proof,
    )


def deploy_verifier(*presets: Parameters) -> Any:
    """The engine, and the contract in front of it."""
    creation = bytes.fromhex(json.loads(ENGINE.read_text())["creation"].removeprefix("0x"))
    engine, _ = boa.env.deploy_code(bytecode=creation)
    return boa.load(str(ROOT / "contracts" / "ProofVerifier.vy"), engine, [preset.encode() for preset in presets])


def contract_verdict(contract: Any, call: Arguments) -> str:
    """``accepted``, or the code of the refusal."""
    try:
        assert contract.verify(*call) is True
    except boa.BoaError as error:
        return reason(error)
    return ACCEPTED


def reason(error: boa.BoaError) -> str:
    """The text that a call was reverted with."""
    data = bytes(error.stack_trace.last_frame.vm_error.args[0])
    return data[68 : 68 + int.from_bytes(data[36:68], "big")].decode()


def python_verdict(statement: Statement, proof: bytes) -> str:
    """The same of the Python verifier."""
    try:
        verify_proof(statement, proof, presets=(TINY,))
    except ProofError as error:
        return error.code
    return ACCEPTED
