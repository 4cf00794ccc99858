"""What a proof shows of the witness and the weights looks uniform, whatever they are; no two proofs share a message.

``LOCKSTEP_HYPOTHESIS=fuzz`` (``./run fuzz``) takes 10^4 proofs.
"""

import os
from dataclasses import replace
from itertools import pairwise
from math import erfc, sqrt

import numpy as np
import pytest

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.randomness import Randomness
from lockstep.proof.prover import prove
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.verifier.channel import ROOT_BYTES, ProofReader
from lockstep.proof.verifier.masked_opening import MASK_ROWS
from tests.unit.proof.proving import SMALL, Proving, accept, dense

PROOFS = 10_000 if os.environ.get("LOCKSTEP_HYPOTHESIS") == "fuzz" else 200
BUCKETS = 64
LEAST_CHANCE = 1e-6
MODELS = {"small": (((1, 0), (0, 1)), [0, 0]), "large": (((127, -128), (-128, 127)), [127, -128])}


def chance_of_uniform(words: np.ndarray) -> float:
    """The chance of words at least this uneven over buckets, by the value and by the low bits (Wilson-Hilferty)."""
    chances = []
    for buckets in ((words // np.uint64(MODULUS // BUCKETS + 1)), words % np.uint64(BUCKETS)):
        counts = np.bincount(buckets.astype(np.int64), minlength=BUCKETS)
        expected, freedom = len(words) / BUCKETS, BUCKETS - 1
        squared = float(((counts - expected) ** 2).sum()) / expected
        spread = 2 / (9 * freedom)
        normal = ((squared / freedom) ** (1 / 3) - (1 - spread)) / sqrt(spread)
        chances.append(erfc(normal / sqrt(2)) / 2)
    return min(chances)


def _masked(case: Proving) -> tuple[bytes, list[int]]:
    """A proof, and the words said under pads."""
    said: list[int] = []

    class Listening(ProverChannel):
        def masked_by(self, values, numbers):  # type: ignore[no-untyped-def]
            sent = super().masked_by(values, numbers)
            said.extend(word for element in sent for word in element)
            return sent

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prove, "ProverChannel", Listening)
        return case.proof(), said


def _regions(case: Proving) -> list[tuple[int, int]]:
    """Start and length of everything that a verifier reads; the same for every proof of a program."""
    regions: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        take = ProofReader.take

        def recorded(reader: ProofReader, count: int) -> bytes:
            regions.append((reader.place, count))
            return take(reader, count)

        patch.setattr(ProofReader, "take", recorded)
        accept(case.statement, case.proof())
    return regions


def _opened(case: Proving) -> list[tuple[int, int]]:
    """Where the leaves of the weights and of the witness are: right before their siblings."""
    lengths, regions = [8 * case.weights.commitment.rows, 8 * (len(case.rows) + 1 + MASK_ROWS)], _regions(case)
    pairs = pairwise(regions)
    found = [region for region, (_, following) in pairs if region[1] in lengths and following == ROOT_BYTES]
    assert len(found) == 2 * SMALL.queries[0]
    return found


def _committed_anew(case: Proving) -> Proving:
    """A commitment hides T symbols and no more (proof.md, section 8)."""
    weights = commit_oracle(case.made.weight_rows(), SMALL, Randomness())
    return replace(case, weights=weights, statement=replace(case.statement, commitments=(weights.commitment,)))


@pytest.mark.parametrize("model", list(MODELS))
def test_masked_messages_and_opened_symbols_look_uniform(model: str) -> None:
    case = dense(*MODELS[model])
    messages: list[int] = []
    symbols: list[bytes] = []
    regions, budget = _opened(case), SMALL.tail // SMALL.queries[0]
    for number in range(PROOFS):
        if number % budget == 0:
            case = _committed_anew(case)
        proof, said = _masked(case)
        messages += said
        symbols += [proof[start : start + count] for start, count in regions]
    assert chance_of_uniform(np.array(messages, np.uint64)) > LEAST_CHANCE
    # Two proofs may open the weights at one place: that symbol counts once.
    words = np.frombuffer(b"".join(sorted(set(symbols))), ">u8").astype(np.uint64)
    assert (words < MODULUS).all()
    assert chance_of_uniform(words) > LEAST_CHANCE


def test_what_is_not_uniform_is_noticed() -> None:
    fair = np.random.default_rng(5).integers(0, MODULUS, 20_000, dtype=np.uint64)
    assert chance_of_uniform(fair) > LEAST_CHANCE
    skewed = fair.copy()
    skewed[:1000] = np.arange(1000) % 7
    assert chance_of_uniform(skewed) < LEAST_CHANCE
    assert chance_of_uniform(fair & ~np.uint64(1)) < LEAST_CHANCE


def test_two_proofs_of_one_run_share_no_element() -> None:
    case = dense()
    (_, first), (_, second) = _masked(case), _masked(case)
    pairs = [set(zip(said[::2], said[1::2], strict=True)) for said in (first, second)]
    assert pairs[0] and not pairs[0] & pairs[1]
