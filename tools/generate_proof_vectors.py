"""Writes vectors/zk/proof.json and files.json: a whole proof step by step, what is refused, one file of each kind.

``--check`` compares only.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lockstep.crypto.goldilocks import MODULUS, Element, encode_elements  # noqa: E402
from lockstep.crypto.randomness import Randomness  # noqa: E402
from lockstep.errors import ProofError  # noqa: E402
from lockstep.proof.files import KeyFile, ProofFile, encode_key_file, encode_proof_file  # noqa: E402
from lockstep.proof.key import ProofKey, encode_key, find_preset  # noqa: E402
from lockstep.proof.program_bytes import encode_program, program_digest  # noqa: E402
from lockstep.proof.prover.matrices import commit_oracle  # noqa: E402
from lockstep.proof.prover.prove import prove  # noqa: E402
from lockstep.proof.statement import OracleCommitment, Statement, out_of_domain_points, start_transcript  # noqa: E402
from lockstep.proof.statement_files import (  # noqa: E402
    DataKeyFile,
    StatementFile,
    encode_data_key,
    encode_statement_file,
)
from lockstep.proof.verifier import verify_proof  # noqa: E402
from lockstep.proof.verifier.batch import check_batch  # noqa: E402
from lockstep.proof.verifier.channel import NONCE_BYTES, ROOT_BYTES, ProofReader  # noqa: E402
from lockstep.proof.verifier.masked_opening import read_masked_claim  # noqa: E402
from lockstep.proof.verifier.pads import PadNumbers  # noqa: E402
from lockstep.proof.verifier.reading import read_logup, read_products  # noqa: E402
from lockstep.proof.verifier.statement_constraints import all_constraints  # noqa: E402
from lockstep.proof.verifier.whir import check_whir  # noqa: E402
from lockstep.types import Digest  # noqa: E402
from tests.unit.proof import tiny  # noqa: E402

FOLDER = ROOT / "vectors" / "zk"
CONTEXT = Digest(b"c" * 32)


def written(*values: Element) -> str:
    return encode_elements(*values).hex()


def proved(*, is_false: bool = False) -> tuple[Statement, bytes]:
    """The tiny program and its proof; false: of a witness in which one product is another."""
    words = tiny.satisfying_words()
    weights, witness = (np.array(words.rows(oracle), dtype=np.uint64) for oracle in (0, 1))
    committed = commit_oracle(weights, tiny.TINY, Randomness(b"m" * 32))
    statement = Statement(tiny.PROGRAM, tiny.TINY, (committed.commitment,), words.publics, CONTEXT)
    rows = witness[:-1]
    rows.reshape(-1)[tiny.PROGRAM.blocks[tiny.Y].offset] += np.uint64(is_false)
    return statement, prove(statement, [committed], rows, randomness=Randomness(b"w" * 32), check=False)


def steps(statement: Statement, proof: bytes) -> Iterator[dict[str, Any]]:
    """After each step: bytes that are read, the transcript's state, and what the step hands to the next."""
    reader = ProofReader(proof, start_transcript(statement))

    def after(step: str, **found: Any) -> dict[str, Any]:
        return {"step": step, "read": reader.place, "state": reader.transcript.state.hex(), **found}

    yield after("P0")
    root = reader.root()
    yield after("P1", root=root.hex())
    logup = read_logup(reader, statement.program)
    layers = [written(layer.selector) for layer in logup.layers]
    yield after(
        "P2", alpha=written(logup.alpha), beta=written(logup.beta), q_root=written(logup.root), selectors=layers
    )
    products = read_products(reader, statement.program)
    ends = written(products.left), written(products.right)
    yield after("P3", outer=written(*products.outer), claim=written(products.claim), left=ends[0], right=ends[1])
    constraints = all_constraints(statement, logup, products)
    batch = check_batch(reader, statement.program, statement.parameters, constraints)
    yield after(
        "P4",
        constraints=[written(constraint.value) for constraint in constraints],
        row=written(*batch.row),
        column=written(*batch.column),
        weight=written(batch.weight),
        pads={str(number): written(value) for number, value in sorted(batch.pads.items())},
        value=written(batch.value),
    )
    masked = read_masked_claim(reader, statement.parameters, batch)
    yield after("P5", epsilon=written(masked.epsilon), value=written(masked.value))
    check_whir(reader, statement, root, masked)
    reader.finish()
    yield after("P6")


def regions(statement: Statement, proof: bytes) -> list[tuple[int, int]]:
    """Where a verifier reads what."""
    found: list[tuple[int, int]] = []

    class Recording(ProofReader):
        def take(self, count: int) -> bytes:
            found.append((self.place, count))
            return super().take(count)

    reader = Recording(proof, start_transcript(statement))
    root = reader.root()
    logup, products = read_logup(reader, statement.program), read_products(reader, statement.program)
    batch = check_batch(reader, statement.program, statement.parameters, all_constraints(statement, logup, products))
    check_whir(reader, statement, root, read_masked_claim(reader, statement.parameters, batch))
    return found


def refusals(statement: Statement, proof: bytes) -> Iterator[dict[str, Any]]:
    """Changes of the proof, each with the code that it is refused with. ``at``, ``is``: these bytes are others."""
    places = regions(statement, proof)
    nonce = next(start for start, count in places if count == NONCE_BYTES)
    commitment_rows = 8 * statement.commitments[0].rows
    leaf, sibling = next(
        (start, places[number + 1][0])
        for number, (start, count) in enumerate(places)
        if count == commitment_rows and places[number + 1][1] == ROOT_BYTES and places[number - 1][1] == ROOT_BYTES
    )

    def change(why: str, at: int, data: bytes) -> dict[str, Any]:
        changed = proof[:at] + data + proof[at + len(data) :]
        return {"why": why, "at": at, "is": data.hex(), "code": code(statement, changed)}

    def flipped(at: int) -> bytes:
        return bytes([proof[at] ^ 1])

    yield change("q_root is 0", ROOT_BYTES, bytes(16))
    yield change("q_root is not reduced", ROOT_BYTES, MODULUS.to_bytes(8, "big"))
    tried = (change("another nonce", nonce, number.to_bytes(NONCE_BYTES, "big")) for number in range(64, 128))
    yield next(found for found in tried if found["code"] == "proof/work")
    yield change("a symbol of the weights", leaf + 7, flipped(leaf + 7))
    yield change("a symbol that is not reduced", leaf, bytes([255]) * 8)
    yield change("a sibling", sibling, flipped(sibling))
    yield {"why": "a byte less", "cut": 1, "code": code(statement, proof[:-1])}
    yield {"why": "a byte more", "more": "00", "code": code(statement, proof + b"\x00")}


def other_statements(statement: Statement, proof: bytes) -> Iterator[dict[str, Any]]:
    """The proof under another statement."""
    first, *rest = statement.publics
    others = {
        "a tensor less": replace(statement, publics=(first,)),
        "a number of 65 bits": replace(statement, publics=((1 << 64, *first[1:]), *rest)),
        "a preset that is not on the list": replace(statement, parameters=replace(tiny.TINY, queries=(5, 4, 2))),
        "no commitment": replace(statement, commitments=()),
        "a block that is not aligned": replace(
            statement,
            program=replace(tiny.PROGRAM, blocks=(replace(tiny.PROGRAM.blocks[0], offset=1), *tiny.PROGRAM.blocks[1:])),
        ),
    }
    for why, other in others.items():
        yield {
            "why": why,
            "program": encode_program(other.program).hex(),
            "parameters": other.parameters.encode().hex(),
            "commitments": [commitment.encode().hex() for commitment in other.commitments],
            "publics": [[str(value) for value in values] for values in other.publics],
            "code": code(other, proof),
        }


def code(statement: Statement, proof: bytes) -> str:
    try:
        verify_proof(statement, proof, presets=(tiny.TINY,))
    except ProofError as error:
        return error.code
    return "accepted"


def whole_proof() -> dict[str, Any]:
    statement, proof = proved()
    verify_proof(statement, proof, presets=(tiny.TINY,))
    commitment, numbers = statement.commitments[0], PadNumbers(statement.program.fractions)
    false = proved(is_false=True)
    points = out_of_domain_points(commitment.root, commitment.rows)
    return {
        "statement": {
            "program": encode_program(statement.program).hex(),
            "program_digest": program_digest(statement.program).hex(),
            "parameters": statement.parameters.encode().hex(),
            "commitments": [commitment.encode().hex()],
            "publics": [[str(value) for value in values] for values in statement.publics],
            "context": statement.context.hex(),
        },
        "sizes": {
            "fractions_bits": statement.program.fractions,
            "product_bits": statement.program.product_bits,
            "row_bits": statement.program.row_bits,
            "pads": {
                "product_of_layer_0": list(numbers.products(0)),
                "blinding": numbers.blinding,
                "batch": numbers.batch(statement.program.product_bits),
            },
        },
        "out_of_domain": [{"z": written(z), "row": written(*row)} for z, row in points],
        "steps": list(steps(statement, proof)),
        "proof": proof.hex(),
        "refused": list(refusals(statement, proof)),
        "other_statements": list(other_statements(statement, proof)),
        "false": {"why": "y[0] is one more", "proof": false[1].hex(), "code": code(*false)},
    }


def files() -> dict[str, Any]:
    """One of each file, small; ids and contexts. None of the proofs in them holds."""
    commitment = OracleCommitment(bytes(range(26)), 1, ((1, 2), (3, 4)))
    key = ProofKey(tiny.PROGRAM, find_preset("fast-12"), (commitment,))
    shows = {"inputs": "public", "outputs": "hidden"}
    graph_root, weights_root = Digest(b"g" * 32), Digest(b"w" * 32)
    key_file = KeyFile(key, graph_root, weights_root, 1, shows, (-1, 17), True)
    proof_file = ProofFile(key, graph_root, weights_root, ((11, -5), (67,)), CONTEXT, bytes(range(100)))
    said = {"kind": "data", "rows": 4, "labels": 1, "balance": [2, 1, 3], "bounds": [0, 9]}
    statement = StatementFile(said, b"outline", key.parameters, (commitment,), ((11, -5),), bytes(range(50)))
    data_key = DataKeyFile(b"outline", 4, True, True, key.parameters, commitment)
    return {
        "key": {"bytes": encode_key(key).hex(), "digest": key.digest.hex(), "model_id": key_file.model_id.hex()},
        "key_file": encode_key_file(key_file).hex(),
        "proof_file": encode_proof_file(proof_file).hex(),
        "statement_file": {"bytes": encode_statement_file(statement).hex(), "context": statement.context.hex()},
        "data_key": {"bytes": encode_data_key(data_key).hex(), "data_id": data_key.data_id.hex()},
    }


FILES = {"proof": whole_proof, "files": files}


def main(arguments: list[str]) -> int:
    stale = []
    for name, build in FILES.items():
        path = FOLDER / f"{name}.json"
        text = json.dumps(build(), indent=1) + "\n"
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    if stale:
        print("out of date: " + ", ".join(stale) + " (run tools/generate_proof_vectors.py)", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
