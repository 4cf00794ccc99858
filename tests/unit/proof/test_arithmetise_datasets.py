"""Accuracy on a committed data set, and what the data set shows of itself."""

import numpy as np
import pytest

from bench.models import mlp
from lockstep.errors import ProofError
from lockstep.exec import reference
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.arithmetisation import arithmetise
from lockstep.proof.arithmetise.dataset import Balance, dataset_properties
from lockstep.proof.arithmetise.recipes import IsZero
from lockstep.proof.arithmetise.visibility import CorrectAtLeast, Visibility
from lockstep.proof.arithmetise.witness import WitnessBuilder
from lockstep.proof.satisfied import find_violation
from lockstep.testing.compiled import compiled

COUNT, CLASSES, LOG_COLUMNS = 11, 5, 11


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return compiled("classifier", lambda: mlp(20, 16, 8, CLASSES), tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def passes(classifier: Graph) -> list[list[np.ndarray]]:
    random = np.random.default_rng(5)
    return [[random.integers(-128, 128, spec.shape) for spec in classifier.inputs] for _ in range(COUNT)]


@pytest.fixture(scope="module")
def labels(classifier: Graph, passes: list[list[np.ndarray]]) -> list[int]:
    """Of the eleven labels, four are another class than the model says."""
    found = [int(reference.run(classifier, inputs)[-1].argmax()) for inputs in passes]
    return [(label + 1) % CLASSES if number < 4 else label for number, label in enumerate(found)]


@pytest.mark.parametrize("least", [0, 6, 7, 8])
def test_accuracy_is_shown_up_to_what_it_is(
    least: int, classifier: Graph, passes: list[list[np.ndarray]], labels: list[int]
) -> None:
    statement = Visibility("committed", CorrectAtLeast(least))
    made = arithmetise(classifier, passes=COUNT, statement=statement, log_columns=LOG_COLUMNS)
    rows, publics = made.witness(passes, labels)
    oracles = [made.weight_rows(), made.dataset_rows(passes, labels), rows]
    assert len(made.program.oracles) == 3 and publics == ()
    assert (find_violation(made.program, oracles, publics) is None) == (least <= 7)


def test_a_wrong_answer_is_not_counted(classifier: Graph, passes: list[list[np.ndarray]], labels: list[int]) -> None:
    statement = Visibility("committed", CorrectAtLeast(8))
    made = arithmetise(classifier, passes=COUNT, statement=statement, log_columns=LOG_COLUMNS)
    flags = next(n for n, recipe in enumerate(made.structure.recipes) if isinstance(recipe, IsZero))
    rows, publics = WitnessBuilder(made.structure).build(passes, {flags: np.ones(COUNT, np.int64)}, labels)
    violation = find_violation(made.program, [made.weight_rows(), made.dataset_rows(passes, labels), rows], publics)
    assert violation is not None and "group" in violation


def test_accuracy_reads_the_data_set_that_shows_its_properties(
    classifier: Graph, passes: list[list[np.ndarray]], labels: list[int]
) -> None:
    sizes = np.bincount(labels, minlength=CLASSES)
    balance = Balance(CLASSES, int(sizes.min()), int(sizes.max()))
    made = dataset_properties(classifier.inputs, COUNT, balance=balance, log_columns=LOG_COLUMNS)
    inputs = [np.stack([tensors[0] for tensors in passes])]
    dataset, witness = made.rows(inputs, labels)
    assert find_violation(made.program, [dataset, witness], ()) is None
    accuracy = arithmetise(
        classifier, passes=COUNT, statement=Visibility("committed", CorrectAtLeast(7)), log_columns=LOG_COLUMNS
    )
    np.testing.assert_array_equal(dataset, accuracy.dataset_rows(passes, labels))
    changed = dataset.copy()
    changed[0, 0] = 200  # an i8 is at most 127 + 128 above its zero point
    assert find_violation(made.program, [changed + np.uint64(100), witness], ()) is not None


def test_another_balance_is_not_shown(classifier: Graph, passes: list[list[np.ndarray]], labels: list[int]) -> None:
    sizes = np.bincount(labels, minlength=CLASSES)
    inputs = [np.stack([tensors[0] for tensors in passes])]
    for fewest, most in ((int(sizes.min()) + 1, COUNT), (0, int(sizes.max()) - 1)):
        made = dataset_properties(
            classifier.inputs, COUNT, balance=Balance(CLASSES, fewest, most), log_columns=LOG_COLUMNS
        )
        dataset, witness = made.rows(inputs, labels)
        violation = find_violation(made.program, [dataset, witness], ())
        assert violation is not None and "look-up" in violation


def test_an_impossible_balance_is_refused(classifier: Graph) -> None:
    with pytest.raises(ProofError) as refusal:
        dataset_properties(classifier.inputs, COUNT, balance=Balance(CLASSES, 5, 4), log_columns=LOG_COLUMNS)
    assert refusal.value.code == "proof/public"
