"""TREES: the prover names a leaf, and every condition on the path to it holds. Exactly one leaf's do.

For a row, a tree and a level: (leaf, code, addend) is a row of the model's table of conditions, (row, code, value) one
of the table of features, which has ``−x`` and ``x``, and value + addend ≥ 0. Nothing is multiplied.
"""

from dataclasses import dataclass

from lockstep.ir.ops import OperandKind
from lockstep.proof.arithmetise.assembler import PASS, WEIGHTS, Tensor
from lockstep.proof.arithmetise.context import Context
from lockstep.proof.arithmetise.expressions import Affine, Part, Place
from lockstep.proof.arithmetise.loops import Extents, flat, row_major
from lockstep.proof.arithmetise.recipes import Conditions, Gathered, Leaf, NodeValue, Signed, Weights


@dataclass(frozen=True, slots=True)
class Forest:
    """The sizes of a TREES node."""

    rows: int
    features: int
    trees: int
    leaves: int
    outputs: int
    depth: int


def arithmetise_trees(context: Context, number: int) -> None:
    """``values[(t·L + leaf(row, t))·O + o]``."""
    node, assembler = context.graph.nodes[number], context.assembler
    features, trees, _, leaves, outputs, depth = node.attributes[:6]
    forest = Forest(node.elements // (trees * outputs), features, trees, leaves, outputs, depth)
    x = _features_by_row(context, context.source_tensor(node.operands[0]), forest)
    walks = _loops(context, row=forest.rows, tree=trees)
    leaf = assembler.over(walks, Leaf(number, x.block, context.strides(x), x.zero_point))
    _check_paths(context, forest, node.operands[1].index, x, leaf)
    result = _loops(context, row=forest.rows, output=outputs, tree=trees)
    recipe = Weights(node.operands[2].index, (1,), 0, node.zero_point)
    values = assembler.once(recipe, lambda: assembler.over({"value": node.operands[2].elements}, recipe, WEIGHTS))
    word = assembler.over(result, NodeValue(number, node.zero_point))
    address = leaf * outputs + _address(result, tree=leaves * outputs, output=1)
    assembler.look_up(assembler.value_table(values.parts[0].block, (1,)), result, (address, word))
    low, high = (bound - node.zero_point for bound in context.facts.interval(number))
    axes = row_major((forest.rows, outputs, trees))
    tensor = Tensor(word.parts[0].block, axes, node.zero_point, low, high)
    context.tensors[OperandKind.TRACE, number] = tensor


def _check_paths(context: Context, forest: Forest, nodes: int, x: Tensor, leaf: Affine) -> None:
    """Every condition on the way to the leaf holds."""
    assembler = context.assembler
    # A condition adds an i16 to a value or to what is below it; `never` is beyond what any value makes up for.
    largest = max(x.high + x.zero_point, -(x.low + x.zero_point)) + (1 << 15)
    bits = largest.bit_length()
    shape = (nodes, forest.trees, forest.leaves, forest.depth, forest.features, -(2 << bits))
    rows = {"tree": forest.trees, "leaf": forest.leaves, "level": forest.depth}
    rows = {name: extent for name, extent in rows.items() if extent > 1}
    steps = {"tree": forest.leaves * forest.depth, "leaf": forest.depth, "level": 1}

    def table_of(recipe: Conditions) -> Affine:
        return assembler.once(recipe, lambda: assembler.over(rows, recipe, WEIGHTS))

    codes, addends = (table_of(Conditions(*shape, is_addend=part)) for part in (False, True))
    tag = assembler.table(
        ("conditions", codes.parts[0].block),
        [(rows, (_address(rows, **steps), _address(rows, leaf=1), codes, addends))],
    )
    every = _loops(context, row=forest.rows, tree=forest.trees, level=forest.depth)
    asked = leaf * forest.depth + _address(every, tree=steps["tree"], level=1)
    strides, place = tuple(steps[name] for name in rows), assembler.amount(every, asked)
    code, addend = (assembler.over(every, Gathered(part.parts[0].block, strides, place)) for part in (codes, addends))
    assembler.look_up(tag, every, (asked, leaf, code, addend))
    context.ranges.check(every, _feature(context, forest, x, every, code) + addend, bits)


def _feature(context: Context, forest: Forest, x: Tensor, every: Extents, code: Affine) -> Affine:
    """Commits what a code stands for, ``−x`` or ``x``, and looks it up."""
    assembler, features = context.assembler, forest.features
    names = [*assembler.pass_loops, *(f"axis{number}" for number in range(len(x.axes)))]
    loops = dict(zip(names, (axis.extent for axis in assembler.blocks[x.block].axes), strict=True))
    steps = {f"axis{n}": axis.stride * (1 + (axis.stride % features == 0)) for n, axis in enumerate(x.axes)}
    steps[PASS] = forest.rows * features * 2
    word = Affine((Part(1, x.block, tuple(Place(name) for name in loops)),)) + x.zero_point
    address = _address(loops, **steps)
    sides = [(loops, (address, -word)), (loops, (address + features, word))]
    tag = assembler.table(("features", x.block), sides)
    row = {"row": features * 2, PASS: steps[PASS]}
    plain = assembler.amount(every, _address(every, **{name: step // 2 for name, step in row.items()}))
    recipe = Signed(x.block, _strides(context, forest, x), plain, assembler.amount(every, code), features, x.zero_point)
    value = assembler.over(every, recipe)
    assembler.look_up(tag, every, (code + _address(every, **row), value))
    return value


def _features_by_row(context: Context, x: Tensor, forest: Forest) -> Tensor:
    """The features with no axis that crosses rows."""
    features = forest.features
    if all(axis.stride % features == 0 or axis.stride * axis.extent <= features for axis in x.axes):
        return x
    loops = {"row": forest.rows, "feature": features}
    block = context.gather(x, flat(forest.rows * features, {"row": features, "feature": 1}), loops)
    return Tensor(block, row_major((forest.rows, features)), x.zero_point, x.low, x.high)


def _strides(context: Context, forest: Forest, x: Tensor) -> tuple[int, ...]:
    strides = tuple(axis.stride for axis in x.axes)
    return (forest.rows * forest.features, *strides) if context.assembler.passes > 1 else strides


def _loops(context: Context, **extents: int) -> Extents:
    return {**context.assembler.pass_loops, **{name: extent for name, extent in extents.items() if extent > 1}}


def _address(loops: Extents, **steps: int) -> Affine:
    """``Σ step·loop`` over the loops that there are."""
    return Affine(address=tuple((name, step) for name, step in steps.items() if name in loops))
