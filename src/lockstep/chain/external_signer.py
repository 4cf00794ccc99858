"""A key that this process never sees: web3signer or clef sign, and what they sign is checked before it is sent."""

from collections.abc import Mapping
from typing import Any, Final

from eth_account import Account as EthAccount
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from hexbytes import HexBytes

from lockstep.chain.account import Signed
from lockstep.chain.binding import checksum
from lockstep.chain.rpc import Rpc
from lockstep.crypto.hashing import keccak256
from lockstep.errors import AccountError, ChainError
from lockstep.types import Address

ATTEMPTS: Final = 2
TIMEOUT_SECONDS: Final = 30.0
"""A person may have to confirm."""
NUMBERS: Final = ("type", "chainId", "nonce", "value", "gas", "maxFeePerGas", "maxPriorityFeePerGas")
CLEF: Final = "account_signTransaction"


class ExternalSigner:
    """One key behind a JSON-RPC address. It must sign the same fields with the same bytes (RFC 6979), as both do."""

    is_public = False

    def __init__(self, url: str, address: Address, *, method: str = "eth_signTransaction") -> None:
        self.address = address
        self._method = method
        self._rpc = Rpc(url, attempts=ATTEMPTS, timeout_seconds=TIMEOUT_SECONDS)

    def __repr__(self) -> str:
        return f"ExternalSigner({self.address})"

    def sign(self, transaction: Mapping[str, Any]) -> Signed:
        """Sign the fields of an EIP-1559 transaction. Raises ``AccountError`` if something else was signed."""
        fields = {name: hex(int(transaction[name])) for name in NUMBERS}
        fields |= {"from": self.address, "data": "0x" + bytes(transaction["data"]).hex()}
        fields |= {"to": transaction["to"]} if "to" in transaction else {}
        answer = self._call(self._method, fields)
        raw = HexBytes(answer["raw"] if isinstance(answer, dict) else answer)
        self._require_same(raw, transaction)
        return Signed(bytes(raw), keccak256(bytes(raw)))

    def verify_unlocked(self) -> None:
        """Raises ``AccountError`` if the signer is away or does not have the key."""
        listed = self._call("account_list" if self._method == CLEF else "eth_accounts")
        if self.address.lower() not in [str(address).lower() for address in listed or ()]:
            raise AccountError(
                "account/signer", "the signer does not have this key", value=self.address, remedy="unlock it there"
            )

    def _call(self, method: str, *parameters: object) -> Any:
        try:
            return self._rpc.call(method, *parameters)
        except ChainError as error:
            raise AccountError(
                "account/signer", f"{self._rpc.host} did not do {method}", value=error.message, remedy="see its log"
            ) from error

    def _require_same(self, raw: HexBytes, asked: Mapping[str, Any]) -> None:
        signed = TypedTransaction.from_bytes(raw).as_dict()
        is_same = all(int(signed[name]) == int(asked[name]) for name in NUMBERS)
        is_same &= bytes(signed["data"]) == bytes(asked["data"])
        to = bytes(signed["to"]).hex()
        is_same &= to == str(asked.get("to", "")).removeprefix("0x").lower()
        if not is_same or checksum(EthAccount.recover_transaction(raw)) != self.address:
            raise AccountError(
                "account/signer", "the signer signed something else", value=self.address, remedy="do not use it"
            )
