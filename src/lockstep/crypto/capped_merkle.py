"""Merkle trees of 26-byte digests whose upper part, the cap, is sent whole (docs/specs/proof.md, sections 1 and 5)."""

from collections.abc import Sequence

from lockstep.crypto.hashing import keccak256

NODE_BYTES = 26
"""208 bits: collisions cost 2^104, above the 100 bits of the rest."""

MOST_CAP_LEVELS = 7
_GAP = bytes(6)


def hash_leaf(data: bytes) -> bytes:
    """The digest of a leaf: its symbols as 8-byte words."""
    return keccak256(data)[:NODE_BYTES]


def hash_node(left: bytes, right: bytes) -> bytes:
    """58 bytes of input, no multiple of 8: no leaf is ever a node."""
    return keccak256(left, _GAP, right)[:NODE_BYTES]


def root_of_cap(cap: Sequence[bytes]) -> bytes:
    """The root above ``2^height`` nodes."""
    level = list(cap)
    while len(level) > 1:
        level = [hash_node(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def verify_path(leaf_digest: bytes, index: int, siblings: Sequence[bytes]) -> bytes:
    """The node that ``siblings``, from the bottom, lead to above leaf ``index``; it must be one of the cap."""
    node = leaf_digest
    for sibling in siblings:
        node = hash_node(sibling, node) if index & 1 else hash_node(node, sibling)
        index >>= 1
    return node


def cap_height(queries: int, depth: int) -> int:
    """The least height that minimises the digests sent: ``queries·(depth − height) + 2^height``."""
    return min(range(min(MOST_CAP_LEVELS, depth) + 1), key=lambda height: queries * (depth - height) + (1 << height))
