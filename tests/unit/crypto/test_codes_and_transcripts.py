"""Code words, their openings, the transcript, work and randomness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.crypto.capped_merkle import NODE_BYTES, cap_height, hash_leaf, hash_node, root_of_cap, verify_path
from lockstep.crypto.encoding import Codeword
from lockstep.crypto.goldilocks import MODULUS, root_of_unity
from lockstep.crypto.hashing import keccak256
from lockstep.crypto.proof_of_work import grind
from lockstep.crypto.randomness import Randomness
from lockstep.crypto.transcript import Transcript

SEED = bytes(range(32))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 19), st.integers(0, 3))
def test_leaf_holds_every_row_at_one_power_of_the_root(length: int, rows: int, spare: int) -> None:
    log_domain = max(3, (length - 1).bit_length()) + spare
    message = Randomness(SEED).field((length, rows))
    codeword, root = Codeword(message, log_domain), root_of_unity(log_domain)
    for place in {0, 1, 2, (1 << log_domain) // 3, (1 << log_domain) - 1}:
        x = pow(root, place, MODULUS)
        values = [sum(int(c) * pow(x, j, MODULUS) for j, c in enumerate(message[:, r])) % MODULUS for r in range(rows)]
        assert codeword.leaf_bytes(place) == b"".join(value.to_bytes(8, "big") for value in values)


@pytest.mark.parametrize("places", [[0], [5, 5, 63], list(range(20))])
def test_openings_lead_to_the_root(places: list[int]) -> None:
    codeword = Codeword(Randomness(SEED).field((20, 6)), 6)
    data, height = codeword.openings(places), cap_height(len(places), 6)
    nodes = [data[NODE_BYTES * k : NODE_BYTES * (k + 1)] for k in range(1 << height)]
    assert root_of_cap(nodes) == codeword.root
    at, depth = NODE_BYTES << height, 6 - height
    for place in places:
        leaf, siblings = data[at : at + 48], data[at + 48 : at + 48 + NODE_BYTES * depth]
        path = [siblings[NODE_BYTES * k : NODE_BYTES * (k + 1)] for k in range(depth)]
        assert verify_path(hash_leaf(leaf), place, path) == nodes[place >> depth]
        assert leaf == codeword.leaf_bytes(place)
        at += 48 + NODE_BYTES * depth
    assert at == len(data)


def test_tree_hashes_are_the_specified_ones() -> None:
    left, right = b"\x01" * 26, b"\x02" * 26
    assert hash_node(left, right) == keccak256(left + bytes(6) + right)[:26]
    assert hash_leaf(b"symbols!") == keccak256(b"symbols!")[:26]


@given(st.integers(1, 100), st.integers(0, 20))
def test_cap_height_sends_the_fewest_digests(queries: int, depth: int) -> None:
    costs = [queries * (depth - h) + 2**h for h in range(min(7, depth) + 1)]
    assert costs.index(min(costs)) == cap_height(queries, depth)


def test_transcript_is_the_specified_chain_of_hashes() -> None:
    transcript = Transcript(b"test")
    state = keccak256(b"lockstep-zk/v1|test")
    transcript.absorb(b"data")
    state = keccak256(state + b"data")
    drawn = keccak256(state + b"\x01")
    number = int.from_bytes(drawn, "big")
    assert transcript.challenge() == (number % 2**128 % MODULUS, (number >> 128) % MODULUS)
    lanes = keccak256(drawn + b"\x02")
    expected = [int.from_bytes(lanes[28 - 4 * k : 32 - 4 * k], "big") & 0x3FF for k in range(8)]
    assert transcript.indices(5, 10) == expected[:5]
    assert transcript.state == lanes
    assert len(Transcript(b"test").indices(17, 3)) == 17


@pytest.mark.parametrize("bits", [0, 1, 7, 12])
def test_least_nonce_is_found(bits: int) -> None:
    transcript = Transcript(b"work")
    nonce = grind(transcript.state, bits)
    assert transcript.check_work(nonce, bits)
    assert not any(transcript.check_work(smaller, bits) for smaller in range(nonce))


def test_randomness_is_fixed_by_its_seed_and_label() -> None:
    first = Randomness(SEED).field((1000,))
    assert np.array_equal(first, Randomness(SEED).field((1000,)))
    for other in (Randomness(bytes(32)), Randomness(SEED).child("a"), Randomness(SEED).child("b"), Randomness()):
        assert not np.array_equal(first, other.field((1000,)))
    assert int(first.max()) < MODULUS


def test_stream_does_not_depend_on_how_it_is_cut_for_one_draw_size() -> None:
    one, two = Randomness(SEED), Randomness(SEED)
    assert np.array_equal(one.field((10, 10)).reshape(-1), two.field((100,)))
