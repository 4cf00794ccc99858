# pragma version ==0.4.3
# pragma optimize gas
# pragma experimental-codegen
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title One element of TREES, from an opened row of features, the tiles of nodes on the walk, and the value of a leaf
@dev integer-graph.md sections 3 and 5. Equal to `lockstep.exec.reference` on every input (tests/differential).
     Who checks a graph knows that its walks end; here each number is checked when the walk meets it.
"""

from .interfaces import IStep
from .modules import calldata
from .modules import descriptors
from .modules import openings

implements: IStep

TREES: constant(uint256) = 16

MAXIMUM_DEPTH: constant(uint256) = 32
TILE_NODES: constant(int256) = 64  # of 8 bytes: feature, threshold, left, right


# The attributes of the operator.
struct Forest:
    features: int256
    trees: int256
    tree_nodes: int256
    tree_leaves: int256
    outputs: int256
    depth: uint256


# A row of features in the witness.
struct Row:
    position: uint256
    size: uint256
    width: uint256


@external
@view
def evaluate(at: IStep.Position, descriptor: Bytes[512], witness: Bytes[16384]) -> int256:
    node: descriptors.Node = descriptors._node()
    assert node.opcode == TREES, "step/opcode"
    forest: Forest = self._forest(node)
    element: int256 = convert(at.element, int256)
    tree: int256 = element % forest.trees
    rest: int256 = element // forest.trees
    row: Row = empty(Row)
    leaf: int256 = 0
    cursor: uint256 = openings._begin()
    row, cursor = self._open_row(at, node, forest, rest // forest.outputs, cursor)
    leaf, cursor = self._walk(at, node, forest, row, tree * forest.tree_nodes, cursor)
    assert leaf < forest.tree_leaves, "descriptor/malformed"
    index: int256 = (tree * forest.tree_leaves + leaf) * forest.outputs + rest % forest.outputs
    values: descriptors.Operand = descriptors._operand(node, 2)
    position: uint256 = 0
    position, cursor = openings._open(at, values, index, index, cursor)
    openings._finish(cursor)
    return calldata._value(position, values.width)


@internal
@view
def _forest(node: descriptors.Node) -> Forest:
    forest: Forest = Forest(
        features=descriptors._positive(node, 0),
        trees=descriptors._positive(node, 1),
        tree_nodes=descriptors._positive(node, 2),
        tree_leaves=descriptors._positive(node, 3),
        outputs=descriptors._positive(node, 4),
        depth=convert(descriptors._positive(node, 5), uint256),
    )
    assert forest.depth <= MAXIMUM_DEPTH, "descriptor/malformed"
    return forest


@internal
@view
def _open_row(
    at: IStep.Position, node: descriptors.Node, forest: Forest, row: int256, cursor: uint256
) -> (Row, uint256):
    """
    @notice All features of a row: one path for all of them is less than one for each that the walk asks for.
    """
    operand: descriptors.Operand = descriptors._operand(node, 0)
    first: int256 = row * forest.features
    position: uint256 = 0
    following: uint256 = 0
    position, following = openings._open(at, operand, first, first + forest.features - 1, cursor)
    return Row(position=position, size=operand.width // 8, width=operand.width), following


@internal
@view
def _walk(
    at: IStep.Position, node: descriptors.Node, forest: Forest, row: Row, first: int256, cursor: uint256
) -> (int256, uint256):
    """
    @notice The leaf of the tree whose nodes start at `first`, and the cursor after the last tile that the walk entered.
    """
    table: descriptors.Operand = descriptors._operand(node, 1)
    assert table.width == 16, "descriptor/malformed"
    end: int256 = forest.trees * forest.tree_nodes
    following: uint256 = cursor
    opened: uint256 = 0
    tile: int256 = -1
    number: int256 = 0
    for i: uint256 in range(forest.depth, bound=32):
        assert number < forest.tree_nodes, "descriptor/malformed"
        place: int256 = first + number
        if place // TILE_NODES != tile:
            tile = place // TILE_NODES
            last: int256 = min((tile + 1) * TILE_NODES, end)
            opened, following = openings._open(at, table, 4 * tile * TILE_NODES, 4 * last - 1, following)
        number = self._child(opened + 8 * convert(place % TILE_NODES, uint256), forest.features, row)
        if number < 0:
            return -1 - number, following
    raise "descriptor/malformed"


@internal
@view
def _child(position: uint256, features: int256, row: Row) -> int256:
    """
    @notice Where the walk goes from the node at a position in calldata.
    """
    feature: int256 = calldata._value(position, 16)
    assert feature >= 0 and feature < features, "descriptor/malformed"
    value: int256 = calldata._value(row.position + convert(feature, uint256) * row.size, row.width)
    if value <= calldata._value(position + 2, 16):
        return calldata._value(position + 4, 16)
    return calldata._value(position + 6, 16)
