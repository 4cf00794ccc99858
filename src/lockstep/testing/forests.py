"""Random trees in the encoding of TREES (integer-graph.md, section 3)."""

import numpy as np
from numpy.typing import NDArray

from lockstep.ir.limits import TREE_DEPTH


def random_tree(generator: np.random.Generator, tree_nodes: int, features: int) -> NDArray[np.int64]:
    """``[tree_nodes, 4]``: a tree of at most that many nodes, the rest filled up; thresholds are 0."""
    table = np.tile(np.array([0, 0, -1, -1], np.int64), (tree_nodes, 1))
    slots, depths = [(0, 2), (0, 3)], {0: 1}
    for number in range(1, int(generator.integers(1, tree_nodes, endpoint=True))):
        parent, side = slots.pop(int(generator.integers(len(slots))))
        if depths[parent] == TREE_DEPTH:
            slots.append((parent, side))
            break
        table[parent, side], depths[number] = number, depths[parent] + 1
        slots += [(number, 2), (number, 3)]
    for leaf, (parent, side) in enumerate(slots):
        table[parent, side] = -1 - leaf
    table[:, 0] = generator.integers(0, features, tree_nodes)
    return table
