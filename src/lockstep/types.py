"""The value types that cross module boundaries, so that no bare ``bytes`` or ``int`` does."""

from typing import NewType

Digest = NewType("Digest", bytes)
"""32 bytes: a Keccak-256 digest."""

Address = NewType("Address", str)
"""An EVM account in EIP-55 checksum form."""

Amount = NewType("Amount", int)
"""A quantity of wei."""

ZERO_DIGEST = Digest(bytes(32))
"""The digest that stands for "nothing": the padding of trace, input and output trees."""
