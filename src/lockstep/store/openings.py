"""What is at a position under an artifact's root, and its path: the answer to a demand (artifacts.md, section 7)."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lockstep.crypto.hashing import LEAF_BYTES, ZERO_LEAF, leaf_hash
from lockstep.crypto.merkle import MerkleTree, levels_for
from lockstep.errors import StoreError
from lockstep.store.artifacts import Artifact
from lockstep.store.chunks import CHUNK_LEVELS, Layout, part_levels
from lockstep.types import Digest


@dataclass(frozen=True, slots=True)
class Opening:
    """A leaf (512 bytes), the children of an inner node (64), or nothing for a zero digest; the path, bottom up."""

    data: bytes
    path: tuple[Digest, ...]


def leaf_position(layout: Layout, offset: int) -> tuple[int, int]:
    """Where the leaf that holds a byte is: its position, and how many levels below the root. ``artifact/chunk``."""
    if not 0 <= offset < layout.size:
        raise StoreError("artifact/chunk", "the artifact has no such byte", value=offset)
    round_, rest = divmod(offset, layout.starts[-1])
    part = bisect_right(layout.starts, rest) - 1
    per_pass, below = levels_for(len(layout.sizes)), part_levels(layout.sizes[part])
    slot = (round_ << per_pass) + part
    leaf = (rest - layout.starts[part]) // LEAF_BYTES
    return (slot << below) + leaf, levels_for(layout.passes) + per_pass + below


def open_position(artifact: Artifact, position: int, levels: int) -> Opening:
    """What stands at a position, or above it, so that nothing can be there. Raises ``artifact/chunk``."""
    if not 0 <= position < 1 << levels:
        raise StoreError("artifact/chunk", "there is no such position", value=position)
    layout, tree = artifact.layout, artifact.tree
    per_pass, upper = levels_for(len(layout.sizes)), levels_for(len(layout.sizes)) + levels_for(layout.passes)
    if levels < upper:
        return _inner(tree.node, levels, position)
    slot = position >> (levels - upper)
    round_, part = slot >> per_pass, slot & ((1 << per_pass) - 1)
    path = _path(tree.node, upper, slot)
    if round_ >= layout.passes or part >= len(layout.sizes):
        return Opening(b"", tuple(path))
    return _open_part(artifact, round_ * len(layout.sizes) + part, position, levels - upper, path)


def _inner(node: Callable[[int, int], Digest], level: int, index: int) -> Opening:
    children = node(level + 1, 2 * index) + node(level + 1, 2 * index + 1)
    return Opening(children, tuple(_path(node, level, index)))


def _path(node: Callable[[int, int], Digest], level: int, index: int) -> list[Digest]:
    """Siblings from a node to the root of its tree, bottom up."""
    return [node(level - height, (index >> height) ^ 1) for height in range(level)]


def _open_part(artifact: Artifact, slot: int, position: int, depth: int, above: Sequence[Digest]) -> Opening:
    """``depth`` levels below the root of a part."""
    whole = part_levels(artifact.layout.sizes[slot % len(artifact.layout.sizes)])
    reached = min(depth, whole)
    index = (position & ((1 << depth) - 1)) >> (depth - reached)
    chunks, to_chunks = artifact.tree.part(slot), max(0, whole - CHUNK_LEVELS)
    if reached < to_chunks:
        found = _inner(chunks.node, reached, index)
        return Opening(found.data, (*found.path, *above))
    within, levels_within = reached - to_chunks, whole - to_chunks
    number, local = index >> within, index & ((1 << within) - 1)
    data = _chunk_bytes(artifact, slot, number)
    subtree = _subtree(data, levels_within)
    rest = (*_path(chunks.node, to_chunks, number), *above)
    if within < levels_within:
        found = _inner(subtree.node, within, local)
        return Opening(found.data, (*found.path, *rest))
    leaf = data[local * LEAF_BYTES : (local + 1) * LEAF_BYTES].ljust(LEAF_BYTES, b"\x00")
    return Opening(leaf, (*subtree.path(local), *rest))


def _chunk_bytes(artifact: Artifact, slot: int, number: int) -> bytes:
    """A chunk of a part; empty past its end."""
    layout = artifact.layout
    round_, part = divmod(slot, len(layout.sizes))
    count = layout.first_chunks[part + 1] - layout.first_chunks[part]
    if number >= count:
        return b""
    return artifact.chunk(round_ * layout.first_chunks[-1] + layout.first_chunks[part] + number).data


def _subtree(data: bytes, levels: int) -> MerkleTree:
    leaves = [leaf_hash(data[at : at + LEAF_BYTES]) for at in range(0, len(data), LEAF_BYTES)] or [ZERO_LEAF]
    return MerkleTree.from_leaves(leaves, padding=ZERO_LEAF, minimum_levels=levels)
