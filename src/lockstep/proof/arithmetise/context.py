"""What the operators share while a graph is arithmetised: the tensors so far, and how they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod

from lockstep.ir.graph import Graph, Node, Operand
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.proof.arithmetise.assembler import PASS, WEIGHTS, Assembler, Tensor
from lockstep.proof.arithmetise.expressions import Affine, Merges, Part, Place, bits_of
from lockstep.proof.arithmetise.facts import Facts
from lockstep.proof.arithmetise.loops import (
    Access,
    Along,
    Extents,
    Reading,
    Split,
    fit,
    flat,
    reading,
    row_major,
)
from lockstep.proof.arithmetise.ranges import Ranges
from lockstep.proof.arithmetise.recipes import Bits, Gathered, Weights
from lockstep.proof.arithmetise.requantise import Ending, Product, Requantiser
from lockstep.proof.arithmetise.windows import Window

Key = tuple[OperandKind, int]
Source = Operand | Tensor
"""An operand, or a tensor that a part of an operator left."""


@dataclass(frozen=True)
class Context:
    """One graph on its way into one program."""

    graph: Graph
    facts: Facts
    assembler: Assembler
    ranges: Ranges
    wishes: Mapping[Key, frozenset[int]]
    """For each source, strides at which its readers want an axis to begin."""
    tensors: dict[Key, Tensor] = field(default_factory=dict)

    @property
    def requantiser(self) -> Requantiser:
        return Requantiser(self.assembler, self.ranges)

    def ending(self, number: int) -> Ending:
        return ending_of(self.graph.nodes[number], number, self.facts)

    def tensor(self, operand: "Source") -> Tensor | None:
        """The committed activation behind an operand; ``None`` for constants."""
        if isinstance(operand, Tensor):
            return operand
        return self.tensors.get((operand.kind, operand.index))

    # Reading

    def read(
        self,
        outer: Extents,
        operands: Sequence[tuple[Source, Access]],
        inner: Extents | None = None,
        *,
        number: int | None = None,
    ) -> "Read":
        """Operands over common loops, split so that each follows its tensor.

        ``outer`` are the loops over the result's elements in flat order, ``inner`` all others. With ``number`` the
        result is cut as the readers of that node wish.
        """
        result = flat(prod(outer.values()), row_major_steps(outer))
        loops = {**outer, **(inner or {})}
        start = reading(loops, [result, *(access for _, access in operands)])
        if number is not None:
            start = _cut_at(start, self.wishes.get((OperandKind.TRACE, number), frozenset()))
        tensors = [self._reachable(operand, access, loops) for operand, access in operands]
        fitted, places = fit(start, [None, *(tensor.axes if tensor else None for tensor in tensors)])
        shape = {part: fitted.loops[part] for name in outer for part in fitted.parts(name)}
        result_steps = fitted.accesses[0][0].steps
        axes = tuple(Along(extent, result_steps[name]) for name, extent in shape.items())
        values = []
        for (operand, _), access, tensor, found in zip(operands, fitted.accesses[1:], tensors, places[1:], strict=True):
            values.append(None if tensor is None else self._value(operand, access, tensor, found, fitted.loops))
        sources = tuple(operand for operand, _ in operands)
        return Read(fitted, {**self.assembler.pass_loops, **shape}, axes, sources, tuple(values))

    def value(self, read: "Read", place: int, table: int | None = None, channel: int = -1) -> Affine:
        """``value − zero_point`` of an operand; constants become a block of weights.

        With a ``table`` a constant is multiplied by its channel's multiplier; access ``channel`` tells the channel.
        """
        known = read.values[place]
        if known is not None:
            return known
        steps, offset = flat_steps(read.reading.accesses[place + 1])
        channels = read.steps(channel) if table is not None else {}
        used = {name: extent for name, extent in read.reading.loops.items() if steps.get(name) or channels.get(name)}
        operand = read.operands[place]
        assert isinstance(operand, Operand)
        axes = merged_axes(used, steps, channels)
        recipe = Weights(
            constant=operand.index,
            strides=tuple(steps.get(axis[-1], 0) for axis in axes),
            offset=offset,
            zero_point=operand.zero_point,
            table=table,
            channel=tuple(channels.get(axis[-1], 0) for axis in axes),
        )
        block = self.assembler.block(WEIGHTS, tuple(prod(used[name] for name in axis) for axis in axes), recipe)
        places = tuple(Place(axis[0], *((used[axis[1]], axis[1]) if len(axis) == 2 else ())) for axis in axes)
        return Affine((Part(1, block, places),))

    def _value(
        self, operand: Source, access: Access, tensor: Tensor, places: tuple[Place, ...] | None, loops: Extents
    ) -> Affine:
        """``value − zero_point`` of an activation over loops; of a bare tensor its words."""
        if places is None:
            tensor, places = self._gathered(tensor, access, loops)
        zero_point = tensor.zero_point if isinstance(operand, Tensor) else operand.zero_point
        return self.assembler.read(tensor, places, zero_point)

    # Gathering

    def _reachable(self, operand: Source, access: Access, loops: Extents) -> Tensor | None:
        """The operand's tensor, laid out anew if a window needs another layout."""
        tensor = self.tensor(operand)
        if tensor is None or not any(coordinate.leaves(loops) for coordinate in access):
            return tensor
        have = set(tensor.axes)
        if all(Along(c.extent, c.stride) in have for c in access if c.leaves(loops)):
            return tensor
        names = {str(number): coordinate.extent for number, coordinate in enumerate(access)}
        steps = {str(number): coordinate.stride for number, coordinate in enumerate(access)}
        elements = prod(coordinate.extent for coordinate in access)
        block = self.gather(tensor, flat(elements, steps), names)
        axes = tuple(Along(c.extent, c.stride) for c in access)
        moved = Tensor(block, axes, tensor.zero_point, tensor.low, tensor.high)
        if isinstance(operand, Operand):
            self.tensors[operand.kind, operand.index] = moved
        return moved

    def _gathered(self, tensor: Tensor, access: Access, loops: Extents) -> tuple[Tensor, tuple[Place, ...]]:
        """The values of an access as a committed tensor of their own."""
        steps, _ = flat_steps(access)
        used = {name: extent for name, extent in loops.items() if steps.get(name)}
        block = self.gather(tensor, access, used)
        moved = Tensor(block, row_major(tuple(used.values())), tensor.zero_point, tensor.low, tensor.high)
        return moved, tuple(Place(name) for name in used)

    def gather(self, tensor: Tensor, access: Access, loops: Extents) -> int:
        """A block with ``x[access]`` at every place, shown by looking (address, value) up in the tensor."""
        assembler = self.assembler
        steps, offset = flat_steps(access)
        whole = {**assembler.pass_loops, **loops}
        tag, pass_step = self.value_table(tensor)
        steps = {**steps, PASS: pass_step}
        address = Affine((), offset, tuple((name, steps[name]) for name in whole))
        recipe = Gathered(tensor.block, self.strides(tensor), assembler.amount(whole, address))
        value = assembler.over(whole, recipe)
        assembler.look_up(tag, whole, (address, value))
        return value.parts[0].block

    def value_table(self, tensor: Tensor) -> tuple[int, int]:
        """The tag of the table of (address, word) of a tensor, and the address step of a pass."""
        strides = self.strides(tensor)
        pass_step = strides[0] if self.assembler.passes > 1 else 0
        return self.assembler.value_table(tensor.block, strides), pass_step

    def strides(self, tensor: Tensor) -> tuple[int, ...]:
        """Address steps of the block's axes; the passes come after one another."""
        strides = tuple(axis.stride for axis in tensor.axes)
        if self.assembler.passes == 1:
            return strides
        return (1 + sum((axis.extent - 1) * axis.stride for axis in tensor.axes), *strides)

    # Committing

    def commit(self, number: int, read: "Read", value: Affine, products: Sequence[Product] = ()) -> None:
        """The node's result is the requantised sum."""
        shift = self.graph.nodes[number].shift
        rounded = value + (1 << (shift - 1) if shift else 0)
        merges = self.merges(number, read)
        block = self.requantiser.apply(read.result, self.ending(number), rounded, products, merges=merges)
        self.define(number, read, block, merges)

    def define(self, number: int, read: "Read", block: int, merges: Merges = ()) -> None:
        """Remembers where a node's result is."""
        low, high = self.facts.interval(number)
        z = self.graph.nodes[number].zero_point
        tensor = Tensor(block, self.merged_along(read, merges), z, low - z, high - z)
        self.tensors[OperandKind.TRACE, number] = tensor

    def merges(self, number: int, read: "Read") -> Merges:
        """Neighbouring loops of a result that save room on one axis, if its readers can do with that."""
        readers = [
            node
            for node in self.graph.nodes
            for operand in node.operands
            if operand.kind is OperandKind.TRACE and operand.index == number
        ]
        if not all(_reads_pairs(node) for node in readers):
            return ()
        own = {name: read.result[name] for name in self.own_loops(read)}
        return saving_merges(own, words=1 << sum(bits_of(extent) for extent in read.result.values()))

    def own_loops(self, read: "Read") -> list[str]:
        """The loops over the result without that over passes."""
        return [name for name in read.result if name not in self.assembler.pass_loops]

    def merged_along(self, read: "Read", merges: Merges) -> tuple[Along, ...]:
        """The axes of a block of the result."""
        along = dict(zip(self.own_loops(read), read.axes, strict=True))
        partner, second = dict(merges), {b for _, b in merges}
        return tuple(
            Along(axis.extent * along[partner[name]].extent, along[partner[name]].stride) if name in partner else axis
            for name, axis in along.items()
            if name not in second
        )

    def committed_copy(self, loops: Extents, value: Affine) -> Affine:
        """An expression as a tensor of its own."""
        copy = self.assembler.over(loops, Bits(self.assembler.amount(loops, value), 0))
        self.assembler.group(loops, copy - value)
        return copy

    def activation(self, operand: Source) -> Source:
        """An operand that can be read like an activation: a constant becomes a tensor of its own."""
        if self.tensor(operand) is not None:
            return operand
        assert isinstance(operand, Operand)
        return self.source_tensor(operand)

    def source_tensor(self, operand: Operand) -> Tensor:
        """The tensor of an operand; of a constant a committed copy, its words minus the operand's zero point."""
        known = self.tensor(operand)
        if known is not None:
            return known
        axes = row_major((operand.elements,))
        loops: Extents = {f"axis{number}": axis.extent for number, axis in enumerate(axes)}
        recipe = Weights(operand.index, tuple(axis.stride for axis in axes), 0, operand.zero_point)

        def copied() -> Affine:
            weights = self.assembler.over(loops, recipe, WEIGHTS)
            return self.committed_copy({**self.assembler.pass_loops, **loops}, weights)

        block = self.assembler.once(("copy", recipe), copied).parts[0].block
        low, high = (bound - operand.zero_point for bound in self.facts.of(operand))
        return Tensor(block, axes, operand.zero_point, low, high)


@dataclass(frozen=True)
class Read:
    """Loops that fit all operands; ``result`` are the loops over the result (passes first), ``axes`` the result's."""

    reading: Reading
    result: Extents
    axes: tuple[Along, ...]
    operands: tuple[Source, ...]
    values: tuple[Affine | None, ...]
    """Of the operands that are activations."""

    def loops(self, *names: str) -> Extents:
        """The parts of the named loops."""
        return {part: self.reading.loops[part] for name in names for part in self.reading.parts(name)}

    def steps(self, number: int) -> Mapping[str, int]:
        """The flat steps of an operand over the loops as they are now."""
        return flat_steps(self.reading.accesses[number + 1])[0]


def ending_of(node: Node, number: int, facts: Facts) -> Ending:
    """What a node does after its accumulator."""
    z = node.zero_point
    return Ending(number, node.name, 1 << node.shift, z, node.low - z, node.high - z, facts.width(number))


def row_major_steps(extents: Extents) -> dict[str, int]:
    steps, step = {}, prod(extents.values())
    for name, extent in extents.items():
        step //= extent
        steps[name] = step
    return steps


def flat_steps(access: Access) -> tuple[dict[str, int], int]:
    """Flat steps of all loops, and the flat offset."""
    steps: dict[str, int] = {}
    for coordinate in access:
        for name, step in coordinate.steps.items():
            steps[name] = steps.get(name, 0) + step * coordinate.stride
    return steps, sum(coordinate.offset * coordinate.stride for coordinate in access)


def _reads_pairs(node: Node) -> bool:
    """Whether a reader needs at most two loops along an axis that two of the producer's loops share."""
    if node.opcode not in (Opcode.CONV, Opcode.MAXPOOL, Opcode.AVGPOOL):
        return True
    window = Window.of(node)
    if window.reaches_outside:
        return False
    return node.opcode is Opcode.MAXPOOL or window.kernel == (1, 1)


LEAST_SAVED = 1 << 13
"""Words that two loops on one axis have to save: a contract writes out the places of such an axis, for 50,000 gas or
more, and opens a row of 4,096 words for 5,000."""


def saving_merges(loops: Extents, words: int) -> Merges:
    """Disjoint pairs of neighbours that save much of a block of ``words``; those that save most first."""
    names, taken = list(loops), set[str]()
    merges: list[tuple[str, str]] = []
    saved = {(a, b): bits_of(loops[a]) + bits_of(loops[b]) - bits_of(loops[a] * loops[b]) for a, b in pairwise(names)}
    for pair in sorted(saved, key=lambda pair: -saved[pair]):
        fewer = words >> saved[pair]
        if words - fewer >= LEAST_SAVED and not taken & set(pair):
            merges.append(pair)
            taken |= set(pair)
            words = fewer
    return tuple(merges)


def merged_axes(loops: Extents, *steps: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Loops as axes of a block: neighbours share an axis where that saves room and their steps follow each other."""
    axes: list[tuple[str, ...]] = []
    words = 1 << sum(bits_of(extent) for extent in loops.values())
    for name, extent in loops.items():
        if axes and len(axes[-1]) == 1:
            before = axes[-1][0]
            follows = all(step.get(before, 0) == step.get(name, 0) * extent for step in steps)
            saved = bits_of(loops[before]) + bits_of(extent) - bits_of(loops[before] * extent)
            if follows and words - (words >> saved) >= LEAST_SAVED:
                words >>= saved
                axes[-1] = (before, name)
                continue
        axes.append((name,))
    return axes


def _cut_at(start: Reading, strides: frozenset[int]) -> Reading:
    """Result loops split where a reader wants an axis to begin, if they can be."""
    for stride in sorted(strides):
        for name, step in start.accesses[0][0].steps.items():
            inner, rest = divmod(stride, step)
            if rest == 0 and 1 < inner < start.loops[name] and start.loops[name] % inner == 0:
                start = start.split(Split(name, inner))
                break
    return start
