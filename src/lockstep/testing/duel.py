"""Plays one match on a chain with both traces known, call by call, to measure what each call costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lockstep.chain.binding import Transaction
from lockstep.chain.bindings.bracket import Bracket, Decided, Descent, Match, Moved, Phase, Revealed
from lockstep.chain.bindings.shared import Job
from lockstep.chain.receipt import Receipt
from lockstep.crypto.hashing import LEAF_BYTES, leaf_hash
from lockstep.crypto.merkle import MerkleTree, digest_tree, levels_for
from lockstep.dispute.witness import Evidence, TraceSource
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.graph import Graph
from lockstep.types import ZERO_DIGEST, Digest

FAN_OUT = 16
NO_KIDS = (ZERO_DIGEST,) * FAN_OUT

Send = Callable[[str, int, Transaction], Receipt]
"""Sends a call by its name for the side whose turn it is (0 or 1)."""


@dataclass
class Duel:
    """One match. ``traces`` are those of claim a and claim b; ``inputs`` are the tensors of every pass."""

    bracket: Bracket
    job: Job
    graph: Graph
    inputs: Sequence[Sequence[NDArray[np.integer]]]
    traces: tuple[TraceSource, TraceSource]
    moves: list[Receipt] = field(default_factory=list)

    def __post_init__(self) -> None:
        leaves = [leaf_hash(encode_descriptor(self.graph, number)) for number in range(len(self.graph.nodes))]
        self._descriptors: MerkleTree = digest_tree(leaves)
        self._node_levels = max(4, levels_for(len(self.graph.nodes)))

    def play(self, state: Match, send: Send) -> Digest:
        """From the start of the match to its decision; the claim that survives."""
        while True:
            name = self._next_call(state)
            receipt = send(name, state.turn, getattr(self, f"_{name}")(state))
            self.moves.append(receipt)
            for found in receipt.events(self.bracket):
                if isinstance(found.event, Moved | Revealed):
                    state = found.event.state
                elif isinstance(found.event, Decided):
                    return found.event.survivor

    def _next_call(self, state: Match) -> str:
        if state.phase == Phase.TRACE:
            return "enter" if state.levels == 4 else "descend"
        return {Phase.TILES: "descend", Phase.REVEAL: "reveal", Phase.SETTLE: "settle"}[state.phase]

    def _descend(self, state: Match) -> Transaction:
        descent = self._descent(state)
        return self.bracket.descend(state, descent, self._next(state, descent.index, levels_left=state.levels - 4))

    def _enter(self, state: Match) -> Transaction:
        descent = self._descent(state)
        node = self._node_of(FAN_OUT * state.position + descent.index)
        levels = levels_for(self.graph.nodes[node].tiles)
        kids = self._next(state, descent.index, levels_left=levels)
        return self.bracket.enter(self.job, state, descent, *self._descriptor(node), kids)

    def _reveal(self, state: Match) -> Transaction:
        return self.bracket.reveal(state, self._tile(state, state.turn))

    def _settle(self, state: Match) -> Transaction:
        node = self._node_of(state.item)
        tiles = self._tile(state, 0), self._tile(state, 1)
        first = next(byte for byte in range(LEAF_BYTES) if tiles[0][byte] != tiles[1][byte])
        element = (LEAF_BYTES * state.position + first) // self.graph.nodes[node].dtype.size
        pass_index = state.item >> self._node_levels
        witness = Evidence(self.graph, tuple(self.inputs), self.traces[state.turn]).build(pass_index, node, element)
        return self.bracket.settle(self.job, state, *tiles, *self._descriptor(node), witness)

    def _descent(self, state: Match) -> Descent:
        """The first of 16 grandchildren that differ, with both paths bottom up."""
        mine, theirs = self.traces[state.turn], self.traces[1 - state.turn]
        depth, index = self._place(state)
        kids = [[tree.digest_at(depth + 4, FAN_OUT * index + kid) for kid in range(FAN_OUT)] for tree in (mine, theirs)]
        chosen = next(kid for kid in range(FAN_OUT) if kids[0][kid] != kids[1][kid])
        below = FAN_OUT * index + chosen
        siblings = [[tree.digest_at(depth + 4 - up, (below >> up) ^ 1) for up in range(4)] for tree in (mine, theirs)]
        shown = tuple(ZERO_DIGEST if (chosen >> up) & 1 else siblings[1][up] for up in range(4))
        return Descent(chosen, kids[0][chosen], kids[1][chosen], tuple(siblings[0]), shown)

    def _next(self, state: Match, chosen: int, *, levels_left: int) -> tuple[Digest, ...]:
        """The mover's 16 grandchildren of its own child; nothing where no descent follows."""
        if levels_left == 0:
            return NO_KIDS
        depth, index = self._place(state)
        first = FAN_OUT * (FAN_OUT * index + chosen)
        return tuple(self.traces[state.turn].digest_at(depth + 8, first + kid) for kid in range(FAN_OUT))

    def _place(self, state: Match) -> tuple[int, int]:
        """Depth and index of the current node in the whole trace tree, tensors included."""
        trace_levels = levels_for(len(self.inputs)) + self._node_levels
        if state.phase == Phase.TRACE:
            return trace_levels - state.levels, state.position
        above = levels_for(self.graph.nodes[self._node_of(state.item)].tiles) - state.levels
        return trace_levels + above, (state.item << above) + state.position

    def _tile(self, state: Match, side: int) -> bytes:
        node, pass_index = self._node_of(state.item), state.item >> self._node_levels
        data = self.traces[side].tensor_bytes(pass_index, node)
        return data[LEAF_BYTES * state.position :][:LEAF_BYTES].ljust(LEAF_BYTES, b"\x00")

    def _descriptor(self, node: int) -> tuple[bytes, list[Digest]]:
        return encode_descriptor(self.graph, node), self._descriptors.path(node)

    def _node_of(self, item: int) -> int:
        return item & ((1 << self._node_levels) - 1)
