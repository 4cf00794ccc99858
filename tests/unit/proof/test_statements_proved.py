"""Statements beyond one answer, proved and verified: registration, rotation, accuracy, properties of a data set."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from bench.models import mlp
from lockstep.crypto.randomness import Randomness
from lockstep.errors import ProofError
from lockstep.exec import reference
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.arithmetisation import Arithmetisation, arithmetise
from lockstep.proof.arithmetise.dataset import Balance, dataset_properties
from lockstep.proof.arithmetise.registration import registration
from lockstep.proof.arithmetise.rotation import rotation, rotation_witness
from lockstep.proof.arithmetise.visibility import CorrectAtLeast, Visibility
from lockstep.proof.arithmetise.words import Rows
from lockstep.proof.parameters import Level, Parameters
from lockstep.proof.prover.matrices import CommittedOracle, commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.relations import Program
from lockstep.proof.statement import Statement
from lockstep.proof.verifier.verify import verify_proof
from lockstep.testing.compiled import compiled

TEST = Parameters("test", 12, 2048, 14, (Level(4, 12), Level(4, 11)), (20, 16, 12), 0, (0, 0), 0)
COUNT, CLASSES = 11, 5


@dataclass(frozen=True)
class Subject:
    """A model, its commitment under a seed, and a labelled data set of which it knows seven of eleven."""

    graph: Graph
    model: Arithmetisation
    weights: CommittedOracle
    passes: list[list[np.ndarray]]
    labels: list[int]


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    graph = compiled("classifier", lambda: mlp(20, 16, 8, CLASSES), tmp_path_factory.mktemp("models"))
    model = arithmetise(graph, log_columns=TEST.log_columns)
    random = np.random.default_rng(5)
    passes = [[random.integers(-128, 128, spec.shape) for spec in graph.inputs] for _ in range(COUNT)]
    found = [int(reference.run(graph, inputs)[-1].argmax()) for inputs in passes]
    labels = [(label + 1) % CLASSES if number < 4 else label for number, label in enumerate(found)]
    return Subject(graph, model, commit(model.weight_rows(), 1), passes, labels)


def commit(rows: Rows, seed: int) -> CommittedOracle:
    return commit_oracle(rows, TEST, Randomness(bytes([seed]) * 32))


def holds(program: Program, oracles: list[CommittedOracle], witness: Rows) -> bool:
    """Whether a prover that checks nothing convinces the verifier."""
    statement = Statement(program, TEST, tuple(oracle.commitment for oracle in oracles), ())
    proof = prove(statement, oracles, witness, randomness=Randomness(), check=False)
    try:
        verify_proof(statement, proof, presets=[TEST])
    except ProofError as error:
        assert error.code == "proof/final"
        return False
    return True


def test_registration_of_honest_weights_and_of_others(subject: Subject) -> None:
    made = registration(subject.model.structure)
    assert holds(made.program, [subject.weights], made.witness())
    changed = subject.model.weight_rows()
    changed[0, 3] = (int(changed[0, 3]) + 1) % (2**64 - 2**32 + 1)
    assert not holds(made.program, [commit(changed, 1)], made.witness())


def test_rotation_to_the_same_weights_and_to_others(subject: Subject) -> None:
    program = rotation(subject.model.program)
    rows = subject.model.weight_rows()
    fresh = commit(rows, 2)
    assert fresh.commitment.root != subject.weights.commitment.root
    assert holds(program, [subject.weights, fresh], rotation_witness(program))
    rows[0, 3] += np.uint64(1)
    assert not holds(program, [subject.weights, commit(rows, 2)], rotation_witness(program))


@pytest.mark.parametrize(("least", "is_shown"), [(7, True), (8, False)])
def test_accuracy_of_hidden_weights_on_a_hidden_test_set(subject: Subject, least: int, is_shown: bool) -> None:
    shown = Visibility("committed", CorrectAtLeast(least))
    made = arithmetise(subject.graph, passes=COUNT, statement=shown, log_columns=TEST.log_columns)
    witness, _ = made.witness(subject.passes, subject.labels)
    dataset = commit(made.dataset_rows(subject.passes, subject.labels), 3)
    np.testing.assert_array_equal(made.weight_rows(), subject.model.weight_rows())
    assert holds(made.program, [subject.weights, dataset], witness) == is_shown


def test_balance_of_a_hidden_data_set(subject: Subject) -> None:
    sizes = np.bincount(subject.labels, minlength=CLASSES)
    inputs = [np.stack([tensors[0] for tensors in subject.passes])]
    balance = Balance(CLASSES, int(sizes.min()), int(sizes.max()))
    made = dataset_properties(subject.graph.inputs, COUNT, balance=balance, log_columns=TEST.log_columns)
    dataset, witness = made.rows(inputs, subject.labels)
    assert holds(made.program, [commit(dataset, 3)], witness)
    tighter = replace(balance, fewest=int(sizes.min()) + 1)
    other = dataset_properties(subject.graph.inputs, COUNT, balance=tighter, log_columns=TEST.log_columns)
    dataset, witness = other.rows(inputs, subject.labels)
    assert not holds(other.program, [commit(dataset, 3)], witness)
