"""Tree ensembles as ONNX writes them: TreeEnsembleRegressor, TreeEnsembleClassifier and TreeEnsemble (ai.onnx.ml 5)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import numpy_helper

from lockstep.errors import ModelError
from lockstep.ir.importer.decision_tree import Tree, build_tree

Real = NDArray[np.float64]
Attributes = dict[str, Any]

LEQ, LT, LEAF = "BRANCH_LEQ", "BRANCH_LT", "LEAF"
MODES = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ", "BRANCH_MEMBER")
"""TreeEnsemble numbers them in this order."""
AGGREGATES = ("AVERAGE", "SUM", "MIN", "MAX")
TRANSFORMS = ("NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT")

TARGETS = 4096
"""Outputs of a forest; a file that names more would fill the memory before anything else refuses it."""

Leaf = tuple[int, int]
"""Tree and node."""


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Trees whose leaves hold a value for every output; the outputs are sums of leaves plus ``base``."""

    trees: tuple[Tree, ...]
    base: Real
    transform: str
    labels: tuple[int, ...] = ()
    """Of a classifier."""
    is_single: bool = False
    """A classifier of two classes with one column of scores: that of the second class."""
    is_positive: bool = False
    """Every weight is at least 0: a score is then a probability."""

    @property
    def outputs(self) -> int:
        return int(self.base.size)


def read_ensemble(op_type: str, attributes: Attributes, name: str) -> Ensemble:
    """The ensemble of a node. Raises ``ModelError`` for what is not supported or not sound."""
    try:
        given = {key: _plain(value) for key, value in attributes.items()}
        _refuse_doubles(given, name)
        if op_type == "TreeEnsemble":
            return _read_flat(given, name)
        return _read_regressor(given, name) if op_type == "TreeEnsembleRegressor" else _read_classifier(given, name)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise ModelError("model/corrupt", f"node {name}: no sound trees: {error}") from None


def _plain(value: Any) -> Any:
    """Attribute values as text, numbers and lists of them."""
    if hasattr(value, "data_type"):
        return numpy_helper.to_array(value)
    if isinstance(value, bytes):
        return value.decode()
    return [item.decode() if isinstance(item, bytes) else item for item in value] if isinstance(value, list) else value


def _refuse_doubles(given: Attributes, name: str) -> None:
    for key, value in given.items():
        if key.endswith("_as_tensor") or (isinstance(value, np.ndarray) and value.dtype not in (np.float32, np.uint8)):
            raise _unsupported(name, f"{key} in double precision")


def _unsupported(name: str, what: str) -> ModelError:
    return ModelError("model/unsupported-op", f"tree ensemble {name} has {what}", remedy="export float32 trees, SUM")


def _read_regressor(given: Attributes, name: str) -> Ensemble:
    outputs = _targets(given)
    weights = _leaf_weights(given, "target", outputs)
    trees = _read_trees(given, weights, outputs, name)
    transform = given.get("post_transform", "NONE")
    trees = _aggregated(trees, given.get("aggregate_function", "SUM"), name)
    return Ensemble(trees, _base(given, outputs, name), _known_transform(transform, ("NONE",), name))


def _read_classifier(given: Attributes, name: str) -> Ensemble:
    if "classlabels_int64s" not in given:
        raise _unsupported(name, "labels that are no numbers")
    labels = tuple(given["classlabels_int64s"])
    classes, columns = len(labels), set(given["class_ids"])
    is_single = columns == {0} and classes == 2
    if classes == 1:
        raise _unsupported(name, "one class")
    if classes == 2 and not is_single:
        raise _unsupported(name, "scores of the second of two classes")
    outputs = 1 if is_single else classes
    trees = _read_trees(given, _leaf_weights(given, "class", outputs), outputs, name)
    transform = _known_transform(given.get("post_transform", "NONE"), ("NONE", "LOGISTIC", "SOFTMAX"), name)
    is_positive = min(given["class_weights"]) >= 0
    if is_single and (transform == "SOFTMAX" or (is_positive and transform != "NONE")):
        raise _unsupported(name, f"{transform} of one column of scores")
    base = _base(given, outputs, name)
    return Ensemble(trees, base, transform, labels, is_single=is_single, is_positive=is_single and is_positive)


def _targets(given: Attributes) -> int:
    targets = int(given.get("n_targets", 1))
    if not 0 < targets <= TARGETS:
        raise ValueError(f"{targets} targets")
    return targets


def _known_transform(transform: str, known: Sequence[str], name: str) -> str:
    if transform not in known:
        raise _unsupported(name, f"post_transform {transform}")
    return transform


def _base(given: Attributes, outputs: int, name: str) -> Real:
    base = np.array(given.get("base_values", []) or [0.0] * outputs, np.float64)
    if base.size != outputs:
        raise _unsupported(name, f"{base.size} base values for {outputs} columns of scores")
    return _finite(base)


def _finite(values: Real) -> Real:
    if not np.isfinite(values).all():
        raise ModelError("model/not-finite", "a tree holds NaN or infinity", remedy="train or export the model again")
    return values


def _aggregated(trees: tuple[Tree, ...], aggregate: str, name: str) -> tuple[Tree, ...]:
    """The trees with leaves that are to be added up."""
    if aggregate not in ("SUM", "AVERAGE"):
        raise _unsupported(name, f"aggregate_function {aggregate}")
    return trees if aggregate == "SUM" else tuple(tree.scaled(1 / len(trees)) for tree in trees)


def _leaf_weights(given: Attributes, kind: str, outputs: int) -> dict[Leaf, Real]:
    """What each leaf adds to each output; several entries of a leaf are added up."""
    if min(given[f"{kind}_ids"]) < 0:
        raise ValueError("an output is negative")
    weights: dict[Leaf, Real] = defaultdict(lambda: np.zeros(outputs))
    rows = (given[f"{kind}_{key}"] for key in ("treeids", "nodeids", "ids", "weights"))
    for tree, node, output, weight in zip(*rows, strict=True):
        weights[tree, node][output] += _finite(np.array(weight, np.float64))
    return weights


def _read_trees(given: Attributes, weights: dict[Leaf, Real], outputs: int, name: str) -> tuple[Tree, ...]:
    """The trees of the two older operators, where leaves are nodes; the root is nobody's child."""
    keys = ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")
    nodes: dict[int, dict[int, tuple[Any, ...]]] = defaultdict(dict)
    for tree, node, *rest in zip(*(given[f"nodes_{key}"] for key in keys), strict=True):
        if node in nodes[tree]:
            raise ModelError("model/corrupt", f"node {name}: tree {tree} has two nodes {node}")
        nodes[tree][node] = tuple(rest)
    zeros = np.zeros(outputs)
    trees = []
    for tree, rows in nodes.items():
        children = {child for _, _, mode, *both in rows.values() if mode != LEAF for child in both}
        roots = [node for node in rows if node not in children]
        if len(roots) != 1:
            raise ModelError("model/corrupt", f"node {name}: tree {tree} has {len(roots)} roots")
        branches = {
            node: (feature, _threshold(value, mode, name), true, false)
            for node, (feature, value, mode, true, false) in rows.items()
            if mode != LEAF
        }
        leaves = {node: weights.get((tree, node), zeros) for node, row in rows.items() if row[2] == LEAF}
        trees.append(build_tree(roots[0], branches, leaves, name))
        if len(trees[-1].branches) + len(trees[-1].leaves) != len(rows):
            raise ModelError("model/corrupt", f"node {name}: tree {tree} has a part that its root does not reach")
    if not trees:
        raise ModelError("model/corrupt", f"node {name} has no trees")
    return tuple(trees)


def _threshold(value: float, mode: str, name: str) -> float:
    """``t`` such that the branch is taken exactly if ``x ≤ t`` in binary32."""
    if mode not in (LEQ, LT):
        raise _unsupported(name, f"mode {mode}")
    with np.errstate(over="ignore"):
        threshold = np.float32(value)
        if mode == LT:
            threshold = np.nextafter(threshold, np.float32(-np.inf))
    return float(_finite(np.array(threshold, np.float64))) + 0.0  # no negative zero


def _read_flat(given: Attributes, name: str) -> Ensemble:
    """TreeEnsemble: branches and leaves are numbered through all trees; a leaf is named as a negative branch here."""
    outputs = _targets(given)
    if min(given["tree_roots"]) < 0 or min(given["leaf_targetids"]) < 0:
        raise ValueError("a root or a target is negative")
    modes = [MODES[mode] for mode in given["nodes_modes"]]
    children = [
        [-1 - child if is_leaf else child for child, is_leaf in zip(given[f"nodes_{s}nodeids"], flags, strict=True)]
        for s, flags in (("true", given["nodes_trueleafs"]), ("false", given["nodes_falseleafs"]))
    ]
    thresholds = [_threshold(value, mode, name) for value, mode in zip(given["nodes_splits"], modes, strict=True)]
    branches = dict(enumerate(zip(given["nodes_featureids"], thresholds, *children, strict=True)))
    leaves = {}
    for leaf, (output, weight) in enumerate(zip(given["leaf_targetids"], given["leaf_weights"], strict=True)):
        leaves[-1 - leaf] = np.zeros(outputs)
        leaves[-1 - leaf][output] = _finite(np.array(weight, np.float64))
    trees = tuple(build_tree(_root(root, children), branches, leaves, name) for root in given["tree_roots"])
    trees = _aggregated(trees, AGGREGATES[given.get("aggregate_function", 1)], name)
    transform = _known_transform(TRANSFORMS[given.get("post_transform", 0)], ("NONE",), name)
    return Ensemble(trees, np.zeros(outputs), transform)


def _root(root: int, children: list[list[int]]) -> int:
    """A tree of one leaf is written as a branch with that leaf on both sides."""
    true, false = children[0][root], children[1][root]
    return true if true == false else root
