"""MATMUL, CONV and ACCUMULATE: one group of products each; partial sums are taken into the group that adds them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from lockstep.ir.graph import Node, Operand
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.proof.arithmetise.assembler import WEIGHTS
from lockstep.proof.arithmetise.context import Context, Read, Source
from lockstep.proof.arithmetise.expressions import Affine
from lockstep.proof.arithmetise.loops import Access, Coordinate, Extents, flat
from lockstep.proof.arithmetise.recipes import Biases, Bits, Multipliers
from lockstep.proof.arithmetise.requantise import Product
from lockstep.proof.arithmetise.windows import Window

Reads = tuple[Operand, Access]


@dataclass(frozen=True)
class Summand:
    """``Σ_inner x·w``, or a plain ``x`` where ``w`` is ``None``."""

    x: Reads
    w: Reads | None
    inner: Extents
    factor: int


def arithmetise_sum(context: Context, number: int) -> None:
    """A MATMUL, CONV or ACCUMULATE together with the partial sums that only it reads."""
    node = context.graph.nodes[number]
    leaves = list(_leaves(context, number, 1 if _table(node) else node.multiplier))
    outer, channel = _outer(node, leaves)
    summands = [_summand(leaf, operand, factor, outer, f"/{n}") for n, (leaf, operand, factor) in enumerate(leaves)]
    operands: list[tuple[Source, Access]] = []
    for summand in summands:
        operands.append((context.activation(summand.x[0]), summand.x[1]))
        operands += [summand.w] if summand.w is not None else []
    table = _table(node)
    if table is not None:
        operands.append((node.operands[-1], flat(table.elements // 2, channel)))
    inner = {name: extent for summand in summands for name, extent in summand.inner.items()}
    read = context.read(outer, operands, inner, number=number)
    constant = None if table is None else table.index
    products: list[Product] = []
    rest, last, place = Affine(), len(operands) - 1, 0
    for summand in summands:
        x = context.value(read, place)
        place += 1
        if summand.w is not None:
            is_folded = constant is not None and summand.w[0].kind is OperandKind.WEIGHT
            w = context.value(read, place, constant if is_folded else None, last)
            place += 1
            product = (read.loops(*summand.inner), w * (1 if is_folded else summand.factor), x)
            if constant is None or is_folded:
                products.append(product)
                continue
            x = _accumulator(context, read, product)
        if constant is None:
            rest += x * summand.factor
        else:
            products.append(({}, x, of_channels(context, read, constant, multipliers=True) * summand.factor))
    if constant is not None:
        rest += of_channels(context, read, constant, multipliers=False)
    context.commit(number, read, rest, products)


def is_taken_in(context: Context, number: int) -> bool:
    """Whether a node is only a partial sum of ACCUMULATEs, with nothing done to it."""
    node, graph = context.graph.nodes[number], context.graph
    if node.opcode not in (Opcode.MATMUL, Opcode.CONV, Opcode.ACCUMULATE) or _table(node) is not None:
        return False
    readers = [
        (reader, operand)
        for reader in graph.nodes
        for operand in reader.operands
        if operand.kind is OperandKind.TRACE and operand.index == number
    ]
    return (
        number < len(graph.nodes) - len(graph.outputs)
        and context.facts.width(number) == 0
        and node.zero_point == 0
        and len(readers) == 1
        and readers[0][0].opcode is Opcode.ACCUMULATE
    )


def _leaves(context: Context, number: int, factor: int) -> Iterator[tuple[Node, Operand | None, int]]:
    """The products, and the terms that are tensors, that a node adds up."""
    node = context.graph.nodes[number]
    if node.opcode is not Opcode.ACCUMULATE:
        yield node, None, factor
        return
    for operand in node.operands[: len(node.operands) - node.attributes[1]]:
        if operand.kind is OperandKind.TRACE and is_taken_in(context, operand.index):
            yield from _leaves(context, operand.index, factor * context.graph.nodes[operand.index].multiplier)
        else:
            yield node, operand, factor


def _table(node: Node) -> Operand | None:
    if node.opcode is Opcode.ACCUMULATE:
        return node.operands[-1] if node.attributes[1] else None
    return node.operands[2] if node.opcode in (Opcode.MATMUL, Opcode.CONV) and len(node.operands) == 3 else None


def _outer(node: Node, leaves: list[tuple[Node, Operand | None, int]]) -> tuple[Extents, dict[str, int]]:
    """Loops over the result, and the steps that give the channel of the table."""
    products = [leaf for leaf, operand, _ in leaves if operand is None]
    if not products:
        channels = node.attributes[0] or 1
        return {"row": node.elements // channels, "channel": channels}, {"channel": 1}
    first = products[0]
    if first.opcode is Opcode.CONV:
        images, height, width, outputs = first.shape
        groups = first.attributes[12]
        outer = {"image": images, "y": height, "x": width, "group": groups, "channel": outputs // groups}
        return outer, {"group": outputs // groups, "channel": 1}
    columns, rows = first.attributes[5:7]
    if all(leaf.attributes[7] == 0 for leaf in products):
        rows = first.elements // columns
    outer = {"batch": first.elements // (rows * columns), "row": rows, "channel": columns}
    return outer, {"channel": 1}


def _summand(node: Node, operand: Operand | None, factor: int, outer: Extents, suffix: str) -> Summand:
    if operand is not None:
        steps, step = {}, 1
        for name in reversed(outer):
            steps[name] = step
            step *= outer[name]
        return Summand((operand, flat(operand.elements, steps)), None, {}, factor)
    if node.opcode is Opcode.CONV:
        return _convolution(node, factor, suffix)
    length, xs, x0, ws, w0, _, rows, wb = node.attributes[:8]
    k = f"k{suffix}"
    x, w = node.operands[:2]
    x_access = flat(x.elements, {"batch": rows * xs, "row": xs, k: 1}, x0)
    return Summand((x, x_access), (w, flat(w.elements, {"batch": wb, "channel": ws, k: 1}, w0)), {k: length}, factor)


def _convolution(node: Node, factor: int, suffix: str) -> Summand:
    kernel_width, depth = node.attributes[4:6]
    first_row, end_row = divmod(node.attributes[13], 1 << 16)
    first, end = divmod(node.attributes[14], 1 << 16)
    u, v, c = (f"{name}{suffix}" for name in "uvc")
    x, w = node.operands[:2]
    window = Window.of(node)
    rows = window.rows(u)
    rows = replace(rows, offset=rows.offset + first_row * window.dilations[0])
    channels = Coordinate(window.channels, 1, {"group": depth, c: 1}, first)
    kernel = window.kernel[0] * kernel_width * depth
    steps = {
        "group": node.shape[3] // node.attributes[12] * kernel,
        "channel": kernel,
        u: kernel_width * depth,
        v: depth,
        c: 1,
    }
    weights = flat(w.elements, steps, first_row * kernel_width * depth + first)
    inner = {u: end_row - first_row, v: kernel_width, c: end - first}
    return Summand((x, (*window.image, rows, window.columns(v), channels)), (w, weights), inner, factor)


def _accumulator(context: Context, read: Read, product: Product) -> Affine:
    """The sum of a product of activations as a tensor of its own, for a multiplier that is hidden."""
    assembler = context.assembler
    result = assembler.over(read.result, Bits(assembler.total(read.result, Affine(), 1), 0))
    assembler.group(read.result, result, [product])
    return result


def of_channels(context: Context, read: Read, table: int, *, multipliers: bool) -> Affine:
    """A committed number for each channel: ``bias·multiplier``, or the multiplier."""
    steps = read.steps(len(read.operands) - 1)
    loops = {name: extent for name, extent in read.result.items() if steps.get(name)}
    channel = tuple(steps[name] for name in loops)
    recipe = Multipliers(table, channel) if multipliers else Biases(table, channel)
    return context.assembler.over(loops, recipe, WEIGHTS)
