"""Registration and rotation of a model's committed weights."""

from dataclasses import replace

import numpy as np
import pytest

from bench.models import lenet, mlp
from bench.provers.models import transformer
from lockstep.errors import ProofError
from lockstep.ir.graph import Constant, Graph
from lockstep.proof.arithmetise.bounds import check_no_wrap
from lockstep.proof.arithmetise.compile import Structure, build_structure
from lockstep.proof.arithmetise.recipes import Column, Weights
from lockstep.proof.arithmetise.registration import constant_widths, known_intervals, registration
from lockstep.proof.arithmetise.rotation import rotation, rotation_witness
from lockstep.proof.arithmetise.weights import weight_rows
from lockstep.proof.satisfied import find_violation
from lockstep.testing.compiled import compiled

LOG_COLUMNS = 11
MODELS = {"mlp": lambda: mlp(20, 16, 8, 5), "lenet": lenet, "transformer": transformer}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Structure]:
    folder = tmp_path_factory.mktemp("models")
    return {
        name: build_structure(compiled(name, build, folder), log_columns=LOG_COLUMNS) for name, build in MODELS.items()
    }


@pytest.mark.parametrize("name", MODELS)
def test_an_honest_model_registers(name: str, models: dict[str, Structure]) -> None:
    made = registration(models[name])
    np.testing.assert_array_equal(made.weight_rows(), weight_rows(models[name]))
    assert find_violation(made.program, [made.weight_rows(), made.witness()], ()) is None


def test_registration_needs_no_weights_but_the_widths(models: dict[str, Structure]) -> None:
    model = models["mlp"]
    made = registration(model)
    blank = tuple(Constant(constant.dtype, np.zeros_like(constant.values)) for constant in model.graph.constants)
    empty = replace(model, graph=Graph(model.graph.inputs, model.graph.outputs, model.graph.nodes, blank))
    assert registration(empty, made.widths).program == made.program


def test_every_committed_word_is_bound(models: dict[str, Structure]) -> None:
    made = registration(models["mlp"])
    rows, witness = made.weight_rows(), made.witness()
    random = np.random.default_rng(0)
    for block in made.program.blocks:
        if block.oracle <= 1:
            address = sum(
                int(random.integers(axis.extent)) << sum(below.bits for below in block.axes[place + 1 :])
                for place, axis in enumerate(block.axes)
            )
            cheating = [rows.copy(), witness.copy()]
            cheating[block.oracle].reshape(-1)[block.offset + address] += np.uint64(1)
            assert find_violation(made.program, cheating, ()) is not None


@pytest.mark.parametrize("kind", ["weight", "multiplier"])
def test_a_number_outside_its_range_is_refused(kind: str, models: dict[str, Structure]) -> None:
    """A cheating owner commits to a weight or to a multiplier beyond the published width."""
    model = models["mlp"]
    made = registration(model)
    constants = list(model.graph.constants)
    recipe = next(r for r in made.structure.recipes if isinstance(r, Weights if kind == "weight" else Column))
    number = recipe.constant if isinstance(recipe, Weights) else recipe.table
    values = constants[number].values.astype(np.int64)
    widths = made.widths[number]
    values.reshape(-1)[1] = 1 << (widths.first if kind == "weight" else widths.multipliers)
    constants[number] = Constant(constants[number].dtype, values)
    forged = replace(model, graph=replace(model.graph, constants=tuple(constants)))
    cheating = registration(forged, made.widths)
    violation = find_violation(cheating.program, [cheating.weight_rows(), cheating.witness()], ())
    assert violation is not None and "look-up" in violation


def test_every_word_of_a_program_is_bounded(models: dict[str, Structure]) -> None:
    for model in models.values():
        found = check_no_wrap(model.program, known_intervals(model, constant_widths(model)))
        assert set(found) == set(range(len(model.program.blocks)))


def test_weights_that_could_wrap_are_refused(models: dict[str, Structure]) -> None:
    model = models["mlp"]
    wide = {number: replace(widths, first=widths.first + 20) for number, widths in constant_widths(model).items()}
    with pytest.raises(ProofError) as refusal:
        registration(model, wide)
    assert refusal.value.code == "proof/range"


def test_a_clamp_that_may_be_reached_cannot_be_left_out(models: dict[str, Structure]) -> None:
    """Who publishes width 0 for a node with a narrow clamp is refused at registration."""
    graph = models["mlp"].graph
    last = replace(graph.nodes[-1], shift=0)
    widths = (*models["mlp"].facts.widths[:-1], 0)
    forged = build_structure(replace(graph, nodes=(*graph.nodes[:-1], last)), log_columns=LOG_COLUMNS, widths=widths)
    model = replace(forged, graph=graph)
    with pytest.raises(ProofError) as refusal:
        registration(model)
    assert "clamp" in refusal.value.message


def test_a_quotient_cannot_be_published_as_unchecked(models: dict[str, Structure]) -> None:
    for number, width in enumerate(models["mlp"].facts.widths):
        for wrong in (0, -1, 65):
            widths = tuple(wrong if n == number else w for n, w in enumerate(models["mlp"].facts.widths))
            with pytest.raises(ProofError) as refusal:
                build_structure(models["mlp"].graph, log_columns=LOG_COLUMNS, widths=widths)
            assert refusal.value.code == "proof/range" and width > 0
    with pytest.raises(ProofError):
        build_structure(models["mlp"].graph, log_columns=LOG_COLUMNS, widths=())


def test_a_rotation_keeps_every_word(models: dict[str, Structure]) -> None:
    program, rows = rotation(models["lenet"].program), weight_rows(models["lenet"])
    empty = rotation_witness(program)
    assert find_violation(program, [rows, rows, empty], ()) is None
    random = np.random.default_rng(0)
    for block in program.blocks:
        if block.oracle == 1:
            changed = rows.copy()
            changed.reshape(-1)[block.offset + int(random.integers(1 << block.bits))] += np.uint64(1)
            assert find_violation(program, [rows, changed, empty], ()) is not None
