"""Plays a match for one claim: from a state and what the other side has shown to the one right move; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.hashing import LEAF_BYTES, leaf_hash
from lockstep.crypto.merkle import MerkleTree, digest_tree, levels_for, pass_tree
from lockstep.dispute.moves import (
    FAN_OUT,
    LEVELS_PER_MOVE,
    NO_KIDS,
    Descend,
    Descent,
    Enter,
    MatchState,
    Move,
    OpenOutputs,
    Phase,
    Reveal,
    Settle,
    SettleOutput,
    Shown,
)
from lockstep.dispute.witness import MINIMUM_NODE_LEVELS, Evidence, TraceSource
from lockstep.errors import ProtocolError
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.graph import Graph
from lockstep.types import ZERO_DIGEST, Digest


@dataclass(frozen=True, eq=False)
class Solver:
    """One claim's knowledge: the graph, the inputs of every pass, its trace and its output root's tree."""

    graph: Graph
    inputs: Sequence[Sequence[NDArray[np.integer]]]
    trace: TraceSource
    outputs: MerkleTree

    def next_move(self, state: MatchState, shown: Shown) -> Move:
        """The move of the side whose turn it is, which must be this claim's. Raises ``ProtocolError`` when none is."""
        match Phase(int(state.phase)):
            case Phase.TRACE if state.levels == LEVELS_PER_MOVE:
                return self._enter(state, shown)
            case Phase.TRACE | Phase.TILES | Phase.OUTPUTS:
                descent = self._descent(state, shown)
                return Descend(descent, self._next(state, descent.index, state.levels - LEVELS_PER_MOVE))
            case Phase.REVEAL:
                return Reveal(self._tile(state))
            case Phase.SETTLE:
                return self._settle(state, shown)
            case Phase.OUTPUT_ROOTS:
                return self._open_outputs(state, shown)
            case Phase.OUTPUT:
                return self._settle_output(state)
        raise ProtocolError("bracket/phase", "no move is known in this phase", value=state.phase)

    @property
    def kids(self) -> tuple[Digest, ...]:
        """The 16 grandchildren of the trace root, which a claim shows when it joins."""
        return tuple(self.trace.digest_at(LEVELS_PER_MOVE, kid) for kid in range(FAN_OUT))

    @cached_property
    def node_levels(self) -> int:
        return max(MINIMUM_NODE_LEVELS, levels_for(len(self.graph.nodes)))

    @cached_property
    def _descriptors(self) -> MerkleTree:
        leaves = [leaf_hash(encode_descriptor(self.graph, number)) for number in range(len(self.graph.nodes))]
        return digest_tree(leaves)

    def _digest(self, state: MatchState, below: int, index: int) -> Digest:
        """A digest ``below`` levels under the current node of this claim's own tree."""
        if state.phase == Phase.OUTPUTS:
            return self.outputs.node(self.outputs.levels - state.levels + below, (state.position << below) + index)
        depth, start = self._place(state)
        return self.trace.digest_at(depth + below, (start << below) + index)

    def _place(self, state: MatchState) -> tuple[int, int]:
        """Depth and index of the current node in the whole trace tree, tensors included."""
        trace_levels = levels_for(len(self.inputs)) + self.node_levels
        if state.phase == Phase.TRACE:
            return trace_levels - state.levels, state.position
        above = levels_for(self.graph.nodes[self._node(state.item)].tiles) - state.levels
        return trace_levels + above, (state.item << above) + state.position

    def _descent(self, state: MatchState, shown: Shown) -> Descent:
        """The first grandchild that differs from what the other side has shown."""
        mine = [self._digest(state, LEVELS_PER_MOVE, kid) for kid in range(FAN_OUT)]
        theirs = list(shown.kids)
        differing = [kid for kid in range(FAN_OUT) if mine[kid] != theirs[kid]]
        if not differing:
            raise ProtocolError("bracket/same", "both sides show the same digests", value=state.position)
        index = differing[0]
        turns_right = [bool((index >> up) & 1) for up in range(LEVELS_PER_MOVE)]
        their_path = MerkleTree.from_leaves(theirs, padding=ZERO_DIGEST).path(index)
        return Descent(
            index=index,
            child_mine=mine[index],
            child_theirs=theirs[index],
            siblings_mine=tuple(MerkleTree.from_leaves(mine, padding=ZERO_DIGEST).path(index)),
            siblings_theirs=tuple(
                ZERO_DIGEST if right else digest for right, digest in zip(turns_right, their_path, strict=True)
            ),
        )

    def _next(self, state: MatchState, child: int, levels_left: int) -> tuple[Digest, ...]:
        """The 16 grandchildren of the chosen child; nothing where no descent follows."""
        if levels_left == 0:
            return NO_KIDS
        return tuple(self._digest(state, 2 * LEVELS_PER_MOVE, FAN_OUT * child + kid) for kid in range(FAN_OUT))

    def _enter(self, state: MatchState, shown: Shown) -> Enter:
        descent = self._descent(state, shown)
        item = FAN_OUT * state.position + descent.index
        node, pass_index = self._node(item), item >> self.node_levels
        if node >= len(self.graph.nodes) or pass_index >= len(self.inputs):
            return Enter(descent, bytes(LEAF_BYTES), (), NO_KIDS)
        levels = levels_for(self.graph.nodes[node].tiles)
        return Enter(descent, *self._descriptor(node), self._next(state, descent.index, levels))

    def _descriptor(self, node: int) -> tuple[bytes, tuple[Digest, ...]]:
        return encode_descriptor(self.graph, node), tuple(self._descriptors.path(node))

    def _tile(self, state: MatchState) -> bytes:
        data = self.trace.tensor_bytes(state.item >> self.node_levels, self._node(state.item))
        return data[LEAF_BYTES * state.position :][:LEAF_BYTES].ljust(LEAF_BYTES, b"\x00")

    def _settle(self, state: MatchState, shown: Shown) -> Settle:
        mine, node = self._tile(state), self._node(state.item)
        first = next(byte for byte in range(LEAF_BYTES) if mine[byte] != shown.tile[byte])
        element = (LEAF_BYTES * state.position + first) // self.graph.nodes[node].dtype.size
        tiles = (mine, shown.tile) if state.turn == 0 else (shown.tile, mine)
        if element >= self.graph.nodes[node].elements:  # beyond the tensor only zeros are right: nothing to recompute
            return Settle(*tiles, *self._descriptor(node), b"")
        evidence = Evidence(self.graph, tuple(self.inputs), self.trace)
        witness = evidence.build(state.item >> self.node_levels, node, element)
        return Settle(*tiles, *self._descriptor(node), witness)

    def _open_outputs(self, state: MatchState, shown: Shown) -> OpenOutputs:
        mine, theirs = self.outputs.root, shown.output_root
        levels = self.outputs.levels
        kids = tuple(self.outputs.node(LEVELS_PER_MOVE, kid) for kid in range(FAN_OUT)) if levels else NO_KIDS
        first, second = (mine, theirs) if state.turn == 0 else (theirs, mine)
        return OpenOutputs(first, second, kids)

    def _settle_output(self, state: MatchState) -> SettleOutput:
        count = len(self.graph.outputs)
        output_levels = levels_for(count)
        pass_index, output = state.position >> output_levels, state.position & ((1 << output_levels) - 1)
        if pass_index >= len(self.inputs) or output >= count:
            return SettleOutput(ZERO_DIGEST, ())
        item = (pass_index << self.node_levels) + len(self.graph.nodes) - count + output
        levels = levels_for(len(self.inputs)) + self.node_levels
        path = tuple(self.trace.digest_at(levels - up, (item >> up) ^ 1) for up in range(levels))
        return SettleOutput(self.trace.digest_at(levels, item), path)

    def _node(self, item: int) -> int:
        return item & ((1 << self.node_levels) - 1)


def outputs_tree(graph: Graph, trace: TraceSource, passes: int) -> MerkleTree:
    """The uniform tree over passes and outputs whose leaves are the tensor roots of a trace's last nodes."""
    count = len(graph.outputs)
    node_levels = max(MINIMUM_NODE_LEVELS, levels_for(len(graph.nodes)))
    levels = levels_for(passes) + node_levels
    firsts = [(pass_index << node_levels) + len(graph.nodes) - count for pass_index in range(passes)]
    inner = [digest_tree([trace.digest_at(levels, first + output) for output in range(count)]) for first in firsts]
    outer = pass_tree([tree.root for tree in inner], inner[0].levels)
    rows = [
        tuple(tree.node(tree.levels - height, index) for tree in inner for index in range(1 << (tree.levels - height)))
        for height in range(inner[0].levels)
    ]
    paddings = inner[0].paddings[: inner[0].levels]
    return MerkleTree(inner[0].levels + outer.levels, (*rows, *outer.stored), (*paddings, *outer.paddings))
