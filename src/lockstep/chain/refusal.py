"""What a node's error answers mean: reverts by their text, and refusals of a transaction by a table."""

import re
from enum import Enum, auto
from typing import Any, Final, cast

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError

from lockstep.errors import ChainError, RevertError

ERROR_STRING: Final = bytes.fromhex("08c379a0")  # Error(string)
PANIC: Final = bytes.fromhex("4e487b71")  # Panic(uint256)


class Refusal(Enum):
    """Why a node did not take a signed transaction."""

    KNOWN = auto()
    NONCE_TOO_LOW = auto()
    UNDERPRICED = auto()
    NO_FUNDS = auto()
    OUT_OF_GAS = auto()
    REVERTED = auto()
    OTHER = auto()


# Words of geth, reth, anvil, nethermind, erigon and besu; the first row that matches counts.
WORDS: Final = (
    (Refusal.REVERTED, r"revert"),
    (Refusal.KNOWN, r"already known|already imported|known transaction|already exists|alreadyknown"),
    (Refusal.NONCE_TOO_LOW, r"nonce too low|nonce is too low|oldnonce|invalid nonce.*too low"),
    (Refusal.UNDERPRICED, r"underpriced|fee too low|less than block base fee|max fee per gas less|gas price too low"),
    (Refusal.NO_FUNDS, r"insufficient (funds|balance)|insufficientfunds|not enough funds|doesn't have enough funds"),
    (Refusal.OUT_OF_GAS, r"out ?of ?gas|gas required exceeds|intrinsic gas|gas limit"),
)


class RefusedError(ChainError):
    """The node answered with an error. ``kind`` says which; ``data`` is what a contract returned with a revert."""

    def __init__(self, method: str, text: str, data: bytes, kind: Refusal) -> None:
        super().__init__("chain/refused", f"the chain refused {method}", value=text)
        self.text = text
        self.data = data
        self.kind = kind


def refusal_of(method: str, error: object) -> RefusedError:
    """The error object of a JSON-RPC answer, typed."""
    fields = cast(dict[str, Any], error) if isinstance(error, dict) else {"message": str(error)}
    text = str(fields.get("message", ""))
    data = _revert_data(fields.get("data"))
    is_revert = fields.get("code") == 3 or bool(data)
    kind = next((kind for kind, words in WORDS if re.search(words, text.lower())), Refusal.OTHER)
    return RefusedError(method, text, data, Refusal.REVERTED if is_revert else kind)


def revert_of(refusal: RefusedError) -> RevertError | None:
    """The contract's own words, if it was a contract that refused."""
    if refusal.kind is Refusal.OUT_OF_GAS:
        return RevertError(
            "chain/out-of-gas", "the call needs more gas than a transaction may have", value=refusal.text
        )
    if refusal.kind is not Refusal.REVERTED:
        return None
    return RevertError(_revert_code(refusal.data, refusal.text), "the contract refused")


def _revert_code(data: bytes, text: str) -> str:
    """The revert text is the code. Without one, say which of the silent ways it was."""
    try:
        if data.startswith(ERROR_STRING):
            return str(abi_decode(["string"], data[4:])[0])
        if data.startswith(PANIC):
            return f"panic/{abi_decode(['uint256'], data[4:])[0]:#04x}"
    except DecodingError:
        return "chain/reverted"
    if data:
        return f"error/0x{data[:4].hex()}"
    said = re.search(r"revert(?:ed)?(?: with reason string '|: )\s*(?P<text>[a-z-]+/[a-z-]+)", text)
    return said["text"] if said else "chain/reverted"


def _revert_data(raw: object) -> bytes:
    """Nodes put the returned bytes in ``data``, some one level deeper."""
    if isinstance(raw, dict):
        nested = cast(dict[str, Any], raw)
        return _revert_data(nested.get("data") or nested.get("result"))
    match = re.search(r"0x([0-9a-fA-F]*)", raw) if isinstance(raw, str) else None
    return bytes.fromhex(match[1]) if match and len(match[1]) % 2 == 0 else b""
