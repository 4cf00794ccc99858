"""The client of ProofBonds.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
from .shared import Credited, Withdrawn


class BondStatus(IntFlag):
    """A set ``BondStatus``."""

    STANDING = 1
    DOUBTED = 2
    PROVEN = 4
    REFUTED = 8


@dataclass(frozen=True, slots=True)
class BondedClaim(Struct):
    """Struct ``BondedClaim``."""

    status: BondStatus
    claimant: Address
    challenger: Address
    since: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(BondStatus(raw[0]), checksum(raw[1]), checksum(raw[2]), raw[3])


@dataclass(frozen=True, slots=True)
class ProofClaimed(Event):
    """Event ``ProofClaimed``."""

    SIGNATURE: ClassVar[str] = "ProofClaimed(bytes32,address,bytes32,bytes32,bytes32,bytes32,string)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "bytes32", "bytes32", "bytes32", "bytes32", "string")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, True, False, False, False, False)
    claim_id: Digest
    claimant: Address
    key: Digest
    publics_hash: Digest
    context: Digest
    proof_hash: Digest
    uri: str

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(
            Digest(raw[0]), checksum(raw[1]), Digest(raw[2]), Digest(raw[3]), Digest(raw[4]), Digest(raw[5]), raw[6]
        )


@dataclass(frozen=True, slots=True)
class ProofDecided(Event):
    """Event ``ProofDecided``."""

    SIGNATURE: ClassVar[str] = "ProofDecided(bytes32,bool)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bool")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False)
    claim_id: Digest
    proven: bool

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1])


@dataclass(frozen=True, slots=True)
class ProofDoubted(Event):
    """Event ``ProofDoubted``."""

    SIGNATURE: ClassVar[str] = "ProofDoubted(bytes32,address)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True)
    claim_id: Digest
    challenger: Address

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]))


@dataclass(frozen=True, slots=True)
class ProofBonds(Binding):
    """The deployed contract ``ProofBonds``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "ProofBonds.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = (Credited, ProofClaimed, ProofDecided, ProofDoubted, Withdrawn)

    @classmethod
    def deploy(cls, verifier: Address, bond: int, window: int, answer_seconds: int) -> Transaction:
        """The creation of a new ProofBonds."""
        return cls._creation(("address", "uint256", "uint256", "uint256"), (verifier, bond, window, answer_seconds))

    def ANSWER_SECONDS(self) -> View[int]:
        return self._view("ANSWER_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def BOND(self) -> View[int]:
        return self._view("BOND", (), (), ("uint256",), lambda raw: raw[0])

    def VERIFIER(self) -> View[Address]:
        return self._view("VERIFIER", (), (), ("address",), lambda raw: checksum(raw[0]))

    def WINDOW(self) -> View[int]:
        return self._view("WINDOW", (), (), ("uint256",), lambda raw: raw[0])

    def answer(
        self,
        claim_id: Digest,
        program: bytes,
        parameters: bytes,
        commitments: bytes,
        publics: bytes,
        context: Digest,
        proof: bytes,
    ) -> Transaction:
        return self._transaction(
            "answer",
            ("bytes32", "bytes", "bytes", "bytes", "bytes", "bytes32", "bytes"),
            (claim_id, program, parameters, commitments, publics, context, proof),
        )

    def claim(
        self,
        key: Digest,
        publics_hash: Digest,
        context: Digest,
        proof_hash: Digest,
        uri: str,
        *,
        value: Amount = NO_VALUE,
    ) -> Transaction:
        return self._transaction(
            "claim",
            ("bytes32", "bytes32", "bytes32", "bytes32", "string"),
            (key, publics_hash, context, proof_hash, uri),
            value,
        )

    def claim_of(self, claim_id: Digest) -> View[BondedClaim]:
        return self._view(
            "claim_of",
            ("bytes32",),
            (claim_id,),
            ("(uint256,address,address,uint256)",),
            lambda raw: BondedClaim.from_abi(raw[0]),
        )

    def credit_of(self, key: Address) -> View[int]:
        return self._view("credit_of", ("address",), (key,), ("uint256",), lambda raw: raw[0])

    def doubt(self, claim_id: Digest, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction("doubt", ("bytes32",), (claim_id,), value)

    def finalise(self, claim_id: Digest) -> Transaction:
        return self._transaction("finalise", ("bytes32",), (claim_id,))

    def is_proven(self, statement: Digest, claimant: Address) -> View[bool]:
        return self._view("is_proven", ("bytes32", "address"), (statement, claimant), ("bool",), lambda raw: raw[0])

    def statement_of(self, key: Digest, publics_hash: Digest, context: Digest) -> View[Digest]:
        return self._view(
            "statement_of",
            ("bytes32", "bytes32", "bytes32"),
            (key, publics_hash, context),
            ("bytes32",),
            lambda raw: Digest(raw[0]),
        )

    def withdraw(self) -> Transaction:
        return self._transaction("withdraw", (), ())
