# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Keyed trace roots: proof that a member has the tiles of a trace and not only its digests
@dev committee.md section 4. Of every tensor the tiles t = residue (mod stride) are sampled, stride = min(16, tiles), residue by
     the seed of the draw. The keyed tree has the shape of the trace, above each item the tree over its sampled tiles.
"""
from ..interfaces import IArtifacts
from ..interfaces import ICommittee
from . import disputed_tensor
from . import merkle
from . import model_header

STRIDE: constant(uint256) = 16


@internal
@pure
def _key(seed: bytes32, operator: address) -> bytes32:
    return keccak256(concat(seed, convert(operator, bytes20)))


@internal
@pure
def _keyed_leaf(key: bytes32, item: uint256, tile: uint256, data: Bytes[512]) -> bytes32:
    return keccak256(concat(key, convert(item, bytes32), convert(tile, bytes32), data))


@internal
@pure
def _sample(seed: bytes32, item: uint256, tiles: uint256) -> (uint256, uint256, uint256):
    """
    @return Stride, residue, and how many tiles are sampled.
    """
    stride: uint256 = min(STRIDE, tiles)
    residue: uint256 = convert(keccak256(concat(seed, convert(item, bytes32))), uint256) % stride
    return stride, residue, (tiles - residue + stride - 1) // stride


@internal
@pure
def _shows(
    model: IArtifacts.Model,
    passes: uint256,
    seed: bytes32,
    pick: uint256,
    operator: address,
    trace_root: bytes32,
    keyed_root: bytes32,
    opening: ICommittee.KeyedOpening,
) -> bool:
    """
    @notice Whether `opening` shows the tile that `pick` names, under both roots.
    """
    # 1. The item: a pass and a node; both trees have its place.
    pass_index: uint256 = pick % passes
    node: uint256 = (pick >> 64) % model_header._nodes(model.header)
    node_levels: uint256 = model_header._node_levels(model.header)
    item: uint256 = (pass_index << node_levels) + node
    item_levels: uint256 = model_header._levels(passes) + node_levels
    # 2. How many tiles its tensor has.
    disputed_tensor._require_descriptor(model, node, opening.descriptor, opening.descriptor_path)
    tile_levels: uint256 = disputed_tensor._field(opening.descriptor, 4)
    tiles: uint256 = disputed_tensor._field(opening.descriptor, 5)
    # 3. The tile: one of those that were sampled.
    stride: uint256 = 0
    residue: uint256 = 0
    count: uint256 = 0
    stride, residue, count = self._sample(seed, item, tiles)
    number: uint256 = (pick >> 128) % count
    tile: uint256 = residue + stride * number
    # 4. It is in the trace.
    if len(opening.trace_path) != item_levels + tile_levels:
        return False
    root: bytes32 = merkle._root_from_path(
        merkle._leaf(opening.tile), (item << tile_levels) + tile, opening.trace_path
    )
    if root != trace_root:
        return False
    # 5. It is in the keyed tree.
    keyed_levels: uint256 = model_header._levels(count)
    leaf: bytes32 = self._keyed_leaf(self._key(seed, operator), item, tile, opening.tile)
    if len(opening.keyed_path) != item_levels + keyed_levels:
        return False
    root = merkle._root_from_path(leaf, (item << keyed_levels) + number, opening.keyed_path)
    return root == keyed_root
