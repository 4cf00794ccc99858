"""The connection to one EVM chain: reads with retries, and every failure as one typed error."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

import requests
from web3 import HTTPProvider
from web3.types import RPCEndpoint

from lockstep.chain.binding import Log, Transaction, View, checksum
from lockstep.chain.refusal import RefusedError, refusal_of, revert_of
from lockstep.errors import ChainError, ConfigError, RevertError
from lockstep.types import Address, Amount, Digest

T = TypeVar("T")

TIMEOUT_SECONDS: Final = 20.0
ATTEMPTS: Final = 6
FIRST_PAUSE_SECONDS: Final = 0.1
LATEST: Final = "latest"
PENDING: Final = "pending"
# The last two: an answer that was cut off, or that is a web page.
DROPPED: Final = (requests.RequestException, OSError, json.JSONDecodeError, UnicodeDecodeError)
WORTH_ANOTHER_TRY: Final = (408, 425, 429)  # of the client errors of HTTP


@dataclass(frozen=True, slots=True)
class Block:
    """The head of a block."""

    number: int
    hash: Digest
    parent_hash: Digest
    timestamp: int
    base_fee: Amount


@dataclass(frozen=True, slots=True)
class RawReceipt:
    """What the chain says of a transaction that it has taken."""

    transaction_hash: Digest
    is_success: bool
    block_number: int
    block_hash: Digest
    gas_used: int
    gas_price: Amount
    contract_address: Address | None
    logs: tuple[Log, ...]


class Rpc:
    """An EVM chain behind an HTTP address.

    Every call may be repeated: none changes state but ``send_raw``, and a chain takes a signed transaction only once.
    """

    def __init__(
        self,
        url: str,
        *,
        attempts: int = ATTEMPTS,
        timeout_seconds: float = TIMEOUT_SECONDS,
        chain_id: int | None = None,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ConfigError("chain/url", "the address of a chain starts with http:// or https://", value=url)
        self.url = url
        self._attempts = attempts
        self._expected_chain_id = chain_id
        self._constants: dict[tuple[Address, bytes], bytes] = {}
        self._provider = HTTPProvider(
            url, request_kwargs={"timeout": timeout_seconds}, exception_retry_configuration=None
        )

    def call(self, method: str, *parameters: object) -> Any:
        """The result of one JSON-RPC method; dropped connections are retried with growing pauses."""
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, self._attempts + 1):
            try:
                response = self._provider.make_request(RPCEndpoint(method), list(parameters))
                break
            except DROPPED as error:
                if attempt == self._attempts or _is_final(error):
                    raise ChainError(
                        "chain/unreachable",
                        f"no answer from {self.host} to {method} in {attempt} attempts",
                        value=_cause(error),
                        remedy="check the address and that the chain runs",
                    ) from error
                time.sleep(pause)
                pause *= 2
        if response.get("error"):
            raise refusal_of(method, cast(object, response["error"]))
        return response.get("result")

    @property
    def host(self) -> str:
        """The address as it may be shown: without a path or a query, which can hold the key of a provider."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")

    @cached_property
    def chain_id(self) -> int:
        """The chain's own name for itself, checked against the expected one."""
        actual = int(self.call("eth_chainId"), 16)
        if self._expected_chain_id not in (None, actual):
            raise ChainError(
                "chain/wrong-chain",
                f"this is not chain {self._expected_chain_id}",
                value=actual,
                remedy="check the address",
            )
        return actual

    def read_block_number(self) -> int:
        """The number of the newest block."""
        return int(self.call("eth_blockNumber"), 16)

    def find_block(self, number: int | str) -> Block | None:
        """A block's head; None if the chain is not that long."""
        raw = self.call("eth_getBlockByNumber", number if isinstance(number, str) else hex(number), False)
        if raw is None:
            return None
        base_fee = Amount(int(raw.get("baseFeePerGas") or "0x0", 16))
        return Block(
            int(raw["number"], 16),
            _digest(raw["hash"]),
            _digest(raw["parentHash"]),
            int(raw["timestamp"], 16),
            base_fee,
        )

    def read_block(self, number: int | str = LATEST) -> Block:
        """A block's head that must be there."""
        block = self.find_block(number)
        if block is None:
            raise ChainError("chain/no-block", "the chain does not have this block", value=number)
        return block

    def read_code(self, address: Address) -> bytes:
        """The deployed code, empty for an account without."""
        return _bytes(self.call("eth_getCode", address, LATEST))

    def read_balance(self, address: Address) -> Amount:
        """In wei."""
        return Amount(int(self.call("eth_getBalance", address, LATEST), 16))

    def read_nonce(self, address: Address, *, at: str = LATEST) -> int:
        """How many transactions of the account the chain has taken; ``at=PENDING`` counts waiting ones."""
        return int(self.call("eth_getTransactionCount", address, at), 16)

    def read_logs(
        self, addresses: Sequence[Address], first_block: int, last_block: int, topics: Sequence[object] = ()
    ) -> tuple[Log, ...]:
        """All logs of the contracts in the blocks, in order."""
        query = {"address": list(addresses), "fromBlock": hex(first_block), "toBlock": hex(last_block)}
        raw = self.call("eth_getLogs", query | ({"topics": list(topics)} if topics else {}))
        return tuple(sorted((_log(item) for item in raw), key=lambda log: (log.block_number, log.log_index)))

    def find_receipt(self, transaction_hash: Digest) -> RawReceipt | None:
        """The receipt, once the transaction is in a block."""
        raw = self.call("eth_getTransactionReceipt", _hex(transaction_hash))
        return None if raw is None or raw.get("blockNumber") is None else _receipt(raw)

    def send_raw(self, raw: bytes) -> Digest:
        """Broadcast a signed transaction."""
        return _digest(self.call("eth_sendRawTransaction", _hex(raw)))

    def estimate_gas(self, transaction: Transaction, sender: Address, limit: int) -> int:
        """Gas that the transaction would use now, after the waiting ones."""
        try:
            call = _call_object(transaction, sender) | {"gas": hex(limit)}
            return int(self.call("eth_estimateGas", call, PENDING), 16)
        except RefusedError as refusal:
            raise revert_of(refusal) or refusal from refusal

    def read(self, view: View[T], *, block: int | str = LATEST) -> T:
        """The decoded answer of a view."""
        return view.decode(self._evaluate({"to": view.to, "data": _hex(view.data)}, block))

    def read_constant(self, view: View[T]) -> T:
        """The answer of a view of something immutable: asked once."""
        key = view.to, view.data
        if key not in self._constants:
            self._constants[key] = self._evaluate({"to": view.to, "data": _hex(view.data)}, LATEST)
        return view.decode(self._constants[key])

    def simulate(self, transaction: Transaction, sender: Address, *, block: int | str = LATEST) -> bytes:
        """What the transaction would return; RevertError with the contract's own text if it would fail."""
        return self._evaluate(_call_object(transaction, sender), block)

    def find_revert(self, transaction: Transaction, sender: Address, *, block: int | str) -> RevertError | None:
        """Why the transaction fails on the state after ``block``, or None if it does not."""
        try:
            self.simulate(transaction, sender, block=block)
        except RevertError as error:
            return error
        return None

    def _evaluate(self, call: dict[str, object], block: int | str) -> bytes:
        try:
            return _bytes(self.call("eth_call", call, block if isinstance(block, str) else hex(block)))
        except RefusedError as refusal:
            raise revert_of(refusal) or refusal from refusal


def _call_object(transaction: Transaction, sender: Address) -> dict[str, object]:
    call: dict[str, object] = {"from": sender, "data": _hex(transaction.data), "value": hex(transaction.value)}
    return call if transaction.to is None else call | {"to": transaction.to}


def _is_final(error: BaseException) -> bool:
    """Whether the server has answered that it will not answer: no right, no such page."""
    status = _status(error)
    return status is not None and 400 <= status < 500 and status not in WORTH_ANOTHER_TRY


def _cause(error: BaseException) -> str:
    status = _status(error)
    return type(error).__name__ if status is None else f"HTTP {status}"


def _status(error: BaseException) -> int | None:
    return error.response.status_code if isinstance(error, requests.HTTPError) and error.response is not None else None


def _log(raw: dict[str, Any]) -> Log:
    return Log(
        checksum(raw["address"]),
        tuple(_digest(topic) for topic in raw["topics"]),
        _bytes(raw["data"]),
        int(raw["blockNumber"], 16),
        _digest(raw["blockHash"]),
        _digest(raw["transactionHash"]),
        int(raw["logIndex"], 16),
    )


def _receipt(raw: dict[str, Any]) -> RawReceipt:
    created = raw.get("contractAddress")
    return RawReceipt(
        _digest(raw["transactionHash"]),
        int(raw["status"], 16) == 1,
        int(raw["blockNumber"], 16),
        _digest(raw["blockHash"]),
        int(raw["gasUsed"], 16),
        Amount(int(raw.get("effectiveGasPrice") or "0x0", 16)),
        checksum(created) if created else None,
        tuple(_log(log) for log in raw["logs"]),
    )


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _digest(text: str) -> Digest:
    return Digest(_bytes(text))


def _hex(raw: bytes) -> str:
    return "0x" + raw.hex()
