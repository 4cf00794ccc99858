"""The client of Beacon.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True, slots=True)
class Beacon(Binding):
    """The deployed contract ``Beacon``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "Beacon.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = ()

    @classmethod
    def deploy(cls) -> Transaction:
        """The creation of a new Beacon."""
        return cls._creation((), ())

    def is_lost(self, number: int) -> View[bool]:
        return self._view("is_lost", ("uint256",), (number,), ("bool",), lambda raw: raw[0])

    def value_of(self, number: int, evidence: bytes) -> View[Digest]:
        return self._view(
            "value_of", ("uint256", "bytes"), (number, evidence), ("bytes32",), lambda raw: Digest(raw[0])
        )
