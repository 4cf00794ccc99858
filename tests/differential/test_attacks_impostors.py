"""Every operator: a whole run that is consistent in itself, and false, is refused by both verifiers."""

from collections.abc import Iterator

import numpy as np
import pytest

from lockstep.ir.graph import Graph
from lockstep.ir.ops import Opcode
from lockstep.proof.arithmetise.arithmetisation import Arithmetisation, arithmetise
from lockstep.proof.arithmetise.recipes import Counts, Peak
from lockstep.proof.arithmetise.witness import WitnessBuilder
from lockstep.proof.satisfied import find_violation
from lockstep.proof.statement import Statement
from tests.differential.judges import Judges
from tests.unit.proof.proving import SMALL, Proving, proving, signed
from tests.unit.proof.small_operators import PAIRS, Pair

EVERY_OPERATOR = pytest.mark.parametrize("opcode", list(Opcode), ids=lambda opcode: opcode.name.lower())
WITNESS = 1


def _made(graph: Graph) -> Arithmetisation:
    return arithmetise(graph, log_columns=SMALL.log_columns)


def _inputs(pair: Pair) -> list[list[np.ndarray]]:
    return [[np.array(values).reshape(spec.shape) for values, spec in zip(pair.inputs, pair.graph.inputs, strict=True)]]


def test_every_operator_has_an_impostor() -> None:
    """An operator that is new is not proved until somebody has attacked it."""
    assert set(PAIRS) == set(Opcode)


@EVERY_OPERATOR
def test_the_run_of_another_function_is_refused(opcode: Opcode, both: Judges) -> None:
    """Inputs, rounding, counts and answer are those of an honest run: of other weights, another window or view."""
    pair = PAIRS[opcode]()
    case = proving(_made(pair.graph), _inputs(pair))
    both.accept(case.statement, case.proof())
    made = _made(pair.impostor)
    assert made.program.blocks == case.made.program.blocks
    rows, publics = made.witness(_inputs(pair))
    assert publics[:-1] == case.statement.publics[:-1] and publics[-1] != case.statement.publics[-1]
    statement = Statement(case.made.program, SMALL, case.statement.commitments, publics)
    cheat = Proving(case.made, statement, case.weights, rows)
    assert both.refusal(statement, cheat.proof()) == "proof/final"
    # It is believed under its own name.
    other = proving(made, _inputs(pair))
    both.accept(other.statement, other.proof())


def _false_values(case: Proving, inputs: list[list[np.ndarray]]) -> Iterator[tuple[int, int, Proving]]:
    """Each committed tensor with one value off by one, and everything that is computed from it."""
    program, recipes = case.made.program, case.made.structure.recipes
    builder = WitnessBuilder(case.made.structure)
    for number, block in enumerate(program.blocks):
        if block.oracle != WITNESS or isinstance(recipes[number], Counts):
            continue
        extents = [axis.extent for axis in block.axes]
        addresses = np.arange(1 << block.bits).reshape([1 << axis.bits for axis in block.axes])
        words = case.rows.reshape(-1)[block.offset + addresses[tuple(slice(n) for n in extents)]].view(np.int64)
        for step in (1, -1):
            forced = signed(words)
            forced.reshape(-1)[-1] += step
            try:
                rows, publics = builder.build(inputs, {number: forced})
            except IndexError:
                continue  # nothing follows from it: no table has such a row
            statement = Statement(program, SMALL, case.statement.commitments, publics)
            yield number, step, Proving(case.made, statement, case.weights, rows)


@EVERY_OPERATOR
def test_a_false_value_is_refused_with_all_that_follows_from_it(opcode: Opcode, both: Judges) -> None:
    """The answer is changed with it, if it depends on the value: it is what the false value leads to."""
    pair = PAIRS[opcode]()
    inputs = _inputs(pair)
    case = proving(_made(pair.graph), inputs)
    weights, tried = case.made.weight_rows(), 0
    for number, step, cheat in _false_values(case, inputs):
        if find_violation(case.made.program, [weights, cheat.rows], cheat.statement.publics) is None:
            recipe = case.made.structure.recipes[number]
            # Other inputs are another statement, which is true; among equals MAX may point at any.
            is_true = cheat.statement.publics[:-1] != case.statement.publics[:-1]
            assert is_true or (isinstance(recipe, Peak) and opcode is Opcode.MAX), (number, recipe)
            both.accept(cheat.statement, cheat.proof())
            continue
        assert both.refusal(cheat.statement, cheat.proof()) == "proof/final", (number, step)
        tried += 1
    assert tried or opcode in (Opcode.COPY, Opcode.CONCAT)
