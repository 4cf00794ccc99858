"""The models that provers are compared on: the sizes that are claimed, and one function on both sides."""

import numpy as np
import onnx
import onnxruntime
import pytest

from bench.provers.forests import gather_form, train_forest, tree_form
from bench.provers.models import CASES

PARAMETERS = {"credit": 1049, "mlp100k": 101_770, "mlp1900k": 1_863_690, "lenet": 61_706, "cnn": 259_511}


def run(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"]).run(
        None, {"x": x}
    )[0]


@pytest.mark.parametrize("key", PARAMETERS)
def test_models_have_the_parameters_that_their_names_say(key: str) -> None:
    (case,) = (case for case in CASES if case.key == key)
    assert sum(int(np.prod(tensor.dims)) for tensor in case.build().graph.initializer) == PARAMETERS[key]


def test_forest_scores_the_same_as_an_operator_and_as_gathers() -> None:
    forest = train_forest(5)
    samples = np.random.default_rng(3).uniform(-1, 1, (50, 1, 20)).astype(np.float32)
    scores = [np.stack([run(form(forest), x) for x in samples]) for form in (tree_form, gather_form)]
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-6)
    assert np.unique(scores[0].round(4)).size > 20


def test_forest_is_the_one_that_was_trained() -> None:
    """Walked by hand from the arrays, on both sides of a threshold."""
    forest = train_forest(5)
    x = np.zeros(20, np.float32)
    x[forest.feature[0, 0]] = forest.threshold[0, 0]
    score = forest.base
    for feature, threshold, value in zip(forest.feature, forest.threshold, forest.value, strict=True):
        node = 0
        while node < 7:
            node = 2 * node + (1 if x[feature[node]] <= threshold[node] else 2)
        score += value[node]
    assert run(tree_form(forest), x[None]).item() == pytest.approx(score, abs=1e-6)
