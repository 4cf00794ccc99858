"""Uniform field elements from a seed: what hides the witness. One stream must never be used for two proofs.

AES-256 in counter mode under a key derived from the seed and a label; words of p or more are thrown away, so that what
is left is exactly uniform. Without a seed, 32 bytes of the operating system's randomness are the seed.
"""

import os

import numpy as np
from Crypto.Cipher import AES
from numpy.typing import NDArray

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.hashing import keccak256

SEED_BYTES = 32
_SPARE = 8


class Randomness:
    """A stream of uniform words, the same for the same seed on every machine."""

    def __init__(self, seed: bytes | None = None) -> None:
        self._seed = os.urandom(SEED_BYTES) if seed is None else seed
        key = keccak256(b"lockstep/randomness/1", self._seed)
        self._cipher = AES.new(key, AES.MODE_CTR, nonce=bytes(8))

    def child(self, label: str) -> "Randomness":
        """An independent stream."""
        return Randomness(bytes(keccak256(b"lockstep/randomness/child/1", self._seed, label.encode())))

    def field(self, shape: tuple[int, ...]) -> NDArray[np.uint64]:
        """Uniform canonical words."""
        count = int(np.prod(shape))
        accepted = np.empty(0, np.uint64)
        while len(accepted) < count:
            missing = count - len(accepted) + _SPARE
            words = np.frombuffer(self._cipher.encrypt(bytes(8 * missing)), dtype="<u8").astype(np.uint64)
            accepted = np.concatenate([accepted, words[words < np.uint64(MODULUS)]])
        return accepted[:count].reshape(shape)
