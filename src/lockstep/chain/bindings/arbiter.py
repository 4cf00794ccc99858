"""The client of Arbiter.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
from .shared import Credited, Job, Withdrawn


@dataclass(frozen=True, slots=True)
class Asserted(Event):
    """Event ``Asserted``."""

    SIGNATURE: ClassVar[str] = "Asserted(bytes32,address,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    job_id: Digest
    claimant: Address
    output_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), Digest(raw[2]))


@dataclass(frozen=True, slots=True)
class Delivered(Event):
    """Event ``Delivered``."""

    SIGNATURE: ClassVar[str] = "Delivered(bytes32,bool)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bool")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False)
    job_id: Digest
    success: bool

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1])


@dataclass(frozen=True, slots=True)
class Disputed(Event):
    """Event ``Disputed``."""

    SIGNATURE: ClassVar[str] = "Disputed(bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32",)
    INDEXED: ClassVar[tuple[bool, ...]] = (True,)
    job_id: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]))


@dataclass(frozen=True, slots=True)
class Finalised(Event):
    """Event ``Finalised``."""

    SIGNATURE: ClassVar[str] = "Finalised(bytes32,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False)
    job_id: Digest
    output_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]))


class Status(IntFlag):
    """A set ``Status``."""

    OPEN = 1
    ASSERTED = 2
    DISPUTED = 4
    FINAL = 8
    VOID = 16


@dataclass(frozen=True, slots=True)
class Record(Struct):
    """Struct ``Record``."""

    status: Status
    claimant: Address
    asserted_at: int
    delivered: bool
    refunded: bool
    output_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Status(raw[0]), checksum(raw[1]), raw[2], raw[3], raw[4], Digest(raw[5]))


@dataclass(frozen=True, slots=True)
class Requested(Event):
    """Event ``Requested``."""

    SIGNATURE: ClassVar[str] = (
        "Requested(bytes32,address,bytes32,(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),bytes)"
    )
    TYPES: ClassVar[tuple[str, ...]] = (
        "bytes32",
        "address",
        "bytes32",
        "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
        "bytes",
    )
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, True, False, False)
    job_id: Digest
    requester: Address
    model_id: Digest
    job: Job
    input_data: bytes

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), Digest(raw[2]), Job.from_abi(raw[3]), raw[4])


@dataclass(frozen=True, slots=True)
class Settled(Event):
    """Event ``Settled``."""

    SIGNATURE: ClassVar[str] = "Settled(bytes32,address,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    job_id: Digest
    prover: Address
    output_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), Digest(raw[2]))


@dataclass(frozen=True, slots=True)
class Voided(Event):
    """Event ``Voided``."""

    SIGNATURE: ClassVar[str] = "Voided(bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32",)
    INDEXED: ClassVar[tuple[bool, ...]] = (True,)
    job_id: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]))


@dataclass(frozen=True, slots=True)
class Arbiter(Binding):
    """The deployed contract ``Arbiter``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "Arbiter.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = (
        Asserted,
        Credited,
        Delivered,
        Disputed,
        Finalised,
        Requested,
        Settled,
        Voided,
        Withdrawn,
    )

    @classmethod
    def deploy(cls, bracket: Address, desk: Address, minimum_bond: int) -> Transaction:
        """The creation of a new Arbiter."""
        return cls._creation(("address", "address", "uint256"), (bracket, desk, minimum_bond))

    def BRACKET(self) -> View[Address]:
        return self._view("BRACKET", (), (), ("address",), lambda raw: checksum(raw[0]))

    def DESK(self) -> View[Address]:
        return self._view("DESK", (), (), ("address",), lambda raw: checksum(raw[0]))

    def MINIMUM_BOND(self) -> View[int]:
        return self._view("MINIMUM_BOND", (), (), ("uint256",), lambda raw: raw[0])

    def assert_result(self, job: Job, output_root: Digest, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction(
            "assert_result",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)", "bytes32"),
            (job, output_root),
            value,
        )

    def cancel(self, job: Job) -> Transaction:
        return self._transaction(
            "cancel", ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",), (job,)
        )

    def conclude(self, job: Job, output_root: Digest) -> Transaction:
        return self._transaction(
            "conclude",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)", "bytes32"),
            (job, output_root),
        )

    def credit_of(self, key: Address) -> View[int]:
        return self._view("credit_of", ("address",), (key,), ("uint256",), lambda raw: raw[0])

    def deliver(self, job: Job, output: bytes) -> Transaction:
        return self._transaction(
            "deliver",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)", "bytes"),
            (job, output),
        )

    def finalise(self, job: Job) -> Transaction:
        return self._transaction(
            "finalise", ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",), (job,)
        )

    def job_id_of(self, job: Job) -> View[Digest]:
        return self._view(
            "job_id_of",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",),
            (job,),
            ("bytes32",),
            lambda raw: Digest(raw[0]),
        )

    def open_dispute(self, job: Job) -> Transaction:
        return self._transaction(
            "open_dispute",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",),
            (job,),
        )

    def record_of(self, job_id: Digest) -> View[Record]:
        return self._view(
            "record_of",
            ("bytes32",),
            (job_id,),
            ("(uint256,address,uint256,bool,bool,bytes32)",),
            lambda raw: Record.from_abi(raw[0]),
        )

    def request(self, job: Job, input_data: bytes, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction(
            "request",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)", "bytes"),
            (job, input_data),
            value,
        )

    def settle(self, job: Job, output_root: Digest, prover: Address) -> Transaction:
        return self._transaction(
            "settle",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)", "bytes32", "address"),
            (job, output_root, prover),
        )

    def verify_result(self, job: Job, pass_index: int, output_digest: Digest, path: Sequence[Digest]) -> View[bool]:
        return self._view(
            "verify_result",
            (
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "uint256",
                "bytes32",
                "bytes32[]",
            ),
            (job, pass_index, output_digest, path),
            ("bool",),
            lambda raw: raw[0],
        )

    def withdraw(self) -> Transaction:
        return self._transaction("withdraw", (), ())
