"""The client of ProofVerifier.yul (compiled by tools/compile_yul.mjs), as generated ones are of Vyper contracts."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from lockstep.chain.binding import Binding, Event, Transaction, View
from lockstep.types import Address, Digest


@dataclass(frozen=True, slots=True)
class ProofVerifier(Binding):
    """The deployed contract ``ProofVerifier``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parent / "engines" / "ProofVerifier.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = ()

    @classmethod
    def deploy(cls, keys: Address) -> Transaction:
        """The creation of a new ProofVerifier, which asks ``keys`` about presets."""
        return cls._creation(("address",), (keys,))

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
