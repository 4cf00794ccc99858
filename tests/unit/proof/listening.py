"""What can be learnt from a proof: its words by kind, as sent and less what a prover without masks would have said."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from lockstep.crypto.randomness import Randomness
from lockstep.proof.prover import prove
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.verifier.channel import ROOT_BYTES, ProofReader
from lockstep.proof.verifier.masked_opening import MASK_ROWS
from tests.unit.proof.proving import SMALL, Proving, accept

WORD = 8
MODULUS = np.uint64(2**64 - 2**32 + 1)
Words = NDArray[np.uint64]
Regions = dict[str, list[tuple[int, int]]]


class Leaking(Randomness):
    """Randomness of which some children are all zeros: pads, tails or masks that hide nothing."""

    def __init__(self, leaks: tuple[str, ...], seed: bytes | None = None) -> None:
        super().__init__(seed)
        self._leaks = leaks

    def child(self, label: str) -> Randomness:
        return Zeros() if label in self._leaks else super().child(label)


class Zeros(Randomness):
    def child(self, label: str) -> Randomness:
        return self

    def field(self, shape: tuple[int, ...]) -> Words:
        return np.zeros(shape, np.uint64)


def regions_of(case: Proving) -> Regions:
    """Where each kind of words stands in a proof; the same for every proof of a program. Digests are left out."""
    places: list[tuple[int, int]] = []
    masked: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        take, masked_by = ProofReader.take, ProverChannel.masked_by

        def recorded(reader: ProofReader, count: int) -> bytes:
            places.append((reader.place, count))
            return take(reader, count)

        def masking(channel: ProverChannel, values, numbers):  # type: ignore[no-untyped-def]
            masked.append(len(channel.proof))
            return masked_by(channel, values, numbers)

        patch.setattr(ProofReader, "take", recorded)
        patch.setattr(ProverChannel, "masked_by", masking)
        accept(case.statement, case.proof())
    return _by_kind(case, places, set(masked))


def _by_kind(case: Proving, places: list[tuple[int, int]], masked: set[int]) -> Regions:
    weights, witness = WORD * case.weights.commitment.rows, WORD * (len(case.rows) + 1 + MASK_ROWS)
    found: Regions = {kind: [] for kind in ("masked", "clear", "weights", "witness", "folded")}
    for region, (_, following) in pairwise([*places, (0, 0)]):
        start, count = region
        if count == ROOT_BYTES:
            continue
        is_leaf = following == ROOT_BYTES and count in (
            weights,
            witness,
            *(16 << level.folds for level in SMALL.levels),
        )
        kinds = {weights: "weights", witness: "witness"}
        found[kinds.get(count, "folded") if is_leaf else "masked" if start in masked else "clear"].append(region)
    assert len(found["weights"]) == len(found["witness"]) == SMALL.queries[0]
    assert len(found["folded"]) == sum(SMALL.queries[1:]) and found["masked"] and found["clear"]
    return found


def said_without_masks(case: Proving, candidate: Proving, proof: bytes) -> bytes:
    """What a prover with the candidate's weights and no masks would have said under the challenges of this proof."""

    class Replaying(ProverChannel):
        """Absorbs what the proof says, whatever it says itself."""

        place = 0

        def _say(self, data: bytes) -> None:
            self._transcript.absorb(proof[self.place : self.place + len(data)])
            self.openings(data)

        def openings(self, data: bytes) -> None:
            self.place += len(data)
            self._parts.append(data)

    bare = commit_oracle(candidate.made.weight_rows(), SMALL, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prove, "ProverChannel", Replaying)
        said = prove.prove(case.statement, [bare], candidate.rows, randomness=Zeros(), check=False)
    assert len(said) == len(proof)
    return said


@dataclass
class Heard:
    """Counts of words of many proofs. ``fine`` by value, ``low`` by the last bits, ``places`` by place and value."""

    fine: NDArray[np.int64] = field(default_factory=lambda: np.zeros(4096, np.int64))
    low: NDArray[np.int64] = field(default_factory=lambda: np.zeros(64, np.int64))
    places: NDArray[np.int64] | None = None

    def add(self, words: Words, *, by_place: bool) -> None:
        self.fine += np.bincount((words >> np.uint64(52)).astype(np.int64), minlength=4096)
        self.low += np.bincount((words & np.uint64(63)).astype(np.int64), minlength=64)
        if by_place:
            if self.places is None:
                self.places = np.zeros((len(words), 8), np.int64)
            self.places[np.arange(len(words)), (words >> np.uint64(61)).astype(np.int64)] += 1


def listen(case: Proving, candidate: Proving, count: int, randomness: Iterator[Randomness]) -> dict[str, Heard]:
    """``count`` proofs, each kind of words as sent and less what the candidate explains."""
    regions, budget = regions_of(case), (SMALL.tail - 2) // SMALL.queries[0]
    heard = {f"{kind}{less}": Heard() for kind in regions for less in ("", " less candidate")}
    seen: set[bytes] = set()
    for number in range(count):
        if number % budget == 0:
            case, seen = committed_anew(case, next(randomness)), set()
        proof = prove.prove(case.statement, [case.weights], case.rows, randomness=next(randomness), check=False)
        bare = said_without_masks(case, candidate, proof)
        for kind, places in regions.items():
            if kind == "weights":  # two proofs may open one place: that symbol counts once
                places = [(start, length) for start, length in places if proof[start : start + length] not in seen]
                seen |= {proof[start : start + length] for start, length in places}
            sent, explained = (_words(data, places) for data in (proof, bare))
            by_place = kind in ("masked", "clear")
            heard[kind].add(sent, by_place=by_place)
            heard[f"{kind} less candidate"].add(_minus(sent, explained), by_place=by_place)
    return heard


def committed_anew(case: Proving, randomness: Randomness) -> Proving:
    """The same weights under other tails: a commitment hides T symbols and no more (proof.md, section 7)."""
    weights = commit_oracle(case.made.weight_rows(), SMALL, randomness.child("tails"))
    return replace(case, weights=weights, statement=replace(case.statement, commitments=(weights.commitment,)))


def _words(proof: bytes, places: list[tuple[int, int]]) -> Words:
    joined = b"".join(proof[start : start + length] for start, length in places)
    return np.frombuffer(joined, ">u8").astype(np.uint64)


def _minus(a: Words, b: Words) -> Words:
    return np.where(a >= b, a - b, a + (MODULUS - b))
