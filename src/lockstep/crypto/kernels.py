"""Compiled hashing of whole forests of trees: the digests of ``hashing`` and ``merkle``, several at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, uint64
from numba import types as nb
from numpy.typing import NDArray

from lockstep.crypto.forest import Forest, ForestBuilder, TreeRows
from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.crypto.keccak import LANES, WORDS, permute
from lockstep.crypto.merkle import MerkleTree
from lockstep.types import Digest

Compiled = tuple[Any, tuple[Any, ...]]
"""A kernel and the types of its arguments."""

Words = NDArray[np.uint64]
Digests = NDArray[np.uint64]
"""``[rows, 4]``: a digest is the 32 bytes of its row."""

Share = Callable[..., None]
"""``share(kernel, units, *arguments)`` calls ``kernel(start, stop, *arguments)`` until all units are done."""

RAW = 0
"""The width of leaves that are bytes already; other widths are of native integers, hashed as their codes."""

_LEAF_WORDS = LEAF_BYTES // 8
_RATE_WORDS = 17
_LEAF_BLOCKS = 4
_FIRST_PAD = 0x01
_LAST_PAD = 0x8000000000000000
_FLIP_I8 = 0x8080808080808080


@njit(inline="always")
def _code_word(word, width):  # type: ignore[no-untyped-def]
    """Eight bytes of native integers as the bytes of their codes: swapped to big-endian, sign bit flipped."""
    if width == 8:
        return word ^ uint64(_FLIP_I8)
    if width == 0:
        return word
    word = ((word & uint64(0x00FF00FF00FF00FF)) << uint64(8)) | ((word >> uint64(8)) & uint64(0x00FF00FF00FF00FF))
    if width == 16:
        return word ^ uint64(0x0080008000800080)
    word = ((word & uint64(0x0000FFFF0000FFFF)) << uint64(16)) | ((word >> uint64(16)) & uint64(0x0000FFFF0000FFFF))
    if width == 32:
        return word ^ uint64(0x0000008000000080)
    return ((word << uint64(32)) | (word >> uint64(32))) ^ uint64(0x80)


@njit(nogil=True, cache=True)
def hash_leaves(start, stop, words, widths, first_row, digests):  # type: ignore[no-untyped-def]
    """``digests[first_row + i] = H(0x00 ‖ leaf i)`` for the 512-byte leaves start … stop − 1 of ``words``.

    The byte before the leaf shifts it: word j of the hashed stream is the low seven bytes of word j and the top one of
    word j − 1. 513 bytes and padding are four blocks of 17 words.
    """
    states = np.empty(WORDS * LANES, np.uint64)
    lanes, leaf_words = uint64(LANES), uint64(_LEAF_WORDS)
    for group in range(start, stop, LANES):
        states[:] = 0
        for block in range(_LEAF_BLOCKS):
            begin = uint64(block * _RATE_WORDS)
            end = min(begin + uint64(_RATE_WORDS), leaf_words)
            for lane in range(lanes):
                leaf = min(uint64(group) + lane, uint64(stop - 1))
                width = widths[leaf]
                first = leaf * leaf_words
                carry = _code_word(words[first + begin - uint64(1)], width) >> uint64(56) if block > 0 else uint64(0)
                at = lane
                if width == 8:
                    for j in range(first + begin, first + end):
                        code = words[j] ^ uint64(_FLIP_I8)
                        states[at] ^= (code << uint64(8)) | carry
                        carry = code >> uint64(56)
                        at += lanes
                else:
                    for j in range(first + begin, first + end):
                        code = _code_word(words[j], width)
                        states[at] ^= (code << uint64(8)) | carry
                        carry = code >> uint64(56)
                        at += lanes
                if block == _LEAF_BLOCKS - 1:
                    states[at] ^= carry | uint64(_FIRST_PAD << 8)
                    states[uint64((_RATE_WORDS - 1) * LANES) + lane] ^= uint64(_LAST_PAD)
            permute(states)
        for lane in range(min(LANES, stop - group)):
            for j in range(4):
                digests[first_row + group + lane, j] = states[j * LANES + lane]


@njit(nogil=True, cache=True)
def hash_nodes(start, stop, jobs, digests):  # type: ignore[no-untyped-def]
    """``digests[out] = H(digests[left] ‖ digests[right])`` for the jobs (left, right, out) start … stop − 1."""
    states = np.empty(WORDS * LANES, np.uint64)
    for group in range(start, stop, LANES):
        states[:] = 0
        for lane in range(LANES):
            job = min(group + lane, stop - 1)
            left, right = np.uint32(jobs[job, 0]), np.uint32(jobs[job, 1])
            at = uint64(lane)
            for j in range(uint64(4)):
                states[at + j * uint64(LANES)] = digests[left, j]
                states[at + (j + uint64(4)) * uint64(LANES)] = digests[right, j]
            states[at + uint64(8 * LANES)] = uint64(_FIRST_PAD)
            states[at + uint64((_RATE_WORDS - 1) * LANES)] = uint64(_LAST_PAD)
        permute(states)
        for lane in range(min(LANES, stop - group)):
            for j in range(4):
                digests[jobs[group + lane, 2], j] = states[j * LANES + lane]


@njit(nogil=True, cache=True)
def hash_rounds(jobs, rounds, digests):  # type: ignore[no-untyped-def]
    """All nodes of a forest, its leaves being there."""
    for number in range(len(rounds) - 1):
        hash_nodes(rounds[number], rounds[number + 1], jobs, digests)


@njit(nogil=True, cache=True)
def hash_all(words, widths, first_row, jobs, rounds, digests):  # type: ignore[no-untyped-def]
    """All leaves and nodes of a forest in one call."""
    hash_leaves(0, len(widths), words, widths, first_row, digests)
    hash_rounds(jobs, rounds, digests)


_WORDS, _DIGESTS = nb.uint64[::1], nb.uint64[:, ::1]

SIGNATURES: tuple[Compiled, ...] = (
    (hash_leaves, (nb.int64, nb.int64, _WORDS, nb.uint8[::1], nb.int64, _DIGESTS)),
    (hash_nodes, (nb.int64, nb.int64, nb.int32[:, ::1], _DIGESTS)),
    (hash_rounds, (nb.int32[:, ::1], nb.int64[::1], _DIGESTS)),
    (hash_all, (_WORDS, nb.uint8[::1], nb.int64, nb.int32[:, ::1], nb.int64[::1], _DIGESTS)),
)
"""What is compiled before the first run (``lockstep.exec.warm``)."""


def hash_forest(forest: Forest, words: Words, share: Share | None = None) -> Digests:
    """Every digest of a forest over ``words``, 64 a leaf. ``share`` spreads the leaves over threads."""
    digests = forest.blank.copy()
    if share is None:
        hash_all(words, forest.widths, forest.first_leaf, forest.jobs, forest.rounds, digests)
    else:
        share(hash_leaves, len(forest.widths), words, forest.widths, forest.first_leaf, digests)
        hash_rounds(forest.jobs, forest.rounds, digests)
    return digests


def tensor_tree(data: bytes) -> MerkleTree:
    """``merkle.tensor_tree`` compiled."""
    tree, digests = _hash_tensor(data)
    stored = tuple(tuple(Digest(digests[row].tobytes()) for row in rows) for rows in tree.rows)
    paddings = tuple(Digest(digests[row].tobytes()) for row in tree.paddings[: tree.levels + 1])
    return MerkleTree(levels=tree.levels, stored=stored, paddings=paddings)


def tensor_root(data: bytes) -> Digest:
    """``merkle.tensor_root`` compiled."""
    tree, digests = _hash_tensor(data)
    return Digest(digests[tree.root].tobytes())


def _hash_tensor(data: bytes) -> tuple[TreeRows, Digests]:
    leaves = -(-len(data) // LEAF_BYTES)
    words = np.zeros(leaves * _LEAF_WORDS, np.uint64)
    words.view(np.uint8)[: len(data)] = np.frombuffer(data, np.uint8)
    builder = ForestBuilder(np.full(leaves, RAW, np.uint8))
    tree = builder.tensor_tree(0, leaves)
    return tree, hash_forest(builder.build(), words)
