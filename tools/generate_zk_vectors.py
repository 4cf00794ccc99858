"""Writes vectors/zk/: field, transcript, trees and codes of proofs, in plain integers. ``--check`` compares only."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lockstep.crypto import goldilocks as field
from lockstep.crypto.capped_merkle import cap_height, hash_leaf, hash_node, root_of_cap
from lockstep.crypto.goldilocks import MODULUS, Element, encode_elements
from lockstep.crypto.hashing import keccak256
from lockstep.crypto.transcript import NONCE_BYTES, Transcript

FOLDER = Path(__file__).resolve().parent.parent / "vectors" / "zk"

WORDS = (0, 1, 7, 2**32 - 1, 2**32, 2**63, MODULUS - 2**32, MODULUS - 1)
"""Residues at which carries and borrows happen."""

MODULI = (MODULUS, MODULUS + 1, 2**64 - 1)
"""Words that no encoding may hold."""

CODES = ((1, 1, 3), (8, 3, 3), (5, 16, 4), (12, 17, 5), (20, 18, 6), (16, 34, 5))
"""Coefficients, rows and log domain: leaves of 16, 17, 18 and 34 words end beside a block of the sponge (17 words)."""


def residue(number: int, seed: int = 0) -> int:
    """A residue that anybody can make again: the first 16 bytes of H(seed ‖ number), 4 bytes each, modulo p."""
    digest = keccak256(seed.to_bytes(4, "big"), number.to_bytes(4, "big"))
    return int.from_bytes(digest[:16], "big") % MODULUS


def elements(count: int, seed: int) -> list[Element]:
    return [(residue(2 * number, seed), residue(2 * number + 1, seed)) for number in range(count)]


def written(*values: Element) -> str:
    return encode_elements(*values).hex()


def arithmetic() -> dict[str, Any]:
    chosen = [(a, b) for a, b in zip(WORDS, reversed(WORDS), strict=True)] + elements(4, 1)
    pairs = [(a, chosen[(3 * k + 1) % len(chosen)]) for k, a in enumerate(chosen)]
    point, values = elements(3, 2), elements(8, 3)
    return {
        "residue": "the first 16 bytes of H(seed ‖ number), 4 bytes each, big-endian, modulo p; element k: 2k, 2k + 1",
        "modulus": str(MODULUS),
        "roots": [[log_order, str(field.root_of_unity(log_order))] for log_order in (0, 1, 2, 3, 16, 32)],
        "pairs": [
            {
                "a": written(a),
                "b": written(b),
                "sum": written(field.add(a, b)),
                "difference": written(field.subtract(a, b)),
                "product": written(field.multiply(a, b)),
                "inverse_of_a": written(field.invert(a)),
                "equality": written(field.equality(a, b)),
            }
            for a, b in pairs
        ],
        "power": {"base": written(chosen[8]), "exponent": 1000003, "is": written(field.power(chosen[8], 1000003))},
        "equality_table": {
            "point": written(*point),
            "table": written(*(field.equality_bits(point, index) for index in range(8))),
        },
        "multilinear": {
            "values": written(*values),
            "point": written(*point),
            "is": written(field.multilinear(values, point)),
        },
        "refused": [number.to_bytes(8, "big").hex() for number in MODULI],
    }


def transcript() -> dict[str, Any]:
    spoken = Transcript(b"vectors")
    steps: list[dict[str, Any]] = [{"step": "start", "tag": b"vectors".hex(), "state": spoken.state.hex()}]

    def note(step: str, **details: Any) -> None:
        steps.append({"step": step, **details, "state": spoken.state.hex()})

    for data in (b"", b"\x01", bytes(range(200))):
        spoken.absorb(data)
        note("absorb", data=data.hex())
    note("challenges", gives=[written(element) for element in spoken.challenges(3)])
    for count, log_size in ((3, 5), (8, 32), (9, 1), (20, 17)):
        note("indices", count=count, log_size=log_size, gives=spoken.indices(count, log_size))
    for bits in (0, 1, 8, 11):
        nonce = next(number for number in range(1 << 20) if spoken.check_work(number, bits))
        spoken.absorb(nonce.to_bytes(NONCE_BYTES, "big"))
        note("work", bits=bits, nonce=nonce)
    return {"steps": steps}


def trees() -> dict[str, Any]:
    leaves = [hash_leaf(bytes([number]) * 8) for number in range(8)]
    middle = [hash_node(a, b) for a, b in zip(leaves[::2], leaves[1::2], strict=True)]
    return {
        "leaves": {"of": "leaf i: eight bytes i", "digests": [digest.hex() for digest in leaves]},
        "above": [digest.hex() for digest in middle],
        "root": root_of_cap(leaves).hex(),
        "paths": [
            {"index": 0, "siblings": [leaves[1].hex(), middle[1].hex()], "cap": 1},
            {"index": 5, "siblings": [leaves[4].hex(), middle[3].hex()], "cap": 1},
            {"index": 6, "siblings": [leaves[7].hex()], "cap": 2},
        ],
        "cap": {str(height): [digest.hex() for digest in _level(leaves, height)] for height in (0, 1, 2)},
        "cap_heights": [
            [queries, depth, cap_height(queries, depth)]
            for queries, depth in ((1, 0), (1, 10), (2, 1), (3, 9), (40, 5), (40, 16), (100, 20), (1000, 20))
        ],
    }


def _level(leaves: Sequence[bytes], height: int) -> list[bytes]:
    """The ``2^height`` nodes of a cap."""
    size = len(leaves) >> height
    return [root_of_cap(leaves[k : k + size]) for k in range(0, len(leaves), size)]


def message(length: int, rows: int) -> list[list[int]]:
    """Coefficient j of row r. Row 0 is x − 1: at x = 1 lazy sums are p itself, which is written as 0."""
    table = [[residue(rows * j + r, 4) for r in range(rows)] for j in range(length)]
    for j, coefficients in enumerate(table):
        coefficients[0] = (MODULUS - 1, 1)[j] if j < 2 else 0
    return table


def codes() -> dict[str, Any]:
    return {
        "message": "coefficient j of row r is residue(rows·j + r, seed 4); row 0 is p − 1, 1, 0, 0, …",
        "codes": [_code(length, rows, log_domain) for length, rows, log_domain in CODES],
    }


def _code(length: int, rows: int, log_domain: int) -> dict[str, Any]:
    table, root = message(length, rows), field.root_of_unity(log_domain)
    leaves = [_leaf(table, pow(root, place, MODULUS)) for place in range(1 << log_domain)]
    return {
        "length": length,
        "rows": rows,
        "log_domain": log_domain,
        "leaf_0": leaves[0].hex(),
        "leaf_1": leaves[1].hex(),
        "leaf_digests": keccak256(*(hash_leaf(leaf) for leaf in leaves)).hex(),
        "root": root_of_cap([hash_leaf(leaf) for leaf in leaves]).hex(),
    }


def _leaf(table: Sequence[Sequence[int]], x: int) -> bytes:
    """All rows at x, by Horner's rule."""
    values = [0] * len(table[0])
    for coefficients in reversed(table):
        values = [(value * x + c) % MODULUS for value, c in zip(values, coefficients, strict=True)]
    return b"".join(value.to_bytes(8, "big") for value in values)


FILES = {"field": arithmetic, "transcript": transcript, "trees": trees, "codes": codes}


def main(arguments: list[str]) -> int:
    stale = []
    FOLDER.mkdir(exist_ok=True)
    for name, build in FILES.items():
        path = FOLDER / f"{name}.json"
        text = json.dumps(build(), indent=1) + "\n"
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    if stale:
        print("out of date: " + ", ".join(stale) + " (run tools/generate_zk_vectors.py)", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
