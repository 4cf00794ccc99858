"""Models that are a tree ensemble: TREES, one SUM, and what makes scores, probabilities and labels of the sums."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from lockstep.errors import ModelError
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Graph, Node, TensorSpec
from lockstep.ir.importer.builder import GraphBuilder, view_attributes
from lockstep.ir.importer.decision_tree import Tree, place_branches
from lockstep.ir.importer.ensembles import Ensemble, read_ensemble
from lockstep.ir.importer.lookup import look_up, real_codes, sigmoid
from lockstep.ir.importer.reductions import INDEX, argmax, partial_runs, softmax
from lockstep.ir.importer.values import Encoding, Value
from lockstep.ir.limits import EDGES, FEATURE_BYTES, REDUCTION_BYTES, TREE_DEPTH
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.ir.trees import TILE_NODES

ENSEMBLES = frozenset({"TreeEnsembleRegressor", "TreeEnsembleClassifier", "TreeEnsemble"})
PASSED_ON = ("Identity", "Cast")
"""What may stand before and after an ensemble."""

SUM_BITS = 30
"""A sum over all trees stays below 2^30 leaf units, so it fits i32, and no rounding but that of the leaves is in it."""

SCORES = DType.I16
"""Scores and probabilities have 16 bits: the leaves are exact, and a table of 2^16 costs little beside a forest."""


FLOAT_BITS = 22
"""What is left of binary32's 24 bits in a sum over trees: finer steps than that would be noise."""

TIE_BITS = 10
"""Equal votes of up to 1,000 trees are a tie although a leaf is rounded: a difference of 2^9 units is none."""


SATURATED = 12.0
"""The logistic function of it is 6·10^-6 from 1, a fifteenth of the step that 16 bits leave: scores end there."""


def has_ensemble(model: onnx.ModelProto) -> bool:
    return any(node.op_type in ENSEMBLES for node in model.graph.node)


def lower_ensemble(model: onnx.ModelProto, *, source: str = "") -> Graph:
    """The integer graph of a model that is one tree ensemble. Raises ``ModelError`` for anything beside it."""
    node = _only_ensemble(model)
    builder = GraphBuilder(name=node.name or node.output[0])
    attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    ensemble = read_ensemble(node.op_type, attributes, builder.name)
    name, shape = _features(model, node)
    edges = find_edges(ensemble, shape[-1], builder.name)
    x = builder.add_input(name, shape, Encoding(DType.I16, 1.0, 0))
    builder.inputs[0] = TensorSpec(name, DType.I16, shape, 1.0, 0, edges)
    scores = _add_scores(builder, ensemble, x, edges)
    if ensemble.is_single:
        scores = _both_classes(builder, ensemble, *scores)
    made = [_add_result(builder, ensemble, scores, _place(model, node, value.name)) for value in model.graph.output]
    _move_to_end(builder, made)
    outputs = tuple(
        TensorSpec(value.name, made.encoding.dtype, made.shape, made.encoding.scale, made.encoding.zero_point)
        for value, made in zip(model.graph.output, made, strict=True)
    )
    return Graph(tuple(builder.inputs), outputs, tuple(builder.nodes), tuple(builder.constants), source)


def _only_ensemble(model: onnx.ModelProto) -> onnx.NodeProto:
    found = [node for node in model.graph.node if node.op_type in ENSEMBLES]
    if len(found) != 1:
        raise ModelError("model/unsupported-op", f"{len(found)} tree ensembles in one model", remedy="use one")
    for node in model.graph.node:
        if node.op_type not in ENSEMBLES and node.op_type not in PASSED_ON:
            raise ModelError(
                "model/unsupported-op",
                f"operator {node.op_type} of node {node.name or node.output[0]!r} beside a tree ensemble",
                remedy="export the ensemble alone, without ZipMap or preprocessing",
            )
    return found[0]


def _origin(model: onnx.ModelProto, name: str) -> str:
    """The tensor that ``name`` is, before Identity and Cast."""
    makers = {output: node for node in model.graph.node for output in node.output}
    while name in makers and makers[name].op_type in PASSED_ON:
        name = makers[name].input[0]
    if name not in makers and name not in {value.name for value in model.graph.input}:
        raise ModelError("model/constant", f"tensor {name!r} does not depend on an input")
    return name


def _place(model: onnx.ModelProto, node: onnx.NodeProto, name: str) -> int:
    """Which output of the ensemble an output of the model is."""
    origin = _origin(model, name)
    if origin not in node.output:
        raise ModelError("model/constant", f"output {name!r} does not come from the trees")
    return list(node.output).index(origin)


def _features(model: onnx.ModelProto, node: onnx.NodeProto) -> tuple[str, tuple[int, ...]]:
    """The model's one input and its shape, ``[rows, features]``."""
    name, given = _origin(model, node.input[0]), list(model.graph.input)
    if [value.name for value in given] != [name]:
        raise ModelError("model/unsupported-op", "a tree ensemble takes the one input of its model", value=name)
    makers = {output: maker for maker in model.graph.node for output in maker.output}
    kind = given[0].type.tensor_type.elem_type
    if node.input[0] in makers and makers[node.input[0]].op_type == "Cast":
        kind = next(attribute.i for attribute in makers[node.input[0]].attribute if attribute.name == "to")
    if kind != TensorProto.FLOAT:
        raise ModelError("model/unsupported-op", "the trees do not take float32", remedy="use FloatTensorType")
    shape = tuple(extent.dim_value for extent in given[0].type.tensor_type.shape.dim)
    if len(shape) != 2:
        raise ModelError("model/shape", f"input {name!r} is not rows by features", value=shape)
    if shape[1] * DType.I16.size > FEATURE_BYTES:
        raise ModelError(
            "model/too-long",
            f"a row of {shape[1]} features opens too much",
            remedy=f"use at most {FEATURE_BYTES // DType.I16.size}",
        )
    return name, shape


def find_edges(ensemble: Ensemble, features: int, name: str) -> tuple[tuple[float, ...], ...]:
    """For each feature the thresholds that any tree compares it with, rising."""
    found: list[set[float]] = [set() for _ in range(features)]
    for tree in ensemble.trees:
        for feature, threshold, _, _ in tree.branches:
            if not 0 <= feature < features:
                raise ModelError("model/shape", f"node {name} reads feature {feature} of {features}")
            found[feature].add(threshold)
    if max(map(len, found)) > EDGES:
        raise ModelError("model/too-long", f"node {name} compares one feature with more than {EDGES} thresholds")
    return tuple(tuple(sorted(edges)) for edges in found)


def _add_scores(
    builder: GraphBuilder, ensemble: Ensemble, x: Value, edges: Sequence[Sequence[float]]
) -> tuple[Value, tuple[float, float]]:
    """Sums ``[rows, outputs]``, exact in leaf units, and the least and the greatest that they can be."""
    trees, summed, outputs = _columns(ensemble)
    groups = [trees[start : start + summed] for start in range(0, len(trees), summed)]
    lows = [sum(tree.leaves.min(axis=0) for tree in group) for group in groups]
    highs = [sum(tree.leaves.max(axis=0) for tree in group) for group in groups]
    low, high = float(np.min(lows)), float(np.max(highs))
    widest = max(float(sum(np.abs(tree.leaves).max() for tree in group)) for group in groups)
    unit = Encoding(DType.I32, widest / (1 << SUM_BITS) or 1.0, 0)
    leaves = _add_forest(builder, trees, x, edges, unit, outputs)
    shape = (x.shape[0], ensemble.outputs)
    if summed * unit.dtype.size > REDUCTION_BYTES:
        leaves, summed = partial_runs(builder, leaves, shape, summed, Opcode.SUM)
    return builder.add(Opcode.SUM, [leaves.operand()], shape, unit, attributes=(summed, summed, 0)), (low, high)


def _columns(ensemble: Ensemble) -> tuple[list[Tree], int, int]:
    """The trees in the order of TREES, how many neighbours are summed, and the outputs of a tree.

    Where every tree belongs to one output, trees stand by output and have one value a leaf. ``base`` is in the leaves
    of a first tree.
    """
    outputs = ensemble.outputs
    owners = [np.flatnonzero(tree.leaves.any(axis=0)) for tree in ensemble.trees]
    if outputs == 1 or any(owner.size > 1 for owner in owners):
        first, *others = ensemble.trees
        return [first.shifted(ensemble.base), *others], len(ensemble.trees), outputs
    groups: list[list[Tree]] = [[] for _ in range(outputs)]
    for tree, owner in zip(ensemble.trees, owners, strict=True):
        if owner.size:
            groups[owner[0]].append(tree.column(int(owner[0])))
    longest = max(1, *(len(group) for group in groups))
    nothing = Tree((), np.zeros((1, 1)))
    filled = [[*group, *[nothing] * (longest - len(group))] for group in groups]
    trees = [[group[0].shifted(base), *group[1:]] for group, base in zip(filled, ensemble.base, strict=True)]
    return [tree for group in trees for tree in group], longest, 1


def _add_forest(
    builder: GraphBuilder,
    trees: Sequence[Tree],
    x: Value,
    edges: Sequence[Sequence[float]],
    unit: Encoding,
    outputs: int,
) -> Value:
    """TREES of float trees; a threshold becomes its number among the edges of its feature."""
    places = [place_branches(tree) for tree in trees]
    tree_nodes = _rows_of_tree(max(int(place.max(initial=0)) + 1 for place in places))
    tree_leaves = max(2, *(len(tree.leaves) for tree in trees))
    depth = max(tree.depth for tree in trees)
    if depth > TREE_DEPTH or tree_nodes > DType.I16.maximum:
        raise ModelError(
            "model/too-long",
            f"node {builder.name}: a tree is too large for a step",
            value=f"depth {depth}, {tree_nodes} nodes",
            remedy=f"train with a depth of at most {TREE_DEPTH}",
        )
    numbers = [{edge: number for number, edge in enumerate(row)} for row in edges]
    nodes = np.tile(np.array([0, 0, -1, -1], np.int64), (len(trees), tree_nodes, 1))
    values = np.zeros((len(trees), tree_leaves, outputs), np.int64)
    for tree, place, table, leaves in zip(trees, places, nodes, values, strict=True):
        _fill(tree, place, numbers, table)
        leaves[: len(tree.leaves)] = np.rint(tree.leaves / unit.scale)
        if not tree.branches:
            leaves[1] = leaves[0]
    operands = [
        x.operand(),
        builder.add_constant(nodes.reshape(-1, 4), DType.I16),
        builder.add_constant(values.reshape(-1, outputs), unit.dtype),
    ]
    attributes = (x.shape[1], len(trees), tree_nodes, tree_leaves, outputs, depth)
    return builder.add(Opcode.TREES, operands, (x.shape[0], outputs, len(trees)), unit, attributes=attributes)


def _rows_of_tree(used: int) -> int:
    """As many rows that no tile holds parts of two trees, unless it holds all of both."""
    if used > TILE_NODES:
        return -(-used // TILE_NODES) * TILE_NODES
    return 1 << (used - 1).bit_length()


def _fill(tree: Tree, place: NDArray[np.int64], numbers: Sequence[dict[float, int]], table: NDArray[np.int64]) -> None:
    if not tree.branches:
        table[0] = 0, 0, -1, -2
    for row, (feature, threshold, *children) in zip(place, tree.branches, strict=True):
        table[row] = feature, numbers[feature][threshold], *(place[c] if c > 0 else c for c in children)


def _add_result(
    builder: GraphBuilder, ensemble: Ensemble, scores: tuple[Value, tuple[float, float]], number: int
) -> Value:
    """Output ``number`` of the ONNX node: of a classifier 0 is the label."""
    sums, (low, high) = scores
    if ensemble.labels and number == 0:
        return _add_label(builder, ensemble, sums)
    if ensemble.transform == "LOGISTIC":
        low, high = max(low, -SATURATED), min(high, SATURATED)
    encoding = _encoding(low, high, around_zero=ensemble.transform != "NONE")
    narrowed = builder.requantised(sums, encoding)
    if ensemble.transform == "NONE":
        return narrowed
    # A probability changes by at most a quarter of what its score does (of two scores: of their difference), and scores
    # are half a step wrong: that and its own rounding are together not more than one step of it.
    is_softmax = ensemble.transform == "SOFTMAX"
    step = max(1 / ((1 << SCORES.width) - 1), encoding.scale / (2 if is_softmax else 4))
    probability = Encoding(SCORES, step, SCORES.minimum)
    if is_softmax:
        return softmax(builder, narrowed, 1, probability)
    return look_up(builder, narrowed, sigmoid(real_codes(encoding)), probability)


def _encoding(low: float, high: float, *, around_zero: bool) -> Encoding:
    """The 16-bit encoding whose range is ``[low, high]``, made to hold 0 where a node reads it."""
    if around_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    finest = max(abs(low), abs(high)) / (1 << FLOAT_BITS)
    scale = max((high - low) / ((1 << SCORES.width) - 1), finest) or 1.0
    return Encoding(SCORES, scale, round(SCORES.minimum - low / scale))


def _both_classes(
    builder: GraphBuilder, ensemble: Ensemble, sums: Value, bounds: tuple[float, float]
) -> tuple[Value, tuple[float, float]]:
    """One column ``s`` as two: ``1 − s`` and ``s`` of probabilities, ``−s`` and ``s`` of other scores."""
    middle, shift = (0.5, TIE_BITS) if ensemble.is_positive else (0.0, 0)
    signs = builder.add_constant(np.array([-1, 1]), DType.I8)
    centre = round(middle / sums.encoding.scale)
    unit = Encoding(DType.I32, sums.encoding.scale * (1 << shift), 0)
    both = builder.add(
        Opcode.MUL,
        [sums.operand(zero_point=centre), signs],
        (sums.shape[0], 2),
        unit,
        attributes=view_attributes([(1, 0), (0, 1)]),
        shift=shift,
    )
    reach = max(abs(bounds[0] - middle), abs(bounds[1] - middle))
    return replace(both, encoding=replace(unit, zero_point=-(centre >> shift))), (middle - reach, middle + reach)


def _add_label(builder: GraphBuilder, ensemble: Ensemble, sums: Value) -> Value:
    """The label of the first of the greatest scores, ``i32``."""
    index = argmax(builder, sums, 1, keep=False)
    if ensemble.labels == tuple(range(len(ensemble.labels))):
        return index
    kind = DType.I8 if len(ensemble.labels) <= DType.I8.maximum else DType.I16
    table = np.zeros(1 << kind.width, np.int64)
    table[-kind.minimum : len(ensemble.labels) - kind.minimum] = ensemble.labels
    if np.abs(table).max() > DType.I32.maximum:
        raise ModelError("model/unsupported-op", f"tree ensemble {builder.name} has labels beyond 32 bits")
    narrow = builder.requantised(index, Encoding(kind, 1.0, 0))
    operands = [narrow.operand(), builder.add_constant(table, DType.I32)]
    return builder.add(Opcode.LUT, operands, narrow.shape, INDEX)


def _move_to_end(builder: GraphBuilder, results: Sequence[Value]) -> None:
    """The results' nodes last, in order; no node reads a result."""
    last = [value.index for value in results]
    order = [number for number in range(len(builder.nodes)) if number not in last] + last
    places = {number: place for place, number in enumerate(order)}
    builder.nodes[:] = [_renumbered(builder.nodes[number], places) for number in order]


def _renumbered(node: Node, places: dict[int, int]) -> Node:
    operands = (
        replace(operand, index=places[operand.index]) if operand.kind is OperandKind.TRACE else operand
        for operand in node.operands
    )
    return replace(node, operands=tuple(operands))
