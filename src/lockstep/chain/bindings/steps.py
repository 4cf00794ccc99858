"""The client of Steps.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True, slots=True)
class Steps(Binding):
    """The deployed contract ``Steps``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "Steps.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = ()

    @classmethod
    def deploy(cls, linear: Address, elementwise: Address, window: Address, trees: Address) -> Transaction:
        """The creation of a new Steps."""
        return cls._creation(("address", "address", "address", "address"), (linear, elementwise, window, trees))

    def ELEMENTWISE(self) -> View[Address]:
        return self._view("ELEMENTWISE", (), (), ("address",), lambda raw: checksum(raw[0]))

    def LINEAR(self) -> View[Address]:
        return self._view("LINEAR", (), (), ("address",), lambda raw: checksum(raw[0]))

    def TREES(self) -> View[Address]:
        return self._view("TREES", (), (), ("address",), lambda raw: checksum(raw[0]))

    def WINDOW(self) -> View[Address]:
        return self._view("WINDOW", (), (), ("address",), lambda raw: checksum(raw[0]))

    def kernel_of(self, opcode: int) -> View[Address]:
        return self._view("kernel_of", ("uint256",), (opcode,), ("address",), lambda raw: checksum(raw[0]))
