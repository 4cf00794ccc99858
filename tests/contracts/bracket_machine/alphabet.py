"""The alphabet: a graph whose every node holds the next letter of the node before, in tensors of all shapes of tree."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lockstep.codec import encode_values
from lockstep.crypto.hashing import LEAF_BYTES, ZERO_LEAF, keccak256, leaf_hash, node_hash
from lockstep.crypto.merkle import digest_tree, levels_for
from lockstep.types import ZERO_DIGEST, Digest
from tests.contracts.bracket_machine.trees import SparseTree

Letters = NDArray[np.int64]
NEXT_LETTER = 1
KIND_INPUT, KIND_TRACE = 1, 3


@dataclass(frozen=True)
class Shape:
    """The tensor of one node: how many letters, and how wide each is stored."""

    elements: int
    width: int

    @property
    def size(self) -> int:
        return self.elements * self.width // 8

    @property
    def tiles(self) -> int:
        return -(-self.size // LEAF_BYTES)

    @property
    def levels(self) -> int:
        return levels_for(self.tiles)


def tensor(data: bytes, padding: Digest = ZERO_LEAF) -> SparseTree:
    """The tree over a tensor's bytes."""
    leaves = {i: leaf_hash(data[LEAF_BYTES * i : LEAF_BYTES * (i + 1)]) for i in range(-(-len(data) // LEAF_BYTES))}
    return SparseTree(levels_for(len(leaves)), leaves, padding)


@dataclass(frozen=True)
class Alphabet:
    """A model and a batch of inputs for it; node shapes may shrink, never grow."""

    shapes: tuple[Shape, ...]
    outputs: int
    passes: int
    seed: int = 1

    @cached_property
    def inputs(self) -> list[Letters]:
        generator = np.random.default_rng(self.seed)
        return [generator.integers(-128, 128, self.shapes[0].elements) for _ in range(self.passes)]

    @property
    def input_shape(self) -> Shape:
        return Shape(self.shapes[0].elements, 8)

    @property
    def node_levels(self) -> int:
        return max(4, levels_for(len(self.shapes)))

    @property
    def pass_levels(self) -> int:
        return levels_for(self.passes)

    @property
    def output_levels(self) -> int:
        return levels_for(self.outputs)

    def item(self, pass_index: int, node: int) -> int:
        return (pass_index << self.node_levels) + node

    def place(self, item: int) -> tuple[int, int]:
        return item >> self.node_levels, item & ((1 << self.node_levels) - 1)

    @property
    def items(self) -> list[int]:
        return [self.item(p, n) for p in range(self.passes) for n in range(len(self.shapes))]

    def letters_after(self, node: int, before: Letters) -> Letters:
        """What node ``node`` makes of its operand."""
        return (before[: self.shapes[node].elements] + 129) % 256 - 128

    def encode(self, node: int, letters: Letters) -> bytes:
        return encode_values(letters, self.shapes[node].width)

    @cached_property
    def data(self) -> dict[int, bytes]:
        """The true bytes of every trace item."""
        return {
            self.item(p, n): data for p in range(self.passes) for n, data in self.run_from(p, 0, self.inputs[p]).items()
        }

    def run_from(self, pass_index: int, node: int, before: Letters) -> dict[int, bytes]:
        """The bytes of nodes ``node`` and after, for an operand of the first of them."""
        result = {}
        for number in range(node, len(self.shapes)):
            before = self.letters_after(number, before)
            result[number] = self.encode(number, before)
        return result

    @cached_property
    def header(self) -> bytes:
        sizes = ((1, 2), (len(self.shapes), 4), (1, 2), (self.outputs, 2), (0, 8))
        return b"".join(value.to_bytes(size, "big") for value, size in sizes).ljust(32, b"\x00")

    def descriptor(self, node: int) -> bytes:
        shape, operand = self.shapes[node], self.shapes[node - 1] if node else self.input_shape
        fields = [0] * 128
        fields[0:7] = [NEXT_LETTER, shape.width, 1, 1, shape.levels, shape.tiles, shape.elements]
        fields[16] = shape.elements
        kind, index = (KIND_TRACE, node - 1) if node else (KIND_INPUT, 0)
        fields[40:46] = [kind, index, operand.width, 0, operand.tiles, operand.levels]
        return b"".join(field.to_bytes(4, "big") for field in fields)

    @cached_property
    def descriptors(self) -> "SparseTree":
        leaves = {node: leaf_hash(self.descriptor(node)) for node in range(len(self.shapes))}
        return SparseTree(levels_for(len(leaves)), leaves, ZERO_DIGEST)

    @cached_property
    def model_id(self) -> Digest:
        graph_root = node_hash(Digest(self.header), self.descriptors.root)
        return keccak256(b"lockstep/model/1", graph_root, ZERO_DIGEST, ZERO_DIGEST)

    @cached_property
    def input_trees(self) -> list[SparseTree]:
        return [tensor(encode_values(letters, 8)) for letters in self.inputs]

    @cached_property
    def input_root(self) -> Digest:
        return digest_tree([tree.root for tree in self.input_trees]).root

    def input_opening(self, pass_index: int, element: int) -> bytes:
        """The witness of an element of node 0."""
        tile = element // LEAF_BYTES
        start = tile * LEAF_BYTES
        data = encode_values(self.inputs[pass_index], 8)[start : start + LEAF_BYTES].ljust(LEAF_BYTES, b"\x00")
        passes = digest_tree([tree.root for tree in self.input_trees])
        return data + b"".join(self.input_trees[pass_index].path(tile) + passes.path(pass_index))
