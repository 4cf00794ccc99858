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
class Answer(Struct):
    """Struct ``Answer``."""

    output_root: Digest
    trace_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]))


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
class KeyedOpening(Struct):
    """Struct ``KeyedOpening``."""

    tile: bytes
    descriptor: bytes
    descriptor_path: tuple[Digest, ...]
    trace_path: tuple[Digest, ...]
    keyed_path: tuple[Digest, ...]

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(
            raw[0],
            raw[1],
            tuple(Digest(item) for item in raw[2]),
            tuple(Digest(item) for item in raw[3]),
            tuple(Digest(item) for item in raw[4]),
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


class Stage(IntFlag):
    """A set ``Stage``."""

    DRAWING = 1
    ANSWERING = 2
    SETTLED = 4
    LIT = 8
    DONE = 16


@dataclass(frozen=True, slots=True)
class Progress(Struct):
    """Struct ``Progress``."""

    stage: Stage
    size: int
    round: int
    seats: int
    round_start: int
    kept: int
    committed: int
    revealed: int
    groups: int
    asserted: int
    planted: int
    challenged: int
    joined: int
    reclaimed: int
    since: int
    beacon_block: int
    places: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(
            Stage(raw[0]),
            raw[1],
            raw[2],
            raw[3],
            raw[4],
            raw[5],
            raw[6],
            raw[7],
            raw[8],
            raw[9],
            raw[10],
            raw[11],
            raw[12],
            raw[13],
            raw[14],
            raw[15],
            raw[16],
        )


@dataclass(frozen=True, slots=True)
class Question(Struct):
    """Struct ``Question``."""

    job: Job
    requester: Address
    size: int
    one_in: int
    pay: int
    seal: Digest
    nonce: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Job.from_abi(raw[0]), checksum(raw[1]), raw[2], raw[3], raw[4], Digest(raw[5]), raw[6])


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
