"""The vectors of whole proofs and files: what is written in them is what this code makes, reads and refuses."""

import runpy
from pathlib import Path

import pytest

from lockstep.errors import ProofError
from lockstep.proof.files import decode_key_file, decode_proof_file, encode_key_file, encode_proof_file
from lockstep.proof.key import decode_key, encode_key
from lockstep.proof.program_bytes import program_digest
from lockstep.proof.statement_files import (
    decode_data_key,
    decode_statement_file,
    encode_data_key,
    encode_statement_file,
)
from lockstep.proof.verifier import verify_proof
from tests.unit.proof.tiny import PROGRAM, TINY
from tests.unit.proof.vectors import FILES, PROOF, STATEMENT, VECTOR, changed_proofs, statement_of

GENERATOR = runpy.run_path(str(Path(__file__).resolve().parents[3] / "tools" / "generate_proof_vectors.py"))


def test_vectors_are_up_to_date() -> None:
    assert GENERATOR["main"](["--check"]) == 0


def test_the_statement_is_read_from_its_bytes() -> None:
    assert (STATEMENT.program, STATEMENT.parameters) == (PROGRAM, TINY)
    assert program_digest(STATEMENT.program).hex() == VECTOR["statement"]["program_digest"]


def test_the_proof_of_the_vectors_holds_step_by_step() -> None:
    verify_proof(STATEMENT, PROOF, presets=(TINY,))
    assert list(GENERATOR["steps"](STATEMENT, PROOF)) == VECTOR["steps"]
    assert [step["step"] for step in VECTOR["steps"]] == [f"P{number}" for number in range(7)]
    assert VECTOR["steps"][-1]["read"] == len(PROOF)


@pytest.mark.parametrize(("why", "proof", "code"), list(changed_proofs()), ids=lambda value: str(value)[:40])
def test_a_changed_proof_is_refused_with_its_code(why: str, proof: bytes, code: str) -> None:
    with pytest.raises(ProofError) as refused:
        verify_proof(STATEMENT, proof, presets=(TINY,))
    assert refused.value.code == code, why


@pytest.mark.parametrize("case", VECTOR["other_statements"], ids=lambda case: case["why"])
def test_another_statement_is_refused_with_its_code(case: dict[str, object]) -> None:
    with pytest.raises(ProofError) as refused:
        verify_proof(statement_of(case), PROOF, presets=(TINY,))
    assert refused.value.code == case["code"]


def test_files_of_the_vectors_are_read_and_written_again() -> None:
    key = bytes.fromhex(FILES["key"]["bytes"])
    assert encode_key(decode_key(key)) == key
    assert decode_key(key).digest.hex() == FILES["key"]["digest"]
    key_file, proof_file = (bytes.fromhex(FILES[name]) for name in ("key_file", "proof_file"))
    assert encode_key_file(decode_key_file(key_file)) == key_file
    assert decode_key_file(key_file).model_id.hex() == FILES["key"]["model_id"]
    assert encode_proof_file(decode_proof_file(proof_file)) == proof_file
    statement = bytes.fromhex(FILES["statement_file"]["bytes"])
    assert encode_statement_file(decode_statement_file(statement)) == statement
    assert decode_statement_file(statement).context.hex() == FILES["statement_file"]["context"]
    data_key = bytes.fromhex(FILES["data_key"]["bytes"])
    assert encode_data_key(decode_data_key(data_key)) == data_key
    assert decode_data_key(data_key).data_id.hex() == FILES["data_key"]["data_id"]
