"""The contract decides about the vectors of proofs as the Python verifier does, with the code that they name."""

from collections.abc import Iterator

import pytest

from tests.differential.judges import Judges, judges
from tests.unit.proof.tiny import TINY
from tests.unit.proof.vectors import PROOF, STATEMENT, VECTOR, changed_proofs, statement_of


@pytest.fixture(scope="module")
def both() -> Iterator[Judges]:
    with judges(TINY) as asked:
        yield asked


def test_the_proof_of_the_vectors_is_accepted(both: Judges) -> None:
    both.accept(STATEMENT, PROOF)


def test_a_changed_proof_is_refused_with_its_code(both: Judges) -> None:
    found = [(why, both.refusal(STATEMENT, proof)) for why, proof, _ in changed_proofs()]
    assert found == [(why, code) for why, _, code in changed_proofs()]


CALLABLE = [case for case in VECTOR["other_statements"] if case["why"] != "a number of 65 bits"]
"""A call of the contract has no room for that number."""


@pytest.mark.parametrize("case", CALLABLE, ids=lambda case: case["why"])
def test_another_statement_is_refused(case: dict[str, object], both: Judges) -> None:
    assert both.refusal(statement_of(case), PROOF) == case["code"]
