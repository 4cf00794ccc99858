"""Types that several contracts name; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True, slots=True)
class Credited(Event):
    """Event ``Credited``."""

    SIGNATURE: ClassVar[str] = "Credited(address,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("address", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False)
    account: Address
    amount: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(checksum(raw[0]), raw[1])


@dataclass(frozen=True, slots=True)
class Job(Struct):
    """Struct ``Job``."""

    requester: Address
    model_id: Digest
    input_root: Digest
    passes: int
    fee: int
    bond: int
    window: int
    respond_by: int
    callback_gas: int
    nonce: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(
            checksum(raw[0]), Digest(raw[1]), Digest(raw[2]), raw[3], raw[4], raw[5], raw[6], raw[7], raw[8], raw[9]
        )


@dataclass(frozen=True, slots=True)
class Position(Struct):
    """Struct ``Position``."""

    pass_index: int
    node_index: int
    element: int
    input_root: Digest
    weights_root: Digest
    trace_root: Digest
    pass_levels: int
    node_levels: int
    input_levels: int
    weight_levels: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(
            raw[0], raw[1], raw[2], Digest(raw[3]), Digest(raw[4]), Digest(raw[5]), raw[6], raw[7], raw[8], raw[9]
        )


@dataclass(frozen=True, slots=True)
class Withdrawn(Event):
    """Event ``Withdrawn``."""

    SIGNATURE: ClassVar[str] = "Withdrawn(address,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("address", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False)
    account: Address
    amount: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(checksum(raw[0]), raw[1])
