# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Reads the descriptor and the witness of `IStep.evaluate` where they are: in calldata
@dev Vyper passes bytes to internal functions by copy. A position in calldata costs nothing to pass on, so kernels name
     operand bytes by position. Only for functions whose arguments are those of `IStep.evaluate`.
"""

# After the selector: ten words of `Position`, then where the descriptor starts, then where the witness starts.
SELECTOR_BYTES: constant(uint256) = 4
DESCRIPTOR_HEAD: constant(uint256) = SELECTOR_BYTES + 10 * 32
WITNESS_HEAD: constant(uint256) = SELECTOR_BYTES + 11 * 32

ONE: constant(uint256) = 1


@internal
@view
def _word(position: uint256) -> uint256:
    return convert(slice(msg.data, position, 32), uint256)


@internal
@view
def _signed_word(position: uint256) -> int256:
    return convert(slice(msg.data, position, 32), int256)


@internal
@view
def _descriptor() -> uint256:
    """
    @notice The position of the descriptor's first byte.
    """
    length_at: uint256 = SELECTOR_BYTES + self._word(DESCRIPTOR_HEAD)
    assert self._word(length_at) == 512, "descriptor/malformed"
    return length_at + 32


@internal
@view
def _witness() -> (uint256, uint256):
    """
    @notice The positions of the witness's first byte and of the byte after its last.
    """
    length_at: uint256 = SELECTOR_BYTES + self._word(WITNESS_HEAD)
    start: uint256 = length_at + 32
    return start, start + self._word(length_at)


@internal
@view
def _code(position: uint256, width: uint256) -> uint256:
    """
    @notice The unsigned code of `width` bits that starts at `position`.
    @dev Reads the word that ends with the code; at least the 12 words of the head come before it.
    """
    ending: uint256 = self._word(unsafe_sub(unsafe_add(position, width >> 3), 32))
    return ending & unsafe_sub(ONE << width, 1)


@internal
@view
def _value(position: uint256, width: uint256) -> int256:
    """
    @notice The value of a code: offset binary (integer-graph.md section 1).
    """
    return convert(self._code(position, width), int256) - convert(ONE << unsafe_sub(width, 1), int256)
