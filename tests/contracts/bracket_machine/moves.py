"""What a player can do in a match from what it knows: its own claim, the state, and what the other side showed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.types import ZERO_DIGEST, Digest
from tests.contracts.bracket_machine.claims import Claim
from tests.contracts.bracket_machine.trees import FAN_OUT, NoPreimageError, SparseTree, descent

NO_KIDS = [ZERO_DIGEST] * FAN_OUT


class Phase(IntFlag):
    """As in ``IBracket``."""

    TRACE = 1
    TILES = 2
    REVEAL = 4
    SETTLE = 8
    OUTPUT_ROOTS = 16
    OUTPUTS = 32
    OUTPUT = 64


@dataclass
class Duel:
    """A match as the events tell it."""

    state: Any
    kids: list[Digest]
    tile: bytes = b""

    @property
    def mover(self) -> Digest:
        return Digest(self.state.claim_b if self.state.turn else self.state.claim_a)

    @property
    def waiter(self) -> Digest:
        return Digest(self.state.claim_a if self.state.turn else self.state.claim_b)

    @property
    def phase(self) -> Phase:
        return Phase(self.state.phase)


Call = tuple[str, tuple[Any, ...]]


def next_call(duel: Duel, job: Any, mine: Claim, output_roots: Mapping[Digest, Digest]) -> Call | None:
    """The mover's call, or ``None`` when it cannot make one because it committed to what it cannot open."""
    try:
        match duel.phase:
            case Phase.TRACE:
                return _enter(duel, job, mine) if duel.state.levels == 4 else _descend(duel, mine.trace)
            case Phase.TILES:
                return _descend(duel, mine.opened(duel.state.item))
            case Phase.OUTPUTS:
                return _descend(duel, mine.output)
            case Phase.REVEAL:
                return "reveal", (duel.state, mine.tile(duel.state.item, duel.state.position))
            case Phase.SETTLE:
                return _settle(duel, job, mine)
            case Phase.OUTPUT_ROOTS:
                roots = (output_roots[duel.state.claim_a], output_roots[duel.state.claim_b])
                return "open_outputs", (
                    job,
                    duel.state,
                    *roots,
                    mine.output.kids(0, 0) if mine.output.levels else NO_KIDS,
                )
            case Phase.OUTPUT:
                return _settle_output(duel, job, mine)
    except NoPreimageError:
        return None


def _shown(duel: Duel, tree: SparseTree) -> tuple[Any, ...]:
    depth = tree.groups - duel.state.levels // 4
    return descent(tree.kids(depth, duel.state.position), duel.kids)


def _kids_after(duel: Duel, tree: SparseTree, index: int) -> list[Digest]:
    depth = tree.groups - duel.state.levels // 4 + 1
    return NO_KIDS if depth == tree.groups else tree.kids(depth, FAN_OUT * duel.state.position + index)


def _descend(duel: Duel, tree: SparseTree) -> Call:
    shown = _shown(duel, tree)
    return "descend", (duel.state, shown, _kids_after(duel, tree, shown[0]))


def _enter(duel: Duel, job: Any, mine: Claim) -> Call:
    model = mine.alphabet
    shown = _shown(duel, mine.trace)
    item = FAN_OUT * duel.state.position + shown[0]
    if item not in mine.data:
        return "enter", (job, duel.state, shown, b"", [], NO_KIDS)
    _, node = model.place(item)
    tree = mine.opened(item)
    kids = tree.kids(0, 0) if tree.levels else NO_KIDS
    return "enter", (job, duel.state, shown, model.descriptor(node), model.descriptors.path(node), kids)


def _settle(duel: Duel, job: Any, mine: Claim) -> Call:
    """The other side has revealed; now both tiles are known to the mover."""
    model = mine.alphabet
    own = mine.tile(duel.state.item, duel.state.position)
    tiles = (duel.tile, own) if duel.state.turn else (own, duel.tile)
    pass_index, node = model.place(duel.state.item)
    shape = model.shapes[node]
    first = next(i for i in range(LEAF_BYTES) if own[i] != duel.tile[i])
    element = (LEAF_BYTES * duel.state.position + first) // (shape.width // 8)
    witness = b""
    if element < shape.elements:
        operand = model.shapes[node - 1] if node else model.input_shape
        tile = element * (operand.width // 8) // LEAF_BYTES
        witness = mine.opening(duel.state.item - 1, tile) if node else model.input_opening(pass_index, element)
    return "settle", (job, duel.state, *tiles, model.descriptor(node), model.descriptors.path(node), witness)


def _settle_output(duel: Duel, job: Any, mine: Claim) -> Call:
    model = mine.alphabet
    pass_index = duel.state.position >> model.output_levels
    output = duel.state.position & ((1 << model.output_levels) - 1)
    if pass_index >= model.passes or output >= model.outputs:
        return "settle_output", (job, duel.state, ZERO_DIGEST, [])
    item = model.item(pass_index, len(model.shapes) - model.outputs + output)
    return "settle_output", (job, duel.state, mine.trace.digest(mine.trace.groups, item), mine.trace.path(item))
