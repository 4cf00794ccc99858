"""The compiler: a graph and what is public of its run become a program."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from lockstep.errors import ProofError
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Graph
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.proof.arithmetise.accuracy import show_accuracy
from lockstep.proof.arithmetise.assembler import DATASET, MODULUS, WEIGHTS, WITNESS, Assembler, Tensor
from lockstep.proof.arithmetise.context import Context, Key, ending_of
from lockstep.proof.arithmetise.division import arithmetise_div
from lockstep.proof.arithmetise.elementwise import (
    arithmetise_add,
    arithmetise_look_up,
    arithmetise_mul,
    arithmetise_requant,
)
from lockstep.proof.arithmetise.expressions import Affine, Part, Place, bits_of
from lockstep.proof.arithmetise.facts import Facts, facts_of, public_facts
from lockstep.proof.arithmetise.forests import arithmetise_trees
from lockstep.proof.arithmetise.greatest import arithmetise_max_pool
from lockstep.proof.arithmetise.loops import Extents, row_major
from lockstep.proof.arithmetise.moves import arithmetise_concat, arithmetise_copy
from lockstep.proof.arithmetise.placement import place
from lockstep.proof.arithmetise.products import arithmetise_sum, is_taken_in
from lockstep.proof.arithmetise.ranges import Ranges
from lockstep.proof.arithmetise.recipes import InputValue, Recipe
from lockstep.proof.arithmetise.reductions import arithmetise_average_pool, arithmetise_sum_of_run
from lockstep.proof.arithmetise.runs import arithmetise_greatest
from lockstep.proof.arithmetise.visibility import ArgmaxIs, AtLeast, CorrectAtLeast, Visibility
from lockstep.proof.relations import Clamped, Program

__all__ = ["ArgmaxIs", "AtLeast", "CorrectAtLeast", "Structure", "Tables", "Visibility", "build_structure"]

LIMB_BITS = range(8, 17)
CLAMP_BITS = (16, 14, 12, 10, 0)
"""Table widths that are tried; the cheapest are taken."""

FIRST_CLAMP = 14


@dataclass(frozen=True, slots=True)
class Tables:
    """Bits of a limb at most, and of a quotient that a table clamps at most."""

    limb_bits: int
    clamp_bits: int


@dataclass(frozen=True)
class Structure:
    """A program, and how its blocks are filled. ``facts.widths`` and ``tables`` are public with the program."""

    program: Program
    recipes: tuple[Recipe | None, ...]
    facts: Facts
    tables: Tables
    graph: Graph
    passes: int


def build_structure(
    graph: Graph,
    *,
    passes: int = 1,
    statement: Visibility | None = None,
    log_columns: int,
    widths: tuple[int, ...] | None = None,
    tables: Tables | None = None,
) -> Structure:
    """The program of a statement about a graph.

    Who does not know the weights gives the published ``widths``; ``tables`` saves the search for the cheapest.
    """
    facts = facts_of(graph) if widths is None else public_facts(graph, widths)

    def assemble(tried: Tables) -> Assembler:
        return _assemble(graph, facts, passes, statement or Visibility(), tried)

    chosen = tables or _cheapest(assemble)
    best = assemble(chosen)
    has_dataset = statement is not None and statement.inputs == "committed"
    oracles = (WEIGHTS, DATASET, WITNESS) if has_dataset else (WEIGHTS, WITNESS)
    return Structure(place(best, log_columns, oracles), tuple(best.recipes), facts, chosen, graph, passes)


def _cheapest(assemble: Callable[[Tables], Assembler]) -> Tables:
    """First the best limbs, then the best clamps."""
    best = min((Tables(limb, FIRST_CLAMP) for limb in LIMB_BITS), key=lambda tried: _cost(assemble(tried)))
    return min((Tables(best.limb_bits, clamp) for clamp in CLAMP_BITS), key=lambda tried: _cost(assemble(tried)))


LAYER_GAS, RELATION_GAS, TERM_GAS, WORD_GAS = 48_000, 5_000, 6_000, 5
"""Roughly what a layer of fractions, a relation, a term and a committed word cost a contract; a fraction costs a prover
about as much time as one unit of gas is worth (5 million a second)."""


def _cost(assembler: Assembler) -> int:
    """About what a proof costs, in gas."""
    layers = sum(1 << side.bits for side in assembler.sides).bit_length()
    words = sum(1 << block.bits for block in assembler.blocks if block.oracle == WITNESS)
    columns = [column for side in assembler.sides for column in side.columns if not isinstance(column, Clamped)]
    factors = [factor for section in assembler.sections for factor in (section.left, section.right)]
    terms = sum(len(e.terms) for e in (*columns, *factors, *(group.result for group in assembler.groups)))
    relations = len(assembler.sides) + len(assembler.sections) + len(assembler.groups)
    return LAYER_GAS * layers + (1 << layers) + RELATION_GAS * relations + TERM_GAS * terms + WORD_GAS * words


def _assemble(graph: Graph, facts: Facts, passes: int, statement: Visibility, tables: Tables) -> Assembler:
    assembler = Assembler(passes)
    ranges = Ranges(assembler, tables.limb_bits, tables.clamp_bits, _shared_widths(graph, facts, tables.clamp_bits))
    context = Context(graph, facts, assembler, ranges, _wishes(graph))
    for number in range(len(graph.inputs)):
        _commit_input(context, number, statement.inputs)
    for number, node in enumerate(graph.nodes):
        if not is_taken_in(context, number):
            _OPERATORS[node.opcode](context, number)
    for number in range(len(graph.nodes) - len(graph.outputs), len(graph.nodes)):
        _show_output(context, number, statement)
    return assembler


def _shared_widths(graph: Graph, facts: Facts, clamp_bits: int) -> dict[tuple[int, int], int]:
    """The widest quotient of all nodes with the same clamp, unless with another's shift it does not fit the field."""
    endings = [ending_of(node, n, facts) for n, node in enumerate(graph.nodes) if facts.widths[n] > 0]
    shared: dict[tuple[int, int], int] = {}
    for ending in endings:
        if ending.is_clamped and ending.width <= clamp_bits:
            ends = ending.low, ending.high
            shared[ends] = max(shared.get(ends, 0), ending.width)
    for ending in endings:
        ends = ending.low, ending.high
        if ends in shared and ending.divisor << shared[ends] >= MODULUS:
            del shared[ends]
    return shared


def _wishes(graph: Graph) -> dict[Key, frozenset[int]]:
    """Windows want rows, columns and channels to be axes of their own."""
    wishes: dict[Key, frozenset[int]] = {}
    for node in graph.nodes:
        if node.opcode in (Opcode.CONV, Opcode.MAXPOOL, Opcode.AVGPOOL):
            height, width, channels = node.attributes[:3]
            key = node.operands[0].kind, node.operands[0].index
            wishes[key] = wishes.get(key, frozenset()) | {height * width * channels, width * channels, channels}
        if node.opcode is Opcode.TREES:
            key = node.operands[0].kind, node.operands[0].index
            wishes[key] = wishes.get(key, frozenset()) | {node.attributes[0]}
    return wishes


def _commit_input(context: Context, number: int, shown: str) -> None:
    spec, assembler = context.graph.inputs[number], context.assembler
    key = (OperandKind.INPUT, number)
    wishes = context.wishes.get(key, frozenset()) if shown != "committed" else frozenset()
    axes = row_major(_input_extents(spec.shape, wishes))
    loops: Extents = {**assembler.pass_loops, **{f"axis{n}": axis.extent for n, axis in enumerate(axes)}}
    oracle = DATASET if shown == "committed" else WITNESS
    words = assembler.over(loops, InputValue(number, spec.zero_point), oracle)
    low, high = spec.dtype.minimum - spec.zero_point, spec.dtype.maximum - spec.zero_point
    if spec.dtype is DType.I64:
        raise ProofError("proof/range", f"input {spec.name}: 64 bits are more than the field has")
    if shown == "public":
        assembler.group(loops, words + spec.zero_point, public=True)
    # A public one too: who reads a proof knows its numbers, and not the type that no sum wraps with.
    context.ranges.check(loops, words - low, spec.dtype.width)
    context.tensors[key] = Tensor(words.parts[0].block, axes, spec.zero_point, low, high)


def _input_extents(shape: tuple[int, ...], wishes: frozenset[int]) -> list[int]:
    """The input's axes, cut where its readers want an axis to begin."""
    extents, below = [], 1
    for extent in reversed(shape):
        inner = []
        for stride in sorted(wishes):
            cut, rest = divmod(stride, below)
            if rest == 0 and 1 < cut < extent and extent % cut == 0:
                inner.append(cut)
                extent, below = extent // cut, below * cut
        extents += [*inner, extent]
        below *= extent
    return extents[::-1]


def _show_output(context: Context, number: int, statement: Visibility) -> None:
    tensor = context.tensors[OperandKind.TRACE, number]
    loops: Extents = {**context.assembler.pass_loops, **{f"axis{n}": a.extent for n, a in enumerate(tensor.axes)}}
    words = Affine((Part(1, tensor.block, tuple(Place(name) for name in loops)),)) + tensor.zero_point
    match statement.outputs:
        case "public":
            context.assembler.group(loops, words, public=True)
        case "hidden":
            pass
        case AtLeast(threshold):
            high = tensor.high + tensor.zero_point
            context.ranges.check_below(loops, words - threshold, max(1, high - threshold + 1))
        case CorrectAtLeast(least):
            show_accuracy(context, tensor, least)
        case ArgmaxIs(winner):
            _show_winner(context, tensor, loops, winner)


def _show_winner(context: Context, tensor: Tensor, loops: Extents, winner: int) -> None:
    """``(v_c − v_j)·2^t + j − c ≥ 0`` for every j: no value is greater than the winner's, and no earlier one equal."""
    elements = prod(axis.extent for axis in tensor.axes)
    if not 0 <= winner < elements:
        raise ProofError("proof/public", "the output has no such position", value=winner)
    names = [name for name in loops if name not in context.assembler.pass_loops]
    fixed = tuple(Place(offset=winner // axis.stride % axis.extent) for axis in tensor.axes)
    chosen = Affine((Part(1, tensor.block, context.assembler.pass_places + fixed),))
    words = Affine((Part(1, tensor.block, tuple(Place(name) for name in loops)),))
    place = Affine((), -winner, tuple((name, axis.stride) for name, axis in zip(names, tensor.axes, strict=True)))
    bits = (tensor.high - tensor.low).bit_length() + bits_of(elements)
    context.ranges.check(loops, (chosen - words) * (1 << bits_of(elements)) + place, bits)


_OPERATORS: dict[Opcode, Callable[[Context, int], None]] = {
    Opcode.MATMUL: arithmetise_sum,
    Opcode.CONV: arithmetise_sum,
    Opcode.ACCUMULATE: arithmetise_sum,
    Opcode.REQUANT: arithmetise_requant,
    Opcode.ADD: arithmetise_add,
    Opcode.MUL: arithmetise_mul,
    Opcode.LUT: arithmetise_look_up,
    Opcode.COPY: arithmetise_copy,
    Opcode.CONCAT: arithmetise_concat,
    Opcode.AVGPOOL: arithmetise_average_pool,
    Opcode.SUM: arithmetise_sum_of_run,
    Opcode.MAX: arithmetise_greatest,
    Opcode.ARGMAX: arithmetise_greatest,
    Opcode.DIV: arithmetise_div,
    Opcode.TREES: arithmetise_trees,
    Opcode.MAXPOOL: arithmetise_max_pool,
}
