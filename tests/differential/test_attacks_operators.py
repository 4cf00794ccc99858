"""Every operator: what a cheating prover can put into its witness is proved as well as it goes, and refused."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from lockstep.crypto.goldilocks import MODULUS
from lockstep.errors import ProofError
from lockstep.ir.ops import Opcode
from lockstep.proof.arithmetise.arithmetisation import arithmetise
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.arithmetise.recipes import Peak
from lockstep.proof.relations import Block, Program
from lockstep.proof.satisfied import find_violation
from lockstep.proof.verifier.fitting import fits
from lockstep.testing.step_cases import StepCase, step_cases
from tests.differential.judges import Judges
from tests.unit.exec.test_fast_path_equals_reference import valid_graph
from tests.unit.proof.proving import SMALL, Proving, proving

LARGEST = 300
WITNESS = 1


def _addresses(program: Program, block: Block) -> np.ndarray:
    """Of the words that relations read."""
    addresses = np.arange(1 << block.bits).reshape([1 << axis.bits for axis in block.axes])
    return block.offset + addresses[tuple(slice(axis.extent) for axis in block.axes)].reshape(-1)


def _unread(case: Proving) -> np.ndarray:
    """Addresses of the witness that are in no block, not even beyond its extents."""
    free = np.ones(case.rows.size, bool)
    for block in case.statement.program.blocks:
        if block.oracle == WITNESS:
            free[block.offset : block.offset + (1 << block.bits)] = False
    return np.flatnonzero(free)


def _wrong_words(word: int, width: int) -> Iterator[int]:
    """Off by one either way, the field's last, just beyond every limb, and far outside."""
    yield from ((word + 1) % MODULUS, (word - 1) % MODULUS)
    yield from (other for other in (MODULUS - 1, 1 << width, 1 << 40) if other != word)


def _cheats(case: Proving) -> Iterator[tuple[int, np.ndarray]]:
    """Each block with a wrong word, and with two words exchanged."""
    program, chance = case.statement.program, np.random.default_rng(3)
    for number, block in enumerate(program.blocks):
        if block.oracle != WITNESS:
            continue
        addresses = _addresses(program, block)
        at = int(chance.choice(addresses))
        wrong = list(_wrong_words(int(case.rows.reshape(-1)[at]), case.made.structure.tables.limb_bits))
        rows = case.rows.copy()
        rows.reshape(-1)[at] = wrong[number % len(wrong)]
        yield number, rows
        other = int(chance.choice(addresses))
        rows = case.rows.copy()
        rows.reshape(-1)[[at, other]] = rows.reshape(-1)[[other, at]]
        yield number, rows


def _case(case: StepCase) -> Proving:
    assume(all(node.elements <= LARGEST for node in case.graph.nodes))
    try:
        made = arithmetise(
            valid_graph(case), passes=len(case.inputs), statement=Visibility(), log_columns=SMALL.log_columns
        )
        made.weight_rows()
    except ProofError as error:
        assert error.code == "proof/range"
        assume(False)
    assume(fits(made.program, SMALL))
    return proving(made, case.inputs)


@pytest.mark.parametrize("opcode", list(Opcode), ids=lambda opcode: opcode.name.lower())
def test_no_false_run_of_an_operator_is_proved(both: Judges, opcode: Opcode) -> None:
    refused = 0

    @settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
    @given(step_cases(opcode))
    def check(generated: StepCase) -> None:
        nonlocal refused
        case = _case(generated)
        weights = case.made.weight_rows()
        for number, rows in _cheats(case):
            if find_violation(case.statement.program, [weights, rows], case.statement.publics) is None:
                recipe = case.made.structure.recipes[number]
                assert np.array_equal(rows, case.rows) or (isinstance(recipe, Peak) and opcode is Opcode.MAX)
                continue
            assert both.refusal(case.statement, case.cheating(rows).proof()) == "proof/final", number
            refused += 1
        _check_unread(both, case)
        _check_publics(both, case)

    check()
    assert refused


def _check_unread(both: Judges, case: Proving) -> None:
    """Words in no block change neither what is said nor whether it is believed."""
    rows, free = case.rows.copy(), _unread(case)
    rows.reshape(-1)[free] = np.random.default_rng(4).integers(0, MODULUS, len(free), dtype=np.uint64)
    both.accept(case.statement, case.cheating(rows).proof())


def _check_publics(both: Judges, case: Proving) -> None:
    """A public number other than that of the run is not proved, even by a prover that starts from it."""
    for number, values in enumerate(case.statement.publics):
        for step in (1, -1):
            wrong = (values[0] + step, *values[1:])
            publics = (*case.statement.publics[:number], wrong, *case.statement.publics[number + 1 :])
            cheating = replace(case, statement=replace(case.statement, publics=publics))
            assert both.refusal(cheating.statement, cheating.proof()) == "proof/final", number
