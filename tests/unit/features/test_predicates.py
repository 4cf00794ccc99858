"""What people write on the command line becomes exact numbers, rounded so that nothing more is claimed."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lockstep.errors import LockstepError, ProofError
from lockstep.features.proofs.data_rows import read_plain_rows
from lockstep.features.proofs.predicates import parse_predicate
from lockstep.features.proofs.statement_commands import count_of, next_name
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Graph, TensorSpec
from lockstep.proof.arithmetise.visibility import ArgmaxIs, AtLeast

GRAPH = Graph((), (TensorSpec("chance", DType.I8, (1, 3), 0.1, -5),), (), ())


@pytest.mark.parametrize(
    ("text", "predicate"),
    [
        ("argmax == 2", ArgmaxIs(2)),
        ("argmax==0", ArgmaxIs(0)),
        (" chance >= 0.5 ", AtLeast(0)),
        ("score >= 0.51", AtLeast(1)),
        ("output >= -1/2", AtLeast(-9)),
    ],
)
def test_claims_become_integers(text: str, predicate: ArgmaxIs | AtLeast) -> None:
    assert parse_predicate(text, GRAPH) == predicate


def test_a_threshold_stands_for_no_less_than_was_asked() -> None:
    for hundredths in range(-200, 200):
        found = parse_predicate(f"score >= {hundredths}/100", GRAPH)
        assert isinstance(found, AtLeast)
        scale = Fraction(GRAPH.outputs[0].scale)
        assert (found.threshold + 5) * scale >= Fraction(hundredths, 100) > (found.threshold + 4) * scale


@pytest.mark.parametrize(
    "text", ["", "argmax", "argmax == 1.5", "argmax >= 1", "chance == 1", "other >= 1", "score >= x"]
)
def test_other_claims_are_refused(text: str) -> None:
    with pytest.raises(ProofError, match="proof/public"):
        parse_predicate(text, GRAPH)


@pytest.mark.parametrize(
    ("share", "rows", "count"), [("0.93", 32, 30), ("0.9375", 32, 30), ("1", 7, 7), ("2/3", 3, 2), ("0.0001", 5, 1)]
)
def test_an_accuracy_is_counted_exactly(share: str, rows: int, count: int) -> None:
    assert count_of(share, rows) == count


def test_keys_are_numbered() -> None:
    names = [next_name(Path(name)).name for name in ("a.key", "a-2.key", "a-9.key", "a-b.key")]
    assert names == ["a-2.key", "a-3.key", "a-10.key", "a-b-2.key"]


@pytest.mark.parametrize("values", [[0.5], [np.nan], [2**40]])
def test_what_is_no_integer_of_32_bits_needs_a_model(values: list[float], tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.array(values))
    with pytest.raises(LockstepError, match="proof/data"):
        read_plain_rows(tmp_path / "x.npz")


@pytest.mark.parametrize("labels", [[0, 1, 1], [0], [-1, 0], [0.5, 1]])
def test_labels_are_one_whole_number_a_row(labels: list[float], tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.array([1, 2]), labels=np.array(labels))
    with pytest.raises(LockstepError, match="proof/data"):
        read_plain_rows(tmp_path / "x.npz")
