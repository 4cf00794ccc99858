"""A small model with every kind of tree in it, honest and false traces of it, and whole games between two solvers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from lockstep.claims.model import commit_model
from lockstep.crypto.hashing import keccak256, node_hash
from lockstep.crypto.merkle import MerkleTree
from lockstep.dispute.moves import Move, Reveal, Shown
from lockstep.dispute.solver import Solver, outputs_tree
from lockstep.dispute.witness import TraceSource
from lockstep.exec.run import Program
from lockstep.exec.trace import Trace
from lockstep.ir.check import check_graph
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.types import Digest
from tests.unit.dispute.referee import Decision, Referee, State, shown_kids

ROWS, COLUMNS, CLASSES = 120, 40, 24
JOB = keccak256(b"a job")
MOST_MOVES = 40


def attributes(*values: int) -> tuple[int, ...]:
    return values + (0,) * (16 - len(values))


def toy_graph(copies: int, *, with_sums: bool) -> Graph:
    """Tensors of 38, 10, 6 and 1 tiles; with copies more than 16 nodes; with sums two outputs."""
    i8, i32, wide = DType.I8, DType.I32, {"low": DType.I32.minimum, "high": DType.I32.maximum}
    narrow = {"low": -128, "high": 127}
    inputs = (TensorSpec("x", i8, (1, COLUMNS), 1.0, 0), TensorSpec("y", i8, (ROWS, 1), 1.0, 0))
    weights = np.random.default_rng(11).integers(-128, 128, (CLASSES, COLUMNS)).astype(np.int8)
    x = Operand(OperandKind.INPUT, 0, i8, (1, COLUMNS), zero_point=3)
    y = Operand(OperandKind.INPUT, 1, i8, (ROWS, 1))
    w = Operand(OperandKind.WEIGHT, 0, i8, (CLASSES, COLUMNS))
    nodes: list[Node] = []

    def add(
        opcode: Opcode, operands: tuple[Operand, ...], dtype: DType, shape: tuple[int, ...], **rest: object
    ) -> None:
        nodes.append(Node(f"{opcode.name}_{len(nodes)}".lower(), opcode, operands, dtype, shape, **rest))  # type: ignore[arg-type]

    def node(number: int) -> Operand:
        return Operand(OperandKind.TRACE, number, nodes[number].dtype, nodes[number].shape)

    strides = attributes(0, 1, 0, 0, 0, 0, 1)
    add(Opcode.ADD, (x, y), i32, (ROWS, COLUMNS), multiplier=5, multiplier2=7, attributes=strides, **wide)
    add(Opcode.REQUANT, (node(0),), i8, (ROWS, COLUMNS), multiplier=3, shift=5, **narrow)
    product = attributes(COLUMNS, COLUMNS, 0, COLUMNS, 0, CLASSES, ROWS)
    add(Opcode.MATMUL, (node(1), w), i8, (ROWS, CLASSES), shift=10, attributes=product, **narrow)
    for _ in range(copies):
        add(Opcode.COPY, (node(2),), i8, (30,), attributes=attributes(3), **narrow)
    if with_sums:
        add(Opcode.SUM, (node(2),), i32, (ROWS,), attributes=attributes(CLASSES, CLASSES, 0), **wide)
    add(Opcode.ARGMAX, (node(2),), i32, (ROWS,), attributes=attributes(CLASSES, CLASSES, 0), **wide)
    last = nodes[-2:] if with_sums else nodes[-1:]
    outputs = tuple(TensorSpec(found.name, found.dtype, found.shape, 1.0, 0) for found in last)
    graph = Graph(inputs, outputs, tuple(nodes), (Constant(i8, weights),))
    check_graph(graph)
    return graph


@dataclass(frozen=True, eq=False)
class World:
    """A model and the true run of it on some passes."""

    graph: Graph
    inputs: tuple[tuple[NDArray[np.int8], ...], ...]
    trace: Trace
    referee: Referee

    @property
    def passes(self) -> int:
        return len(self.inputs)

    @property
    def node_levels(self) -> int:
        return self.referee.node_levels

    @property
    def honest(self) -> Solver:
        return self.solver(self.trace)

    def solver(self, trace: TraceSource, outputs: MerkleTree | None = None) -> Solver:
        """A player with this trace; its outputs are those of its trace unless given."""
        return Solver(self.graph, self.inputs, trace, outputs or outputs_tree(self.graph, trace, self.passes))


@cache
def world(passes: int, *, is_small: bool = False) -> World:
    """Small: fewer than 16 nodes and one output, so that trees have no level where others have four."""
    graph = toy_graph(0, with_sums=False) if is_small else toy_graph(14, with_sums=True)
    random = np.random.default_rng(passes)
    inputs = tuple(
        tuple(random.integers(-128, 128, spec.shape).astype(np.int8) for spec in graph.inputs) for _ in range(passes)
    )
    trace = Program(graph).run_trace(*inputs)
    return World(graph, inputs, trace, Referee(commit_model(graph), JOB, trace.input_root, passes))


@dataclass(frozen=True)
class PatchedTrace:
    """A trace with another digest in one place; what it shows below stays as it was, but for given bytes."""

    base: TraceSource
    changed: dict[tuple[int, int], Digest]
    data: dict[tuple[int, int], bytes] = field(default_factory=dict)

    @property
    def root(self) -> Digest:
        return self.changed[0, 0]

    def digest_at(self, level: int, index: int) -> Digest:
        return self.changed.get((level, index)) or self.base.digest_at(level, index)

    def tensor_bytes(self, pass_index: int, node_number: int) -> bytes:
        return self.data.get((pass_index, node_number)) or self.base.tensor_bytes(pass_index, node_number)


def patched(
    read: Callable[[int, int], Digest], level: int, index: int, digest: Digest
) -> dict[tuple[int, int], Digest]:
    """The digests from a changed one up to the root."""
    changed = {(level, index): digest}
    while level:
        sibling = read(level, index ^ 1)
        digest = node_hash(sibling, digest) if index % 2 else node_hash(digest, sibling)
        level, index = level - 1, index // 2
        changed[level, index] = digest
    return changed


def patched_outputs(tree: MerkleTree, index: int, digest: Digest) -> MerkleTree:
    """An output tree with another leaf, stored whole."""
    changed = patched(tree.node, tree.levels, index, digest)
    stored = tuple(
        tuple(
            changed.get((tree.levels - height, at), tree.node(tree.levels - height, at))
            for at in range(1 << (tree.levels - height))
        )
        for height in range(tree.levels + 1)
    )
    return MerkleTree(tree.levels, stored, tree.paddings)


@dataclass(frozen=True)
class Game:
    """How a match went."""

    survives: tuple[bool, bool]
    moves: Sequence[tuple[State, Move]]


def play(referee: Referee, players: tuple[Solver, Solver]) -> Game:
    """A whole match in memory; every move is checked by the referee, and none may be missing."""
    outputs = players[0].outputs.root, players[1].outputs.root
    state = referee.start(outputs, (players[0].trace.root, players[1].trace.root))
    kids, tiles = [player.kids for player in players], [b"", b""]
    moves: list[tuple[State, Move]] = []
    while len(moves) < MOST_MOVES:
        mover = state.turn
        shown = Shown(kids[1 - mover], tiles[1 - mover], outputs[1 - mover])
        move = players[mover].next_move(state, shown)
        moves.append((state, move))
        after = referee.play(state, move)
        if isinstance(after, Decision):
            return Game(after.survives, moves)
        if isinstance(move, Reveal):
            tiles[mover] = move.tile
        else:
            kids[mover] = shown_kids(move)
        state = after
    raise AssertionError(f"no decision after {MOST_MOVES} moves")
