"""Forests as tables: which tables are forests, and how far a walk through one goes (integer-graph.md, section 3)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Graph, Node
from lockstep.ir.limits import FEATURE_BYTES, TREE_DEPTH, TREE_TILES
from lockstep.ir.ops import OperandKind

Table = NDArray[np.int64]

NODE_BYTES = 8
"""Feature, threshold, left and right, 16 bits each."""

TILE_NODES = LEAF_BYTES // NODE_BYTES


@dataclass(frozen=True)
class Walks:
    """How many nodes a walk through a forest passes at most, and how many tiles of nodes it enters."""

    depth: int
    tiles: int
    is_forest: bool
    """Nothing is reached in two ways: every leaf has one path."""


def tree_rules(graph: Graph, node: Node) -> Iterator[tuple[str, bool, str]]:
    """The validity rules of TREES; later ones rely on earlier ones."""
    features, trees, tree_nodes, tree_leaves, outputs, depth = node.attributes[:6]
    x, nodes, values = node.operands
    yield "graph/length", min(features, trees, tree_nodes, tree_leaves, outputs) > 0, "the forest is empty"
    yield "graph/operand", x.kind is not OperandKind.WEIGHT, "features are no constant"
    rows = node.elements // (outputs * trees)
    yield "graph/size", node.elements == rows * outputs * trees, "the result is not rows by outputs by trees"
    yield "graph/size", x.elements == rows * features, "the features are not rows by features"
    yield "step/too-large", features * x.dtype.size <= FEATURE_BYTES, "a row of features is too long"
    are_constant = nodes.kind is OperandKind.WEIGHT and values.kind is OperandKind.WEIGHT
    yield "graph/table", are_constant, "a forest is constant"
    are_nodes = nodes.dtype is DType.I16 and graph.constants[nodes.index].shape == (trees * tree_nodes, 4)
    yield "graph/table", are_nodes, "the table of nodes has another shape or type"
    is_fitting = values.dtype is node.dtype and graph.constants[values.index].shape == (trees * tree_leaves, outputs)
    yield "graph/table", is_fitting, "the table of values has another shape or type"
    table = graph.constants[nodes.index].values.reshape(trees, tree_nodes, 4).astype(np.int64)
    yield "graph/trees", _is_inside(table, features, tree_leaves), "a feature, node or leaf does not exist"
    walks = find_walks(table, tree_leaves)
    yield "graph/trees", walks.is_forest, "a node or leaf is reached in two ways"
    yield "graph/trees", walks.depth <= depth <= TREE_DEPTH, "a walk is longer than the depth, or the depth too large"
    yield "step/too-large", walks.tiles <= TREE_TILES, "a walk enters too many tiles"


def _is_inside(table: Table, features: int, tree_leaves: int) -> bool:
    """Whether features exist and every child is a later node or a leaf. ``table``: ``[trees, nodes, 4]``."""
    feature, children = table[..., 0], table[..., 2:]
    own = np.arange(table.shape[1])[:, None]
    are_nodes = (children > own) & (children < table.shape[1])
    are_leaves = (children < 0) & (children >= -tree_leaves)
    return bool(((feature >= 0) & (feature < features)).all() and (are_nodes | are_leaves).all())


def find_walks(table: Table, tree_leaves: int) -> Walks:
    """Level by level through all trees at once; ``table``: ``[trees, nodes, 4]``, whose children all exist."""
    trees, tree_nodes = table.shape[:2]
    is_reached = np.zeros((trees, tree_nodes), bool)
    is_leaf_reached = np.zeros((trees, tree_leaves), bool)
    tree, node = np.arange(trees), np.zeros(trees, np.int64)
    entered = np.ones(trees, np.int64)
    depth = 0
    tiles = 1
    while tree.size:
        depth += 1
        tiles = max(tiles, int(entered.max()))
        children = table[tree, node, 2:].reshape(-1)
        tile = np.repeat((tree * tree_nodes + node) // TILE_NODES, 2)
        tree, entered, is_leaf = np.repeat(tree, 2), np.repeat(entered, 2), children < 0
        if not _mark(is_leaf_reached, tree[is_leaf], -1 - children[is_leaf]):
            return Walks(depth, tiles, is_forest=False)
        tree, node, entered, tile = tree[~is_leaf], children[~is_leaf], entered[~is_leaf], tile[~is_leaf]
        if not _mark(is_reached, tree, node):
            return Walks(depth, tiles, is_forest=False)
        entered = entered + ((tree * tree_nodes + node) // TILE_NODES != tile)
    return Walks(depth, tiles, is_forest=True)


def _mark(is_reached: NDArray[np.bool_], tree: Table, number: Table) -> bool:
    """Marks what is reached; whether each of it is reached for the first time, and once."""
    before = np.count_nonzero(is_reached)
    is_reached[tree, number] = True
    return bool(np.count_nonzero(is_reached) == before + tree.size)
