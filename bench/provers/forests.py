"""A gradient-boosted forest and its two ONNX forms: ai.onnx.ml's operator, and tensors for provers that lack it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper
from sklearn.datasets import make_classification
from sklearn.ensemble import GradientBoostingClassifier

from bench._architectures import Body
from bench.models import OPSET

FEATURES, ROWS, DEPTH, SEED = 20, 6000, 3, 0
LEAVES = 2**DEPTH
ML_OPSET = 3
FLOAT = TensorProto.FLOAT


@dataclass(frozen=True)
class Forest:
    """Complete trees in arrays ``[trees, 15]``: node n has the children 2n + 1 and 2n + 2, the last eight are leaves.

    A walk goes left where the feature is at most the threshold; the score is ``base`` and the leaves' values.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    value: NDArray[np.float32]
    base: float


@cache
def train_forest(trees: int) -> Forest:
    """Boosted trees of depth 3 that score a synthetic credit table; the same every time."""
    x, y = make_classification(ROWS, FEATURES, n_informative=10, n_redundant=4, random_state=SEED)
    x = (x / np.abs(x).max(axis=0)).astype(np.float32)
    model = GradientBoostingClassifier(n_estimators=trees, max_depth=DEPTH, random_state=SEED).fit(x, y)
    odds = model.init_.class_prior_[1] / model.init_.class_prior_[0]
    shape = trees, 2 * LEAVES - 1
    forest = Forest(
        np.zeros(shape, np.int64), np.zeros(shape, np.float32), np.zeros(shape, np.float32), float(np.log(odds))
    )
    for number, (estimator,) in enumerate(model.estimators_):
        _fill(forest, (number, 0), estimator.tree_, 0)
    forest.value[:] *= model.learning_rate
    return forest


def _fill(forest: Forest, place: tuple[int, int], tree: Any, node: int) -> None:
    """Copy scikit-learn's ``node`` and what is below it to ``place``; an early leaf stands for all below it."""
    number, index = place
    if index >= LEAVES - 1:
        forest.value[place] = tree.value[node, 0, 0]
        return
    left, right = tree.children_left[node], tree.children_right[node]
    if left >= 0:
        forest.feature[place], forest.threshold[place] = tree.feature[node], tree.threshold[node]
    for child, below in ((left, 2 * index + 1), (right, 2 * index + 2)):
        _fill(forest, (number, below), tree, child if left >= 0 else node)


def tree_form(forest: Forest) -> onnx.ModelProto:
    """The operator for forests, as converters from scikit-learn write it."""
    trees, count = forest.value.shape
    tree, node = (grid.reshape(-1) for grid in np.indices((trees, count)))
    is_leaf = node >= LEAVES - 1
    attributes = {
        "nodes_treeids": tree.tolist(),
        "nodes_nodeids": node.tolist(),
        "nodes_modes": np.where(is_leaf, "LEAF", "BRANCH_LEQ").tolist(),
        "nodes_featureids": forest.feature.reshape(-1).tolist(),
        "nodes_values": forest.threshold.reshape(-1).tolist(),
        "nodes_truenodeids": np.where(is_leaf, 0, 2 * node + 1).tolist(),
        "nodes_falsenodeids": np.where(is_leaf, 0, 2 * node + 2).tolist(),
        "target_treeids": tree[is_leaf].tolist(),
        "target_nodeids": node[is_leaf].tolist(),
        "target_ids": [0] * int(is_leaf.sum()),
        "target_weights": forest.value.reshape(-1)[is_leaf].tolist(),
        "base_values": [forest.base],
        "n_targets": 1,
    }
    node = helper.make_node("TreeEnsembleRegressor", ["x"], ["score"], domain="ai.onnx.ml", **attributes)
    ends = (helper.make_tensor_value_info(*end) for end in (("x", FLOAT, [1, FEATURES]), ("score", FLOAT, [1, 1])))
    graph = helper.make_graph([node], "forest", *([end] for end in ends))
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8)


def gather_form(forest: Forest) -> onnx.ModelProto:
    """Every tree's walk as Gather and Where, level by level: Hummingbird's "tree_trav", which needs no other operator.

    (Nakandala et al. 2020, section 4.1; their matrix form is proved by EZKL without complaint, on wrong outputs.)
    """
    trees, count = forest.value.shape
    body = Body()
    flat = np.arange(trees * count)
    node, first = flat % count, flat - flat % count
    left, right = (body.constant(first + np.minimum(2 * node + side, count - 1)) for side in (1, 2))
    feature, threshold = body.constant(forest.feature.reshape(-1)), body.constant(forest.threshold.reshape(-1))
    at = body.constant(np.arange(trees) * count)
    for _ in range(DEPTH):
        columns = body.reshape(body.add("Gather", feature, at), 1, trees)
        values = body.add("GatherElements", "x", columns, axis=1)
        thresholds = body.reshape(body.add("Gather", threshold, at), 1, trees)
        goes_left = body.reshape(body.add("LessOrEqual", values, thresholds), trees)
        at = body.add("Where", goes_left, body.add("Gather", left, at), body.add("Gather", right, at))
    leaves = body.reshape(body.add("Gather", body.constant(forest.value.reshape(-1)), at), 1, trees)
    total = body.add("ReduceSum", leaves, body.constant(np.array([1])), keepdims=1)
    score = body.add("Add", total, body.constant(np.array([[forest.base]], np.float32)))
    return body.model(score, input_shape=[1, FEATURES], output_shape=[1, 1])
