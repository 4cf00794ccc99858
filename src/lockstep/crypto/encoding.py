"""Reed-Solomon codes of many rows at once, and the Merkle tree over the columns of their code words.

A row of K coefficients is evaluated at all 2^n powers of ω = ``root_of_unity(n)``; leaf e holds all rows' values at
ω^e. The points are taken in cosets: coset s holds the exponents s, s + B, s + 2B, …, each one transform of size
2^n / B. Rows are the innermost axis, padded to a multiple of 8, so that transforms and hashing run along memory.
"""

import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lockstep.crypto.capped_merkle import NODE_BYTES, cap_height
from lockstep.crypto.field_kernels import canonical, minus, plus, swap_bytes, times
from lockstep.crypto.goldilocks import MODULUS, root_of_unity
from lockstep.crypto.keccak import LANES, WORDS, permute

Words = NDArray[np.uint64]

_ALIGNED_ROWS = 8
_SMALLEST_TRANSFORM = 3
_RATE_WORDS = 17
_FIRST_PAD = np.uint64(0x01)
_LAST_PAD = np.uint64(0x8000000000000000)
_LAST_WORD = np.uint64(0xFFFF)
"""Of the fourth word of a digest two bytes are kept: 26 bytes."""


class Codeword:
    """Code words of the columns of ``message`` (``[K, R]`` canonical coefficients), and the tree over their leaves.

    With a ``folder`` the code words are kept in a file of it that has no name, and so is gone with the process; in
    memory stay one coset while it is made, and the tree.
    """

    def __init__(self, message: Words, log_domain: int, *, folder: Path | None = None) -> None:
        self.rows = message.shape[1]
        self.log_domain = log_domain
        self.folder = folder
        self._log_transform = max(_SMALLEST_TRANSFORM, (len(message) - 1).bit_length())
        self._values, leaves = _encode(np.ascontiguousarray(message), self._log_transform, log_domain, folder)
        self._levels = _tree(leaves)

    @property
    def root(self) -> bytes:
        return _digest(self._levels[-1][0])

    def leaf_bytes(self, index: int) -> bytes:
        """The symbols at ``ω^index``, eight bytes each."""
        cosets = len(self._values)
        position = _reversed_bits(index // cosets, self._log_transform)
        return bytes(self._values[index % cosets, position, : self.rows].astype(">u8").tobytes())

    def openings(self, indices: Sequence[int]) -> bytes:
        """The cap, then every leaf with its siblings up to the cap (docs/specs/proof.md, section 5)."""
        depth = self.log_domain - cap_height(len(indices), self.log_domain)
        places = np.array(indices, dtype=np.int64)
        cosets = len(self._values)
        positions = _reversal_table(self._log_transform)[places // cosets]
        leaves = self._values[places % cosets, positions, : self.rows].astype(">u8").view(np.uint8)
        siblings = [_digests(level[(places >> k) ^ 1]) for k, level in enumerate(self._levels[:depth])]
        return _digests(self._levels[depth]).tobytes() + np.hstack([leaves, *siblings]).tobytes()


def _digests(words: Words) -> NDArray[np.uint8]:
    """The bytes of digests, ``[n, 26]``."""
    return np.ascontiguousarray(words.astype("<u8")).view(np.uint8)[:, :NODE_BYTES]


def _digest(words: Words) -> bytes:
    return bytes(words.astype("<u8").tobytes()[:NODE_BYTES])


def _encode(message: Words, log_transform: int, log_domain: int, folder: Path | None) -> tuple[Words, Words]:
    """``[cosets, 2^log_transform, rows]``, positions in bit-reversed order, canonical; and the leaves' digests."""
    rows = -(-message.shape[1] // _ALIGNED_ROWS) * _ALIGNED_ROWS
    cosets, size = 1 << (log_domain - log_transform), 1 << log_transform
    generator = root_of_unity(log_domain)
    twiddles = _base_powers(np.uint64(root_of_unity(log_transform)), size // 2)
    positions, leaves = _reversal_table(log_transform), np.empty((cosets * size, 4), np.uint64)
    values = np.empty((1 if folder else cosets, size, rows), np.uint64)
    with tempfile.TemporaryFile(dir=folder) if folder else nullcontext() as file:
        for coset in range(cosets):
            table = values[0 if folder else coset]
            table[:] = 0
            _transform(message, np.uint64(pow(generator, coset, MODULUS)), twiddles, table)
            _hash_leaves(table, positions, message.shape[1], leaves[coset::cosets])
            if file is not None:
                table.tofile(file)
        if file is not None:
            file.flush()
            values = np.memmap(file, np.uint64, "r", shape=(cosets, size, rows))
    return values, leaves


@njit(cache=True)
def _base_powers(base, count):  # type: ignore[no-untyped-def]
    out = np.empty(count, np.uint64)
    power = np.uint64(1)
    for i in range(count):
        out[i] = canonical(power)
        power = times(power, base)
    return out


@njit(cache=True)
def _transform(message, shift, twiddles, table):  # type: ignore[no-untyped-def]
    """Scale coefficient j by shift^j, then transform: decimation in frequency, natural order in, bit-reversed out."""
    power = np.uint64(1)
    for j in range(message.shape[0]):
        for r in range(message.shape[1]):
            table[j, r] = times(message[j, r], power)
        power = times(power, shift)
    half, step = table.shape[0] >> 1, 1
    while half >= 1:
        for block in range(0, table.shape[0], 2 * half):
            for j in range(half):
                twiddle, low, high = twiddles[j * step], table[block + j], table[block + j + half]
                for r in range(table.shape[1]):
                    a, b = low[r], high[r]
                    low[r], high[r] = plus(a, b), times(minus(a, b), twiddle)
        half >>= 1
        step <<= 1
    for j in range(table.shape[0]):
        for r in range(table.shape[1]):
            table[j, r] = canonical(table[j, r])


def _reversed_bits(value: int, bits: int) -> int:
    return int(f"{value:0{bits}b}"[::-1], 2)


@njit(cache=True)
def _reversal_table(bits):  # type: ignore[no-untyped-def]
    table = np.zeros(1 << bits, np.int64)
    for k in range(bits):
        for i in range(1 << k):
            table[(1 << k) + i] = table[i] | (1 << (bits - 1 - k))
    return table


def _tree(level: Words) -> list[Words]:
    """All levels of the tree over leaves, which come first, each ``[n, 4]`` words of digests."""
    levels: list[Any] = [level]
    while len(level) > 1:
        above = np.empty((len(level) // 2, 4), np.uint64)
        _hash_nodes(level, above)
        levels.append(above)
        level = above
    return levels


@njit(cache=True)
def _hash_leaves(table, positions, rows, out):  # type: ignore[no-untyped-def]
    """Leaf k of a coset is its position ``positions[k]``."""
    lanes = LANES
    states = np.empty(WORDS * lanes, np.uint64)
    for first in range(0, out.shape[0], lanes):
        states[:] = 0
        at = 0
        for r in range(rows):
            for lane in range(lanes):
                states[lanes * at + lane] ^= swap_bytes(table[positions[first + lane], r])
            at += 1
            if at == _RATE_WORDS:
                permute(states)
                at = 0
        for lane in range(lanes):
            states[lanes * at + lane] ^= _FIRST_PAD
            states[lanes * (_RATE_WORDS - 1) + lane] ^= _LAST_PAD
        permute(states)
        for lane in range(lanes):
            for k in range(4):
                out[first + lane, k] = states[lanes * k + lane]
            out[first + lane, 3] &= _LAST_WORD


@njit(cache=True)
def _hash_nodes(level, out):  # type: ignore[no-untyped-def]
    """``H(left26 ‖ 0^6 ‖ right26)`` cut to 26 bytes; word 7 also holds the padding's first byte."""
    lanes = LANES
    states = np.empty(WORDS * lanes, np.uint64)
    for first in range(0, out.shape[0], lanes):
        states[:] = 0
        filled = min(lanes, out.shape[0] - first)
        for lane in range(filled):
            left, right = level[2 * (first + lane)], level[2 * (first + lane) + 1]
            for k in range(4):
                states[lanes * k + lane] = left[k]
                states[lanes * (4 + k) + lane] = right[k]
            states[lanes * 7 + lane] |= _FIRST_PAD << np.uint64(16)
            states[lanes * (_RATE_WORDS - 1) + lane] = _LAST_PAD
        permute(states)
        for lane in range(filled):
            for k in range(4):
                out[first + lane, k] = states[lanes * k + lane]
            out[first + lane, 3] &= _LAST_WORD
