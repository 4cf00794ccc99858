# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title The root of a small tensor from its bytes
@dev integer-graph.md section 1: leaves of 512 bytes filled with zeros; one leaf, or sixteen under four levels.
"""
from . import merkle

TILE_BYTES: constant(uint256) = 512
TILES: constant(uint256) = 16


@internal
@pure
def _leaf(data: Bytes[512]) -> bytes32:
    """
    @notice The root of a tensor of at most 512 bytes.
    """
    zeros: Bytes[512] = abi_encode(empty(uint256[16]))
    return merkle._leaf(slice(concat(data, zeros), 0, TILE_BYTES))


@internal
@pure
def _root(data: Bytes[8192]) -> bytes32:
    """
    @notice The root of a tensor of at most 8,192 bytes.
    """
    zeros: Bytes[8192] = abi_encode(empty(uint256[256]))
    filled: Bytes[16384] = concat(data, zeros)
    if len(data) <= TILE_BYTES:
        return merkle._leaf(slice(filled, 0, TILE_BYTES))
    leaves: bytes32[16] = empty(bytes32[16])
    for tile: uint256 in range(TILES):
        leaves[tile] = merkle._leaf(slice(filled, tile * TILE_BYTES, TILE_BYTES))
    return merkle._fold16(leaves)
