"""Canonical bytes of tensors: offset binary, big-endian, row-major (docs/specs/integer-graph.md, section 1)."""

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ShapeError

WIDTHS = (8, 16, 32, 64)


def encode_values(values: NDArray[np.integer], width: int) -> bytes:
    """The codes ``v + 2^(width-1)`` of all values in row-major order. Raises ``ShapeError`` ``codec/range``."""
    _require_width(width)
    integers = np.ascontiguousarray(values, dtype=np.int64)
    bound = 1 << (width - 1)
    if integers.size and (int(integers.min()) < -bound or int(integers.max()) >= bound):
        raise ShapeError("codec/range", f"a value does not fit {width} bits", remedy="clamp before encoding")
    codes = integers.view(np.uint64) ^ np.uint64(1 << 63) if width == 64 else (integers + bound).view(np.uint64)
    return codes.astype(f">u{width // 8}").tobytes()


def decode_values(data: bytes, width: int) -> NDArray[np.int64]:
    """The values behind the codes, shape ``[len(data) * 8 / width]``."""
    _require_width(width)
    if len(data) % (width // 8):
        raise ShapeError("codec/length", "the bytes are not a whole number of values", value=len(data))
    codes = np.frombuffer(data, dtype=f">u{width // 8}").astype(np.uint64)
    if width == 64:
        return (codes ^ np.uint64(1 << 63)).view(np.int64)
    return codes.astype(np.int64) - (1 << (width - 1))


def _require_width(width: int) -> None:
    if width not in WIDTHS:
        raise ShapeError("codec/width", "no such width in bits", value=width, remedy=f"use one of {WIDTHS}")
