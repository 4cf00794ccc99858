"""Random valid programs with random words in all padding: both verifiers read them as the specification does.

``LOCKSTEP_HYPOTHESIS=fuzz`` (``./run fuzz``) takes two thousand; ``LOCKSTEP_FUZZ_SEED`` starts elsewhere.
"""

import os
from collections.abc import Iterator, Sequence
from random import Random

import pytest

from lockstep.crypto.randomness import Randomness
from lockstep.proof.prover import products
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.relations import Index, Program, Role
from lockstep.proof.satisfied import find_violation
from lockstep.proof.statement import Statement
from lockstep.proof.validity import verify_program
from tests.contracts.proof_cases import ACCEPTED
from tests.differential.judges import Judges, judges
from tests.differential.random_programs import random_program
from tests.differential.words_by_definition import RandomCase, factor_table, satisfied_case
from tests.unit.proof.proving import SMALL

IS_LONG = os.environ.get("LOCKSTEP_HYPOTHESIS") == "fuzz"
PROGRAMS, CHECKED = (2000, 2000) if IS_LONG else (30, 50)
SEED = os.environ.get("LOCKSTEP_FUZZ_SEED", "1")
MOST_GAS = 30_000_000
"""Programs that nobody would compile: windows written out, tables of ones."""


@pytest.fixture(scope="module")
def patient() -> Iterator[Judges]:
    with judges(SMALL, most_gas=MOST_GAS) as asked:
        yield asked


def case_of(number: int) -> tuple[RandomCase, Random]:
    chance = Random(f"{SEED}/{number}")
    made = random_program(chance, SMALL.log_columns)
    verify_program(made.program)
    return satisfied_case(made, chance), chance


def is_place_by_place(program: Program) -> bool:
    """Whether every section has the indices of its group, as they stand there: the checker knows no others."""

    def of_group(indices: Sequence[Index]) -> list[tuple[int, int]]:
        return [(index.outer, index.extent) for index in indices if index.role in (Role.OUTER, Role.BOTH)]

    return all(of_group(s.indices) == of_group(program.groups[s.group].indices) for s in program.sections)


def proved(case: RandomCase) -> tuple[Statement, bytes]:
    """By a prover that reads axes whole, and checks nothing."""
    weights, witness = case.rows
    committed = commit_oracle(weights, SMALL, Randomness(b"m" * 32))
    statement = Statement(case.program, SMALL, (committed.commitment,), case.publics)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "factor_table", factor_table)
        return statement, prove(statement, [committed], witness, randomness=Randomness(b"w" * 32), check=False)


def test_words_that_satisfy_a_program_are_proved_and_no_others(patient: Judges) -> None:
    for number in range(PROGRAMS):
        case, chance = case_of(number)
        assert patient.verdict(*proved(case)) == ACCEPTED, number
        assert patient.verdict(*proved(case.changed(chance))) == "proof/final", number


def test_the_checker_says_of_random_programs_what_the_verifiers_say() -> None:
    cases = [case_of(number) for number in range(CHECKED)]
    known = [(case, chance) for case, chance in cases if is_place_by_place(case.program)]
    assert len(known) > CHECKED // 2
    for case, chance in known:
        assert find_violation(case.program, case.rows, case.publics) is None
        changed = case.changed(chance)
        assert find_violation(changed.program, changed.rows, changed.publics) is not None
