"""One decision tree, and where its branches stand in a table so that a walk enters few tiles."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ModelError
from lockstep.ir.trees import TILE_NODES

Branch = tuple[int, float, int, int]
"""Feature, threshold, child if the feature is at most the threshold, child if not."""


@dataclass(frozen=True, eq=False)
class Tree:
    """Branches, the root first (none if there is but one leaf); a child ``c < 0`` is leaf ``−1 − c``.

    ``leaves``: ``[leaves, outputs]``.
    """

    branches: tuple[Branch, ...]
    leaves: NDArray[np.float64]

    @cached_property
    def depth(self) -> int:
        """Branches on the longest path."""
        depths = [0] * len(self.branches)
        for number, branch in enumerate(self.branches):
            for child in branch[2:]:
                if child > 0:
                    depths[child] = depths[number] + 1
        return max(depths, default=0) + 1

    def scaled(self, factor: float) -> "Tree":
        return replace(self, leaves=self.leaves * factor)

    def shifted(self, offset: NDArray[np.float64]) -> "Tree":
        return replace(self, leaves=self.leaves + offset)

    def column(self, output: int) -> "Tree":
        """The tree of one output alone."""
        return replace(self, leaves=self.leaves[:, output : output + 1])


def build_tree(root: int, branches: Mapping[int, Branch], leaves: Mapping[int, NDArray[np.float64]], name: str) -> Tree:
    """The tree below ``root``, numbered level by level. Raises ``ModelError`` if something is reached in two ways."""
    if root in leaves:
        return Tree((), leaves[root][None])
    order, found = [root], {root}
    reached: list[int] = []
    for number in order:
        for child in branches[number][2:]:
            if child in found:
                raise ModelError("model/corrupt", f"node {name}: a tree reaches {child} in two ways")
            found.add(child)
            if child in leaves:
                reached.append(child)
            else:
                order.append(child)
    new = {number: place for place, number in enumerate(order)} | {leaf: -1 - k for k, leaf in enumerate(reached)}
    renamed = tuple((f, t, new[true], new[false]) for f, t, true, false in (branches[number] for number in order))
    return Tree(renamed, np.stack([leaves[leaf] for leaf in reached]))


def place_branches(tree: Tree) -> NDArray[np.int64]:
    """For each branch its row in the tree's table: parents before children, and 6 levels or a whole subtree a tile."""
    if not tree.branches:
        return np.zeros(0, np.int64)
    sizes = [1] * len(tree.branches)
    for number in reversed(range(len(tree.branches))):
        sizes[number] += sum(sizes[child] for child in _inner(tree, number))
    rows = np.zeros(len(tree.branches), np.int64)
    small: list[int] = []
    waiting, row = deque([0]), 0
    while waiting:
        top = waiting.popleft()
        if sizes[top] < TILE_NODES:
            small.append(top)
            continue
        members = _below(tree, top, TILE_NODES)
        rows[members] = np.arange(row, row + TILE_NODES)
        row += TILE_NODES
        inside = set(members)
        waiting.extend(child for number in members for child in _inner(tree, number) if child not in inside)
    _place_small(tree, sizes, small, rows, row)
    return rows


def _place_small(tree: Tree, sizes: list[int], tops: Iterable[int], rows: NDArray[np.int64], first: int) -> None:
    """Whole subtrees, the larger first, each into the first tile that has room."""
    filled: list[int] = []
    for top in sorted(tops, key=lambda number: -sizes[number]):
        tile = next((k for k, used in enumerate(filled) if used + sizes[top] <= TILE_NODES), len(filled))
        if tile == len(filled):
            filled.append(0)
        start = first + tile * TILE_NODES + filled[tile]
        rows[_below(tree, top, sizes[top])] = np.arange(start, start + sizes[top])
        filled[tile] += sizes[top]


def _inner(tree: Tree, number: int) -> list[int]:
    return [child for child in tree.branches[number][2:] if child > 0]


def _below(tree: Tree, top: int, count: int) -> list[int]:
    """The first ``count`` branches of a subtree, level by level."""
    members = [top]
    for number in members:
        members.extend(_inner(tree, number))
        if len(members) >= count:
            break
    return members[:count]
