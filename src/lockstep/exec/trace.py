"""What a run leaves behind: the value of every node, and any digest of the one tree over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lockstep.codec import encode_values
from lockstep.crypto.forest import TreeRows
from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.crypto.kernels import Digests, hash_forest
from lockstep.crypto.merkle import FAN_OUT, MerkleTree, levels_for, pass_tree, zero_subtree
from lockstep.errors import ProofError
from lockstep.exec.inputs import Tensor
from lockstep.exec.layout import Layout, Memory
from lockstep.ir.graph import Graph
from lockstep.types import Digest


@dataclass(frozen=True, eq=False)
class PassRecord:
    """One pass: its memory and the digests of its forest (``layout.Layout``)."""

    memory: Memory
    digests: Digests

    def digest(self, row: int) -> Digest:
        return Digest(self.digests[row].tobytes())


class Trace:
    """One tree of passes, nodes and tensors (section 1): from ``digest_at(0, 0)``, the root, to leaves of 512 bytes."""

    def __init__(self, layout: Layout, passes: Sequence[PassRecord]) -> None:
        if not passes:
            raise ProofError("tree/empty", "a trace has at least one pass")
        self.layout = layout
        self.graph = layout.graph
        self.passes = passes

    @classmethod
    def of(cls, graph: Graph, passes: Sequence[tuple[Sequence[Tensor], Sequence[Tensor]]]) -> "Trace":
        """A trace of given (inputs, node values), true or not; a liar's too."""
        layout = Layout.of(graph)
        memories = [layout.fill([*inputs, *nodes]) for inputs, nodes in passes]
        return cls(layout, [PassRecord(m, hash_forest(layout.forest, m.view(np.uint64))) for m in memories])

    def values(self, pass_index: int, node: int) -> Tensor:
        """The value of a node."""
        number = len(self.graph.inputs) + node
        return self.layout.view(self.passes[pass_index].memory, number).reshape(self.graph.nodes[node].shape)

    def inputs(self, pass_index: int) -> list[Tensor]:
        """What a pass was run on."""
        memory = self.passes[pass_index].memory
        return [self.layout.view(memory, k).reshape(spec.shape) for k, spec in enumerate(self.graph.inputs)]

    def tensor_bytes(self, pass_index: int, node: int) -> bytes:
        """The codes of a node's value."""
        return encode_values(self.values(pass_index, node), self.graph.nodes[node].dtype.width)

    def leaf(self, pass_index: int, node: int, tile: int) -> bytes:
        """The 512 bytes of one leaf of a node's value."""
        size = self.graph.nodes[node].dtype.size
        first = tile * LEAF_BYTES // size
        values = self.values(pass_index, node).reshape(-1)[first : first + LEAF_BYTES // size]
        return encode_values(values, 8 * size).ljust(LEAF_BYTES, b"\x00")

    @cached_property
    def root(self) -> Digest:
        return self._root_of(self.layout.nodes_tree)

    @cached_property
    def output_root(self) -> Digest:
        return self._root_of(self.layout.outputs_tree)

    @cached_property
    def input_root(self) -> Digest:
        return self._root_of(self.layout.inputs_tree)

    @property
    def pass_levels(self) -> int:
        return levels_for(len(self.passes))

    @property
    def node_levels(self) -> int:
        return self.layout.nodes_tree.levels

    def digest_at(self, level: int, index: int) -> Digest:
        """The digest ``level`` levels below the root, down to the leaves of tensors. Raises ``tree/position``."""
        if level <= self.pass_levels:
            return self._passes_tree.node(level, index)
        level -= self.pass_levels
        pass_index, rest = index >> level, index & ((1 << level) - 1)
        if len(self.passes) <= pass_index < 1 << self.pass_levels and level <= self.node_levels:
            return zero_subtree(self.node_levels - level)
        record = self._pass(pass_index)
        if level <= self.node_levels:
            return record.digest(self.layout.nodes_tree.row(level, rest))
        level -= self.node_levels
        return record.digest(self._node_tree(rest >> level).row(level, rest & ((1 << level) - 1)))

    def descendants(self, level: int, index: int) -> tuple[Digest, ...]:
        """The 16 digests four levels below a digest."""
        return tuple(self.digest_at(level + 4, FAN_OUT * index + child) for child in range(FAN_OUT))

    def tensor_digest(self, pass_index: int, node: int) -> Digest:
        """The root of a node's value."""
        return self._pass(pass_index).digest(self._node_tree(node).root)

    def tensor_tree(self, pass_index: int, node: int) -> MerkleTree:
        """The tree over a node's value."""
        return self._stored_tree(self._pass(pass_index), self._node_tree(node))

    def nodes_tree(self, pass_index: int) -> MerkleTree:
        """The tree over the nodes of a pass."""
        return self._stored_tree(self._pass(pass_index), self.layout.nodes_tree)

    @cached_property
    def _passes_tree(self) -> MerkleTree:
        return self._tree_of(self.layout.nodes_tree)

    def _root_of(self, tree: TreeRows) -> Digest:
        return self.passes[0].digest(tree.root) if len(self.passes) == 1 else self._tree_of(tree).root

    def _tree_of(self, tree: TreeRows) -> MerkleTree:
        return pass_tree([record.digest(tree.root) for record in self.passes], tree.levels)

    @staticmethod
    def _stored_tree(record: PassRecord, tree: TreeRows) -> MerkleTree:
        stored = tuple(tuple(record.digest(row) for row in rows) for rows in tree.rows)
        paddings = tuple(record.digest(row) for row in tree.paddings[: tree.levels + 1])
        return MerkleTree(levels=tree.levels, stored=stored, paddings=paddings)

    def _pass(self, pass_index: int) -> PassRecord:
        if not 0 <= pass_index < len(self.passes):
            raise ProofError("tree/position", "no such pass", value=pass_index)
        return self.passes[pass_index]

    def _node_tree(self, node: int) -> TreeRows:
        if not 0 <= node < len(self.layout.node_trees):
            raise ProofError("tree/position", "no such node", value=node)
        return self.layout.node_trees[node]
