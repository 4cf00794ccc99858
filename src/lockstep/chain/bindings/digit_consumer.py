"""The client of examples/DigitConsumer.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
from .shared import Job


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """Event ``Answered``."""

    SIGNATURE: ClassVar[str] = "Answered(bytes32,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False)
    job_id: Digest
    output_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]))


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """Event ``Asked``."""

    SIGNATURE: ClassVar[str] = "Asked(bytes32,address)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True)
    job_id: Digest
    asker: Address

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]))


@dataclass(frozen=True, slots=True)
class DigitConsumer(Binding):
    """The deployed contract ``DigitConsumer``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "DigitConsumer.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = (Answered, Asked)

    @classmethod
    def deploy(cls, arbiter: Address, model_id: Digest) -> Transaction:
        """The creation of a new DigitConsumer."""
        return cls._creation(("address", "bytes32"), (arbiter, model_id))

    def ARBITER(self) -> View[Address]:
        return self._view("ARBITER", (), (), ("address",), lambda raw: checksum(raw[0]))

    def MODEL_ID(self) -> View[Digest]:
        return self._view("MODEL_ID", (), (), ("bytes32",), lambda raw: Digest(raw[0]))

    def ask(
        self,
        input_root: Digest,
        bond: int,
        window: int,
        respond_by: int,
        callback_gas: int,
        image: bytes,
        *,
        value: Amount = NO_VALUE,
    ) -> Transaction:
        return self._transaction(
            "ask",
            ("bytes32", "uint256", "uint256", "uint256", "uint256", "bytes"),
            (input_root, bond, window, respond_by, callback_gas, image),
            value,
        )

    def asker_of(self, key: Digest) -> View[Address]:
        return self._view("asker_of", ("bytes32",), (key,), ("address",), lambda raw: checksum(raw[0]))

    def on_result(self, job_id: Digest, output_root: Digest, output: bytes) -> Transaction:
        return self._transaction("on_result", ("bytes32", "bytes32", "bytes"), (job_id, output_root, output))

    def output_of(self, key: Digest) -> View[bytes]:
        return self._view("output_of", ("bytes32",), (key,), ("bytes",), lambda raw: raw[0])

    def output_root_of(self, key: Digest) -> View[Digest]:
        return self._view("output_root_of", ("bytes32",), (key,), ("bytes32",), lambda raw: Digest(raw[0]))

    def refund(self, job: Job) -> Transaction:
        return self._transaction(
            "refund", ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",), (job,)
        )
