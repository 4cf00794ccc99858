"""Binary Merkle trees padded to a power of 16, so that four levels at a time can be shown (integer-graph.md 1)."""

from collections.abc import Sequence
from dataclasses import dataclass

from lockstep.crypto.hashing import LEAF_BYTES, ZERO_LEAF, leaf_hash, node_hash
from lockstep.errors import ProofError
from lockstep.types import ZERO_DIGEST, Digest

FAN_OUT = 16
"""Grandchildren that one move of a dispute shows: four binary levels."""


def levels_for(count: int) -> int:
    """Levels of a tree over ``count`` leaves: 4·k for the least k with 16^k ≥ count; 0 for one leaf."""
    if count < 1:
        raise ProofError("tree/empty", "a tree has at least one leaf", value=count)
    return 4 * -(-(count - 1).bit_length() // 4)


@dataclass(frozen=True)
class MerkleTree:
    """All levels of one tree, leaves first; positions past the end of a level hold its padding digest."""

    levels: int
    stored: tuple[tuple[Digest, ...], ...]
    paddings: tuple[Digest, ...]

    @classmethod
    def from_leaves(cls, leaves: Sequence[Digest], *, padding: Digest, minimum_levels: int = 0) -> "MerkleTree":
        levels = max(minimum_levels, levels_for(len(leaves)))
        stored, paddings = [tuple(leaves)], [padding]
        for _ in range(levels):
            below = stored[-1] + (paddings[-1],) * (len(stored[-1]) % 2)
            stored.append(tuple(node_hash(below[i], below[i + 1]) for i in range(0, len(below), 2)))
            paddings.append(node_hash(paddings[-1], paddings[-1]))
        return cls(levels=levels, stored=tuple(stored), paddings=tuple(paddings))

    @property
    def root(self) -> Digest:
        return self.stored[-1][0]

    def node(self, level: int, index: int) -> Digest:
        """The digest at ``level`` (0 is the root) and ``index``. Raises ``ProofError`` ``tree/position``."""
        if not 0 <= level <= self.levels or not 0 <= index < 1 << level:
            raise ProofError("tree/position", "no such node", value=(level, index))
        row = self.stored[self.levels - level]
        return row[index] if index < len(row) else self.paddings[self.levels - level]

    def descendants(self, level: int, index: int) -> tuple[Digest, ...]:
        """The 16 digests four levels below a node, left to right."""
        return tuple(self.node(level + 4, FAN_OUT * index + child) for child in range(FAN_OUT))

    def path(self, index: int) -> list[Digest]:
        """Siblings from leaf ``index`` to the root, bottom up."""
        return [self.node(self.levels - height, (index >> height) ^ 1) for height in range(self.levels)]

    def range_path(self, first: int, last: int) -> list[Digest]:
        """Siblings that lead the leaves ``first … last`` to the root (section 5): per level left, then right."""
        siblings = []
        for height in range(self.levels):
            low, high = first >> height, last >> height
            if low % 2:
                siblings.append(self.node(self.levels - height, low - 1))
            if high % 2 == 0:
                siblings.append(self.node(self.levels - height, high + 1))
        return siblings


def root_from_path(leaf: Digest, index: int, path: Sequence[Digest]) -> Digest:
    """The root that ``path`` (bottom up) leads leaf ``index`` to. Raises ``ProofError`` ``tree/position``."""
    if not 0 <= index < 1 << len(path):
        raise ProofError("tree/position", "the index is outside a tree of this height", value=index)
    digest = leaf
    for sibling in path:
        digest = node_hash(sibling, digest) if index % 2 else node_hash(digest, sibling)
        index //= 2
    return digest


def root_from_range(leaves: Sequence[Digest], first: int, levels: int, path: Sequence[Digest]) -> Digest:
    """The root that ``path`` leads consecutive leaves to. Raises ``ProofError`` ``witness/length`` on a wrong count."""
    row, low, siblings = list(leaves), first, iter(path)
    try:
        for _ in range(levels):
            if low % 2:
                row.insert(0, next(siblings))
                low -= 1
            if len(row) % 2:
                row.append(next(siblings))
            row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
            low //= 2
    except StopIteration:
        raise ProofError("witness/length", "the path has too few siblings", value=len(path)) from None
    if len(row) != 1 or low != 0 or next(siblings, None) is not None:
        raise ProofError("witness/length", "the leaves and siblings are not those of this range", value=len(path))
    return row[0]


def tensor_tree(data: bytes) -> MerkleTree:
    """The tree over a tensor's bytes in leaves of 512, padded with zero leaves."""
    leaves = [leaf_hash(data[start : start + LEAF_BYTES]) for start in range(0, len(data), LEAF_BYTES)]
    return MerkleTree.from_leaves(leaves, padding=ZERO_LEAF)


def tensor_root(data: bytes) -> Digest:
    """The name of a tensor: the root of its tree."""
    return tensor_tree(data).root


def zero_subtree(levels: int) -> Digest:
    """The root of ``2^levels`` zero digests: what stands for a missing pass, so that a descent can go through it."""
    digest = ZERO_DIGEST
    for _ in range(levels):
        digest = node_hash(digest, digest)
    return digest


def pass_tree(roots: Sequence[Digest], levels_below: int) -> MerkleTree:
    """The tree over passes, each the root of a tree of ``levels_below`` levels."""
    return MerkleTree.from_leaves(roots, padding=zero_subtree(levels_below))


def digest_tree(digests: Sequence[Digest], minimum_levels: int = 0) -> MerkleTree:
    """The tree over digests (nodes of a trace, passes, inputs), padded with zero digests."""
    return MerkleTree.from_leaves(digests, padding=ZERO_DIGEST, minimum_levels=minimum_levels)
