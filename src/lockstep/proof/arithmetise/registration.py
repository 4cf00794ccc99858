"""What a model shows once: that its committed words are weights, multipliers and biases of the promised widths.

A program multiplies weights by the multipliers of their channels before they are committed. Registration shows factors
with that product: weights, multipliers and biases in published widths, the same multiplier in every weight and bias of
a channel. With that no sum that the model's program forms reaches the modulus: ``bounds`` derives it from the program.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ProofError
from lockstep.ir.graph import Graph
from lockstep.ir.intervals import Interval
from lockstep.proof.arithmetise.assembler import WEIGHTS, Assembler
from lockstep.proof.arithmetise.bounds import check_no_wrap
from lockstep.proof.arithmetise.compile import LIMB_BITS, Structure, Tables
from lockstep.proof.arithmetise.expressions import Affine, Part, Place
from lockstep.proof.arithmetise.loops import Extents
from lockstep.proof.arithmetise.placement import place
from lockstep.proof.arithmetise.ranges import Ranges
from lockstep.proof.arithmetise.recipes import Biases, Column, Conditions, InputValue, Multipliers, Weights
from lockstep.proof.arithmetise.unclamped import check_unclamped
from lockstep.proof.arithmetise.weights import weight_rows
from lockstep.proof.arithmetise.words import Rows, rows_of
from lockstep.proof.relations import Program

PRODUCT_BITS = 62
"""Bits of a bias times its multiplier, and of a weight times its."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Bits (with sign) of the integers of a constant, or of the biases and the multipliers of a channel table; public.

    They are what a model tells of its weights besides the widths of its quotients.
    """

    first: int
    multipliers: int = 0


@dataclass(frozen=True)
class Registration:
    """The program of a model's registration. Oracles: 0 the weights, as in the model's own program; 1 the witness."""

    structure: Structure
    widths: Mapping[int, Widths]

    @property
    def program(self) -> Program:
        return self.structure.program

    def weight_rows(self) -> Rows:
        """The same rows that the model's program reads."""
        return weight_rows(self.structure)

    def witness(self) -> Rows:
        """The rows of the witness but its pad row."""
        from lockstep.proof.arithmetise.witness import Filling  # a verifier needs no executor

        filling = Filling(self.structure, {}, [], [])
        filling.fill()
        return rows_of(self.program, len(self.program.oracles) - 1, filling.words)


def registration(model: Structure, widths: Mapping[int, Widths] | None = None) -> Registration:
    """The registration of a model whose program is ``model``. Who does not know the weights gives the ``widths``.

    Raises ``proof/range`` if weights of these widths could make the model's program wrap.
    """
    known = constant_widths(model) if widths is None else widths
    intervals = check_no_wrap(model.program, known_intervals(model, known))
    check_unclamped(model, {constant: each.first for constant, each in known.items()}, intervals)
    tried = [_assemble(model, known, limb_bits) for limb_bits in LIMB_BITS]
    best = min(range(len(tried)), key=lambda number: sum(1 << side.bits for side in tried[number].sides))
    assembler = tried[best]
    program = place(assembler, model.program.log_columns)
    theirs = [block for block in model.program.blocks if block.oracle == 0]
    assert theirs == [block for block in program.blocks if block.oracle == 0], "the weights lie where the model reads"
    tables = Tables(LIMB_BITS[best], 0)
    return Registration(replace(model, program=program, recipes=tuple(assembler.recipes), tables=tables), known)


def constant_widths(model: Structure) -> dict[int, Widths]:
    """The widths of every constant that a model commits to. Raises ``proof/range`` if a product is too wide."""
    found: dict[int, Widths] = {}
    for recipe in model.recipes:
        if isinstance(recipe, Weights) and recipe.constant not in found:
            found[recipe.constant] = Widths(_bits(model.graph.constants[recipe.constant].values))
        table = recipe.table if isinstance(recipe, Weights | Biases | Multipliers) else None
        if table is None or table in found:
            continue
        biases, multipliers = (_bits(model.graph.constants[table].values[:, column]) for column in (0, 1))
        if biases + multipliers > PRODUCT_BITS:
            raise ProofError("proof/range", "a bias times its multiplier is too large for the field", value=table)
        found[table] = Widths(biases, multipliers)
    return found


def constants_of(model: Structure) -> set[int]:
    """The constants and channel tables whose widths a registration publishes."""
    weights = {recipe.constant for recipe in model.recipes if isinstance(recipe, Weights)}
    tables = {recipe.table for recipe in model.recipes if isinstance(recipe, Weights | Biases | Multipliers)}
    return weights | {table for table in tables if table is not None}


def known_intervals(model: Structure, widths: Mapping[int, Widths]) -> dict[int, Interval]:
    """The intervals of a model's weights, as registration shows them, and of its inputs, by their types."""
    found: dict[int, Interval] = {}
    for number, recipe in enumerate(model.recipes):
        match recipe:
            case Weights():
                factor = 1 if recipe.table is None else 1 << (widths[recipe.table].multipliers - 1)
                largest = (1 << (widths[recipe.constant].first - 1)) + abs(recipe.zero_point)
                found[number] = (-largest * factor, largest * factor)
            case Biases(table):
                largest = 1 << (widths[table].first + widths[table].multipliers - 2)
                found[number] = (-largest, largest)
            case Multipliers(table):
                found[number] = (-1 << (widths[table].multipliers - 1), 1 << (widths[table].multipliers - 1))
            case Conditions():
                found[number] = (recipe.never, 1 << 15) if recipe.is_addend else (0, 2 * recipe.features)
            case InputValue(place, zero_point):
                low, high = model.facts.input_intervals[place]
                found[number] = (low - zero_point, high - zero_point)
    return found


def _bits(values: NDArray[np.signedinteger]) -> int:
    """Bits of the widest, with its sign."""
    return max(int(values.max()).bit_length(), (-1 - int(values.min())).bit_length() if values.min() < 0 else 0) + 1


def _assemble(model: Structure, widths: Mapping[int, Widths], limb_bits: int) -> Assembler:
    assembler = Assembler(passes=1)
    ranges = Ranges(assembler, limb_bits, clamp_bits=0)
    writer = _Writer(model.graph, assembler, ranges, widths)
    for block, recipe in zip(model.program.blocks, model.recipes, strict=True):
        if block.oracle == 0 and recipe is not None:
            loops = {f"axis{number}": axis.extent for number, axis in enumerate(block.axes)}
            writer.show(assembler.over(loops, recipe, WEIGHTS), loops, recipe)
    return assembler


@dataclass(frozen=True)
class _Writer:
    """Shows one block of weights after another."""

    graph: Graph
    assembler: Assembler
    ranges: Ranges
    widths: Mapping[int, Widths]

    def show(self, words: Affine, loops: Extents, recipe: object) -> None:
        match recipe:
            case Weights() if recipe.table is None:
                self._show_integers(words, loops, recipe)
            case Weights():
                plain = replace(recipe, table=None, channel=())
                integers = self.assembler.over(loops, plain)
                self._show_integers(integers, loops, plain)
                self._show_product(words, integers, loops, recipe.table, recipe.channel)
            case Multipliers():
                self.assembler.group(loops, words - self._column(recipe.table, 1, loops, recipe.channel))
            case Biases():
                biases = self._column(recipe.table, 0, loops, recipe.channel)
                self._show_product(words, biases, loops, recipe.table, recipe.channel)
            case Conditions():
                end = 2 * recipe.features if not recipe.is_addend else (1 << 15) + 1 - recipe.never
                self.ranges.check_below(loops, words - (recipe.never if recipe.is_addend else 0), end)

    def _show_integers(self, words: Affine, loops: Extents, recipe: Weights) -> None:
        """Every word is an integer of the constant's width, minus the zero point."""
        bits = self.widths[recipe.constant].first
        self.ranges.check(loops, words + (recipe.zero_point + (1 << (bits - 1))), bits)

    def _show_product(
        self, words: Affine, factor: Affine, loops: Extents, table: int | None, channel: tuple[int, ...]
    ) -> None:
        assert table is not None
        self.assembler.group(loops, words, [({}, factor, self._column(table, 1, loops, channel))])

    def _column(self, table: int, column: int, loops: Extents, channel: tuple[int, ...]) -> Affine:
        """A column of a channel table, committed and range-checked once, along the loops."""
        values = self.assembler.once((table, column), lambda: self._commit(table, column))
        steps = [(name, step) for name, step in zip(loops, channel, strict=True) if step]
        if not values.parts[0].places:
            return values
        (first, stride), (second, dilation) = (*steps, ("", 1), ("", 1))[:2]
        return Affine((Part(1, values.parts[0].block, (Place(first, stride, second, dilation),)),))

    def _commit(self, table: int, column: int) -> Affine:
        channels = self.graph.constants[table].shape[0]
        loops = {"channel": channels} if channels > 1 else {}
        values = self.assembler.over(loops, Column(table, column))
        bits = (self.widths[table].first, self.widths[table].multipliers)[column]
        self.ranges.check(loops, values + (1 << (bits - 1)), bits)
        return values
