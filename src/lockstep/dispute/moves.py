"""The moves of a match as values, and what of its state a player looks at (docs/specs/dispute.md, section 4)."""

from dataclasses import dataclass
from enum import IntFlag
from typing import Protocol

from lockstep.types import ZERO_DIGEST, Digest

FAN_OUT = 16
LEVELS_PER_MOVE = 4
NO_KIDS = (ZERO_DIGEST,) * FAN_OUT


class Phase(IntFlag):
    """Where a match stands; the numbers are the contract's."""

    TRACE = 1
    TILES = 2
    REVEAL = 4
    SETTLE = 8
    OUTPUT_ROOTS = 16
    OUTPUTS = 32
    OUTPUT = 64


class MatchState(Protocol):
    """The part of the contract's ``Match`` that decides what can be played."""

    @property
    def claim_a(self) -> Digest: ...
    @property
    def claim_b(self) -> Digest: ...
    @property
    def phase(self) -> int: ...
    @property
    def turn(self) -> int: ...
    @property
    def position(self) -> int: ...
    @property
    def levels(self) -> int: ...
    @property
    def item(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Descent:
    """The path to the first grandchild in which two trees differ; siblings bottom up."""

    index: int
    child_mine: Digest
    child_theirs: Digest
    siblings_mine: tuple[Digest, ...]
    siblings_theirs: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Descend:
    """Four levels down; ``next`` are the mover's grandchildren of its own child."""

    descent: Descent
    next: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Enter:
    """The last move in the trace: into the tensor of one node."""

    descent: Descent
    descriptor: bytes
    descriptor_path: tuple[Digest, ...]
    next: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class Reveal:
    """The mover's 512 bytes."""

    tile: bytes


@dataclass(frozen=True, slots=True)
class Settle:
    """Both tiles and all that the contract needs to recompute the first element in which they differ."""

    tile_a: bytes
    tile_b: bytes
    descriptor: bytes
    descriptor_path: tuple[Digest, ...]
    witness: bytes


@dataclass(frozen=True, slots=True)
class OpenOutputs:
    """The output roots behind two claims with one trace."""

    output_a: Digest
    output_b: Digest
    next: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class SettleOutput:
    """The place in the agreed trace that an output must equal."""

    tensor_root: Digest
    path: tuple[Digest, ...]


Move = Descend | Enter | Reveal | Settle | OpenOutputs | SettleOutput


@dataclass(frozen=True, slots=True)
class Shown:
    """What the other side has shown so far: the digests or the tile of its last move, and its output root."""

    kids: tuple[Digest, ...] = NO_KIDS
    tile: bytes = b""
    output_root: Digest = ZERO_DIGEST
