"""Claims about the alphabet: the true one, and every way to lie that the protocol has to survive."""

from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import cached_property

from lockstep.codec import decode_values
from lockstep.crypto.hashing import LEAF_BYTES, keccak256, leaf_hash
from lockstep.types import ZERO_DIGEST, Digest
from tests.contracts.bracket_machine.alphabet import Alphabet, tensor
from tests.contracts.bracket_machine.trees import NoPreimageError, SparseTree


class Lie(Enum):
    """Where a claim departs from the truth."""

    LETTER = auto()  # one wrong element, everything after it consistent with it
    LONE_LETTER = auto()  # one wrong element, nothing else changed
    TAIL = auto()  # nonzero bytes after the end of a tensor
    EXTRA_TILE = auto()  # a tile after the last one
    EXTRA_ITEM = auto()  # a node or a pass that does not exist
    NO_TRACE = auto()  # a digest in the trace that has no preimage
    NO_TENSOR = auto()  # a digest in a tensor that has no preimage
    OUTPUT = auto()  # the true trace, one wrong output
    EXTRA_OUTPUT = auto()  # the true trace, an output that does not exist
    NO_OUTPUT = auto()  # the true trace, an output root without a preimage
    OTHER_OUTPUT = auto()  # a false trace, the true outputs


@dataclass(frozen=True)
class Claim:
    """Everything that a player knows of a claim."""

    alphabet: Alphabet
    data: dict[int, bytes]
    extra_items: dict[int, Digest] = field(default_factory=dict)
    extra_tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    no_trace: dict[tuple[int, int], Digest] = field(default_factory=dict)
    no_tensor: dict[tuple[int, int, int], Digest] = field(default_factory=dict)
    wrong_outputs: dict[int, Digest] = field(default_factory=dict)
    no_output: dict[tuple[int, int], Digest] = field(default_factory=dict)
    true_outputs: bool = False

    @cached_property
    def _tensors(self) -> dict[int, SparseTree]:
        return {}

    def tensor(self, item: int) -> SparseTree:
        """The tree of one item."""
        if item not in self._tensors:
            tree = tensor(self.data[item])
            extra = {tile: leaf_hash(data) for (place, tile), data in self.extra_tiles.items() if place == item}
            forged = {(depth, index): d for (place, depth, index), d in self.no_tensor.items() if place == item}
            self._tensors[item] = replace(tree, leaves=tree.leaves | extra, forged=forged)
        return self._tensors[item]

    def opened(self, item: int) -> SparseTree:
        """The tree below an item of the trace. Raises ``NoPreimageError`` where there is none."""
        if (self.trace.groups, item) in self.no_trace:
            raise NoPreimageError
        return self.tensor(item)

    def tile(self, item: int, tile: int) -> bytes:
        """The 512 bytes of a tile. Raises ``NoPreimageError`` where there are none."""
        tree = self.opened(item)
        if (tree.groups, tile) in tree.forged:
            raise NoPreimageError
        start = tile * LEAF_BYTES
        known = self.extra_tiles.get((item, tile), self.data[item][start : start + LEAF_BYTES])
        return known.ljust(LEAF_BYTES, b"\x00")

    @cached_property
    def trace(self) -> SparseTree:
        leaves = {item: self.tensor(item).root for item in self.data}
        levels = self.alphabet.pass_levels + self.alphabet.node_levels
        return SparseTree(levels, leaves | self.extra_items, ZERO_DIGEST, self.no_trace)

    @cached_property
    def output(self) -> SparseTree:
        model = self.alphabet
        source = honest_claim(model) if self.true_outputs else self
        first = len(model.shapes) - model.outputs
        leaves = {
            (p << model.output_levels) + n: source.tensor(model.item(p, first + n)).root
            for p in range(model.passes)
            for n in range(model.outputs)
        }
        levels = model.pass_levels + model.output_levels
        return SparseTree(levels, leaves | self.wrong_outputs, ZERO_DIGEST, self.no_output)

    def opening(self, item: int, tile: int) -> bytes:
        """The witness of an element whose operand is in a tile of the trace."""
        return self.tile(item, tile) + b"".join(self.tensor(item).path(tile) + self.trace.path(item))


def honest_claim(model: Alphabet) -> Claim:
    """The claim that comes from running the model."""
    return Claim(model, model.data)


def lying_claim(model: Alphabet, lie: Lie, seed: int) -> Claim:
    """A claim with one lie, at a place drawn from ``seed``."""
    true = honest_claim(model)
    item = model.items[seed % len(model.items)]
    noise = keccak256(seed.to_bytes(32, "big"))
    tensors = [place for place in model.items if model.shapes[model.place(place)[1]].levels]
    large = tensors[seed % len(tensors)] if tensors else item
    match lie:
        case Lie.LETTER | Lie.LONE_LETTER | Lie.OTHER_OUTPUT:
            changed = _wrong_letter(true, item, seed, consistent=lie is not Lie.LONE_LETTER)
            return replace(true, data=true.data | changed, true_outputs=lie is Lie.OTHER_OUTPUT)
        case Lie.TAIL:
            return replace(true, data=true.data | {item: _tail(true.data[item], seed)})
        case Lie.EXTRA_TILE:
            place = (large, _after(len(tensor(true.data[large]).leaves), tensor(true.data[large]).levels, seed))
            return replace(true, extra_tiles={place: noise})
        case Lie.EXTRA_ITEM:
            outside = [i for i in range(1 << true.trace.levels) if i not in true.data]
            return replace(true, extra_items={outside[seed % len(outside)]: noise})
        case Lie.NO_TRACE:
            depth = 1 + seed % true.trace.groups
            return replace(true, no_trace={(depth, item >> 4 * (true.trace.groups - depth)): noise})
        case Lie.NO_TENSOR:
            groups = true.tensor(large).groups
            depth = 1 + seed % groups if groups else 0
            return replace(true, no_tensor={(large, depth, seed % (1 << 4 * depth)): noise})
        case Lie.OUTPUT:
            return replace(true, wrong_outputs={_nth(true.output.leaves, seed): noise})
        case Lie.EXTRA_OUTPUT:
            outside = [i for i in range(1 << true.output.levels) if i not in true.output.leaves] or [0]
            return replace(true, wrong_outputs={outside[seed % len(outside)]: noise})
        case Lie.NO_OUTPUT:
            return replace(true, no_output={(0, 0): noise})


def _nth(places: object, seed: int) -> int:
    known = sorted(places)  # type: ignore[call-overload]
    return int(known[seed % len(known)])


def _after(count: int, levels: int, seed: int) -> int:
    """A place after the last of ``count``, or the last where the tree is full."""
    free = (1 << levels) - count
    return count + seed % free if free else count - 1


def _tail(data: bytes, seed: int) -> bytes:
    """Bytes after the end, one of them not zero; a wrong last byte where the last tile is full."""
    room = -len(data) % LEAF_BYTES
    if room == 0:
        return data[:-1] + bytes([data[-1] ^ 1])
    return data + bytes(seed % room) + b"\x01"


def _wrong_letter(true: Claim, item: int, seed: int, *, consistent: bool) -> dict[int, bytes]:
    model = true.alphabet
    pass_index, node = model.place(item)
    shape = model.shapes[node]
    letters = decode_values(true.data[item], shape.width)
    element = seed // 7 % shape.elements
    letters[element] = (letters[element] + 1 + seed % 255 + 128) % 256 - 128
    changed = {item: model.encode(node, letters)}
    if consistent:
        after = model.run_from(pass_index, node + 1, letters)
        changed |= {model.item(pass_index, number): data for number, data in after.items()}
    return changed
