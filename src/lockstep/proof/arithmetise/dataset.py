"""What a committed data set shows of itself: how many rows, values of their types, the balance of its classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ProofError
from lockstep.ir.graph import Graph, TensorSpec
from lockstep.proof.arithmetise.assembler import DATASET, WITNESS, Assembler
from lockstep.proof.arithmetise.compile import LIMB_BITS, Structure, Tables
from lockstep.proof.arithmetise.expressions import Affine, Part, Place
from lockstep.proof.arithmetise.facts import Facts
from lockstep.proof.arithmetise.loops import Extents, row_major
from lockstep.proof.arithmetise.placement import place
from lockstep.proof.arithmetise.ranges import Ranges
from lockstep.proof.arithmetise.recipes import InputValue, Labels
from lockstep.proof.arithmetise.words import Rows, rows_of
from lockstep.proof.relations import Program

Values = NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True)
class Balance:
    """Of each class there are at least ``fewest`` and at most ``most`` rows."""

    classes: int
    fewest: int
    most: int


@dataclass(frozen=True)
class DatasetProperties:
    """The program, and the words that satisfy it. Oracles: 0 the data set, as accuracy reads it; 1 the witness."""

    structure: Structure

    @property
    def program(self) -> Program:
        return self.structure.program

    def rows(self, inputs: Sequence[Values], labels: Sequence[int]) -> tuple[Rows, Rows]:
        """The data set's rows and the witness but its pad row. ``inputs``: for each tensor all rows ``[n, …]``."""
        from lockstep.proof.arithmetise.witness import Filling  # a verifier needs no executor

        filling = Filling(self.structure, {}, [values.astype(np.int64) for values in inputs], [], labels)
        filling.fill()
        return rows_of(self.program, 0, filling.words), rows_of(self.program, 1, filling.words)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Every value of every input is at least ``low`` and at most ``high``."""

    low: int
    high: int


def dataset_properties(
    specs: tuple[TensorSpec, ...],
    count: int,
    *,
    balance: Balance | None = None,
    bounds: Bounds | None = None,
    is_labelled: bool = False,
    log_columns: int,
) -> DatasetProperties:
    """``count`` rows of tensors like ``specs`` (a model's inputs), in the range of their types or within ``bounds``.

    A row has a label if the data set ``is_labelled``, or if there is a ``balance`` of them.
    """
    tried = {limb_bits: _assemble(specs, count, balance, bounds, is_labelled, limb_bits) for limb_bits in LIMB_BITS}
    limb_bits = min(tried, key=lambda bits: sum(1 << side.bits for side in tried[bits].sides))
    assembler = tried[limb_bits]
    program = place(assembler, log_columns, (DATASET, WITNESS))
    empty = Graph(specs, (), (), ())
    tables = Tables(limb_bits, 0)
    return DatasetProperties(Structure(program, tuple(assembler.recipes), Facts((), (), ()), tables, empty, count))


def _assemble(
    specs: tuple[TensorSpec, ...],
    count: int,
    balance: Balance | None,
    bounds: Bounds | None,
    is_labelled: bool,
    limb_bits: int,
) -> Assembler:
    assembler = Assembler(count)
    ranges = Ranges(assembler, limb_bits, clamp_bits=0)
    for number, spec in enumerate(specs):
        axes = {f"axis{n}": axis.extent for n, axis in enumerate(row_major(spec.shape))}
        loops = {**assembler.pass_loops, **axes}
        words = assembler.over(loops, InputValue(number, spec.zero_point), DATASET)
        within = bounds or Bounds(spec.dtype.minimum, spec.dtype.maximum)
        if not spec.dtype.minimum <= within.low <= within.high <= spec.dtype.maximum:
            raise ProofError("proof/public", "the bounds are empty or outside the type", value=within)
        ranges.check_below(loops, words + (spec.zero_point - within.low), within.high - within.low + 1)
    if is_labelled or balance is not None:
        labels = assembler.over(assembler.pass_loops, Labels(), DATASET)
    if balance is not None:
        _show_balance(assembler, ranges, labels, count, balance)
    return assembler


def _show_balance(assembler: Assembler, ranges: Ranges, labels: Affine, count: int, balance: Balance) -> None:
    """How often the table of classes is looked up is how many rows a class has."""
    if not 0 <= balance.fewest <= balance.most <= count or balance.classes < 2:
        raise ProofError("proof/public", "no data set has such a balance", value=balance)
    classes: Extents = {"class": balance.classes}
    tag = assembler.table("classes", [(classes, (Affine(address=(("class", 1),)),))])
    assembler.look_up(tag, assembler.pass_loops, (labels,))
    counts = assembler.sides[-2].multiplicity
    assert counts is not None
    sizes = Affine((Part(1, counts, (Place("class"),)),))
    ranges.check_below(classes, sizes - balance.fewest, balance.most - balance.fewest + 1)
