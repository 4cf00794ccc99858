"""The rules of a match in plain Python (dispute.md section 4), as ``Bracket.vy`` has them: the judge of games."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lockstep.claims.ids import claim_id
from lockstep.claims.model import ModelCommitment
from lockstep.codec import decode_values
from lockstep.crypto.hashing import LEAF_BYTES, ZERO_LEAF, leaf_hash, node_hash
from lockstep.crypto.merkle import levels_for, root_from_path
from lockstep.dispute.moves import (
    FAN_OUT,
    NO_KIDS,
    Descend,
    Descent,
    Enter,
    Move,
    OpenOutputs,
    Phase,
    Reveal,
    Settle,
    SettleOutput,
)
from lockstep.dispute.step import Position, evaluate_step
from lockstep.errors import ProtocolError
from lockstep.ir.graph import HEADER
from lockstep.types import ZERO_DIGEST, Digest


@dataclass(frozen=True)
class State:
    """The contract's ``Match`` without the clock."""

    claim_a: Digest
    claim_b: Digest
    trace_a: Digest
    trace_b: Digest
    node_a: Digest
    node_b: Digest
    phase: Phase
    turn: int = 0
    position: int = 0
    levels: int = 0
    item: int = 0
    tiles: int = 0


@dataclass(frozen=True)
class Decision:
    """Who survives: a, b."""

    survives: tuple[bool, bool]


@dataclass(frozen=True)
class Referee:
    """What the contracts know of a job: what was registered, what was asked."""

    model: ModelCommitment
    job_id: Digest
    input_root: Digest
    passes: int

    @property
    def nodes(self) -> int:
        return int(HEADER.unpack_from(self.model.header)[1])

    @property
    def outputs(self) -> int:
        return int(HEADER.unpack_from(self.model.header)[3])

    @property
    def node_levels(self) -> int:
        return max(4, levels_for(self.nodes))

    def start(self, outputs: tuple[Digest, Digest], traces: tuple[Digest, Digest]) -> State:
        """The first state of a match between two claims."""
        claim_a, claim_b = (claim_id(self.job_id, output, trace) for output, trace in zip(outputs, traces, strict=True))
        require(claim_a != claim_b, "bracket/same")
        trace_a, trace_b = traces
        if trace_a == trace_b:
            return State(claim_a, claim_b, trace_a, trace_b, ZERO_DIGEST, ZERO_DIGEST, Phase.OUTPUT_ROOTS)
        levels = levels_for(self.passes) + self.node_levels
        return State(claim_a, claim_b, trace_a, trace_b, trace_a, trace_b, Phase.TRACE, levels=levels)

    def play(self, state: State, move: Move) -> State | Decision:
        """The state after a move. Raises ``ProtocolError`` with the code of the contract for one against the rules."""
        match move:
            case Descend():
                return self._descend(state, move)
            case Enter():
                return self._enter(state, move)
            case Reveal():
                require(state.phase == Phase.REVEAL, "bracket/phase")
                require(leaf_hash(move.tile) == (state.node_a, state.node_b)[state.turn], "tile/preimage")
                return pass_turn(replace(state, phase=Phase.SETTLE))
            case Settle():
                return self._settle(state, move)
            case OpenOutputs():
                return self._open_outputs(state, move)
            case SettleOutput():
                return self._settle_output(state, move)

    def _descend(self, state: State, move: Descend) -> State | Decision:
        can_descend = state.phase in (Phase.TILES, Phase.OUTPUTS) or (state.phase == Phase.TRACE and state.levels > 4)
        require(can_descend, "bracket/phase")
        after = descended(state, move.descent)
        after = replace(after, levels=state.levels - 4, position=FAN_OUT * state.position + move.descent.index)
        if after.levels:
            return show_next(after, move.descent.child_mine, move.next)
        if state.phase == Phase.OUTPUTS:
            return pass_turn(replace(after, phase=Phase.OUTPUT))
        if after.position < state.tiles:
            return pass_turn(replace(after, phase=Phase.REVEAL))
        return Decision((after.node_a == ZERO_LEAF, after.node_b == ZERO_LEAF))

    def _enter(self, state: State, move: Enter) -> State | Decision:
        require(state.phase == Phase.TRACE and state.levels == 4, "bracket/phase")
        after = descended(state, move.descent)
        after = replace(after, item=FAN_OUT * state.position + move.descent.index, position=0)
        pass_index, node = self._place(after.item)
        if pass_index >= self.passes or node >= self.nodes:
            return Decision((after.node_a == ZERO_DIGEST, after.node_b == ZERO_DIGEST))
        self._require_descriptor(node, move.descriptor, move.descriptor_path)
        after = replace(after, levels=field(move.descriptor, 4), tiles=field(move.descriptor, 5))
        if after.levels == 0:
            return pass_turn(replace(after, phase=Phase.REVEAL))
        return show_next(replace(after, phase=Phase.TILES), move.descent.child_mine, move.next)

    def _settle(self, state: State, move: Settle) -> Decision:
        require(state.phase == Phase.SETTLE, "bracket/phase")
        tiles = move.tile_a, move.tile_b
        require((leaf_hash(tiles[0]), leaf_hash(tiles[1])) == (state.node_a, state.node_b), "tile/preimage")
        pass_index, node = self._place(state.item)
        self._require_descriptor(node, move.descriptor, move.descriptor_path)
        size = field(move.descriptor, 1) // 8
        end = max(0, field(move.descriptor, 6) * size - LEAF_BYTES * state.position)
        first = next(byte for byte in range(LEAF_BYTES) if tiles[0][byte] != tiles[1][byte])
        if first >= end:
            return Decision((not any(tiles[0][end:]), not any(tiles[1][end:])))
        first -= first % size
        _, _, inputs, _, weight_leaves = HEADER.unpack_from(self.model.header)
        position = Position(
            pass_index=pass_index,
            node_index=node,
            element=(LEAF_BYTES * state.position + first) // size,
            input_root=self.input_root,
            weights_root=self.model.weights_root,
            trace_root=(state.trace_a, state.trace_b)[state.turn],
            pass_levels=levels_for(self.passes),
            node_levels=self.node_levels,
            input_levels=levels_for(inputs),
            weight_levels=levels_for(weight_leaves),
        )
        value = evaluate_step(position, move.descriptor, move.witness)
        claimed = [int(decode_values(tile[first : first + size], 8 * size)[0]) for tile in tiles]
        return Decision((claimed[0] == value, claimed[1] == value))

    def _open_outputs(self, state: State, move: OpenOutputs) -> State:
        require(state.phase == Phase.OUTPUT_ROOTS, "bracket/phase")
        is_a = claim_id(self.job_id, move.output_a, state.trace_a) == state.claim_a
        is_b = claim_id(self.job_id, move.output_b, state.trace_b) == state.claim_b
        require(is_a and is_b, "bracket/outputs")
        levels = levels_for(self.passes) + levels_for(self.outputs)
        after = replace(state, node_a=move.output_a, node_b=move.output_b, levels=levels)
        if levels == 0:
            return pass_turn(replace(after, phase=Phase.OUTPUT))
        mine = (move.output_a, move.output_b)[state.turn]
        return show_next(replace(after, phase=Phase.OUTPUTS), mine, move.next)

    def _settle_output(self, state: State, move: SettleOutput) -> Decision:
        require(state.phase == Phase.OUTPUT, "bracket/phase")
        output_levels = levels_for(self.outputs)
        pass_index, output = state.position >> output_levels, state.position & ((1 << output_levels) - 1)
        truth = ZERO_DIGEST
        if pass_index < self.passes and output < self.outputs:
            item = (pass_index << self.node_levels) + self.nodes - self.outputs + output
            require(len(move.path) == levels_for(self.passes) + self.node_levels, "opening/trace")
            truth = move.tensor_root
            require(root_from_path(truth, item, move.path) == state.trace_a, "opening/trace")
        return Decision((state.node_a == truth, state.node_b == truth))

    def _place(self, item: int) -> tuple[int, int]:
        return item >> self.node_levels, item & ((1 << self.node_levels) - 1)

    def _require_descriptor(self, node: int, descriptor: bytes, path: Sequence[Digest]) -> None:
        is_whole = len(descriptor) == LEAF_BYTES and len(path) == levels_for(self.nodes)
        require(
            is_whole and root_from_path(leaf_hash(descriptor), node, path) == self.model.descriptors_root,
            "descriptor/path",
        )


def require(holds: bool, code: str) -> None:
    if not holds:
        raise ProtocolError(code, "the referee refuses the move")


def field(descriptor: bytes, number: int) -> int:
    return int.from_bytes(descriptor[4 * number : 4 * number + 4], "big")


def pass_turn(state: State) -> State:
    return replace(state, turn=1 - state.turn)


def show_next(after: State, child: Digest, kids: Sequence[Digest]) -> State:
    """The mover's 16 grandchildren fold to its node."""
    require(len(kids) == FAN_OUT and fold(kids) == child, "bracket/next")
    return pass_turn(after)


def fold(kids: Sequence[Digest]) -> Digest:
    row = list(kids)
    while len(row) > 1:
        row = [node_hash(row[index], row[index + 1]) for index in range(0, len(row), 2)]
    return row[0]


def descended(state: State, descent: Descent) -> State:
    """The state at the children, which are the first that differ."""
    nodes = (state.node_a, state.node_b)
    require(0 <= descent.index < FAN_OUT, "bracket/path")
    require(descent.child_mine != descent.child_theirs, "bracket/same")
    mine, theirs = descent.child_mine, descent.child_theirs
    for level in range(4):
        sibling = descent.siblings_mine[level]
        if (descent.index >> level) & 1:
            mine, theirs = node_hash(sibling, mine), node_hash(sibling, theirs)
        else:
            mine, theirs = node_hash(mine, sibling), node_hash(theirs, descent.siblings_theirs[level])
    require((mine, theirs) == (nodes[state.turn], nodes[1 - state.turn]), "bracket/path")
    children = (descent.child_mine, descent.child_theirs)
    return replace(state, node_a=children[state.turn], node_b=children[1 - state.turn])


def shown_kids(move: Move) -> tuple[Digest, ...]:
    """The digests that a move shows for the other side."""
    return getattr(move, "next", NO_KIDS)
