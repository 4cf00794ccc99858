"""Where every tensor of a run lies in memory, leaf by leaf, and which hashes make its roots: fixed once for a graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.forest import Forest, ForestBuilder, TreeRows
from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.ir.graph import Graph, Node, TensorSpec

MINIMUM_NODE_LEVELS = 4
"""A trace is at least 16 nodes wide, so that the first move of a dispute always has 16 grandchildren (section 1)."""

Memory = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Layout:
    """Inputs, then nodes, as native integers; every tensor starts on a leaf.

    The end of a tensor's last leaf holds the least value, whose code is zero bytes.
    """

    graph: Graph
    tensors: tuple[TensorSpec | Node, ...]
    first_leaves: tuple[int, ...]
    leaves: int
    forest: Forest
    input_trees: tuple[TreeRows, ...]
    node_trees: tuple[TreeRows, ...]
    inputs_tree: TreeRows
    nodes_tree: TreeRows
    outputs_tree: TreeRows

    @classmethod
    def of(cls, graph: Graph) -> "Layout":
        tensors: tuple[TensorSpec | Node, ...] = (*graph.inputs, *graph.nodes)
        counts = [-(-_size(tensor) // LEAF_BYTES) for tensor in tensors]
        first_leaves = list(accumulate(counts, initial=0))
        widths = np.repeat(np.array([tensor.dtype.width for tensor in tensors], np.uint8), counts)
        builder = ForestBuilder(widths)
        trees = [builder.tensor_tree(first, count) for first, count in zip(first_leaves, counts, strict=False)]
        input_trees, node_trees = trees[: len(graph.inputs)], trees[len(graph.inputs) :]
        return cls(
            graph=graph,
            tensors=tensors,
            first_leaves=tuple(first_leaves[:-1]),
            leaves=first_leaves[-1],
            input_trees=tuple(input_trees),
            node_trees=tuple(node_trees),
            inputs_tree=builder.digest_tree(input_trees),
            nodes_tree=builder.digest_tree(node_trees, MINIMUM_NODE_LEVELS),
            outputs_tree=builder.digest_tree(node_trees[len(graph.nodes) - len(graph.outputs) :]),
            forest=builder.build(),
        )

    def new_memory(self) -> Memory:
        """Memory for one run with every leaf filled up; only the tensors' own elements are written afterwards."""
        memory = np.empty(self.leaves * LEAF_BYTES, np.uint8)
        for number, tensor in enumerate(self.tensors):
            start = self.first_leaves[number] * LEAF_BYTES
            stop = start + -(-_size(tensor) // LEAF_BYTES) * LEAF_BYTES
            memory[start:stop].view(tensor.dtype.numpy)[:] = tensor.dtype.minimum
        return memory

    def views(self, memory: Memory) -> list[NDArray[np.signedinteger]]:
        """Every tensor in ``memory`` as a flat array: inputs, then nodes."""
        return [self.view(memory, number) for number in range(len(self.tensors))]

    def view(self, memory: Memory, number: int) -> NDArray[np.signedinteger]:
        tensor, start = self.tensors[number], self.first_leaves[number] * LEAF_BYTES
        return memory[start : start + _size(tensor)].view(tensor.dtype.numpy)

    def fill(self, values: Sequence[NDArray[np.signedinteger]]) -> Memory:
        """Memory that holds these inputs and node values."""
        memory = self.new_memory()
        for view, tensor in zip(self.views(memory), values, strict=True):
            view[:] = tensor.reshape(-1)
        return memory


def _size(tensor: TensorSpec | Node) -> int:
    return int(np.prod(tensor.shape, dtype=np.int64)) * tensor.dtype.size
