# pragma version ==0.4.3
# pragma optimize gas
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Beacon
@notice The prevrandao of a past block, read from its header, which the block's hash vouches for.
@dev committee.md section 3. Not the hash itself: who builds a block can try thousands of hashes, but for prevrandao it can
     only give up its slot, once. Nobody chooses the block by choosing when to call. Hashes of 256 blocks are kept.
     For chains whose blocks have a prevrandao of their own. On others another contract with this face takes its place.
@custom:kill None: it holds no money and has no state.
"""
from .interfaces import IBeacon
from .modules import block_header

implements: IBeacon

KEPT_BLOCKS: constant(uint256) = 256


@external
@view
def value_of(number: uint256, evidence: Bytes[1024]) -> bytes32:
    """
    @param evidence The RLP bytes of the block's header.
    """
    assert number < block.number, "beacon/early"
    assert not self._is_lost(number), "beacon/lost"
    assert keccak256(evidence) == blockhash(number), "beacon/header"
    return block_header._prevrandao(evidence)


@external
@view
def is_lost(number: uint256) -> bool:
    return self._is_lost(number)


@internal
@view
def _is_lost(number: uint256) -> bool:
    return number + KEPT_BLOCKS < block.number
