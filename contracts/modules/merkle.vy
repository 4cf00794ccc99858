# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title The one Merkle tree of the project: 512-byte leaves, binary nodes, openings of four levels at once
@dev integer-graph.md section 1. Leaves hash 513 bytes and nodes 64, so neither passes for the other.
"""

LEAF_BYTES: constant(uint256) = 512


@internal
@pure
def _leaf(data: Bytes[512]) -> bytes32:
    # A shorter preimage could be that of a node (63 bytes), so the length is part of the rule.
    assert len(data) == LEAF_BYTES, "tile/preimage"
    return keccak256(concat(b"\x00", data))


@internal
@pure
def _node(left: bytes32, right: bytes32) -> bytes32:
    return keccak256(concat(left, right))


@internal
@pure
def _fold16(kids: bytes32[16]) -> bytes32:
    """
    @notice The node four levels above its 16 descendants.
    """
    # Written out: an index that is a literal needs no bounds check, and every move pays for this function.
    return self._node(
        self._node(
            self._node(self._node(kids[0], kids[1]), self._node(kids[2], kids[3])),
            self._node(self._node(kids[4], kids[5]), self._node(kids[6], kids[7])),
        ),
        self._node(
            self._node(self._node(kids[8], kids[9]), self._node(kids[10], kids[11])),
            self._node(self._node(kids[12], kids[13]), self._node(kids[14], kids[15])),
        ),
    )


@internal
@pure
def _root_from_path(leaf: bytes32, index: uint256, path: DynArray[bytes32, 64]) -> bytes32:
    """
    @notice The root above the leaf at `index`; `path` holds the siblings, bottom up.
    @dev The caller knows the depth: it checks len(path) and index < 2 ** len(path).
    """
    digest: bytes32 = leaf
    place: uint256 = index
    for sibling: bytes32 in path:
        if place & 1 == 0:
            digest = keccak256(concat(digest, sibling))
        else:
            digest = keccak256(concat(sibling, digest))
        place = place >> 1
    return digest
