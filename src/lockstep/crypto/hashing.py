"""Keccak-256 and the two hashes of every tree here: a leaf of 512 bytes and a node of two digests."""

from Crypto.Hash import keccak

from lockstep.errors import ProofError
from lockstep.types import Digest

LEAF_BYTES = 512
"""Bytes of a leaf: 512 int8 values. Calldata is the cost of a dispute, so leaves are short (decision 0010)."""


def keccak256(*parts: bytes) -> Digest:
    """Keccak-256 (Ethereum's padding) of the concatenation of ``parts``."""
    return Digest(keccak.new(digest_bits=256, data=b"".join(parts)).digest())


def leaf_hash(data: bytes) -> Digest:
    """``H(0x00 ‖ data)``, ``data`` filled to 512 bytes with zeros. Raises ``ProofError`` ``leaf/length``."""
    if len(data) > LEAF_BYTES:
        raise ProofError("leaf/length", "a leaf has at most 512 bytes", value=len(data))
    return keccak256(b"\x00", data.ljust(LEAF_BYTES, b"\x00"))


def node_hash(left: Digest, right: Digest) -> Digest:
    """``H(left ‖ right)``; 64 bytes, so no leaf (513 bytes) is ever a node."""
    return keccak256(left, right)


ZERO_LEAF = leaf_hash(b"")
"""The leaf of 512 zero bytes: the padding of tensor trees."""
