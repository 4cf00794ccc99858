"""The client of Committee.vy; written by tools/generate_bindings.py, do not edit."""
# ruff: noqa

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, ClassVar, Self

from lockstep.chain.binding import NO_VALUE, Binding, Event, Struct, Transaction, View, checksum
from lockstep.types import Address, Amount, Digest
from .shared import Answer, Credited, Job, KeyedOpening, Progress, Question, Stage, Withdrawn


@dataclass(frozen=True, slots=True)
class Appealed(Event):
    """Event ``Appealed``."""

    SIGNATURE: ClassVar[str] = "Appealed(bytes32,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False)
    question_id: Digest
    group: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1])


@dataclass(frozen=True, slots=True)
class Audited(Event):
    """Event ``Audited``."""

    SIGNATURE: ClassVar[str] = "Audited(bytes32,bool,bytes32,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bool", "bytes32", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False, False, False)
    question_id: Digest
    agrees: bool
    output_root: Digest
    trace_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1], Digest(raw[2]), Digest(raw[3]))


@dataclass(frozen=True, slots=True)
class BeaconAwaited(Event):
    """Event ``BeaconAwaited``."""

    SIGNATURE: ClassVar[str] = "BeaconAwaited(bytes32,uint256,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "uint256", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False, False)
    question_id: Digest
    round: int
    number: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1], raw[2])


@dataclass(frozen=True, slots=True)
class Committed(Event):
    """Event ``Committed``."""

    SIGNATURE: ClassVar[str] = "Committed(bytes32,uint256,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "uint256", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False, False)
    question_id: Digest
    seat: int
    commitment: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1], Digest(raw[2]))


@dataclass(frozen=True, slots=True)
class CommitteeVoided(Event):
    """Event ``CommitteeVoided``."""

    SIGNATURE: ClassVar[str] = "CommitteeVoided(bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32",)
    INDEXED: ClassVar[tuple[bool, ...]] = (True,)
    question_id: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]))


@dataclass(frozen=True, slots=True)
class Concluded(Event):
    """Event ``Concluded``."""

    SIGNATURE: ClassVar[str] = "Concluded(bytes32,uint256,uint256,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "uint256", "uint256", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False, False, False)
    question_id: Digest
    winners: int
    forfeited: int
    burnt: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1], raw[2], raw[3])


@dataclass(frozen=True, slots=True)
class Convened(Event):
    """Event ``Convened``."""

    SIGNATURE: ClassVar[str] = (
        "Convened(bytes32,bytes32,address,((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256),bytes)"
    )
    TYPES: ClassVar[tuple[str, ...]] = (
        "bytes32",
        "bytes32",
        "address",
        "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
        "bytes",
    )
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, True, False, False)
    question_id: Digest
    job_id: Digest
    requester: Address
    question: Question
    input_data: bytes

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), checksum(raw[2]), Question.from_abi(raw[3]), raw[4])


@dataclass(frozen=True, slots=True)
class Drawn(Event):
    """Event ``Drawn``."""

    SIGNATURE: ClassVar[str] = "Drawn(bytes32,uint256,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "uint256", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False, False)
    question_id: Digest
    round: int
    seed: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1], Digest(raw[2]))


@dataclass(frozen=True, slots=True)
class Lit(Event):
    """Event ``Lit``."""

    SIGNATURE: ClassVar[str] = "Lit(bytes32,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False)
    question_id: Digest
    seed: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]))


@dataclass(frozen=True, slots=True)
class MemberRevealed(Event):
    """Event ``MemberRevealed``."""

    SIGNATURE: ClassVar[str] = "MemberRevealed(bytes32,uint256,uint256,bytes32,bytes32,bytes32)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "uint256", "uint256", "bytes32", "bytes32", "bytes32")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False, False, False, False, False)
    question_id: Digest
    seat: int
    group: int
    output_root: Digest
    trace_root: Digest
    keyed_root: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1], raw[2], Digest(raw[3]), Digest(raw[4]), Digest(raw[5]))


@dataclass(frozen=True, slots=True)
class Parameters(Struct):
    """Struct ``Parameters``."""

    beacon_blocks: int
    beacon_seconds: int
    commit_seconds: int
    reveal_seconds: int
    appeal_seconds: int
    opening_seconds: int
    opening_one_in: int
    opening_deposit: int
    silence_basis_points: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(raw[0], raw[1], raw[2], raw[3], raw[4], raw[5], raw[6], raw[7], raw[8])


@dataclass(frozen=True, slots=True)
class QuorumAnswered(Event):
    """Event ``QuorumAnswered``."""

    SIGNATURE: ClassVar[str] = "QuorumAnswered(bytes32,bytes32,bytes32,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "bytes32", "bytes32", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False, False)
    question_id: Digest
    job_id: Digest
    output_root: Digest
    equal: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), Digest(raw[1]), Digest(raw[2]), raw[3])


@dataclass(frozen=True, slots=True)
class Seat(Struct):
    """Struct ``Seat``."""

    operator: Address
    ticket: int
    round: int
    group: int
    demanded: bool
    opened: bool
    digest: Digest

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(checksum(raw[0]), raw[1], raw[2], raw[3], raw[4], raw[5], Digest(raw[6]))


@dataclass(frozen=True, slots=True)
class Seated(Event):
    """Event ``Seated``."""

    SIGNATURE: ClassVar[str] = "Seated(bytes32,address,uint256,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "address", "uint256", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, True, False, False)
    question_id: Digest
    operator: Address
    seat: int
    ticket: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), checksum(raw[1]), raw[2], raw[3])


@dataclass(frozen=True, slots=True)
class TileDemanded(Event):
    """Event ``TileDemanded``."""

    SIGNATURE: ClassVar[str] = "TileDemanded(bytes32,uint256,address)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "uint256", "address")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False, True)
    question_id: Digest
    seat: int
    demander: Address

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1], checksum(raw[2]))


@dataclass(frozen=True, slots=True)
class TileOpened(Event):
    """Event ``TileOpened``."""

    SIGNATURE: ClassVar[str] = "TileOpened(bytes32,uint256)"
    TYPES: ClassVar[tuple[str, ...]] = ("bytes32", "uint256")
    INDEXED: ClassVar[tuple[bool, ...]] = (True, False)
    question_id: Digest
    seat: int

    @classmethod
    def from_abi(cls, raw: Any) -> Self:
        return cls(Digest(raw[0]), raw[1])


@dataclass(frozen=True, slots=True)
class Committee(Binding):
    """The deployed contract ``Committee``."""

    ARTIFACT: ClassVar[Path] = Path(__file__).parents[1] / "artifacts" / "Committee.json"
    EVENTS: ClassVar[tuple[type[Event], ...]] = (
        Appealed,
        Audited,
        BeaconAwaited,
        Committed,
        CommitteeVoided,
        Concluded,
        Convened,
        Credited,
        Drawn,
        Lit,
        MemberRevealed,
        QuorumAnswered,
        Seated,
        TileDemanded,
        TileOpened,
        Withdrawn,
    )

    @classmethod
    def deploy(
        cls,
        arbiter: Address,
        bracket: Address,
        referee: Address,
        stake: Address,
        beacon: Address,
        parameters: Parameters,
    ) -> Transaction:
        """The creation of a new Committee."""
        return cls._creation(
            (
                "address",
                "address",
                "address",
                "address",
                "address",
                "(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
            ),
            (arbiter, bracket, referee, stake, beacon, parameters),
        )

    def APPEAL_SECONDS(self) -> View[int]:
        return self._view("APPEAL_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def ARBITER(self) -> View[Address]:
        return self._view("ARBITER", (), (), ("address",), lambda raw: checksum(raw[0]))

    def BEACON(self) -> View[Address]:
        return self._view("BEACON", (), (), ("address",), lambda raw: checksum(raw[0]))

    def BEACON_BLOCKS(self) -> View[int]:
        return self._view("BEACON_BLOCKS", (), (), ("uint256",), lambda raw: raw[0])

    def BEACON_SECONDS(self) -> View[int]:
        return self._view("BEACON_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def BRACKET(self) -> View[Address]:
        return self._view("BRACKET", (), (), ("address",), lambda raw: checksum(raw[0]))

    def COMMIT_SECONDS(self) -> View[int]:
        return self._view("COMMIT_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def OPENING_DEPOSIT(self) -> View[int]:
        return self._view("OPENING_DEPOSIT", (), (), ("uint256",), lambda raw: raw[0])

    def OPENING_ONE_IN(self) -> View[int]:
        return self._view("OPENING_ONE_IN", (), (), ("uint256",), lambda raw: raw[0])

    def OPENING_SECONDS(self) -> View[int]:
        return self._view("OPENING_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def REFEREE(self) -> View[Address]:
        return self._view("REFEREE", (), (), ("address",), lambda raw: checksum(raw[0]))

    def REVEAL_SECONDS(self) -> View[int]:
        return self._view("REVEAL_SECONDS", (), (), ("uint256",), lambda raw: raw[0])

    def SILENCE_FORFEIT(self) -> View[int]:
        return self._view("SILENCE_FORFEIT", (), (), ("uint256",), lambda raw: raw[0])

    def STAKE(self) -> View[Address]:
        return self._view("STAKE", (), (), ("address",), lambda raw: checksum(raw[0]))

    def TICKET(self) -> View[int]:
        return self._view("TICKET", (), (), ("uint256",), lambda raw: raw[0])

    def appeal(self, question: Question, group: int, answer: Answer) -> Transaction:
        return self._transaction(
            "appeal",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "uint256",
                "(bytes32,bytes32)",
            ),
            (question, group, answer),
        )

    def await_beacon(self, question: Question) -> Transaction:
        return self._transaction(
            "await_beacon",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
            ),
            (question,),
        )

    def commit(self, question_id: Digest, seat: int, commitment: Digest) -> Transaction:
        return self._transaction("commit", ("bytes32", "uint256", "bytes32"), (question_id, seat, commitment))

    def conclude(self, question: Question, answers: Sequence[Answer]) -> Transaction:
        return self._transaction(
            "conclude",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "(bytes32,bytes32)[]",
            ),
            (question, answers),
        )

    def convene(self, question: Question, input_data: bytes, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction(
            "convene",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "bytes",
            ),
            (question, input_data),
            value,
        )

    def credit_of(self, key: Address) -> View[int]:
        return self._view("credit_of", ("address",), (key,), ("uint256",), lambda raw: raw[0])

    def demand(self, question_id: Digest, seat: int, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction("demand", ("bytes32", "uint256"), (question_id, seat), value)

    def draw(self, question: Question, evidence: bytes) -> Transaction:
        return self._transaction(
            "draw",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "bytes",
            ),
            (question, evidence),
        )

    def expose(self, question: Question, answer: Answer, salt: Digest, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction(
            "expose",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "(bytes32,bytes32)",
                "bytes32",
            ),
            (question, answer, salt),
            value,
        )

    def job_of(self, question: Question) -> View[Job]:
        return self._view(
            "job_of",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
            ),
            (question,),
            ("(address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",),
            lambda raw: Job.from_abi(raw[0]),
        )

    def join(self, question: Question, group: int, answer: Answer, kids: Sequence[Digest]) -> Transaction:
        return self._transaction(
            "join",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "uint256",
                "(bytes32,bytes32)",
                "bytes32[16]",
            ),
            (question, group, answer, kids),
        )

    def light(self, question_id: Digest, evidence: bytes) -> Transaction:
        return self._transaction("light", ("bytes32", "bytes"), (question_id, evidence))

    def on_result(self, job_id: Digest, output_root: Digest, output: bytes) -> Transaction:
        return self._transaction("on_result", ("bytes32", "bytes32", "bytes"), (job_id, output_root, output))

    def open_tile(self, question: Question, seat: int, answer: Answer, opening: KeyedOpening) -> Transaction:
        return self._transaction(
            "open_tile",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "uint256",
                "(bytes32,bytes32)",
                "(bytes,bytes,bytes32[],bytes32[],bytes32[])",
            ),
            (question, seat, answer, opening),
        )

    def progress_of(self, question_id: Digest) -> View[Progress]:
        return self._view(
            "progress_of",
            ("bytes32",),
            (question_id,),
            (
                "(uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256,uint256)",
            ),
            lambda raw: Progress.from_abi(raw[0]),
        )

    def question_id_of(self, question: Question) -> View[Digest]:
        return self._view(
            "question_id_of",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
            ),
            (question,),
            ("bytes32",),
            lambda raw: Digest(raw[0]),
        )

    def reclaim(self, question: Question, group: int, answer: Answer) -> Transaction:
        return self._transaction(
            "reclaim",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "uint256",
                "(bytes32,bytes32)",
            ),
            (question, group, answer),
        )

    def reveal(
        self, question_id: Digest, seat: int, output_root: Digest, trace_root: Digest, keyed_root: Digest, salt: Digest
    ) -> Transaction:
        return self._transaction(
            "reveal",
            ("bytes32", "uint256", "bytes32", "bytes32", "bytes32", "bytes32"),
            (question_id, seat, output_root, trace_root, keyed_root, salt),
        )

    def seat_of(self, question_id: Digest, seat: int) -> View[Seat]:
        return self._view(
            "seat_of",
            ("bytes32", "uint256"),
            (question_id, seat),
            ("(address,uint256,uint256,uint256,bool,bool,bytes32)",),
            lambda raw: Seat.from_abi(raw[0]),
        )

    def seed_of(self, question_id: Digest, round: int) -> View[Digest]:
        return self._view(
            "seed_of", ("bytes32", "uint256"), (question_id, round), ("bytes32",), lambda raw: Digest(raw[0])
        )

    def settle(self, question: Question, answers: Sequence[Answer]) -> Transaction:
        return self._transaction(
            "settle",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
                "(bytes32,bytes32)[]",
            ),
            (question, answers),
        )

    def watch(self, question: Question, *, value: Amount = NO_VALUE) -> Transaction:
        return self._transaction(
            "watch",
            (
                "((address,bytes32,bytes32,uint256,uint256,uint256,uint256,uint256,uint256,uint256),address,uint256,uint256,uint256,bytes32,uint256)",
            ),
            (question,),
            value,
        )

    def withdraw(self) -> Transaction:
        return self._transaction("withdraw", (), ())
