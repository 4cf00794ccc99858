"""The RLP bytes of a block's header, which ``Beacon`` reads the block's prevrandao from (committee.md, section 3)."""

from collections.abc import Mapping
from typing import Final

import rlp  # type: ignore[import-untyped]
from eth_utils.crypto import keccak

from lockstep.chain.rpc import Rpc
from lockstep.errors import ChainError

# In the order of the yellow paper and of the forks that added the last ones; numbers are written without leading zeros.
NUMBERS: Final = (
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "baseFeePerGas",
    "blobGasUsed",
    "excessBlobGas",
)
FIELDS: Final = (
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    *NUMBERS[:5],
    "extraData",
    "mixHash",
    "nonce",
    "baseFeePerGas",
    "withdrawalsRoot",
    "blobGasUsed",
    "excessBlobGas",
    "parentBeaconBlockRoot",
    "requestsHash",
)
REQUIRED: Final = FIELDS[: FIELDS.index("nonce") + 1]


def read_header(rpc: Rpc, number: int) -> bytes:
    """The header of a block. Raises ``ChainError`` ``chain/header`` when its bytes do not hash to the block's hash."""
    return encode_header(rpc.call("eth_getBlockByNumber", hex(number), False) or {})


def encode_header(block: Mapping[str, object]) -> bytes:
    """The header of a block as ``eth_getBlockByNumber`` gives it; raises as ``read_header``."""
    missing = [name for name in REQUIRED if name not in block]
    if missing:
        raise ChainError("chain/header", "the block is unknown or has no such fields", value=missing)
    header = bytes(rlp.encode([_field(name, str(block[name])) for name in FIELDS if block.get(name) is not None]))
    if keccak(header) != bytes.fromhex(str(block["hash"])[2:]):
        raise ChainError(
            "chain/header",
            "the header has fields that this version does not know",
            value=block["hash"],
            remedy="use a chain with Ethereum's headers, or a beacon that is made for this chain",
        )
    return header


def _field(name: str, text: str) -> bytes:
    if name not in NUMBERS:
        return bytes.fromhex(text[2:])
    value = int(text, 16)
    return value.to_bytes((value.bit_length() + 7) // 8, "big")
