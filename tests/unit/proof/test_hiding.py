"""Proofs for two sets of weights cannot be told apart by their messages or symbols; no two proofs share a message.

``LOCKSTEP_HYPOTHESIS=fuzz`` (``./run fuzz``) takes 10^4 proofs, half of them of each set, with fresh randomness.
"""

import os
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from scipy import stats

from lockstep.crypto.hashing import keccak256
from lockstep.crypto.randomness import Randomness
from lockstep.proof.prover import prove
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.verifier.channel import ROOT_BYTES
from tests.unit.proof.listening import Heard, Leaking, listen, regions_of
from tests.unit.proof.proving import SMALL, Proving, dense

IS_LONG = os.environ.get("LOCKSTEP_HYPOTHESIS") == "fuzz"
PROOFS = 5_000 if IS_LONG else 40
FALSE_ALARM = 1e-3
"""Of all tests together (Bonferroni)."""

WEIGHTS = {"first": ((100, 3), (-90, 77)), "second": ((10, -67), (-27, 126))}
"""With the same program, the same input and the same output: all that a stranger is told is the same."""


def streams(seed: str, leaks: tuple[str, ...] = ()) -> Iterator[Randomness]:
    """Randomness for one proof after another; always the same in the short run."""
    number = 0
    while True:
        number += 1
        yield Leaking(leaks, None if IS_LONG else bytes(keccak256(seed.encode(), number.to_bytes(8, "big"))))


def chances(one: Heard, other: Heard | None = None) -> Iterator[tuple[str, float]]:
    """p-values: of uniform words (χ², by value and by low bits), or of one distribution (χ² and Kolmogorov-Smirnov)."""
    for name in ("fine", "low"):
        a = getattr(one, name).reshape(64, -1).sum(axis=1)
        if other is None:
            yield f"χ² {name}", float(stats.chisquare(a).pvalue)
        else:
            b = getattr(other, name).reshape(64, -1).sum(axis=1)
            yield f"χ² {name}", _same(a, b)
    if other is not None:
        yield "KS", _kolmogorov_smirnov(one.fine, other.fine)
    if one.places is None:
        return
    for place, counts in enumerate(one.places):
        if other is None:
            yield f"χ² place {place}", float(stats.chisquare(counts).pvalue)
        else:
            assert other.places is not None
            yield f"χ² place {place}", _same(counts, other.places[place])


def _same(a: np.ndarray, b: np.ndarray) -> float:
    table = np.stack([a, b])[:, (a + b) > 0]
    return float(stats.chi2_contingency(table, correction=False).pvalue) if table.shape[1] > 1 else 0.0


def _kolmogorov_smirnov(a: np.ndarray, b: np.ndarray) -> float:
    distance = np.abs(np.cumsum(a) / a.sum() - np.cumsum(b) / b.sum()).max()
    return float(stats.kstwobign.sf(distance * np.sqrt(a.sum() * b.sum() / (a.sum() + b.sum()))))


def verdicts(first: dict[str, Heard], second: dict[str, Heard]) -> list[tuple[str, float]]:
    """Every p-value, by name."""
    found = []
    for kind in first:
        found += [(f"{kind}: first uniform, {name}", p) for name, p in chances(first[kind])]
        found += [(f"{kind}: second uniform, {name}", p) for name, p in chances(second[kind])]
        found += [(f"{kind}: first as second, {name}", p) for name, p in chances(first[kind], second[kind])]
    return found


@pytest.fixture(scope="module")
def sets() -> dict[str, Proving]:
    cases = {name: dense(weights) for name, weights in WEIGHTS.items()}
    first, second = cases["first"].statement, cases["second"].statement
    assert (first.program, first.publics) == (second.program, second.publics)
    return cases


def test_two_sets_of_weights_cannot_be_told_apart(sets: dict[str, Proving]) -> None:
    """Not even by who knows one of them and subtracts all that it explains."""
    heard = [listen(case, sets["first"], PROOFS, streams(name)) for name, case in sets.items()]
    found = verdicts(*heard)
    for name, p in found:
        if "place" not in name:
            sys.stdout.write(f"{p:.4f}  {name}\n")  # seen with -s
    by_place = [p for name, p in found if "place" in name]
    sys.stdout.write(f"{PROOFS} proofs each; {len(found)} tests, {len(by_place)} of them of one place each: ")
    sys.stdout.write(
        f"least p {min(by_place):.2e}, their own uniformity {stats.kstest(by_place, 'uniform').pvalue:.3f}\n"
    )
    assert [(name, p) for name, p in found if p < FALSE_ALARM / len(found)] == []


@pytest.mark.parametrize(
    ("leak", "kind"), [("pads", "masked less candidate"), ("tails", "weights less candidate"), ("masks", "witness")]
)
def test_a_prover_that_leaves_out_a_mask_is_found(leak: str, kind: str, sets: dict[str, Proving]) -> None:
    """By the same tests, in a few proofs: so they could fail."""
    first, second = (listen(case, sets["first"], 5, streams(leak, (leak,))) for case in sets.values())
    found = verdicts(first, second)
    assert [name for name, p in found if p < FALSE_ALARM / len(found) and name.startswith(f"{kind}:")]


def test_no_pad_masks_two_messages(sets: dict[str, Proving]) -> None:
    """Nor are the pads of the fractions' products, which a verifier knows as products, used for anything else."""
    numbers_used: list[int] = []

    class Counting(ProverChannel):
        def masked_by(self, values, numbers):  # type: ignore[no-untyped-def]
            numbers_used.extend(numbers)
            return super().masked_by(values, numbers)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prove, "ProverChannel", Counting)
        sets["first"].proof()
    fractions = sets["first"].statement.program.fractions
    assert len(set(numbers_used)) == len(numbers_used) and max(numbers_used) < SMALL.pad_capacity
    assert not set(numbers_used) & set(range(4 * fractions, 7 * fractions + 3))


def test_two_proofs_of_one_input_share_no_message_and_no_root(sets: dict[str, Proving]) -> None:
    case = sets["first"]
    regions = regions_of(case)
    one, other = case.proof(), case.proof()
    for kind in ("masked", "clear", "witness", "folded"):
        said = [
            {proof[at : at + 8] for start, length in regions[kind] for at in range(start, start + length, 8)}
            for proof in (one, other)
        ]
        assert said[0] and not said[0] & said[1], kind
    assert one[:ROOT_BYTES] != other[:ROOT_BYTES]


def test_the_same_randomness_gives_what_it_must_never_give(sets: dict[str, Proving]) -> None:
    """The same bytes, so a stream is for one proof: what the desk's and the command's seeds are bound to."""
    case = sets["first"]
    assert case.proof(b"s" * 32) == case.proof(b"s" * 32) != case.proof(b"t" * 32)
