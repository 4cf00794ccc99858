"""The client of StepsTrees.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
from .shared import Position


@dataclass(frozen=True, slots=True)
class StepsTrees(Binding):
    """The deployed contract ``StepsTrees``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "StepsTrees.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = ()

    @classmethod
    def deploy(cls) -> Transaction:
        """The creation of a new StepsTrees."""
        return cls._creation((), ())

    def evaluate(self, at: Position, descriptor: bytes, witness: bytes) -> View[int]:
        return self._view(
            "evaluate",
            ("(uint256,uint256,uint256,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256)", "bytes", "bytes"),
            (at, descriptor, witness),
            ("int256",),
            lambda raw: raw[0],
        )
