# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title The 32 bytes that say how large a model is
@dev integer-graph.md section 4: version u16, nodes u32, inputs u16, outputs u16, weight leaves u64, zero bytes.
"""

VERSION: constant(uint256) = 1


@internal
@pure
def _is_valid(header: bytes32) -> bool:
    word: uint256 = convert(header, uint256)
    return (
        word >> 240 == VERSION
        and self._inputs(header) != 0
        and self._outputs(header) != 0
        and self._outputs(header) <= self._nodes(header)
        and word & (2**112 - 1) == 0
    )


@internal
@pure
def _nodes(header: bytes32) -> uint256:
    return (convert(header, uint256) >> 208) & (2**32 - 1)


@internal
@pure
def _inputs(header: bytes32) -> uint256:
    return (convert(header, uint256) >> 192) & (2**16 - 1)


@internal
@pure
def _outputs(header: bytes32) -> uint256:
    return (convert(header, uint256) >> 176) & (2**16 - 1)


@internal
@pure
def _weight_leaves(header: bytes32) -> uint256:
    return (convert(header, uint256) >> 112) & (2**64 - 1)


@internal
@pure
def _levels(count: uint256) -> uint256:
    """
    @notice 4k for the least k with 16 ** k >= count; counts have at most 64 bits.
    """
    levels: uint256 = 0
    for i: uint256 in range(16):
        if (1 << levels) >= count:
            break
        levels += 4
    return levels


@internal
@pure
def _node_levels(header: bytes32) -> uint256:
    # A trace has at least four levels, so that every match has a move before the tensors.
    return max(4, self._levels(self._nodes(header)))
