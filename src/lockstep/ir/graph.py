"""Integer graphs as values: nodes in topological order over inputs, constants and earlier nodes."""

import math
import struct
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.ir.dtypes import DType
from lockstep.ir.ops import Opcode, OperandKind

HEADER = struct.Struct(">HIHHQ")
"""version, nodes, inputs, outputs, weight leaves; the rest of the 32 bytes is zero (section 4)."""

VERSION = 1
ATTRIBUTES = 16


@dataclass(frozen=True, slots=True)
class Operand:
    """What a node reads. ``index`` is an input number, a constant number or an earlier node's number."""

    kind: OperandKind
    index: int
    dtype: DType
    shape: tuple[int, ...]
    zero_point: int = 0

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def leaves(self) -> int:
        """Leaves of 512 bytes that the whole tensor takes."""
        return -(-self.elements * self.dtype.size // LEAF_BYTES)


@dataclass(frozen=True, slots=True)
class Node:
    """One operator and where its result goes; the meaning of the numbers is the operator's (section 3)."""

    name: str
    opcode: Opcode
    operands: tuple[Operand, ...]
    dtype: DType
    shape: tuple[int, ...]
    low: int
    high: int
    zero_point: int = 0
    multiplier: int = 1
    multiplier2: int = 1
    shift: int = 0
    attributes: tuple[int, ...] = (0,) * ATTRIBUTES

    @property
    def elements(self) -> int:
        return math.prod(self.shape)

    @property
    def tiles(self) -> int:
        """Leaves of 512 bytes that the result takes."""
        return -(-self.elements * self.dtype.size // LEAF_BYTES)


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """An input or output of a model: real value = scale · (integer − zero_point).

    An input with ``edges`` (for each position along the last axis a rising list) has the number of edges below instead.
    """

    name: str
    dtype: DType
    shape: tuple[int, ...]
    scale: float
    zero_point: int
    edges: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, eq=False)
class Constant:
    """A constant tensor: weights, channel tables, look-up tables."""

    dtype: DType
    values: NDArray[np.signedinteger]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    @property
    def leaves(self) -> int:
        return -(-self.values.size * self.dtype.size // LEAF_BYTES)


@dataclass(frozen=True, eq=False)
class Graph:
    """A compiled model. Its outputs are its last ``len(outputs)`` nodes, in order."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    nodes: tuple[Node, ...]
    constants: tuple[Constant, ...]
    source: str = ""

    @cached_property
    def first_leaves(self) -> tuple[int, ...]:
        """For each constant, the leaf of the weights tree that it starts at."""
        starts, leaf = [], 0
        for constant in self.constants:
            starts.append(leaf)
            leaf += constant.leaves
        return tuple(starts)

    @cached_property
    def weight_leaves(self) -> int:
        """Leaves of the weights tree; a graph without constants has one zero leaf."""
        return max(1, sum(constant.leaves for constant in self.constants))

    def first_leaf(self, constant: int) -> int:
        return self.first_leaves[constant]

    def header(self) -> bytes:
        """The 32 bytes that a contract needs to know of the whole graph."""
        fields = HEADER.pack(VERSION, len(self.nodes), len(self.inputs), len(self.outputs), self.weight_leaves)
        return fields.ljust(32, b"\x00")
