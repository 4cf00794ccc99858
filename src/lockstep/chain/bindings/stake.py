"""The client of Stake.vy; written by tools/generate_bindings.py, do not edit."""
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
class Forfeited(Event):
    """Event ``Forfeited``."""

    SIGNATURE: ClassVar[str] = "Forfeited(bytes32,address,uint256,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "uint256", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False, False)
    model_id: Digest
    operator: Address
    ticket: int
    amount: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), raw[2], raw[3])


@dataclass(frozen=True, slots=True)
class Left(Event):
    """Event ``Left``."""

    SIGNATURE: ClassVar[str] = "Left(bytes32,address,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    model_id: Digest
    operator: Address
    ticket: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), raw[2])


@dataclass(frozen=True, slots=True)
class Staked(Event):
    """Event ``Staked``."""

    SIGNATURE: ClassVar[str] = "Staked(bytes32,address,uint256,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "uint256", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False, False)
    model_id: Digest
    operator: Address
    ticket: int
    price_gwei: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), raw[2], raw[3])


@dataclass(frozen=True, slots=True)
class Ticket(Struct):
    """Struct ``Ticket``."""

    operator: Address
    price_gwei: int
    since: int
    left: int
    locked: bool

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(checksum(raw[0]), raw[1], raw[2], raw[3], raw[4])


@dataclass(frozen=True, slots=True)
class Unstaked(Event):
    """Event ``Unstaked``."""

    SIGNATURE: ClassVar[str] = "Unstaked(bytes32,address,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    model_id: Digest
    operator: Address
    ticket: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), raw[2])


@dataclass(frozen=True, slots=True)
class Stake(Binding):
    """The deployed contract ``Stake``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "Stake.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = (Credited, Forfeited, Left, Staked, Unstaked, Withdrawn)

    @classmethod
    def deploy(
        cls, committee: Address, ticket: int, cap_basis_points: int, cap_floor: int, unbonding_seconds: int
    ) -> Transaction:
        """The creation of a new Stake."""
        return cls._creation(
            ("address", "uint256", "uint256", "uint256", "uint256"),
            (committee, ticket, cap_basis_points, cap_floor, unbonding_seconds),
        )

    def CAP_BASIS_POINTS(self) -> View[int]:
        return self._view("CAP_BASIS_POINTS", (), (), ("uint256",), lambda raw: raw[0])

    def CAP_FLOOR(self) -> View[int]:
        return self._view("CAP_FLOOR", (), (), ("uint256",), lambda raw: raw[0])

    def COMMITTEE(self) -> View[Address]:
        return self._view("COMMITTEE", (), (), ("address",), lambda raw: checksum(raw[0]))

    def TICKET(self) -> View[int]:
        return self._view("TICKET", (), (), ("uint256",), lambda raw: raw[0])

    def UNBONDING_SECONDS(self) -> View[int]:
        return self._view("UNBONDING_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def credit_of(self, key: Address) -> View[int]:
        return self._view("credit_of", ("address",), (key,), ("uint256",), lambda raw: raw[0])

    def draw(
        self,
        model_id: Digest,
        seed: Digest,
        count: int,
        places: int,
        drawn_for: int,
        price_gwei: int,
        excluded: Sequence[Address],
    ) -> Transaction:
        return self._transaction(
            "draw",
            ("bytes32", "bytes32", "uint256", "uint256", "uint256", "uint256", "address[]"),
            (model_id, seed, count, places, drawn_for, price_gwei, excluded),
        )

    def leave(self, model_id: Digest, ticket: int) -> Transaction:
        return self._transaction("leave", ("bytes32", "uint256"), (model_id, ticket))

    def lend(self, amount: int) -> Transaction:
        return self._transaction("lend", ("uint256",), (amount,))

    def lent(self) -> View[int]:
        return self._view("lent", (), (), ("uint256",), lambda raw: raw[0])

    def places_of(self, key: Digest) -> View[int]:
        return self._view("places_of", ("bytes32",), (key,), ("uint256",), lambda raw: raw[0])

    def release(
        self, model_id: Digest, tickets: Sequence[int], forfeits: Sequence[int], lent: int, *, value: Amount = NO_VALUE
    ) -> Transaction:
        return self._transaction(
            "release", ("bytes32", "uint256[]", "uint256[]", "uint256"), (model_id, tickets, forfeits, lent), value
        )

    def stake(self, model_id: Digest, count: int, price_gwei: int, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction("stake", ("bytes32", "uint256", "uint256"), (model_id, count, price_gwei), value)

    def standing_of(self, key: Digest) -> View[int]:
        return self._view("standing_of", ("bytes32",), (key,), ("uint256",), lambda raw: raw[0])

    def ticket_of(self, model_id: Digest, ticket: int) -> View[Ticket]:
        return self._view(
            "ticket_of",
            ("bytes32", "uint256"),
            (model_id, ticket),
            ("(address,uint256,uint256,uint256,bool)",),
            lambda raw: Ticket.from_abi(raw[0]),
        )

    def tickets_of(self, key0: Digest, key1: Address) -> View[int]:
        return self._view("tickets_of", ("bytes32", "address"), (key0, key1), ("uint256",), lambda raw: raw[0])

    def unstake(self, model_id: Digest, ticket: int) -> Transaction:
        return self._transaction("unstake", ("bytes32", "uint256"), (model_id, ticket))

    def withdraw(self) -> Transaction:
        return self._transaction("withdraw", (), ())
