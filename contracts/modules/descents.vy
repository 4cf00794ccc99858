# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One move down: the first of 16 grandchildren in which two trees differ
@dev dispute.md section 4. Where the path turns right, one sibling serves both trees: all that is left of the child is equal,
     so the child shown is the first difference, and no other descent from the same two nodes exists.
"""
from ..interfaces import IBracket

FAN_OUT: constant(uint256) = 16


@internal
@pure
def _require(descent: IBracket.Descent, mine: bytes32, theirs: bytes32):
    assert descent.index < FAN_OUT, "bracket/path"
    assert descent.child_mine != descent.child_theirs, "bracket/same"
    my_digest: bytes32 = descent.child_mine
    their_digest: bytes32 = descent.child_theirs
    for level: uint256 in range(4):
        sibling: bytes32 = descent.siblings_mine[level]
        if (descent.index >> level) & 1 == 1:
            my_digest = keccak256(concat(sibling, my_digest))
            their_digest = keccak256(concat(sibling, their_digest))
        else:
            my_digest = keccak256(concat(my_digest, sibling))
            their_digest = keccak256(concat(their_digest, descent.siblings_theirs[level]))
    assert my_digest == mine and their_digest == theirs, "bracket/path"
