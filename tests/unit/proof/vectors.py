"""vectors/zk/proof.json as statements and proofs, from its bytes alone."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lockstep.proof.key import decode_commitment
from lockstep.proof.parameters import Level, Parameters
from lockstep.proof.program_bytes import decode_program
from lockstep.proof.statement import Statement
from lockstep.types import Digest

FOLDER = Path(__file__).resolve().parents[3] / "vectors" / "zk"
VECTOR: dict[str, Any] = json.loads((FOLDER / "proof.json").read_text())
FILES: dict[str, Any] = json.loads((FOLDER / "files.json").read_text())
PROOF = bytes.fromhex(VECTOR["proof"])
CONTEXT = Digest(bytes.fromhex(VECTOR["statement"]["context"]))


def parameters_of(data: bytes) -> Parameters:
    """proof.md, section 7: the parameter bytes of a key, under the name of the vector's preset."""
    log_columns, tail, log_domain, count = struct.unpack_from(">BIBB", data)
    rest = data[7:]
    levels = tuple(Level(*rest[2 * number : 2 * number + 2]) for number in range(count))
    queries, works = rest[2 * count : 3 * count + 1], rest[3 * count + 1 :]
    return Parameters(
        "tiny", log_columns, tail, log_domain, levels, tuple(queries), works[0], tuple(works[1:-1]), works[-1]
    )


def statement_of(said: dict[str, Any]) -> Statement:
    commitments = tuple(decode_commitment(bytes.fromhex(text)) for text in said["commitments"])
    publics = tuple(tuple(map(int, values)) for values in said["publics"])
    parameters = parameters_of(bytes.fromhex(said["parameters"]))
    return Statement(decode_program(bytes.fromhex(said["program"])), parameters, commitments, publics, CONTEXT)


STATEMENT = statement_of(VECTOR["statement"])


def changed_proofs() -> Iterator[tuple[str, bytes, str]]:
    """Why, the proof, and the code that it is refused with."""
    for case in VECTOR["refused"]:
        if "at" in case:
            data = bytes.fromhex(case["is"])
            proof = PROOF[: case["at"]] + data + PROOF[case["at"] + len(data) :]
        else:
            proof = PROOF[: -case["cut"]] if "cut" in case else PROOF + bytes.fromhex(case["more"])
        yield case["why"], proof, case["code"]
    yield VECTOR["false"]["why"], bytes.fromhex(VECTOR["false"]["proof"]), VECTOR["false"]["code"]
