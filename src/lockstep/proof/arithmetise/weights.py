"""The words of the weights' oracle, from the constants of a graph."""

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ProofError
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.compile import Structure
from lockstep.proof.arithmetise.evaluation import Values
from lockstep.proof.arithmetise.facts import LARGEST
from lockstep.proof.arithmetise.recipes import Biases, Column, Conditions, Multipliers, Weights
from lockstep.proof.arithmetise.words import Rows, rows_of

WEIGHTS = 0


def weight_values(structure: Structure) -> dict[int, Values]:
    """Every block of the weights, in the shape of its extents."""
    values = {}
    for number, (block, recipe) in enumerate(zip(structure.program.blocks, structure.recipes, strict=True)):
        if block.oracle == WEIGHTS and recipe is not None:
            extents = tuple(axis.extent for axis in block.axes)
            values[number] = constant_values(structure.graph, recipe, extents).reshape(extents)
    return values


def weight_rows(structure: Structure) -> Rows:
    """What a model commits to."""
    return rows_of(structure.program, WEIGHTS, weight_values(structure))


def constant_values(graph: Graph, recipe: object, extents: tuple[int, ...]) -> Values:
    """What a recipe makes of the constants of a graph."""
    match recipe:
        case Weights():
            flat = graph.constants[recipe.constant].values.reshape(-1)
            words: Values = flat[addresses(extents, recipe.strides) + recipe.offset].astype(np.int64)
            if int(words.max()) >= LARGEST or int(words.min()) <= -LARGEST:
                raise ProofError("proof/range", "a constant is too large for the field", value=recipe.constant)
            words = words - recipe.zero_point
            if recipe.table is not None:
                words = words * _table(graph, recipe.table)[addresses(extents, recipe.channel), 1]
            return words
        case Biases():
            rows = _table(graph, recipe.table)[addresses(extents, recipe.channel)]
            return np.asarray(rows[..., 0] * rows[..., 1])
        case Multipliers():
            return np.asarray(_table(graph, recipe.table)[addresses(extents, recipe.channel), 1])
        case Column(table, number):
            return np.asarray(_table(graph, table)[:, number]).reshape(extents)
        case Conditions():
            return _conditions(graph, recipe)
    raise AssertionError("not a recipe of weights")


def _conditions(graph: Graph, recipe: Conditions) -> Values:
    """``[trees, leaves, depth]``."""
    table = graph.constants[recipe.nodes].values.astype(np.int64)
    table = table.reshape(recipe.trees, -1, 4)
    asked = np.zeros((2, recipe.trees, recipe.leaves, recipe.depth), dtype=np.int64)
    asked[1] = recipe.never
    for tree, rows in enumerate(table.tolist()):
        walks: list[tuple[int, list[tuple[int, int]]]] = [(0, [])]
        while walks:
            at, path = walks.pop()
            if at < 0:
                path += [path[-1]] * (recipe.depth - len(path))
                asked[:, tree, -1 - at] = np.array(path).T
                continue
            feature, threshold, left, right = rows[at]
            walks.append((left, [*path, (feature, threshold)]))
            walks.append((right, [*path, (recipe.features + feature, -threshold - 1)]))
    return np.asarray(asked[int(recipe.is_addend)])


def _table(graph: Graph, constant: int) -> NDArray[np.int64]:
    return graph.constants[constant].values.astype(np.int64)


def addresses(extents: tuple[int, ...], strides: tuple[int, ...]) -> NDArray[np.int64]:
    """``Σ strides·i`` at every place."""
    total = np.zeros((1,) * len(extents), dtype=np.int64)
    for axis, (extent, stride) in enumerate(zip(extents, strides, strict=True)):
        shape = [1] * len(extents)
        shape[axis] = extent
        total = total + stride * np.arange(extent, dtype=np.int64).reshape(shape)
    return np.broadcast_to(total, extents)
