"""Builds the witness of one element: the leaves that its operands need and the siblings up to the committed roots."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lockstep.claims.model import weight_bytes
from lockstep.codec import decode_values, encode_values
from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.crypto.kernels import tensor_tree
from lockstep.crypto.merkle import MerkleTree, digest_tree, levels_for, pass_tree
from lockstep.dispute.fields import KIND_INPUT, KIND_WEIGHT, OperandFields, read_fields
from lockstep.dispute.operators import evaluate_element
from lockstep.dispute.step import MAXIMUM_WITNESS_BYTES, Place, Position, cover_range, place_operand
from lockstep.errors import ProofError
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.graph import Graph
from lockstep.types import Digest

MINIMUM_NODE_LEVELS = 4
"""Every trace has at least one 16-ary level of nodes (integer-graph.md section 1)."""


class TraceSource(Protocol):
    """What is asked of a trace: the digests of its uniform tree and the bytes of its tensors."""

    @property
    def root(self) -> Digest: ...

    def digest_at(self, level: int, index: int) -> Digest: ...

    def tensor_bytes(self, pass_index: int, node_number: int) -> bytes: ...


def build_witness(
    graph: Graph,
    passes: int,
    pass_index: int,
    node_number: int,
    element: int,
    inputs: Sequence[Sequence[NDArray[np.integer]]],
    trace: TraceSource,
) -> bytes:
    """The witness of an element; ``inputs`` holds the input tensors of all ``passes``. One element, one witness."""
    return Evidence(graph, tuple(inputs[:passes]), trace).build(pass_index, node_number, element)


@dataclass(frozen=True)
class Evidence:
    """A model, the inputs of all passes and a trace of its run: all that a step's operands are opened from."""

    graph: Graph
    inputs: Sequence[Sequence[NDArray[np.integer]]]
    trace: TraceSource

    @property
    def node_levels(self) -> int:
        return max(MINIMUM_NODE_LEVELS, levels_for(len(self.graph.nodes)))

    @cached_property
    def input_forest(self) -> "Forest":
        widths = [spec.dtype.width for spec in self.graph.inputs]
        return Forest(
            tuple(
                tuple(encode_values(values, width) for values, width in zip(tensors, widths, strict=True))
                for tensors in self.inputs
            )
        )

    def position(self, pass_index: int, node_number: int, element: int) -> Position:
        """The element's place and the roots, as ``IStep.evaluate`` takes them."""
        return Position(
            pass_index=pass_index,
            node_index=node_number,
            element=element,
            input_root=self.input_forest.root,
            weights_root=weights_tree(self.graph).root,
            trace_root=self.trace.root,
            pass_levels=levels_for(len(self.inputs)),
            node_levels=self.node_levels,
            input_levels=levels_for(max(1, len(self.graph.inputs))),
            weight_levels=levels_for(self.graph.weight_leaves),
        )

    def build(self, pass_index: int, node_number: int, element: int) -> bytes:
        """The witness of an element. Raises ``ProofError`` if the step is larger than a witness may be."""
        ranges = self.ranges(pass_index, node_number, element)
        witness = b"".join(opened.leaves + opened.path for opened in ranges)
        if len(witness) > MAXIMUM_WITNESS_BYTES:
            raise ProofError("step/too-large", "the step opens more than a witness holds", value=len(witness))
        return witness

    def ranges(self, pass_index: int, node_number: int, element: int) -> tuple["OpenedRange", ...]:
        """The witness of an element, range by range."""
        node = read_fields(encode_descriptor(self.graph, node_number))
        recorder = _Recorder(self, self.position(pass_index, node_number, element))
        evaluate_element(node, element, recorder.open_range)
        return tuple(recorder.ranges)

    def tensor_bytes(self, pass_index: int, operand: OperandFields) -> bytes:
        """The bytes of an operand's tensor."""
        if operand.kind == KIND_INPUT:
            return self.input_forest.tensor_bytes(pass_index, operand.index)
        if operand.kind == KIND_WEIGHT:
            constant = self.graph.constants[self.graph.first_leaves.index(operand.index)]
            return encode_values(constant.values, constant.dtype.width)
        return self.trace.tensor_bytes(pass_index, operand.index)

    def digest_at(self, kind: int, level: int, index: int) -> Digest:
        """The node ``level`` below the root of the tree that operands of this kind are in."""
        if kind == KIND_INPUT:
            return self.input_forest.digest_at(level, index)
        if kind == KIND_WEIGHT:
            return weights_tree(self.graph).node(level, index)
        return self.trace.digest_at(level, index)


@dataclass(frozen=True)
class OpenedRange:
    """Elements ``first`` … ``last`` of an operand: the leaves that cover them and the siblings up to the root."""

    operand: OperandFields
    first: int
    last: int
    leaves: bytes
    path: bytes


@dataclass
class _Recorder:
    """Answers ranges from the evidence and writes down what proves the answers."""

    evidence: Evidence
    position: Position
    ranges: list[OpenedRange] = field(default_factory=list)

    def open_range(self, operand: OperandFields, first: int, last: int) -> Sequence[int]:
        covered = cover_range(operand, first, last)
        place = place_operand(self.position, operand)
        data = self.evidence.tensor_bytes(self.position.pass_index, operand)
        leaves = data[covered.first * LEAF_BYTES : (covered.last + 1) * LEAF_BYTES]
        leaves = leaves.ljust((covered.last - covered.first + 1) * LEAF_BYTES, b"\x00")
        path = self._path(operand.kind, place, place.first_leaf + covered.first, place.first_leaf + covered.last)
        self.ranges.append(OpenedRange(operand, first, last, leaves, path))
        values = decode_values(data[first * operand.size : (last + 1) * operand.size], operand.width)
        return [int(value) for value in values]

    def _path(self, kind: int, place: Place, low: int, high: int) -> bytes:
        """The siblings that lead leaves low … high to the root: per level left, then right."""
        siblings: list[Digest] = []
        for height in range(place.levels):
            level = place.levels - height
            if (low >> height) % 2:
                siblings.append(self.evidence.digest_at(kind, level, (low >> height) - 1))
            if (high >> height) % 2 == 0:
                siblings.append(self.evidence.digest_at(kind, level, (high >> height) + 1))
        return b"".join(siblings)


@lru_cache(maxsize=4)
def weights_tree(graph: Graph) -> MerkleTree:
    """The tree over all constants. Kept for the last few graphs: a model is large."""
    return tensor_tree(weight_bytes(graph))


@dataclass(frozen=True)
class Forest:
    """Passes over items over tensor leaves, addressed as one tree of uniform height: an input tree or a whole trace."""

    tensors: tuple[tuple[bytes, ...], ...]
    minimum_item_levels: int = 0

    @cached_property
    def _tensor_trees(self) -> tuple[tuple[MerkleTree, ...], ...]:
        return tuple(tuple(tensor_tree(data) for data in tensors) for tensors in self.tensors)

    @cached_property
    def _item_trees(self) -> tuple[MerkleTree, ...]:
        return tuple(
            digest_tree([tree.root for tree in trees], minimum_levels=self.minimum_item_levels)
            for trees in self._tensor_trees
        )

    @cached_property
    def _pass_tree(self) -> MerkleTree:
        return pass_tree([tree.root for tree in self._item_trees], self._item_trees[0].levels)

    @property
    def root(self) -> Digest:
        return self._pass_tree.root

    def tensor_bytes(self, pass_index: int, item: int) -> bytes:
        return self.tensors[pass_index][item]

    def digest_at(self, level: int, index: int) -> Digest:
        """The node ``level`` below the root; tensors may have different heights below the same level."""
        if level <= self._pass_tree.levels:
            return self._pass_tree.node(level, index)
        level -= self._pass_tree.levels
        pass_index, index = divmod(index, 1 << level)
        item_tree = self._item_trees[pass_index]
        if level <= item_tree.levels:
            return item_tree.node(level, index)
        level -= item_tree.levels
        item, index = divmod(index, 1 << level)
        return self._tensor_trees[pass_index][item].node(level, index)
