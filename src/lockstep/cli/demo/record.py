"""What happened in one run of the demo, as values: the page, the terminal and ``--json`` all read this."""

from dataclasses import dataclass

from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody did. ``gas`` is 0 for work off the chain."""

    name: str
    by: str
    gas: int
    seconds: float
    part: str
    """Which part of the story it belongs to: "set-up", "honest" or "cheat"."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Wei that a party put into a job or got out of it, and why. Burnt wei go to the party "burnt"."""

    party: str
    reason: str
    wei: Amount


@dataclass(frozen=True, slots=True)
class Picture:
    """The input of a request, as grey levels 0 to 1, and what it shows."""

    pixels: tuple[tuple[float, ...], ...]
    label: int


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the consumer contract and how it ended."""

    job_id: Digest
    picture: Picture
    answered: int
    """The class that the asserted output names."""
    delivered: int | None
    """The class that the consumer contract holds after the end; None if nothing was delivered."""
    verdict: str
    paid_in: tuple[Payment, ...]
    paid_out: tuple[Payment, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """One move of the match: the child where the two trees differ, and the hash of each side under which they go on."""

    phase: str
    by: str
    what: str
    index: int | None
    node_false: Digest
    node_true: Digest
    gas: int


@dataclass(frozen=True, slots=True)
class Recomputed:
    """The one number: where it is in the graph, what each side claimed, what the contract computed."""

    node: str
    node_number: int
    opcode: str
    shape: tuple[int, ...]
    element: int
    coordinates: tuple[int, ...]
    claimed: int
    computed: int
    terms: int
    """Products or values that the contract read to recompute it."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What was compiled and registered."""

    name: str
    model_id: Digest
    parameters: int
    nodes: int
    macs: int
    lineage: tuple[tuple[str, Digest], ...]


@dataclass(frozen=True, slots=True)
class DemoRun:
    """The whole run."""

    model: ModelFacts
    contracts: tuple[tuple[str, Address], ...]
    steps: tuple[Step, ...]
    honest: Request
    cheat: Request
    match: tuple[Move, ...]
    recomputed: Recomputed
    seconds: float
    chain: str

    @property
    def dispute_gas(self) -> int:
        """What the match cost both sides."""
        return sum(move.gas for move in self.match)

    @property
    def ok(self) -> bool:
        """The honest answer was paid and delivered; the cheat was rejected and its number corrected."""
        delivered_right = self.honest.delivered == self.honest.answered
        corrected = self.recomputed.claimed != self.recomputed.computed
        return self.honest.verdict == "upheld" and delivered_right and self.cheat.verdict == "rejected" and corrected
