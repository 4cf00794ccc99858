"""A number outside the type of its input, public or hidden, has no answer: refused by both verifiers."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from lockstep.proof.arithmetise.arithmetisation import arithmetise
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.arithmetise.recipes import InputValue
from lockstep.proof.arithmetise.witness import WitnessBuilder
from lockstep.proof.satisfied import find_violation
from tests.differential.judges import Judges
from tests.unit.proof.proving import SMALL, Proving, dense, proving

AT_THE_ENDS = [127, -128]
"""With which both results are clamped, so that a little more changes no answer."""


def _with_inputs(case: Proving, inputs: list[int]) -> Proving:
    """The run that has these inputs, whatever their type, and the answer of ``AT_THE_ENDS``."""
    recipes = case.made.structure.recipes
    number = next(number for number, recipe in enumerate(recipes) if isinstance(recipe, InputValue))
    words = np.array(inputs).reshape([axis.extent for axis in case.statement.program.blocks[number].axes])
    builder = WitnessBuilder(case.made.structure)
    rows, publics = builder.build([[np.array([AT_THE_ENDS])]], {number: words})
    return replace(case, rows=rows, statement=replace(case.statement, publics=publics))


@pytest.mark.parametrize("inputs", [[128, -128], [127, -129], [255, -128], [1 << 40, -128]])
@pytest.mark.parametrize("shown", ["public", "hidden"])
def test_an_input_outside_its_type_is_refused(
    shown: Literal["public", "hidden"], inputs: list[int], both: Judges
) -> None:
    graph = dense().made.structure.graph
    made = arithmetise(graph, log_columns=SMALL.log_columns, statement=Visibility(inputs=shown))
    honest = proving(made, [[np.array([AT_THE_ENDS])]])
    assert _with_inputs(honest, AT_THE_ENDS).statement == honest.statement
    both.accept(honest.statement, honest.proof())
    cheat = _with_inputs(honest, inputs)
    violation = find_violation(made.program, [made.weight_rows(), cheat.rows], cheat.statement.publics)
    assert violation is not None and "look-up" in violation
    assert both.refusal(cheat.statement, cheat.proof()) == "proof/final"
