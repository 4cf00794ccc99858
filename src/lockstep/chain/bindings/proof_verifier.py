"""The client of ProofVerifier.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True, slots=True)
class ProofVerifier(Binding):
    """The deployed contract ``ProofVerifier``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "ProofVerifier.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = ()

    @classmethod
    def deploy(cls, engine: Address, presets: Sequence[bytes]) -> Transaction:
        """The creation of a new ProofVerifier."""
        return cls._creation(("address", "bytes[]"), (engine, presets))

    def engine(self) -> View[Address]:
        return self._view("engine", (), (), ("address",), lambda raw: checksum(raw[0]))

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

    def verify(
        self, program: bytes, parameters: bytes, commitments: bytes, publics: bytes, context: Digest, proof: bytes
    ) -> View[bool]:
        return self._view(
            "verify",
            ("bytes", "bytes", "bytes", "bytes", "bytes32", "bytes"),
            (program, parameters, commitments, publics, context, proof),
            ("bool",),
            lambda raw: raw[0],
        )
