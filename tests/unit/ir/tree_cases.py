"""Random tree ensembles as ONNX files, in the forms that converters write."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FEATURES = 5
KEYS = ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")


@dataclass
class Forest:
    """Nodes and leaves in the lists of TreeEnsembleRegressor and TreeEnsembleClassifier."""

    nodes: dict[str, list[Any]] = field(default_factory=lambda: {f"nodes_{key}": [] for key in KEYS})
    leaves: list[tuple[int, int, int, float]] = field(default_factory=list)
    """Tree, node, output, weight."""


def grow(
    seed: int,
    trees: int,
    *,
    outputs: Sequence[Sequence[int]] = ((0,),),
    depth: int = 4,
    modes: Sequence[str] = ("BRANCH_LEQ",),
    weights: tuple[float, float] = (-1.0, 1.0),
) -> Forest:
    """Random trees; tree ``t`` has weights for ``outputs[t mod len]``; thresholds are quarters, so inputs meet them."""
    random = np.random.default_rng(seed)
    forest = Forest()
    for tree in range(trees):
        levels = {0: 0}
        for number in iter_nodes(levels):
            level = levels[number]
            is_leaf = level == depth or (level > 0 and random.random() < 0.2)
            row: tuple[Any, ...] = (0, 0.0, "LEAF", 0, 0)
            if is_leaf:
                for output in outputs[tree % len(outputs)]:
                    forest.leaves.append((tree, number, output, float(np.float32(random.uniform(*weights)))))
            else:
                true, false = len(levels), len(levels) + 1
                levels |= {true: level + 1, false: level + 1}
                threshold = float(random.integers(-8, 9)) / 4
                row = (int(random.integers(FEATURES)), threshold, str(random.choice(modes)), true, false)
            for key, value in zip(KEYS, (tree, number, *row), strict=True):
                forest.nodes[f"nodes_{key}"].append(value)
    return forest


def iter_nodes(levels: dict[int, int]) -> Any:
    number = 0
    while number < len(levels):
        yield number
        number += 1


def regressor(forest: Forest, **attributes: Any) -> onnx.ModelProto:
    leaves = dict(
        zip(("treeids", "nodeids", "ids", "weights"), map(list, zip(*forest.leaves, strict=True)), strict=True)
    )
    named = {f"target_{key}": values for key, values in leaves.items()}
    outputs = 1 + max(leaves["ids"])
    given = {"n_targets": outputs, **forest.nodes, **named, **attributes}
    return model("TreeEnsembleRegressor", given, {"y": (TensorProto.FLOAT, [1, outputs])})


def classifier(forest: Forest, labels: Sequence[int], **attributes: Any) -> onnx.ModelProto:
    leaves = dict(
        zip(("treeids", "nodeids", "ids", "weights"), map(list, zip(*forest.leaves, strict=True)), strict=True)
    )
    named = {f"class_{key}": values for key, values in leaves.items()}
    given = {"classlabels_int64s": list(labels), **forest.nodes, **named, **attributes}
    results = {"label": (TensorProto.INT64, [1]), "scores": (TensorProto.FLOAT, [1, len(labels)])}
    return model("TreeEnsembleClassifier", given, results)


def flat(**attributes: Any) -> onnx.ModelProto:
    """TreeEnsemble of ai.onnx.ml 5: a tree of two branches and a tree of one leaf, two targets."""

    def reals(values: Sequence[float]) -> onnx.TensorProto:
        return numpy_helper.from_array(np.array(values, np.float32))

    given: dict[str, Any] = {
        "n_targets": 2,
        "tree_roots": [0, 2],
        "nodes_featureids": [0, 3, 0],
        "nodes_splits": reals([0.25, -0.5, 0.0]),
        "nodes_modes": numpy_helper.from_array(np.array([0, 1, 0], np.uint8)),
        "nodes_truenodeids": [1, 0, 3],
        "nodes_trueleafs": [0, 1, 1],
        "nodes_falsenodeids": [2, 1, 3],
        "nodes_falseleafs": [1, 1, 1],
        "leaf_targetids": [0, 1, 0, 1],
        "leaf_weights": reals([5.5, -2.25, 0.75, 0.125]),
    }
    return model("TreeEnsemble", given | attributes, {"y": (TensorProto.FLOAT, [1, 2])}, version=5)


def model(
    op_type: str, attributes: dict[str, Any], results: dict[str, tuple[int, list[int]]], *, version: int = 3
) -> onnx.ModelProto:
    """One ensemble between a Cast and Identities."""
    inner = [f"{name}_" for name in results]
    nodes = [
        helper.make_node("Cast", ["x"], ["real"], to=TensorProto.FLOAT),
        helper.make_node(op_type, ["real"], inner, name="trees", domain="ai.onnx.ml", **attributes),
        *(helper.make_node("Identity", [before], [after]) for before, after in zip(inner, results, strict=True)),
    ]
    graph = helper.make_graph(
        nodes,
        "trees",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, FEATURES])],
        [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in results.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", version)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)
