"""Hashes and trees: the vectors, and that the compiled kernels equal the reference on them and on random data."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.codec import encode_values
from lockstep.crypto import kernels
from lockstep.crypto.forest import ForestBuilder
from lockstep.crypto.hashing import ZERO_LEAF, keccak256, leaf_hash, node_hash
from lockstep.crypto.merkle import digest_tree, levels_for, root_from_path, root_from_range, tensor_root, tensor_tree
from lockstep.errors import ProofError
from lockstep.types import Digest

ROOT = Path(__file__).parents[3]
HASHING = json.loads((ROOT / "vectors" / "hashing.json").read_text())
MERKLE = json.loads((ROOT / "vectors" / "merkle.json").read_text())
GENERATOR = runpy.run_path(str(ROOT / "tools" / "generate_vectors.py"))
pattern = GENERATOR["pattern"]


def test_vectors_are_up_to_date() -> None:
    assert GENERATOR["main"](["--check"]) == 0


def test_keccak_is_that_of_ethereum() -> None:
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"  # yellow paper, appendix A: KEC(())
    assert keccak256().hex() == empty


def test_hashes_are_those_of_the_vectors() -> None:
    for case in HASHING["keccak"]:
        assert keccak256(pattern(case["length"], case["seed"])).hex() == case["digest"]
    for case in HASHING["leaf"]:
        assert leaf_hash(pattern(case["length"], case["seed"])).hex() == case["digest"]
    assert HASHING["zero_leaf"] == ZERO_LEAF.hex()
    node = HASHING["node"]
    left, right = Digest(bytes.fromhex(node["left"])), Digest(bytes.fromhex(node["right"]))
    assert node_hash(left, right).hex() == node["digest"]


@pytest.mark.parametrize("root_of", [tensor_root, kernels.tensor_root], ids=["reference", "kernels"])
def test_tensor_roots_are_those_of_the_vectors(root_of) -> None:  # type: ignore[no-untyped-def]
    for case in MERKLE["tensor_roots"]:
        assert root_of(pattern(case["length"], case["seed"])).hex() == case["root"]


def test_trees_are_those_of_the_vectors() -> None:
    digests = [keccak256(number.to_bytes(4, "big")) for number in range(300)]
    assert [[count, levels_for(count)] for count, _ in MERKLE["levels"]] == MERKLE["levels"]
    for case in MERKLE["digest_roots"]:
        assert digest_tree(digests[: case["count"]], case["minimum_levels"]).root.hex() == case["root"]
    tree = digest_tree(digests)
    for case in MERKLE["paths"]:
        assert [digest.hex() for digest in tree.path(case["index"])] == case["path"]
    assert [digest.hex() for digest in tree.descendants(4, 1)] == MERKLE["descendants"]


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=1, max_size=20_000))
def test_compiled_trees_equal_the_reference(data: bytes) -> None:
    assert kernels.tensor_tree(data) == tensor_tree(data)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([8, 16, 32, 64]), st.integers(1, 1500), st.integers(0, 2**32 - 1))
def test_leaves_of_native_integers_hash_as_their_codes(width: int, count: int, seed: int) -> None:
    bound = 1 << (width - 1)
    values = np.random.default_rng(seed).integers(-bound, bound - 1, count, endpoint=True)
    data = encode_values(values, width)
    leaves = -(-len(data) // 512)
    memory = np.full(leaves * 512 * 8 // width, -bound, dtype=f"int{width}")
    memory[:count] = values
    builder = ForestBuilder(np.full(leaves, width, np.uint8))
    tree = builder.tensor_tree(0, leaves)
    digests = kernels.hash_forest(builder.build(), memory.view(np.uint64))
    assert digests[tree.root].tobytes() == tensor_root(data)


@given(st.integers(1, 300), st.data())
def test_every_path_and_range_leads_to_the_root(count: int, data: st.DataObject) -> None:
    digests = [keccak256(number.to_bytes(4, "big")) for number in range(count)]
    tree = digest_tree(digests)
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first, count - 1))
    assert root_from_path(digests[first], first, tree.path(first)) == tree.root
    path = tree.range_path(first, last)
    assert root_from_range(digests[first : last + 1], first, tree.levels, path) == tree.root
    if path:
        with pytest.raises(ProofError, match="witness/length"):
            root_from_range(digests[first : last + 1], first, tree.levels, path[:-1])
    with pytest.raises(ProofError, match="witness/length"):
        root_from_range(digests[first : last + 1], first, tree.levels, [*path, digests[0]])


def test_a_leaf_is_at_most_512_bytes() -> None:
    with pytest.raises(ProofError, match="leaf/length"):
        leaf_hash(bytes(513))
