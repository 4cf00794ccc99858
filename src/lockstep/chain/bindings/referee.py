"""The client of Referee.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
from .shared import Answer, Job, KeyedOpening, Progress, Question, Stage


@dataclass(frozen=True, slots=True)
class Panel(Struct):
    """Struct ``Panel``."""

    ticket: int
    silence_forfeit: int
    seats: tuple[int, ...]
    committed: int
    failed: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(raw[0], raw[1], tuple(raw[2]), raw[3], raw[4])


@dataclass(frozen=True, slots=True)
class Shares(Struct):
    """Struct ``Shares``."""

    winners: int
    each: int
    requester: int
    forfeits: tuple[int, ...]
    forfeited: int
    lent: int
    burnt: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(raw[0], raw[1], raw[2], tuple(raw[3]), raw[4], raw[5], raw[6])


@dataclass(frozen=True, slots=True)
class Referee(Binding):
    """The deployed contract ``Referee``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "Referee.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = ()

    @classmethod
    def deploy(cls, arbiter: Address, bracket: Address, artifacts: Address) -> Transaction:
        """The creation of a new Referee."""
        return cls._creation(("address", "address", "address"), (arbiter, bracket, artifacts))

    def ARBITER(self) -> View[Address]:
        return self._view("ARBITER", (), (), ("address",), lambda raw: checksum(raw[0]))

    def ARTIFACTS(self) -> View[Address]:
        return self._view("ARTIFACTS", (), (), ("address",), lambda raw: checksum(raw[0]))

    def BRACKET(self) -> View[Address]:
        return self._view("BRACKET", (), (), ("address",), lambda raw: checksum(raw[0]))

    def shares_of(
        self, question: Question, job: Job, progress: Progress, answers: Sequence[Answer], is_void: bool, panel: Panel
    ) -> View[Shares]:
        return self._view(
            "shares_of",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "(bytes32,bytes32)[]",
                "bool",
                "(uint256,uint256,uint256[],uint256,uint256)",
            ),
            (question, job, progress, answers, is_void, panel),
            ("(uint256,uint256,uint256,uint256[],uint256,uint256,uint256)",),
            lambda raw: Shares.from_abi(raw[0]),
        )

    def shows_tile(
        self,
        job: Job,
        seed: Digest,
        pick: int,
        operator: Address,
        trace_root: Digest,
        keyed_root: Digest,
        opening: KeyedOpening,
    ) -> View[bool]:
        return self._view(
            "shows_tile",
            (
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "bytes32",
                "uint256",
                "address",
                "bytes32",
                "bytes32",
                "(bytes,bytes,bytes32[],bytes32[],bytes32[])",
            ),
            (job, seed, pick, operator, trace_root, keyed_root, opening),
            ("bool",),
            lambda raw: raw[0],
        )
