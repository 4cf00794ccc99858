"""The client of Artifacts.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest


class Kind(IntFlag):
    """A set ``Kind``."""

    DATASET = 1
    MODEL = 2
    SCRIPT = 4
    CHECKPOINT = 8
    RECORD = 16


@dataclass(frozen=True, slots=True)
class ArtifactRegistered(Event):
    """Event ``ArtifactRegistered``."""

    SIGNATURE: ClassVar[str] = "ArtifactRegistered(bytes32,address,uint256,bytes32[],bytes32,string)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "uint256", "bytes32[]", "bytes32", "string")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False, False, False, False)
    artifact_root: Digest
    publisher: Address
    kind: Kind
    parents: tuple[Digest, ...]
    terms: Digest
    uri: str

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(
            Digest(raw[0]),
            checksum(raw[1]),
            Kind(raw[2]),
            tuple(Digest(item) for item in raw[3]),
            Digest(raw[4]),
            raw[5],
        )


@dataclass(frozen=True, slots=True)
class Model(Struct):
    """Struct ``Model``."""

    header: Digest
    descriptors_root: Digest
    weights_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), Digest(raw[2]))


@dataclass(frozen=True, slots=True)
class ModelRegistered(Event):
    """Event ``ModelRegistered``."""

    SIGNATURE: ClassVar[str] = "ModelRegistered(bytes32,address,bytes32,bytes32,bytes32,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "bytes32", "bytes32", "bytes32", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False, False, False, False)
    model_id: Digest
    publisher: Address
    header: Digest
    descriptors_root: Digest
    weights_root: Digest
    zk_commitment: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), Digest(raw[2]), Digest(raw[3]), Digest(raw[4]), Digest(raw[5]))


@dataclass(frozen=True, slots=True)
class Artifacts(Binding):
    """The deployed contract ``Artifacts``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "Artifacts.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = (ArtifactRegistered, ModelRegistered)

    @classmethod
    def deploy(cls) -> Transaction:
        """The creation of a new Artifacts."""
        return cls._creation((), ())

    def header_of(self, model_id: Digest) -> View[Digest]:
        return self._view("header_of", ("bytes32",), (model_id,), ("bytes32",), lambda raw: Digest(raw[0]))

    def model_of(self, model_id: Digest) -> View[Model]:
        return self._view(
            "model_of", ("bytes32",), (model_id,), ("(bytes32,bytes32,bytes32)",), lambda raw: Model.from_abi(raw[0])
        )

    def record_of(self, key: Digest) -> View[Digest]:
        return self._view("record_of", ("bytes32",), (key,), ("bytes32",), lambda raw: Digest(raw[0]))

    def register(
        self, artifact_root: Digest, kind: Kind, parents: Sequence[Digest], terms: Digest, uri: str
    ) -> Transaction:
        return self._transaction(
            "register",
            ("bytes32", "uint256", "bytes32[]", "bytes32", "string"),
            (artifact_root, kind, parents, terms, uri),
        )

    def register_model(
        self, header: Digest, descriptors_root: Digest, weights_root: Digest, zk_commitment: Digest
    ) -> Transaction:
        return self._transaction(
            "register_model",
            ("bytes32", "bytes32", "bytes32", "bytes32"),
            (header, descriptors_root, weights_root, zk_commitment),
        )
