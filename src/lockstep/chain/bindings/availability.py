"""The client of Availability.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
from .shared import Credited, Withdrawn


@dataclass(frozen=True, slots=True)
class Demand(Struct):
    """Struct ``Demand``."""

    root: Digest
    position: int
    levels: int
    demander: Address
    pledger: Address
    payment: int
    deadline: int
    number: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1], raw[2], checksum(raw[3]), checksum(raw[4]), raw[5], raw[6], raw[7])


@dataclass(frozen=True, slots=True)
class DemandMade(Event):
    """Event ``DemandMade``."""

    SIGNATURE: ClassVar[str] = (
        "DemandMade(bytes32,bytes32,address,(bytes32,uint256,uint256,address,address,uint256,uint256,uint256))"
    )
    TYPES: ClassVar[tuple[str, ...]] = (
        "bytes32",
        "bytes32",
        "address",
        "(bytes32,uint256,uint256,address,address,uint256,uint256,uint256)",
    )
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, True, False)
    demand_id: Digest
    root: Digest
    pledger: Address
    demand: Demand

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), checksum(raw[2]), Demand.from_abi(raw[3]))


@dataclass(frozen=True, slots=True)
class DemandShown(Event):
    """Event ``DemandShown``."""

    SIGNATURE: ClassVar[str] = "DemandShown(bytes32,bytes32,address,bytes)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32", "address", "bytes")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, True, False)
    demand_id: Digest
    root: Digest
    answerer: Address
    data: bytes

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), checksum(raw[2]), raw[3])


class DemandStatus(IntFlag):
    """A set ``DemandStatus``."""

    OPEN = 1
    ANSWERED = 2
    UNANSWERED = 4


@dataclass(frozen=True, slots=True)
class DemandUnanswered(Event):
    """Event ``DemandUnanswered``."""

    SIGNATURE: ClassVar[str] = "DemandUnanswered(bytes32,bytes32,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    demand_id: Digest
    root: Digest
    compensation: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), raw[2])


@dataclass(frozen=True, slots=True)
class Pledge(Struct):
    """Struct ``Pledge``."""

    amount: int
    reserved: int
    leaves_at: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(raw[0], raw[1], raw[2])


@dataclass(frozen=True, slots=True)
class PledgeLeaving(Event):
    """Event ``PledgeLeaving``."""

    SIGNATURE: ClassVar[str] = "PledgeLeaving(bytes32,address,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    root: Digest
    pledger: Address
    leaves_at: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), raw[2])


@dataclass(frozen=True, slots=True)
class Pledged(Event):
    """Event ``Pledged``."""

    SIGNATURE: ClassVar[str] = "Pledged(bytes32,address,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    root: Digest
    pledger: Address
    amount: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), raw[2])


@dataclass(frozen=True, slots=True)
class Availability(Binding):
    """The deployed contract ``Availability``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "Availability.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = (
        Credited,
        DemandMade,
        DemandShown,
        DemandUnanswered,
        PledgeLeaving,
        Pledged,
        Withdrawn,
    )

    @classmethod
    def deploy(cls, answer_seconds: int, minimum_pledge: int, gas_price_floor: int) -> Transaction:
        """The creation of a new Availability."""
        return cls._creation(("uint256", "uint256", "uint256"), (answer_seconds, minimum_pledge, gas_price_floor))

    def ANSWER_SECONDS(self) -> View[int]:
        return self._view("ANSWER_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def GAS_PRICE_FLOOR(self) -> View[int]:
        return self._view("GAS_PRICE_FLOOR", (), (), ("uint256",), lambda raw: raw[0])

    def MINIMUM_PLEDGE(self) -> View[int]:
        return self._view("MINIMUM_PLEDGE", (), (), ("uint256",), lambda raw: raw[0])

    def answer(self, demand: Demand, data: bytes, path: Sequence[Digest]) -> Transaction:
        return self._transaction(
            "answer",
            ("(bytes32,uint256,uint256,address,address,uint256,uint256,uint256)", "bytes", "bytes32[]"),
            (demand, data, path),
        )

    def count(self) -> View[int]:
        return self._view("count", (), (), ("uint256",), lambda raw: raw[0])

    def credit_of(self, key: Address) -> View[int]:
        return self._view("credit_of", ("address",), (key,), ("uint256",), lambda raw: raw[0])

    def demand(
        self, root: Digest, position: int, levels: int, pledger: Address, *, value: Amount = NO_VALUE
    ) -> Transaction:
        return self._transaction(
            "demand", ("bytes32", "uint256", "uint256", "address"), (root, position, levels, pledger), value
        )

    def demand_id_of(self, demand: Demand) -> View[Digest]:
        return self._view(
            "demand_id_of",
            ("(bytes32,uint256,uint256,address,address,uint256,uint256,uint256)",),
            (demand,),
            ("bytes32",),
            lambda raw: Digest(raw[0]),
        )

    def expire(self, demand: Demand) -> Transaction:
        return self._transaction(
            "expire", ("(bytes32,uint256,uint256,address,address,uint256,uint256,uint256)",), (demand,)
        )

    def is_available(self, root: Digest) -> View[bool]:
        return self._view("is_available", ("bytes32",), (root,), ("bool",), lambda raw: raw[0])

    def leave(self, root: Digest) -> Transaction:
        return self._transaction("leave", ("bytes32",), (root,))

    def pledge(self, root: Digest, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction("pledge", ("bytes32",), (root,), value)

    def pledge_of(self, key0: Digest, key1: Address) -> View[Pledge]:
        return self._view(
            "pledge_of",
            ("bytes32", "address"),
            (key0, key1),
            ("(uint256,uint256,uint256)",),
            lambda raw: Pledge.from_abi(raw[0]),
        )

    def price(self, levels: int) -> View[int]:
        return self._view("price", ("uint256",), (levels,), ("uint256",), lambda raw: raw[0])

    def status_of(self, key: Digest) -> View[DemandStatus]:
        return self._view("status_of", ("bytes32",), (key,), ("uint256",), lambda raw: DemandStatus(raw[0]))

    def take_back(self, root: Digest) -> Transaction:
        return self._transaction("take_back", ("bytes32",), (root,))

    def unanswered(self, key: Digest) -> View[int]:
        return self._view("unanswered", ("bytes32",), (key,), ("uint256",), lambda raw: raw[0])

    def withdraw(self) -> Transaction:
        return self._transaction("withdraw", (), ())
