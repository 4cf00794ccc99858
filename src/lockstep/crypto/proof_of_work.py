"""Grinding: the least nonce whose hash with the transcript's state begins with zero bits."""

import numpy as np
from numba import njit

from lockstep.crypto.field_kernels import swap_bytes
from lockstep.crypto.keccak import LANES, WORDS, permute

_RATE_WORDS = 17
_FIRST_PAD = np.uint64(0x01)
_LAST_PAD = np.uint64(0x8000000000000000)


def grind(state: bytes, bits: int) -> int:
    """The least nonce with ``bits`` leading zero bits of ``H(state ‖ nonce)``, the nonce as 8 bytes big-endian."""
    return int(_grind(np.frombuffer(state, dtype="<u8").astype(np.uint64), np.uint64(bits)))


@njit(cache=True)
def _grind(state, bits):  # type: ignore[no-untyped-def]
    lanes = LANES
    states = np.empty(WORDS * lanes, np.uint64)
    nonce = np.uint64(0)
    while True:
        states[:] = 0
        for lane in range(lanes):
            for k in range(4):
                states[lanes * k + lane] = state[k]
            states[lanes * 4 + lane] = swap_bytes(nonce + np.uint64(lane))
            states[lanes * 5 + lane] = _FIRST_PAD
            states[lanes * (_RATE_WORDS - 1) + lane] = _LAST_PAD
        permute(states)
        for lane in range(lanes):
            if bits == 0 or swap_bytes(states[lane]) >> (np.uint64(64) - bits) == 0:
                return nonce + np.uint64(lane)
        nonce += np.uint64(lanes)
