"""The client of Bracket.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
from .shared import Credited, Job, Withdrawn


@dataclass(frozen=True, slots=True)
class Challenged(Event):
    """Event ``Challenged``."""

    SIGNATURE: ClassVar[str] = "Challenged(bytes32,address,bytes32,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "bytes32", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False, False)
    job_id: Digest
    challenger: Address
    commitment: Digest
    order: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), Digest(raw[2]), raw[3])


@dataclass(frozen=True, slots=True)
class Claim(Struct):
    """Struct ``Claim``."""

    owner: Address
    clock: int
    order: int
    alive: bool

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(checksum(raw[0]), raw[1], raw[2], raw[3])


@dataclass(frozen=True, slots=True)
class Decided(Event):
    """Event ``Decided``."""

    SIGNATURE: ClassVar[str] = "Decided(bytes32,bytes32,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    match_id: Digest
    job_id: Digest
    survivor: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), Digest(raw[2]))


@dataclass(frozen=True, slots=True)
class Descent(Struct):
    """Struct ``Descent``."""

    index: int
    child_mine: Digest
    child_theirs: Digest
    siblings_mine: tuple[Digest, ...]
    siblings_theirs: tuple[Digest, ...]

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(
            raw[0],
            Digest(raw[1]),
            Digest(raw[2]),
            tuple(Digest(item) for item in raw[3]),
            tuple(Digest(item) for item in raw[4]),
        )


@dataclass(frozen=True, slots=True)
class Joined(Event):
    """Event ``Joined``."""

    SIGNATURE: ClassVar[str] = "Joined(bytes32,bytes32,address,bytes32,bytes32,bytes32[16])"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32", "address", "bytes32", "bytes32", "bytes32[16]")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, True, False, False, False)
    job_id: Digest
    claim_id: Digest
    owner: Address
    output_root: Digest
    trace_root: Digest
    kids: tuple[Digest, ...]

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(
            Digest(raw[0]),
            Digest(raw[1]),
            checksum(raw[2]),
            Digest(raw[3]),
            Digest(raw[4]),
            tuple(Digest(item) for item in raw[5]),
        )


class Phase(IntFlag):
    """A set ``Phase``."""

    TRACE = 1
    TILES = 2
    REVEAL = 4
    SETTLE = 8
    OUTPUT_ROOTS = 16
    OUTPUTS = 32
    OUTPUT = 64


@dataclass(frozen=True, slots=True)
class Match(Struct):
    """Struct ``Match``."""

    job_id: Digest
    claim_a: Digest
    claim_b: Digest
    trace_a: Digest
    trace_b: Digest
    node_a: Digest
    node_b: Digest
    phase: Phase
    turn: int
    position: int
    levels: int
    item: int
    tiles: int
    moved_at: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(
            Digest(raw[0]),
            Digest(raw[1]),
            Digest(raw[2]),
            Digest(raw[3]),
            Digest(raw[4]),
            Digest(raw[5]),
            Digest(raw[6]),
            Phase(raw[7]),
            raw[8],
            raw[9],
            raw[10],
            raw[11],
            raw[12],
            raw[13],
        )


@dataclass(frozen=True, slots=True)
class Moved(Event):
    """Event ``Moved``."""

    SIGNATURE: ClassVar[str] = (
        "Moved(bytes32,bytes32,(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),bytes32[16])"
    )
    TYPES: ClassVar[tuple[str, ...]] = (
        "bytes32",
        "bytes32",
        "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
        "bytes32[16]",
    )
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False, False)
    match_id: Digest
    job_id: Digest
    state: Match
    kids: tuple[Digest, ...]

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), Match.from_abi(raw[2]), tuple(Digest(item) for item in raw[3]))


@dataclass(frozen=True, slots=True)
class Reclaimed(Event):
    """Event ``Reclaimed``."""

    SIGNATURE: ClassVar[str] = "Reclaimed(bytes32,address)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True)
    job_id: Digest
    challenger: Address

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]))


@dataclass(frozen=True, slots=True)
class Recomputed(Event):
    """Event ``Recomputed``."""

    SIGNATURE: ClassVar[str] = "Recomputed(bytes32,uint256,uint256,int256,int256,int256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "uint256", "uint256", "int256", "int256", "int256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False, False, False, False, False)
    match_id: Digest
    item: int
    element: int
    value: int
    claimed_a: int
    claimed_b: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1], raw[2], raw[3], raw[4], raw[5])


@dataclass(frozen=True, slots=True)
class Resolved(Event):
    """Event ``Resolved``."""

    SIGNATURE: ClassVar[str] = "Resolved(bytes32,bytes32,address,bytes32,uint256,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32", "address", "bytes32", "uint256", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, True, False, False, False)
    job_id: Digest
    claim_id: Digest
    owner: Address
    output_root: Digest
    reward: int
    burnt: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), checksum(raw[2]), Digest(raw[3]), raw[4], raw[5])


@dataclass(frozen=True, slots=True)
class Revealed(Event):
    """Event ``Revealed``."""

    SIGNATURE: ClassVar[str] = (
        "Revealed(bytes32,bytes32,(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),bytes)"
    )
    TYPES: ClassVar[tuple[str, ...]] = (
        "bytes32",
        "bytes32",
        "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
        "bytes",
    )
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False, False)
    match_id: Digest
    job_id: Digest
    state: Match
    tile: bytes

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), Match.from_abi(raw[2]), raw[3])


@dataclass(frozen=True, slots=True)
class Started(Event):
    """Event ``Started``."""

    SIGNATURE: ClassVar[str] = (
        "Started(bytes32,bytes32,(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256))"
    )
    TYPES: ClassVar[tuple[str, ...]] = (
        "bytes32",
        "bytes32",
        "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
    )
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False)
    match_id: Digest
    job_id: Digest
    state: Match

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), Match.from_abi(raw[2]))


@dataclass(frozen=True, slots=True)
class TakenOver(Event):
    """Event ``TakenOver``."""

    SIGNATURE: ClassVar[str] = "TakenOver(bytes32,bytes32,address)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32", "address")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, True)
    job_id: Digest
    claim_id: Digest
    owner: Address

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), checksum(raw[2]))


@dataclass(frozen=True, slots=True)
class Tournament(Struct):
    """Struct ``Tournament``."""

    opened: int
    challenges: int
    held: int
    alive: int
    trace_levels: int
    defended: bool
    waiting: Digest
    resolved: bool

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(raw[0], raw[1], raw[2], raw[3], raw[4], raw[5], Digest(raw[6]), raw[7])


class Verdict(IntFlag):
    """A set ``Verdict``."""

    UNDECIDED = 1
    A_SURVIVES = 2
    B_SURVIVES = 4


@dataclass(frozen=True, slots=True)
class Bracket(Binding):
    """The deployed contract ``Bracket``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "Bracket.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = (
        Challenged,
        Credited,
        Decided,
        Joined,
        Moved,
        Reclaimed,
        Recomputed,
        Resolved,
        Revealed,
        Started,
        TakenOver,
        Withdrawn,
    )

    @classmethod
    def deploy(
        cls,
        arbiter: Address,
        artifacts: Address,
        steps: Address,
        challenge_bond: int,
        join_seconds: int,
        clock_seconds: int,
        match_seconds: int,
    ) -> Transaction:
        """The creation of a new Bracket."""
        return cls._creation(
            ("address", "address", "address", "uint256", "uint256", "uint256", "uint256"),
            (arbiter, artifacts, steps, challenge_bond, join_seconds, clock_seconds, match_seconds),
        )

    def ARBITER(self) -> View[Address]:
        return self._view("ARBITER", (), (), ("address",), lambda raw: checksum(raw[0]))

    def ARTIFACTS(self) -> View[Address]:
        return self._view("ARTIFACTS", (), (), ("address",), lambda raw: checksum(raw[0]))

    def CHALLENGE_BOND(self) -> View[int]:
        return self._view("CHALLENGE_BOND", (), (), ("uint256",), lambda raw: raw[0])

    def CLOCK_SECONDS(self) -> View[int]:
        return self._view("CLOCK_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def JOIN_SECONDS(self) -> View[int]:
        return self._view("JOIN_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def MATCH_SECONDS(self) -> View[int]:
        return self._view("MATCH_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def STEPS(self) -> View[Address]:
        return self._view("STEPS", (), (), ("address",), lambda raw: checksum(raw[0]))

    def challenge(self, job: Job, commitment: Digest, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction(
            "challenge",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)", "bytes32"),
            (job, commitment),
            value,
        )

    def claim_of(self, claim_id: Digest) -> View[Claim]:
        return self._view(
            "claim_of",
            ("bytes32",),
            (claim_id,),
            ("(address,uint256,uint256,bool)",),
            lambda raw: Claim.from_abi(raw[0]),
        )

    def credit_of(self, key: Address) -> View[int]:
        return self._view("credit_of", ("address",), (key,), ("uint256",), lambda raw: raw[0])

    def defend(self, job: Job, trace_root: Digest, kids: Sequence[Digest]) -> Transaction:
        return self._transaction(
            "defend",
            (
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "bytes32",
                "bytes32[16]",
            ),
            (job, trace_root, kids),
        )

    def descend(self, state: Match, descent: Descent, next: Sequence[Digest]) -> Transaction:
        return self._transaction(
            "descend",
            (
                "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "(uint256,bytes32,bytes32,bytes32[4],bytes32[4])",
                "bytes32[16]",
            ),
            (state, descent, next),
        )

    def enter(
        self,
        job: Job,
        state: Match,
        descent: Descent,
        descriptor: bytes,
        descriptor_path: Sequence[Digest],
        next: Sequence[Digest],
    ) -> Transaction:
        return self._transaction(
            "enter",
            (
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "(uint256,bytes32,bytes32,bytes32[4],bytes32[4])",
                "bytes",
                "bytes32[]",
                "bytes32[16]",
            ),
            (job, state, descent, descriptor, descriptor_path, next),
        )

    def join(
        self, job: Job, output_root: Digest, trace_root: Digest, kids: Sequence[Digest], salt: Digest
    ) -> Transaction:
        return self._transaction(
            "join",
            (
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "bytes32",
                "bytes32",
                "bytes32[16]",
                "bytes32",
            ),
            (job, output_root, trace_root, kids, salt),
        )

    def match_of(self, match_id: Digest) -> View[Digest]:
        return self._view("match_of", ("bytes32",), (match_id,), ("bytes32",), lambda raw: Digest(raw[0]))

    def open_outputs(
        self, job: Job, state: Match, output_a: Digest, output_b: Digest, next: Sequence[Digest]
    ) -> Transaction:
        return self._transaction(
            "open_outputs",
            (
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "bytes32",
                "bytes32",
                "bytes32[16]",
            ),
            (job, state, output_a, output_b, next),
        )

    def reclaim(self, job_id: Digest, output_root: Digest, trace_root: Digest, salt: Digest) -> Transaction:
        return self._transaction(
            "reclaim", ("bytes32", "bytes32", "bytes32", "bytes32"), (job_id, output_root, trace_root, salt)
        )

    def resolve(self, job: Job, output_root: Digest, trace_root: Digest) -> Transaction:
        return self._transaction(
            "resolve",
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)", "bytes32", "bytes32"),
            (job, output_root, trace_root),
        )

    def reveal(self, state: Match, tile: bytes) -> Transaction:
        return self._transaction(
            "reveal",
            (
                "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "bytes",
            ),
            (state, tile),
        )

    def settle(
        self,
        job: Job,
        state: Match,
        tile_a: bytes,
        tile_b: bytes,
        descriptor: bytes,
        descriptor_path: Sequence[Digest],
        witness: bytes,
    ) -> Transaction:
        return self._transaction(
            "settle",
            (
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "bytes",
                "bytes",
                "bytes",
                "bytes32[]",
                "bytes",
            ),
            (job, state, tile_a, tile_b, descriptor, descriptor_path, witness),
        )

    def settle_output(self, job: Job, state: Match, tensor_root: Digest, path: Sequence[Digest]) -> Transaction:
        return self._transaction(
            "settle_output",
            (
                "(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "bytes32",
                "bytes32[]",
            ),
            (job, state, tensor_root, path),
        )

    def timeout(self, state: Match) -> Transaction:
        return self._transaction(
            "timeout",
            (
                "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
            ),
            (state,),
        )

    def tournament_of(self, job_id: Digest) -> View[Tournament]:
        return self._view(
            "tournament_of",
            ("bytes32",),
            (job_id,),
            ("(uint256,uint256,uint256,uint256,uint256,bool,bytes32,bool)",),
            lambda raw: Tournament.from_abi(raw[0]),
        )

    def verdict(self, state: Match, now: int) -> View[Verdict]:
        return self._view(
            "verdict",
            (
                "(bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
                "uint256",
            ),
            (state, now),
            ("uint256",),
            lambda raw: Verdict(raw[0]),
        )

    def withdraw(self) -> Transaction:
        return self._transaction("withdraw", (), ())
