"""The client of ProofKeys.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True, slots=True)
class ProofKeys(Binding):
    """The deployed contract ``ProofKeys``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "ProofKeys.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = ()

    @classmethod
    def deploy(cls, presets: Sequence[bytes]) -> Transaction:
        """The creation of a new ProofKeys."""
        return cls._creation(("bytes[]",), (presets,))

    def is_preset(self, key: Digest) -> View[bool]:
        return self._view("is_preset", ("bytes32",), (key,), ("bool",), lambda raw: raw[0])

    def key_of(self, program: bytes, parameters: bytes, commitments: bytes) -> View[Digest]:
        return self._view(
            "key_of",
            ("bytes", "bytes", "bytes"),
            (program, parameters, commitments),
            ("bytes32",),
            lambda raw: Digest(raw[0]),
        )
