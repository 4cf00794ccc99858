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
VERIFIER = ROOT / "src" / "lockstep" / "chain" / "engines" / "ProofVerifier.json"
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
    """The verifier, and the keys that it asks."""
    keys = boa.load(str(ROOT / "contracts" / "ProofKeys.vy"), [preset.encode() for preset in presets])
    creation = bytes.fromhex(json.loads(VERIFIER.read_text())["creation"].removeprefix("0x"))
    verifier, _ = boa.env.deploy_code(bytecode=creation + bytes.fromhex(keys.address[2:]).rjust(32, b"\x00"))
    return boa.load_vyi(str(ROOT / "contracts" / "interfaces" / "IProofVerifier.vyi")).at(verifier)


def contract_verdict(contract: Any, call: Arguments) -> str:
    """``accepted``, or the code of the refusal."""
    return contract_answer(contract, call)[0]


def contract_answer(contract: Any, call: Arguments) -> tuple[str, int]:
    """The verdict, and the gas of the transaction without the floor of its calldata."""
    done = boa.env.execute_code(to_address=contract.address, data=contract.verify.prepare_calldata(*call))
    if not done.is_error:
        assert int.from_bytes(done.output, "big") == 1
        return ACCEPTED, done.get_gas_used()
    data = bytes(done.error.args[0])
    return data[68 : 68 + int.from_bytes(data[36:68], "big")].decode(), done.get_gas_used()


def python_verdict(statement: Statement, proof: bytes) -> str:
    """The same of the Python verifier."""
    try:
        verify_proof(statement, proof, presets=(TINY,))
    except ProofError as error:
        return error.code
    return ACCEPTED
