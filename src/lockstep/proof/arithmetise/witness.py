"""Fills the witness: every block by its recipe, from the values that the reference gives every node."""

from collections.abc import Mapping, Sequence
from math import prod

import numpy as np

from lockstep.exec.inputs import Tensor, check_inputs
from lockstep.exec.run import Program as Executable
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.compile import Structure
from lockstep.proof.arithmetise.evaluation import (
    Values,
    expression_values,
    section_values,
)
from lockstep.proof.arithmetise.recipes import (
    Amount,
    Biases,
    Bits,
    Column,
    Conditions,
    Counts,
    Excess,
    Floor,
    Gathered,
    Greatest,
    InputValue,
    IsPositive,
    IsZero,
    Labels,
    Leaf,
    Limbs,
    Masked,
    Multipliers,
    NodeValue,
    Peak,
    Signed,
    Source,
    Total,
    Weights,
)
from lockstep.proof.arithmetise.weights import addresses, constant_values, weight_values
from lockstep.proof.arithmetise.words import Rows, rows_of
from lockstep.proof.relations import ONES, Expression, Index, Side

Publics = tuple[tuple[int, ...], ...]


class WitnessBuilder:
    """Computes witnesses of one structure."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._weights = weight_values(structure)
        self._executable = Executable(structure.graph)

    def build(
        self,
        passes: Sequence[Sequence[Tensor]],
        forced: Mapping[int, Values] | None = None,
        labels: Sequence[int] = (),
    ) -> tuple[Rows, Publics]:
        """The rows of the witness without its pad row, and the public tensors, for the inputs of every pass.

        ``forced``: blocks that get other values, from which all later ones follow: what a cheating prover does.
        """
        structure = self._structure
        graph = structure.graph
        if len(passes) != structure.passes:
            raise ValueError(f"the program is for {structure.passes} passes")
        trace = self._executable.run_trace(*passes)
        nodes = [
            np.stack([trace.values(one, number).astype(np.int64) for one in range(len(passes))])
            for number in range(len(graph.nodes))
        ]
        known = {**self._weights, **(forced or {})}
        filling = Filling(structure, known, stacked_inputs(graph, passes), nodes, labels)
        filling.fill()
        return rows_of(structure.program, len(structure.program.oracles) - 1, filling.words), filling.publics()


def stacked_inputs(graph: Graph, passes: Sequence[Sequence[Tensor]]) -> list[Values]:
    """Each input of the model, the passes first."""
    checked = [check_inputs(graph, tensors) for tensors in passes]
    return [np.stack([tensors[n].astype(np.int64) for tensors in checked]) for n in range(len(graph.inputs))]


def dataset_rows(structure: Structure, passes: Sequence[Sequence[Tensor]], labels: Sequence[int] = ()) -> Rows:
    """The oracle between weights and witness: inputs of all passes, and their labels."""
    blocks, dataset = structure.program.blocks, 1
    filling = Filling(structure, {}, stacked_inputs(structure.graph, passes), [], labels)
    for number, (block, recipe) in enumerate(zip(blocks, structure.recipes, strict=True)):
        if block.oracle == dataset and recipe is not None:
            filling.block(number)
    return rows_of(structure.program, dataset, filling.words)


class Filling:
    """One witness in the making."""

    def __init__(
        self,
        structure: Structure,
        words: dict[int, Values],
        inputs: list[Values],
        nodes: list[Values],
        labels: Sequence[int] = (),
    ) -> None:
        self.words = words
        self._labels = np.array(labels, dtype=np.int64)
        self._structure, self._inputs, self._nodes = structure, inputs, nodes
        self._sources: dict[int, Values] = {}

    def fill(self) -> None:
        """Every block."""
        for number, recipe in enumerate(self._structure.recipes):
            if recipe is not None:
                self.block(number)

    def block(self, number: int) -> Values:
        """The words of a block, made when they are first asked for."""
        if number not in self.words:
            block, recipe = self._structure.program.blocks[number], self._structure.recipes[number]
            shape = tuple(axis.extent for axis in block.axes)
            if block.oracle == ONES:
                self.words[number] = np.ones(shape, dtype=np.int64)
            else:
                self.words[number] = _shaped(self._values(recipe, shape), shape)
        return self.words[number]

    def publics(self) -> Publics:
        """The values of public tensors: what the group's result is."""
        program, found = self._structure.program, []
        for group in program.groups:
            if group.public is not None:
                shape = program.publics[group.public]
                values = expression_values(group.result, group.indices, self.block)
                found.append(tuple(int(value) for value in np.broadcast_to(values, shape).reshape(-1)))
        return tuple(found)

    def _values(self, recipe: object, shape: tuple[int, ...]) -> Values:
        match recipe:
            case Weights() | Biases() | Multipliers() | Column() | Conditions():
                return constant_values(self._structure.graph, recipe, shape)
            case InputValue(number, zero_point):
                return self._inputs[number].reshape(shape) - zero_point
            case NodeValue(number, zero_point):
                return self._nodes[number].reshape(shape) - zero_point
            case Bits(source, shift, count):
                shifted = self._source(source) >> shift
                return np.asarray(shifted if count is None else shifted & ((1 << count) - 1))
            case Limbs(source, shift, count, width):
                value, mask = self._source(source), (1 << width) - 1
                return np.stack([(value >> (shift + width * limb)) & mask for limb in range(count)])
            case Greatest(amounts):
                values = [self._source(amount) for amount in amounts]
                return np.asarray(np.maximum.reduce(np.broadcast_arrays(*values)))
            case Excess(source, limit, below, factor):
                value = self._source(source)
                excess = np.maximum(0, limit - value if below else value - limit)
                return np.asarray(excess if factor is None else excess * self._source(factor))
            case Gathered(block, strides, address):
                return np.asarray(_by_address(self.block(block), strides)[self._source(address)])
            case Signed(block, strides, row, code, features, zero_point):
                codes = self._source(code)
                words = _by_address(self.block(block), strides)[self._source(row) + codes % features] + zero_point
                return np.asarray(np.where(codes < features, -words, words))
            case Leaf(number, block, strides, zero_point):
                return self._leaves(number, _by_address(self.block(block), strides) + zero_point, shape)
            case Peak(amount, kept, is_position):
                extents = [index.extent for index in amount.indices]
                runs = np.broadcast_to(self._source(amount), extents).reshape(*extents[:kept], -1)
                return np.asarray(runs.argmax(axis=-1) if is_position else runs.max(axis=-1))
            case Counts(tag, part):
                return self._counts(tag, part, shape)
            case Labels():
                return self._labels.reshape(shape)
            case IsZero(amount):
                return np.asarray(self._source(amount) == 0, dtype=np.int64)
            case IsPositive(amount):
                return np.asarray(self._source(amount) > 0, dtype=np.int64)
            case Masked(amount, condition):
                return np.where(self._source(condition) > 0, self._source(amount), 0)
        raise AssertionError("not a recipe of the witness")

    def _source(self, source: Source) -> Values:
        if id(source) not in self._sources:
            self._sources[id(source)] = self._source_values(source)
        return self._sources[id(source)]

    def _source_values(self, source: Source) -> Values:
        match source:
            case Total():
                return self._total(source)
            case Amount():
                return self._amount(source)
            case Floor(value, divisor, is_rest):
                operation = np.mod if is_rest else np.floor_divide
                by = divisor if isinstance(divisor, int) else self._source(divisor)
                return np.asarray(operation(self._source(value), by))

    def _amount(self, source: Amount) -> Values:
        return _broadcast(expression_values(source.expression, source.indices, self.block), source.indices)

    def _total(self, source: Total) -> Values:
        total = expression_values(source.rest, source.indices, self.block)
        sections = [section for section in self._structure.program.sections if section.group == source.group]
        for section in sections[: source.sections]:
            total = total + section_values(section, self.block, np.matmul)
        return _broadcast(total, source.indices)

    def _counts(self, tag: int, part: int, shape: tuple[int, ...]) -> Values:
        """The first columns of a table name its rows."""
        sides = [side for side in self._structure.program.sides if side.tag == tag]
        parts = [self._first_column(side) for side in sides if side.multiplicity is not None]
        keys = np.concatenate(parts)
        order = np.argsort(keys)
        counts = np.zeros(keys.size, dtype=np.int64)
        for side in sides:
            if side.multiplicity is None:
                places = np.minimum(np.searchsorted(keys[order], self._first_column(side)), keys.size - 1)
                counts += np.bincount(order[places], minlength=keys.size)
        start = sum(before.size for before in parts[:part])
        return counts[start : start + parts[part].size].reshape(shape)

    def _leaves(self, number: int, features: Values, shape: tuple[int, ...]) -> Values:
        """All walks at once, level by level. ``features``: flat words by address."""
        node = self._structure.graph.nodes[number]
        width, trees, tree_nodes = node.attributes[:3]
        table = self._structure.graph.constants[node.operands[1].index].values.reshape(trees, tree_nodes, 4)
        tree = np.arange(trees)
        rows = features.reshape(-1, width)
        at = np.zeros((len(rows), trees), dtype=np.int64)
        while (at >= 0).any():
            feature, threshold, left, right = np.moveaxis(table[tree, np.maximum(at, 0)].astype(np.int64), -1, 0)
            step = np.where(np.take_along_axis(rows, feature, axis=1) <= threshold, left, right)
            at = np.where(at >= 0, step, at)
        return (-1 - at).reshape(shape)

    def _first_column(self, side: Side) -> Values:
        column, extents = side.columns[0], [index.extent for index in side.indices]
        assert isinstance(column, Expression)
        return np.broadcast_to(expression_values(column, side.indices, self.block), extents).reshape(-1)


def _broadcast(values: Values, indices: Sequence[Index]) -> Values:
    return np.broadcast_to(values, [index.extent for index in indices])


def _shaped(values: Values, shape: tuple[int, ...]) -> Values:
    """Neighbouring indices may share an axis of a block."""
    return values.reshape(shape) if values.size == prod(shape) else np.broadcast_to(values, shape)


def _by_address(words: Values, strides: tuple[int, ...]) -> Values:
    """The words of a block in the order of their addresses."""
    places = addresses(words.shape, strides)
    ordered: Values = np.empty(int(places.max()) + 1, dtype=np.int64)
    ordered[places] = words
    return ordered
