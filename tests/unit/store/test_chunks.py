"""An artifact's root is that of weights and of inputs, and every chunk leads to it, and no other bytes do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.crypto.merkle import digest_tree, levels_for, pass_tree, tensor_root
from lockstep.errors import ProofError, StoreError
from lockstep.store.chunks import CHUNK_BYTES, ChunkTree, Layout, artifact_root, verify_chunk

RANDOM = np.random.default_rng(5)
SIZES = (1, 511, 512, 513, 16 * LEAF_BYTES, 16 * LEAF_BYTES + 1, CHUNK_BYTES, CHUNK_BYTES + 1, 17 * CHUNK_BYTES - 3)


@pytest.mark.parametrize("size", SIZES)
def test_one_file_is_named_like_weights(size: int) -> None:
    data = RANDOM.bytes(size)
    tree = ChunkTree.over(Layout.of(size), data)
    assert tree.root == tensor_root(data)
    for number, chunk in enumerate(tree.layout.split(data)):
        assert verify_chunk(tree.root, tree.layout, number, chunk, tree.path(number)) == tree.nodes[number]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 20), st.lists(st.integers(1, 3 * LEAF_BYTES), min_size=1, max_size=18))
def test_several_passes_are_named_like_inputs(passes: int, sizes: list[int]) -> None:
    layout = Layout(passes, tuple(sizes))
    data = RANDOM.bytes(layout.size)
    roots, at = [], 0
    for _ in range(passes):
        parts = []
        for size in sizes:
            parts.append(tensor_root(data[at : at + size]))
            at += size
        roots.append(digest_tree(parts).root)
    tree = ChunkTree.over(layout, data)
    assert tree.root == pass_tree(roots, levels_for(len(sizes))).root
    number = layout.chunk_count - 1
    *_, last = layout.split(data)
    verify_chunk(tree.root, layout, number, last, tree.path(number))
    assert Layout.parse(str(layout)) == layout


def test_no_other_bytes_place_or_path_lead_to_the_root() -> None:
    data = RANDOM.bytes(3 * CHUNK_BYTES)
    tree = ChunkTree.over(Layout.of(len(data)), data)
    chunks = list(tree.layout.split(data))
    wrong = bytearray(chunks[1])
    wrong[-1] ^= 1
    cases = [(1, bytes(wrong), tree.path(1)), (2, chunks[1], tree.path(1)), (1, chunks[1], tree.path(2))]
    for number, chunk, path in cases:
        with pytest.raises(ProofError) as caught:
            verify_chunk(tree.root, tree.layout, number, chunk, path)
        assert caught.value.code == "chunk/proof" and caught.value.value == number
    for chunk, path in ((chunks[1][:-1], tree.path(1)), (chunks[1], tree.path(1)[:-1])):
        with pytest.raises(ProofError, match="chunk/length"):
            verify_chunk(tree.root, tree.layout, 1, chunk, path)


@pytest.mark.parametrize(
    "text", ["", "1", "1;", "0;5", "1;0", "1;-1", "x;5", "1;5,", "65537;1", "1;" + "1," * 256 + "1"]
)
def test_what_is_no_layout_is_refused(text: str) -> None:
    with pytest.raises(StoreError, match="artifact/layout"):
        Layout.parse(text)


def test_the_root_of_a_file_is_that_of_its_bytes() -> None:
    assert artifact_root(Layout.of(3), b"abc") == tensor_root(b"abc")
    with pytest.raises(StoreError, match="artifact/layout"):
        artifact_root(Layout.of(4), b"abc")
