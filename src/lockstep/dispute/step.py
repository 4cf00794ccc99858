"""Recomputes one element from a descriptor and a witness, exactly as ``contracts/Steps*.vy`` do, with their codes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lockstep.codec import decode_values
from lockstep.crypto.hashing import LEAF_BYTES, leaf_hash
from lockstep.crypto.merkle import root_from_range
from lockstep.dispute.fields import (
    KIND_INPUT,
    KIND_TRACE,
    KIND_WEIGHT,
    OperandFields,
    read_fields,
    require_sound,
)
from lockstep.dispute.operators import evaluate_element
from lockstep.errors import ProofError
from lockstep.types import Digest

MAXIMUM_WITNESS_BYTES = 16384
MAXIMUM_LEAVES = MAXIMUM_WITNESS_BYTES // LEAF_BYTES
MAXIMUM_LEVELS = 64

_CODES = {KIND_INPUT: "opening/input", KIND_WEIGHT: "opening/weight", KIND_TRACE: "opening/trace"}


@dataclass(frozen=True)
class Position:
    """Which element is meant, and the trees that its operands are opened under (the struct of ``IStep.vyi``)."""

    pass_index: int
    node_index: int
    element: int
    input_root: Digest
    weights_root: Digest
    trace_root: Digest
    pass_levels: int
    node_levels: int
    input_levels: int
    weight_levels: int


@dataclass(frozen=True)
class Place:
    """Where an operand's tensor lies in the tree that holds it: ``levels`` of the whole tree, its first leaf."""

    root: Digest
    levels: int
    first_leaf: int


@dataclass(frozen=True)
class LeafRange:
    """The leaves of an operand's tensor that cover some of its elements, and where the first element starts."""

    first: int
    last: int
    offset: int


def evaluate_step(position: Position, descriptor: bytes, witness: bytes) -> int:
    """The value of the element. Raises ``ProofError`` with the code that the contract reverts with."""
    if len(witness) > MAXIMUM_WITNESS_BYTES:
        raise ProofError("witness/length", "a witness has at most 16,384 bytes", value=len(witness))
    node = read_fields(descriptor)
    reader = _Reader(position=position, witness=witness)
    value = evaluate_element(node, position.element, reader.open_range)
    if reader.cursor != len(witness):
        raise ProofError("witness/length", "bytes follow the last range", value=len(witness) - reader.cursor)
    return value


def cover_range(operand: OperandFields, first: int, last: int) -> LeafRange:
    """The leaves that hold elements first … last. Raises ``descriptor/malformed``, ``step/too-large``."""
    require_sound(0 <= first <= last, "no such elements", (first, last))
    first_leaf, offset = divmod(first * operand.size, LEAF_BYTES)
    last_leaf = last * operand.size // LEAF_BYTES
    require_sound(last_leaf < operand.leaves, "the elements are outside the operand", last)
    if last_leaf - first_leaf >= MAXIMUM_LEAVES:
        raise ProofError("step/too-large", "the range has too many leaves", value=last_leaf - first_leaf + 1)
    return LeafRange(first=first_leaf, last=last_leaf, offset=offset)


def place_operand(position: Position, operand: OperandFields) -> Place:
    """The tree of an operand and its place there. Raises ``descriptor/malformed``."""
    if operand.kind == KIND_WEIGHT:
        require_sound(position.weight_levels <= MAXIMUM_LEVELS, "the tree is too high", position.weight_levels)
        return Place(root=position.weights_root, levels=position.weight_levels, first_leaf=operand.index)
    if operand.kind == KIND_INPUT:
        require_sound(operand.index >> position.input_levels == 0, "no such input", operand.index)
        root, outer_levels = position.input_root, position.input_levels
    else:
        require_sound(operand.kind == KIND_TRACE, "no such kind of operand", operand.kind)
        require_sound(operand.index < position.node_index, "an operand comes after its node", operand.index)
        root, outer_levels = position.trace_root, position.node_levels
    levels = position.pass_levels + outer_levels + operand.levels
    require_sound(levels <= MAXIMUM_LEVELS, "the tree is too high", levels)
    require_sound((operand.leaves - 1) >> operand.levels == 0, "the operand's tree is too low", operand.levels)
    first_leaf = ((position.pass_index << outer_levels) + operand.index) << operand.levels
    return Place(root=root, levels=levels, first_leaf=first_leaf)


@dataclass
class _Reader:
    """Takes ranges off the front of a witness, verifying each before its values are used."""

    position: Position
    witness: bytes
    cursor: int = field(default=0)

    def open_range(self, operand: OperandFields, first: int, last: int) -> Sequence[int]:
        covered = cover_range(operand, first, last)
        place = place_operand(self.position, operand)
        low, high = place.first_leaf + covered.first, place.first_leaf + covered.last
        require_sound(high >> place.levels == 0, "the operand is outside its tree", operand.index)
        data = self._take((high - low + 1) * LEAF_BYTES)
        leaves = [leaf_hash(data[start : start + LEAF_BYTES]) for start in range(0, len(data), LEAF_BYTES)]
        path = [Digest(self._take(32)) for _ in range(_siblings(low, high, place.levels))]
        if root_from_range(leaves, low, place.levels, path) != place.root:
            raise ProofError(_CODES[operand.kind], "the bytes do not lead to the root", value=operand.index)
        end = covered.offset + (last - first + 1) * operand.size
        return [int(value) for value in decode_values(data[covered.offset : end], operand.width)]

    def _take(self, count: int) -> bytes:
        if self.cursor + count > len(self.witness):
            raise ProofError("witness/length", "the witness ends inside a range", value=len(self.witness))
        self.cursor += count
        return self.witness[self.cursor - count : self.cursor]


def _siblings(low: int, high: int, levels: int) -> int:
    """How many siblings lead leaves low … high to the root."""
    return sum(((low >> height) % 2) + ((high >> height) % 2 == 0) for height in range(levels))
