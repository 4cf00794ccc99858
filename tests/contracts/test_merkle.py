"""The Merkle module of the contracts gives what the shared vectors say."""

import json
from pathlib import Path
from typing import Any

import boa
import pytest

from lockstep.crypto.hashing import keccak256
from lockstep.crypto.merkle import digest_tree

ROOT = Path(__file__).parents[2]
HASHING = json.loads((ROOT / "vectors" / "hashing.json").read_text())
MERKLE = json.loads((ROOT / "vectors" / "merkle.json").read_text())
LEAF_BYTES = 512

TREE = digest_tree([keccak256(number.to_bytes(4, "big")) for number in range(300)])


@pytest.fixture(scope="module")
def merkle() -> Any:
    return boa.load(str(ROOT / "tests" / "contracts" / "fixtures" / "MerkleFace.vy"))


def pattern(length: int, seed: int) -> bytes:
    """The bytes that vectors name by length and seed."""
    return bytes((7 * i + i // 256 + seed) % 256 for i in range(length))


def test_leaves_are_those_of_the_vectors(merkle: Any) -> None:
    for case in HASHING["leaf"]:
        data = pattern(case["length"], case["seed"]).ljust(LEAF_BYTES, b"\x00")
        assert merkle.leaf(data).hex() == case["digest"]
    assert merkle.leaf(bytes(LEAF_BYTES)).hex() == HASHING["zero_leaf"]


def test_node_is_that_of_the_vectors(merkle: Any) -> None:
    node = HASHING["node"]
    assert merkle.node(bytes.fromhex(node["left"]), bytes.fromhex(node["right"])).hex() == node["digest"]


def test_preimage_of_a_node_is_no_leaf(merkle: Any) -> None:
    """63 bytes after the leaf's zero byte could be two digests."""
    for length in (0, 63, 511):
        with boa.reverts("tile/preimage"):
            merkle.leaf(bytes(length))


def test_sixteen_descendants_fold_to_the_node_above(merkle: Any) -> None:
    kids = [bytes.fromhex(kid) for kid in MERKLE["descendants"]]
    assert merkle.fold16(kids) == TREE.node(4, 1)
    assert merkle.fold16([kids[1], kids[0], *kids[2:]]) != TREE.node(4, 1)


def test_paths_of_the_vectors_lead_to_the_root(merkle: Any) -> None:
    for case in MERKLE["paths"]:
        path = [bytes.fromhex(sibling) for sibling in case["path"]]
        index, leaf = case["index"], TREE.node(TREE.levels, case["index"])
        assert merkle.root_from_path(leaf, index, path) == TREE.root
        assert leaf == path[0] or merkle.root_from_path(leaf, index ^ 1, path) != TREE.root
