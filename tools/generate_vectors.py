"""Writes vectors/: what codec, hashes and trees give, for every implementation. ``--check`` compares only."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from lockstep.codec import encode_values
from lockstep.crypto.hashing import LEAF_BYTES, ZERO_LEAF, keccak256, leaf_hash, node_hash
from lockstep.crypto.merkle import digest_tree, levels_for, tensor_root, tensor_tree

FOLDER = Path(__file__).resolve().parent.parent / "vectors"


def pattern(length: int, seed: int = 0) -> bytes:
    """Bytes that anybody can make again: byte i is (7·i + i div 256 + seed) mod 256."""
    return bytes((7 * i + i // 256 + seed) % 256 for i in range(length))


def codec() -> list[dict[str, Any]]:
    cases = []
    for width in (8, 16, 32, 64):
        bound = 1 << (width - 1)
        values = [-bound, -bound + 1, -1, 0, 1, bound - 2, bound - 1, 100, -100]
        cases.append({"width": width, "values": values, "bytes": encode_values(np.array(values), width).hex()})
    return cases


def hashing() -> dict[str, Any]:
    digests = [keccak256(bytes([number])) for number in range(2)]
    return {
        "pattern": "byte i is (7·i + i div 256 + seed) mod 256",
        "keccak": [
            {"length": length, "seed": 3, "digest": keccak256(pattern(length, 3)).hex()}
            for length in (0, 1, 31, 32, 64, 135, 136, 137, 271, 272, 513)
        ],
        "leaf": [
            {"length": length, "seed": 1, "digest": leaf_hash(pattern(length, 1)).hex()}
            for length in (0, 1, 135, 136, 511, 512)
        ],
        "zero_leaf": ZERO_LEAF.hex(),
        "node": {"left": digests[0].hex(), "right": digests[1].hex(), "digest": node_hash(*digests).hex()},
    }


def merkle() -> dict[str, Any]:
    digests = [keccak256(number.to_bytes(4, "big")) for number in range(300)]
    tree = digest_tree(digests)
    tiles = tensor_tree(pattern(LEAF_BYTES * 19 + 5, 2))
    return {
        "levels": [[count, levels_for(count)] for count in (1, 2, 16, 17, 256, 257, 4096, 4097, 65536, 65537)],
        "tensor_roots": [
            {"length": length, "seed": 2, "root": tensor_root(pattern(length, 2)).hex()}
            for length in (1, 512, 513, 1024, 8192, 8193, 65537)
        ],
        "digest_roots": [
            {"count": count, "minimum_levels": low, "root": digest_tree(digests[:count], low).root.hex()}
            for count, low in ((1, 0), (1, 4), (2, 0), (16, 4), (17, 0), (300, 0))
        ],
        "paths": [
            {"index": index, "path": [digest.hex() for digest in tree.path(index)]} for index in (0, 1, 137, 299, 300)
        ],
        "range_paths": [
            {"first": first, "last": last, "path": [digest.hex() for digest in tiles.range_path(first, last)]}
            for first, last in ((0, 0), (0, 1), (3, 8), (5, 19), (0, 255), (16, 31))
        ],
        "descendants": [digest.hex() for digest in tree.descendants(4, 1)],
    }


FILES = {"codec": codec, "hashing": hashing, "merkle": merkle}


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
        print("out of date: " + ", ".join(stale) + " (run tools/generate_vectors.py)", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
