"""What the bytes of a proof cost on chain, before a contract looks at them."""

from dataclasses import dataclass

TRANSACTION = 21_000
ZERO, NONZERO = 4, 16
FLOOR_ZERO, FLOOR_NONZERO = 10, 40
"""EIP-7623: a transaction pays at least this for its bytes, however little it executes."""


@dataclass(frozen=True)
class CalldataGas:
    """``standard`` comes on top of execution; ``floor`` is paid if both together are less."""

    standard: int
    floor: int


def price(data: bytes) -> CalldataGas:
    """Of a transaction with these bytes."""
    zeros = data.count(0)
    others = len(data) - zeros
    standard = TRANSACTION + ZERO * zeros + NONZERO * others
    return CalldataGas(standard, TRANSACTION + FLOOR_ZERO * zeros + FLOOR_NONZERO * others)
