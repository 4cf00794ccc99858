# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title The randomness in the header of a block
@dev The header is an RLP list (yellow paper, 4.4): seven fields of fixed size, then difficulty, number, gas limit, gas
     used, time and extra data of at most 32 bytes each, then the mix hash, which is prevrandao (EIP-4399).
"""

# A list of 256 to 65,535 bytes starts with three bytes; then five words with one byte before each, one address with one,
# and the bloom filter's 256 bytes with three.
FIXED_BYTES: constant(uint256) = 3 + 5 * 33 + 21 + 259
SHORT_FIELDS: constant(uint256) = 6
# First bytes in RLP: of a list whose length has two bytes, of an empty string, of 32 bytes.
LIST_OF_TWO_LENGTH_BYTES: constant(uint256) = 249
SHORT_STRING: constant(uint256) = 128
WORD: constant(uint256) = 160


@internal
@pure
def _prevrandao(header: Bytes[1024]) -> bytes32:
    """
    @notice Field 13; the header's hash vouches for its form, what is checked is that it is read in place.
    """
    assert len(header) >= FIXED_BYTES + SHORT_FIELDS + 33, "beacon/header"
    assert convert(slice(header, 0, 1), uint256) == LIST_OF_TWO_LENGTH_BYTES, "beacon/header"
    position: uint256 = FIXED_BYTES
    for i: uint256 in range(SHORT_FIELDS):
        first: uint256 = convert(slice(header, position, 1), uint256)
        # Below 128 the byte is the value; otherwise it says how many follow.
        if first >= SHORT_STRING:
            assert first <= WORD, "beacon/header"
            position += first - SHORT_STRING
        position += 1
    assert convert(slice(header, position, 1), uint256) == WORD, "beacon/header"
    return convert(slice(header, position + 1, 32), bytes32)
