"""What an artifact's root names, and how one chunk of it is proved: artifacts.md, sections 1 and 2."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final

from lockstep.crypto.hashing import LEAF_BYTES, ZERO_LEAF, node_hash
from lockstep.crypto.kernels import tensor_root
from lockstep.crypto.merkle import MerkleTree, digest_tree, levels_for, pass_tree, root_from_path, zero_subtree
from lockstep.errors import ProofError, StoreError
from lockstep.types import Digest

CHUNK_LEVELS: Final = 8
CHUNK_BYTES: Final = LEAF_BYTES << CHUNK_LEVELS
"""128 KiB: a chunk is a whole subtree, so its proof is one path, 32 bytes for each doubling of the artifact."""
LARGEST_PASSES: Final = 65_536
LONGEST_TEXT: Final = 6_000
LARGEST_PARTS: Final = 256
"""Inputs of a model; a layout fits into a header."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Where one chunk lies: its bytes in the artifact, its height above the leaves."""

    start: int
    size: int
    levels: int


@dataclass(frozen=True)
class Layout:
    """``passes`` times the same parts, ``sizes`` their bytes. One file is one pass of one part."""

    passes: int
    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        is_counted = 1 <= self.passes <= LARGEST_PASSES and 1 <= len(self.sizes) <= LARGEST_PARTS
        if not is_counted or min(self.sizes) < 1:
            remedy = f"at most {LARGEST_PARTS} parts, none empty"
            raise StoreError("artifact/layout", "this is no layout of an artifact", value=str(self)[:80], remedy=remedy)

    @classmethod
    def of(cls, size: int) -> "Layout":
        """That of one file."""
        return cls(1, (size,))

    @classmethod
    def parse(cls, text: str) -> "Layout":
        """What ``str`` wrote: ``passes;size,size``. Raises ``StoreError`` ``artifact/layout``."""
        passes, _, sizes = text.partition(";")
        try:
            if len(text) > LONGEST_TEXT or not text.isascii():
                raise ValueError
            return cls(int(passes), tuple(int(size) for size in sizes.split(",")))
        except ValueError:
            raise StoreError("artifact/layout", "this is no layout of an artifact", value=text[:80]) from None

    def __str__(self) -> str:
        return f"{self.passes};{','.join(map(str, self.sizes))}"

    @property
    def size(self) -> int:
        """Bytes of the artifact: its parts one after another."""
        return self.passes * self.starts[-1]

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where every part of a pass begins, and after them how many bytes a pass has."""
        return tuple(accumulate(self.sizes, initial=0))

    @cached_property
    def first_chunks(self) -> tuple[int, ...]:
        """The number of the first chunk of every part of a pass, and after them how many chunks a pass has."""
        return tuple(accumulate((-(-size // CHUNK_BYTES) for size in self.sizes), initial=0))

    @property
    def chunk_count(self) -> int:
        return self.passes * self.first_chunks[-1]

    def chunk(self, number: int) -> Chunk:
        """Where a chunk lies. Raises ``StoreError`` ``artifact/chunk`` outside the artifact."""
        round_, part, within = self.place(number)
        start = round_ * self.starts[-1] + self.starts[part] + within * CHUNK_BYTES
        size = min(CHUNK_BYTES, self.sizes[part] - within * CHUNK_BYTES)
        return Chunk(start, size, min(CHUNK_LEVELS, part_levels(self.sizes[part])))

    def position(self, number: int) -> tuple[int, int]:
        """The index of a chunk among the nodes of its height, and how many levels the root is above it."""
        round_, part, within = self.place(number)
        above = max(0, part_levels(self.sizes[part]) - CHUNK_LEVELS)
        per_pass = levels_for(len(self.sizes))
        index = (((round_ << per_pass) + part) << above) + within
        return index, above + per_pass + levels_for(self.passes)

    def split(self, data: bytes) -> Iterator[bytes]:
        """The chunks of an artifact's bytes."""
        for number in range(self.chunk_count):
            chunk = self.chunk(number)
            yield data[chunk.start : chunk.start + chunk.size]

    def place(self, number: int) -> tuple[int, int, int]:
        """The pass and the part that a chunk is of, and its number within the part."""
        if not 0 <= number < self.chunk_count:
            raise StoreError("artifact/chunk", "the artifact has no such chunk", value=number)
        round_, number = divmod(number, self.first_chunks[-1])
        part = bisect_right(self.first_chunks, number) - 1
        return round_, part, number - self.first_chunks[part]


def part_levels(size: int) -> int:
    """Levels of the tree over a part of so many bytes."""
    return levels_for(-(-size // LEAF_BYTES))


def chunk_node(data: bytes, levels: int) -> Digest:
    """The node over a chunk, ``levels`` above its leaves; past its end there are leaves of zeros."""
    digest, padding = tensor_root(data), ZERO_LEAF
    reached = part_levels(len(data))
    for level in range(levels):
        if level >= reached:
            digest = node_hash(digest, padding)
        padding = node_hash(padding, padding)
    return digest


def verify_chunk(root: Digest, layout: Layout, number: int, data: bytes, path: Sequence[Digest]) -> Digest:
    """The node of a chunk that the root names. Raises ``ProofError`` ``chunk/length`` or ``chunk/proof``."""
    chunk, (index, levels) = layout.chunk(number), layout.position(number)
    if len(data) != chunk.size or len(path) != levels:
        raise ProofError("chunk/length", "the chunk or its path has another length", value=number)
    node = chunk_node(data, chunk.levels)
    if root_from_path(node, index, path) != root:
        raise ProofError("chunk/proof", "the chunk is not part of that artifact", value=number)
    return node


class ChunkTree:
    """The tree above an artifact's chunks, from their nodes."""

    def __init__(self, layout: Layout, nodes: Sequence[Digest]) -> None:
        if len(nodes) != layout.chunk_count:
            raise StoreError("artifact/tree", "these are not the nodes of all chunks", value=len(nodes))
        self.layout, self.nodes = layout, tuple(nodes)
        per_pass, firsts = layout.first_chunks[-1], layout.first_chunks
        self._parts = [
            _part_tree(layout.sizes[part], self.nodes[first + firsts[part] : first + firsts[part + 1]])
            for first in range(0, layout.chunk_count, per_pass)
            for part in range(len(layout.sizes))
        ]
        width = len(layout.sizes)
        self._rounds = [
            digest_tree([tree.root for tree in self._parts[round_ * width : (round_ + 1) * width]])
            for round_ in range(layout.passes)
        ]
        self._top = pass_tree([tree.root for tree in self._rounds], levels_for(width))

    @classmethod
    def over(cls, layout: Layout, data: bytes) -> "ChunkTree":
        """The tree of an artifact whose bytes are at hand. Raises ``StoreError`` ``artifact/layout``."""
        if len(data) != layout.size:
            raise StoreError("artifact/layout", "the bytes do not have this layout", value=len(data))
        chunks = enumerate(layout.split(data))
        return cls(layout, [chunk_node(chunk, layout.chunk(number).levels) for number, chunk in chunks])

    @property
    def root(self) -> Digest:
        """The artifact's name."""
        return self._top.root

    def part(self, slot: int) -> MerkleTree:
        """The tree over the chunks of one part, parts counted through all passes."""
        return self._parts[slot]

    def node(self, level: int, index: int) -> Digest:
        """A digest above the parts or the root of one: ``level`` 0 is the root."""
        if level <= self._top.levels:
            return self._top.node(level, index)
        below = level - self._top.levels
        round_, within = index >> below, index & ((1 << below) - 1)
        # Passes that are not there are made of zero digests, as their parts are.
        return (
            self._rounds[round_].node(below, within)
            if round_ < len(self._rounds)
            else zero_subtree(levels_for(len(self.layout.sizes)) - below)
        )

    def path(self, number: int) -> list[Digest]:
        """Siblings from a chunk's node to the root, bottom up."""
        round_, part, within = self.layout.place(number)
        tree = self._parts[round_ * len(self.layout.sizes) + part]
        return tree.path(within) + self._rounds[round_].path(part) + self._top.path(round_)


def _part_tree(size: int, nodes: Sequence[Digest]) -> MerkleTree:
    padding = ZERO_LEAF
    for _ in range(min(CHUNK_LEVELS, part_levels(size))):
        padding = node_hash(padding, padding)
    return MerkleTree.from_leaves(nodes, padding=padding)


def artifact_root(layout: Layout, data: bytes) -> Digest:
    """The name of an artifact."""
    return ChunkTree.over(layout, data).root
