# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Opens ranges of operand bytes under the roots that a step is about (integer-graph.md section 5)
@dev Lengths and leaf indices come from the descriptor and the element, never from the witness. A cursor is the position in
     calldata of the first witness byte that has not been read.
"""

from . import calldata
from . import descriptors
from . import merkle
from ..interfaces import IStep

LEAF_BYTES: constant(uint256) = 512
MAXIMUM_LEAVES: constant(uint256) = 32  # 16,384 witness bytes
MAXIMUM_LEVELS: constant(uint256) = 64


# Where the tensor of an operand lies in the tree that holds it.
struct Place:
    root: bytes32
    levels: uint256  # of the whole tree
    first_leaf: uint256


@internal
@view
def _begin() -> uint256:
    start: uint256 = 0
    end: uint256 = 0
    start, end = calldata._witness()
    return start


@internal
@view
def _finish(cursor: uint256):
    """
    @notice Nothing may follow the last range.
    """
    start: uint256 = 0
    end: uint256 = 0
    start, end = calldata._witness()
    assert cursor == end, "witness/length"


@internal
@pure
def _place(at: IStep.Position, operand: descriptors.Operand) -> Place:
    place: Place = empty(Place)
    if operand.kind == descriptors.KIND_INPUT:
        assert operand.index >> at.input_levels == 0, "descriptor/malformed"
        place.root = at.input_root
        place.levels = at.pass_levels + at.input_levels + operand.levels
        place.first_leaf = ((at.pass_index << at.input_levels) + operand.index) << operand.levels
    elif operand.kind == descriptors.KIND_TRACE:
        # What is opened lies before what is disputed, so both sides agree about it.
        assert operand.index < at.node_index, "descriptor/malformed"
        place.root = at.trace_root
        place.levels = at.pass_levels + at.node_levels + operand.levels
        place.first_leaf = ((at.pass_index << at.node_levels) + operand.index) << operand.levels
    else:
        assert operand.kind == descriptors.KIND_WEIGHT, "descriptor/malformed"
        return Place(root=at.weights_root, levels=at.weight_levels, first_leaf=operand.index)
    assert unsafe_sub(operand.leaves, 1) >> operand.levels == 0, "descriptor/malformed"
    return place


@internal
@view
def _open(
    at: IStep.Position, operand: descriptors.Operand, first: int256, last: int256, cursor: uint256
) -> (uint256, uint256):
    """
    @notice Opens elements first to last of an operand; the position of the first, and the cursor after the range.
    """
    assert first >= 0 and last >= first, "descriptor/malformed"
    size: uint256 = operand.width // 8
    first_byte: uint256 = convert(first, uint256) * size
    first_leaf: uint256 = first_byte // LEAF_BYTES
    last_leaf: uint256 = (convert(last, uint256) * size) // LEAF_BYTES
    assert last_leaf < operand.leaves, "descriptor/malformed"
    assert last_leaf - first_leaf < MAXIMUM_LEAVES, "step/too-large"
    place: Place = self._place(at, operand)
    assert place.levels <= MAXIMUM_LEVELS, "descriptor/malformed"
    assert (place.first_leaf + last_leaf) >> place.levels == 0, "descriptor/malformed"
    root: bytes32 = empty(bytes32)
    following: uint256 = 0
    root, following = self._root_of_range(
        place.first_leaf + first_leaf, place.first_leaf + last_leaf, place.levels, cursor
    )
    if root != place.root:
        assert operand.kind != descriptors.KIND_INPUT, "opening/input"
        assert operand.kind != descriptors.KIND_WEIGHT, "opening/weight"
        raise "opening/trace"
    return cursor + first_byte % LEAF_BYTES, following


@internal
@view
def _root_of_range(first: uint256, last: uint256, levels: uint256, cursor: uint256) -> (bytes32, uint256):
    """
    @notice The root above leaves first to last, which stand at the cursor with their siblings after them.
    @dev Level by level until one digest is left, then along one path.
    """
    start: uint256 = 0
    end: uint256 = 0
    start, end = calldata._witness()
    count: uint256 = last - first + 1
    position: uint256 = cursor
    assert position + count * LEAF_BYTES <= end, "witness/length"
    # One slot stays free before the digests and one after, for a sibling on either side.
    digests: bytes32[34] = empty(bytes32[34])
    for i: uint256 in range(count, bound=32):
        digests[unsafe_add(i, 1)] = keccak256(concat(b"\x00", slice(msg.data, position, 512)))
        position = unsafe_add(position, LEAF_BYTES)
    low: uint256 = first
    high: uint256 = last
    level: uint256 = 0
    for i: uint256 in range(MAXIMUM_LEVELS):
        if low == high or level == levels:
            break
        from_slot: uint256 = 1
        if low & 1 == 1:
            assert position + 32 <= end, "witness/length"
            digests[0] = convert(calldata._word(position), bytes32)
            position += 32
            from_slot = 0
        if high & 1 == 0:
            assert position + 32 <= end, "witness/length"
            digests[high - low + 2] = convert(calldata._word(position), bytes32)
            position += 32
        low = low >> 1
        high = high >> 1
        for k: uint256 in range(high - low + 1, bound=17):
            left: uint256 = unsafe_add(from_slot, unsafe_mul(2, k))
            digests[unsafe_add(k, 1)] = merkle._node(digests[left], digests[unsafe_add(left, 1)])
        level = unsafe_add(level, 1)
    return self._climb(digests[1], low, unsafe_sub(levels, level), position, end)


@internal
@view
def _climb(
    leaf: bytes32, index: uint256, levels: uint256, cursor: uint256, end: uint256
) -> (bytes32, uint256):
    """
    @notice The root above one digest, whose siblings stand at the cursor.
    """
    following: uint256 = unsafe_add(cursor, unsafe_mul(32, levels))
    assert following <= end, "witness/length"
    digest: bytes32 = leaf
    place: uint256 = index
    position: uint256 = cursor
    for i: uint256 in range(levels, bound=MAXIMUM_LEVELS):
        sibling: bytes32 = convert(calldata._word(position), bytes32)
        if place & 1 == 0:
            digest = merkle._node(digest, sibling)
        else:
            digest = merkle._node(sibling, digest)
        place = place >> 1
        position = unsafe_add(position, 32)
    return digest, following
