"""Real ratios as 31-bit multipliers and a shift, as precise as 64-bit products allow."""

import math

import numpy as np
from numpy.typing import NDArray

from lockstep.ir.limits import SHIFT

MULTIPLIER_BITS = 31


def fixed_point(ratios: NDArray[np.float64], largest: int) -> tuple[NDArray[np.int64], int]:
    """Multipliers ``m`` and one shift ``s`` with ``m / 2^s ≈ ratios`` and ``largest · m + 2^(s−1) < 2^63``.

    ``largest`` bounds |accumulator|. The greatest ratio gets all the bits that there are.
    """
    peak = float(np.abs(ratios).max())
    if peak == 0:
        return np.zeros(ratios.shape, dtype=np.int64), 1
    room = min(MULTIPLIER_BITS, 62 - max(0, largest.bit_length()))
    shift = max(1, min(SHIFT - 1, room - math.frexp(peak)[1]))
    multipliers = np.rint(np.ldexp(ratios, shift)).astype(np.int64)
    return np.clip(multipliers, -(2**31) + 1, 2**31 - 1), shift
