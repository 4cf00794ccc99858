"""What was done on a chain, read from its blocks: who called what, with how much gas, and when we saw it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from eth_typing import ABIFunction
from eth_utils.abi import function_abi_to_4byte_selector

from lockstep.chain.artifact import Artifact
from lockstep.chain.binding import Log, checksum
from lockstep.chain.rpc import Rpc
from lockstep.types import Address, Digest


@dataclass(frozen=True, slots=True)
class Entry:
    """One transaction. ``seconds`` have passed since the entry before it was seen."""

    name: str
    sender: Address
    to: Address | None
    value: int
    gas: int
    seconds: float
    is_success: bool
    logs: tuple[Log, ...]


@dataclass
class Chronicle:
    """Follows one chain, block by block; ``artifacts`` name the calls and the creations."""

    rpc: Rpc
    artifacts: Sequence[Artifact]
    entries: list[Entry] = field(default_factory=list)
    next_block: int = 0
    seen_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._selectors = {
            bytes(function_abi_to_4byte_selector(cast(ABIFunction, item))).hex(): str(item["name"])
            for artifact in self.artifacts
            for item in artifact.abi
            if item["type"] == "function"
        }

    def poll(self) -> list[Entry]:
        """What is new since the last time."""
        new = [entry for number in self._new_blocks() for entry in self._read_block(number)]
        self.entries += new
        return new

    def mark(self) -> None:
        """Time until now belongs to nothing on the chain."""
        self.seen_at = time.monotonic()

    def _new_blocks(self) -> Iterator[int]:
        newest = self.rpc.read_block_number()
        while self.next_block <= newest:
            yield self.next_block
            self.next_block += 1

    def _read_block(self, number: int) -> Iterator[Entry]:
        block = self.rpc.call("eth_getBlockByNumber", hex(number), True)
        for transaction in block["transactions"]:
            receipt = self.rpc.find_receipt(Digest(bytes.fromhex(transaction["hash"][2:])))
            assert receipt is not None
            now = time.monotonic()
            yield Entry(
                self._name(transaction),
                checksum(transaction["from"]),
                checksum(transaction["to"]) if transaction["to"] else None,
                int(transaction["value"], 16),
                receipt.gas_used,
                now - self.seen_at,
                receipt.is_success,
                receipt.logs,
            )
            self.seen_at = now

    def _name(self, transaction: Mapping[str, str]) -> str:
        data = transaction["input"]
        if transaction["to"]:
            return self._selectors.get(data[2:10], "transfer" if data == "0x" else "unknown call")
        created = bytes.fromhex(data[2:])
        found = next(
            (artifact.contract for artifact in self.artifacts if created.startswith(artifact.creation)), "contract"
        )
        return f"deploy {found}"
