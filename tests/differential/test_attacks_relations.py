"""Rounding, ranges, tables and rotation: each lie that leaves most relations intact is refused by both verifiers."""

from dataclasses import replace

import numpy as np
import pytest

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.randomness import Randomness
from lockstep.proof.arithmetise.arithmetisation import arithmetise
from lockstep.proof.arithmetise.recipes import Counts, Excess, Limbs, NodeValue
from lockstep.proof.arithmetise.rotation import rotation, rotation_witness
from lockstep.proof.arithmetise.words import block_words
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.satisfied import find_violation
from lockstep.proof.statement import Statement
from tests.differential.judges import Judges
from tests.unit.proof.proving import SMALL, Proving, dense, proving

LIMB = 1 << 6
"""The rest of ``dense`` has 12 bits in two limbs."""


@pytest.fixture(scope="module")
def honest() -> Proving:
    return dense()


def block_of(case: Proving, kind: type) -> int:
    recipes, blocks = case.made.structure.recipes, case.statement.program.blocks
    return next(n for n, r in enumerate(recipes) if isinstance(r, kind) and blocks[n].oracle == 1)


def changed(
    case: Proving, steps: dict[int, tuple[tuple[int, ...], int] | list[tuple[tuple[int, ...], int]]]
) -> Proving:
    """By block: places and what is added to their words."""
    rows = case.rows.astype(object)
    for number, found in steps.items():
        block = case.statement.program.blocks[number]
        addresses = np.arange(1 << block.bits).reshape([1 << axis.bits for axis in block.axes])
        for place, step in found if isinstance(found, list) else [found]:
            rows.reshape(-1)[block.offset + addresses[place]] += step
    return case.cheating(np.array(rows % MODULUS, dtype=np.uint64))


def with_output(case: Proving, place: int, step: int) -> Proving:
    publics = [list(values) for values in case.statement.publics]
    publics[-1][place] += step
    statement = replace(case.statement, publics=tuple(map(tuple, publics)))
    return replace(case, statement=statement)


def refused(case: Proving, both: Judges, relation: str = "") -> None:
    """By a relation of that kind."""
    violation = find_violation(case.statement.program, [case.made.weight_rows(), case.rows], case.statement.publics)
    assert violation is not None and relation in violation
    assert both.refusal(case.statement, case.proof()) == "proof/final"


@pytest.mark.parametrize("step", [1, -1], ids=["q + 1, rest − 2^s", "q − 1, rest = rest + 2^s"])
def test_a_quotient_moved_against_its_rest_is_refused(step: int, honest: Proving, both: Judges) -> None:
    """The equation holds, and the answer is the quotient's: only the limb is in no table."""
    limbs, value = block_of(honest, Limbs), block_of(honest, NodeValue)
    cheat = changed(honest, {limbs: ((1, 0), -step * LIMB), value: ((0,), step)})
    refused(with_output(cheat, 0, step), both, "look-up")


@pytest.mark.parametrize("step", [1, -1])
def test_a_limb_that_overflows_is_refused(step: int, honest: Proving, both: Judges) -> None:
    """The rest is the same number: one limb has what belongs to the other."""
    limbs = block_of(honest, Limbs)
    refused(changed(honest, {limbs: [((0, 0), step * LIMB), ((1, 0), -step)]}), both, "look-up")


@pytest.mark.parametrize("step", [1, -1])
def test_a_quotient_off_by_one_is_refused(step: int, honest: Proving, both: Judges) -> None:
    cheat = changed(honest, {block_of(honest, NodeValue): ((0,), step)})
    refused(with_output(cheat, 0, step), both, "group")


@pytest.mark.parametrize("inputs", [[127, 127], [-128, -128], [127, -128], [-128, 127]])
def test_sums_at_their_bounds_are_proved_and_their_neighbours_refused(inputs: list[int], both: Judges) -> None:
    """Weights and inputs at the ends of their types: the greatest sums that the node can have."""
    case = dense(((127, 127), (-128, -128)), inputs)
    both.accept(case.statement, case.proof())
    for place, value in enumerate(case.statement.publics[-1]):
        step = 1 if value < 0 else -1
        cheat = changed(case, {block_of(case, NodeValue): ((place,), step)})
        refused(with_output(cheat, place, step), both, "group")


def test_a_multiplier_of_nothing_gives_nothing(both: Judges) -> None:
    graph = dense().made.structure.graph
    nodes = (replace(graph.nodes[0], multiplier=0),)
    made = arithmetise(replace(graph, nodes=nodes), log_columns=SMALL.log_columns)
    case = proving(made, [[np.array([[7, -9]])]])
    assert case.statement.publics[-1] == (0, 0)
    both.accept(case.statement, case.proof())
    cheat = changed(case, {block_of(case, NodeValue): ((0,), 1)})
    refused(with_output(cheat, 0, 1), both, "group")


def test_a_row_of_another_table_is_no_row(honest: Proving, both: Judges) -> None:
    """Every word is honest; one use is counted at the same number in a table with another tag."""
    counts = [n for n, recipe in enumerate(honest.made.structure.recipes) if isinstance(recipe, Counts)]
    tried = 0
    for number in counts:
        used = block_words(honest.statement.program, number, honest.rows).reshape(-1)
        for other in counts:
            places = honest.statement.program.blocks[other].axes[0].extent
            row = next((row for row in np.flatnonzero(used) if row < places), None)
            if other == number or row is None:
                continue
            cheat = changed(honest, {number: ((int(row),), -1), other: ((int(row),), 1)})
            refused(cheat, both)
            tried += 1
    assert tried >= 2


def test_an_excess_that_hides_an_answer_is_refused(both: Judges) -> None:
    """What a clamp cut off is moved into the answer, and the other way round."""
    case = dense(((100, 3), (-90, 77)), [127, -128])
    value, above = block_of(case, NodeValue), block_of(case, Excess)
    assert case.statement.publics[-1][0] == 127
    for step in (1, -1):
        cheat = changed(case, {value: ((0,), step), above: ((0,), -step)})
        refused(with_output(cheat, 0, step), both)


def test_a_key_is_rotated_to_the_same_weights_alone(honest: Proving, both: Judges) -> None:
    program, weights = rotation(honest.statement.program), honest.made.weight_rows()
    other = weights.copy()
    other.reshape(-1)[honest.statement.program.blocks[1].offset] += np.uint64(1)
    proofs = []
    for new in (weights, other):
        oracles = [honest.weights, commit_oracle(new, SMALL, Randomness(b"n" * 32))]
        statement = Statement(program, SMALL, tuple(oracle.commitment for oracle in oracles), ())
        witness = rotation_witness(program)
        proofs.append((statement, prove(statement, oracles, witness, randomness=Randomness(), check=False)))
    (same, proof), (changed_weights, false) = proofs
    both.accept(same, proof)
    assert both.refusal(changed_weights, false) == "proof/final"
    both.refusal(changed_weights, proof)
    # Replayed backwards, or of a key onto itself, it is another statement.
    both.refusal(replace(same, commitments=same.commitments[::-1]), proof)
    both.refusal(replace(same, commitments=(same.commitments[0],) * 2), proof)
