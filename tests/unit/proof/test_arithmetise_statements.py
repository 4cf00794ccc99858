"""Whole models: several passes, hidden inputs, predicates of the output; and what a program may depend on."""

import numpy as np
import pytest

from bench.models import lenet, mlp
from bench.provers.models import transformer
from lockstep.errors import ProofError
from lockstep.exec import reference
from lockstep.exec.run import Program as Executable
from lockstep.ir.graph import Constant, Graph
from lockstep.proof.arithmetise.arithmetisation import arithmetise
from lockstep.proof.arithmetise.compile import ArgmaxIs, AtLeast, Visibility, build_structure
from lockstep.proof.satisfied import find_violation
from lockstep.testing.compiled import compiled


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return compiled("classifier", lambda: mlp(20, 16, 8, 5), tmp_path_factory.mktemp("models"))


def inputs_of(graph: Graph, seed: int) -> list[np.ndarray]:
    random = np.random.default_rng(seed)
    return [random.integers(-128, 128, spec.shape) for spec in graph.inputs]


@pytest.mark.parametrize("shown", ["public", "hidden"])
def test_several_passes_are_one_program(classifier: Graph, shown: str) -> None:
    passes = [inputs_of(classifier, seed) for seed in range(3)]
    made = arithmetise(classifier, passes=3, statement=Visibility(inputs=shown), log_columns=11)
    rows, publics = made.witness(passes)
    outputs = [reference.run(classifier, inputs)[-1].reshape(-1) for inputs in passes]
    assert publics[-1] == tuple(np.concatenate(outputs).tolist())
    assert len(publics) == (2 if shown == "public" else 1)
    weights = made.weight_rows()
    assert find_violation(made.program, [weights, rows], publics) is None
    wrong = (*publics[:-1], (publics[-1][0] + 1, *publics[-1][1:]))
    assert find_violation(made.program, [weights, rows], wrong) is not None
    alone = arithmetise(classifier, log_columns=11).weight_rows()
    np.testing.assert_array_equal(alone, weights)


def test_a_winner_is_proved_and_no_other(classifier: Graph) -> None:
    inputs = inputs_of(classifier, 4)
    scores = reference.run(classifier, inputs)[-1].reshape(-1)
    for winner in range(len(scores)):
        made = arithmetise(classifier, statement=Visibility("hidden", ArgmaxIs(winner)), log_columns=11)
        rows, publics = made.witness([inputs])
        assert publics == ()
        violation = find_violation(made.program, [made.weight_rows(), rows], publics)
        assert (violation is None) == (winner == int(scores.argmax()))


def test_a_threshold_is_proved_and_no_higher_one(classifier: Graph) -> None:
    inputs = inputs_of(classifier, 4)
    least = int(reference.run(classifier, inputs)[-1].min())
    for threshold in (least - 1, least, least + 1):
        made = arithmetise(classifier, statement=Visibility("hidden", AtLeast(threshold)), log_columns=11)
        rows, publics = made.witness([inputs])
        violation = find_violation(made.program, [made.weight_rows(), rows], publics)
        assert (violation is None) == (threshold <= least)


def test_the_program_needs_no_weights(classifier: Graph) -> None:
    """Who has the structure, the widths and the tables rebuilds the same program."""
    structure = build_structure(classifier, log_columns=11)
    blank = tuple(Constant(constant.dtype, np.zeros_like(constant.values)) for constant in classifier.constants)
    empty = Graph(classifier.inputs, classifier.outputs, classifier.nodes, blank)
    again = build_structure(empty, log_columns=11, widths=structure.facts.widths, tables=structure.tables)
    assert again.program == structure.program


@pytest.mark.parametrize(("name", "log_columns"), [("lenet", 12), ("transformer", 12)])
def test_a_whole_model_is_satisfied(name: str, log_columns: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    build = {"lenet": lenet, "transformer": transformer}[name]
    graph = compiled(name, build, tmp_path_factory.mktemp("models"))
    inputs = inputs_of(graph, 1)
    made = arithmetise(graph, statement=Visibility(inputs="hidden"), log_columns=log_columns)
    rows, publics = made.witness([inputs])
    assert publics[-1] == tuple(Executable(graph).run(inputs)[0].reshape(-1).tolist())
    assert find_violation(made.program, [made.weight_rows(), rows], publics) is None
    assert made.program.fractions <= 17


def test_a_position_that_does_not_exist_is_refused(classifier: Graph) -> None:
    with pytest.raises(ProofError) as refusal:
        arithmetise(classifier, statement=Visibility("hidden", ArgmaxIs(5)), log_columns=11)
    assert refusal.value.code == "proof/public"
