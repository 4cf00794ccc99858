"""The client of ProofDesk.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
from .shared import Job


@dataclass(frozen=True, slots=True)
class ProofKey(Struct):
    """Struct ``ProofKey``."""

    program: bytes
    parameters: bytes
    commitments: bytes

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(raw[0], raw[1], raw[2])


@dataclass(frozen=True, slots=True)
class Proved(Event):
    """Event ``Proved``."""

    SIGNATURE: ClassVar[str] = "Proved(bytes32,address,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    job_id: Digest
    prover: Address
    output_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), Digest(raw[2]))


@dataclass(frozen=True, slots=True)
class ProvenModel(Struct):
    """Struct ``ProvenModel``."""

    header: Digest
    descriptors_root: Digest
    weights_root: Digest
    descriptor: bytes
    path: tuple[Digest, ...]

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), Digest(raw[2]), raw[3], tuple(Digest(item) for item in raw[4]))


@dataclass(frozen=True, slots=True)
class ProofDesk(Binding):
    """The deployed contract ``ProofDesk``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "ProofDesk.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = (Proved,)

    @classmethod
    def deploy(cls, arbiter: Address, verifier: Address) -> Transaction:
        """The creation of a new ProofDesk."""
        return cls._creation(("address", "address"), (arbiter, verifier))

    def ARBITER(self) -> View[Address]:
        return self._view("ARBITER", (), (), ("address",), lambda raw: checksum(raw[0]))

    def VERIFIER(self) -> View[Address]:
        return self._view("VERIFIER", (), (), ("address",), lambda raw: checksum(raw[0]))

    def context_of(self, job: Job, prover: Address) -> View[Digest]:
        return self._view(
            "context_of",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)", "address"),
            (job, prover),
            ("bytes32",),
            lambda raw: Digest(raw[0]),
        )

    def prove(
        self,
        job: Job,
        model: ProvenModel,
        key: ProofKey,
        input_data: bytes,
        input_width: int,
        output_data: bytes,
        proof: bytes,
    ) -> Transaction:
        return self._transaction(
            "prove",
            (
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "(bytes32,bytes32,bytes32,bytes,bytes32[])",
                "(bytes,bytes,bytes)",
                "bytes",
                "uint256",
                "bytes",
                "bytes",
            ),
            (job, model, key, input_data, input_width, output_data, proof),
        )
