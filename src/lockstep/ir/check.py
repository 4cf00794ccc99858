"""Validity of a graph: what has to hold before anybody runs it, signs for it or disputes it (integer-graph.md)."""

import math
from collections.abc import Callable, Iterator
from itertools import product

from lockstep.errors import GraphError
from lockstep.ir.dtypes import DType
from lockstep.ir.edges import check_edges
from lockstep.ir.graph import ATTRIBUTES, Graph, Node, Operand
from lockstep.ir.intervals import Interval, largest_product, node_interval
from lockstep.ir.limits import (
    OPENED_BYTES,
    OPERANDS,
    RANK,
    REDUCTION_BYTES,
    SHIFT,
    WINDOW_RANGES,
    window_bytes,
)
from lockstep.ir.ops import SIGNATURES, Opcode, OperandKind
from lockstep.ir.trees import tree_rules

WINDOWS = (Opcode.CONV, Opcode.MAXPOOL, Opcode.AVGPOOL)
RUNS = (Opcode.SUM, Opcode.MAX, Opcode.ARGMAX)
ELEMENTS = 1 << 31
SAME_DTYPE = (Opcode.COPY, Opcode.CONCAT, Opcode.MAXPOOL, Opcode.MAX)


def check_graph(graph: Graph) -> None:
    """Raises ``GraphError`` with the rule's code and the node's name at the first rule that is broken."""
    if not graph.nodes or not graph.inputs or not 0 < len(graph.outputs) <= len(graph.nodes):
        raise GraphError("graph/empty", "a graph has inputs, nodes and outputs", remedy="compile the model again")
    for spec in (*graph.inputs, *graph.outputs):
        if any(extent <= 0 for extent in spec.shape):
            raise GraphError("graph/shape", f"tensor {spec.name}: no such shape", value=spec.shape)
        if math.prod(spec.shape) >= ELEMENTS:
            raise GraphError("graph/size", f"tensor {spec.name} has too many elements", value=spec.shape)
        if spec.edges:
            check_edges(spec)
    if any(spec.edges for spec in graph.outputs):
        raise GraphError("graph/edges", "only an input has edges")
    known: list[Interval] = []
    for number, node in enumerate(graph.nodes):
        for code, holds, reason in _rules(graph, number, node):
            if not holds:
                raise GraphError(code, f"node {node.name}: {reason}", value=number)
        bound = largest_product(graph, node, known)
        if bound >= 1 << 63:
            raise GraphError("graph/overflow", f"node {node.name}: a product may not fit 64 bits", value=bound)
        known.append(node_interval(graph, node, known))
    for spec, node in zip(graph.outputs, graph.nodes[-len(graph.outputs) :], strict=True):
        if spec.dtype is not node.dtype or math.prod(spec.shape) != node.elements:
            raise GraphError("graph/output", f"output {spec.name} is not what node {node.name} gives")


Rule = tuple[str, bool, str]


def _rules(graph: Graph, number: int, node: Node) -> Iterator[Rule]:
    """The rules of one node, cheapest first; later ones may rely on earlier ones."""
    signature = SIGNATURES[node.opcode]
    count = len(node.operands)
    yield "graph/arity", signature.fewest <= count <= min(signature.most, OPERANDS), "wrong number of operands"
    yield "graph/shape", 0 < len(node.shape) <= RANK and all(extent > 0 for extent in node.shape), "no such shape"
    yield "graph/size", node.elements < ELEMENTS, "the result has too many elements"
    yield "graph/shift", 0 <= node.shift <= SHIFT, "the shift is out of range"
    yield "graph/multiplier", max(abs(node.multiplier), abs(node.multiplier2)) < 1 << 31, "the multiplier is too large"
    in_range = node.dtype.minimum <= node.low <= node.high <= node.dtype.maximum
    yield "graph/clamp", in_range, "the clamp is empty or outside the type"
    named = len(signature.attributes)
    yield (
        "graph/attributes",
        len(node.attributes) == ATTRIBUTES and not any(node.attributes[named:]),
        "an unused attribute is not 0",
    )
    for operand in node.operands:
        yield from _operand_rules(graph, number, operand)
    if node.opcode in SAME_DTYPE:
        kinds = {operand.dtype for operand in node.operands}
        yield "graph/dtype", kinds == {node.dtype}, "the operands have another type than the result"
    special = _SPECIAL.get(node.opcode)
    if special is not None:
        yield from special(graph, node)


def _operand_rules(graph: Graph, number: int, operand: Operand) -> Iterator[Rule]:
    counts = {
        OperandKind.INPUT: len(graph.inputs),
        OperandKind.WEIGHT: len(graph.constants),
        OperandKind.TRACE: number,
    }
    exists = 0 <= operand.index < counts[operand.kind]
    yield "graph/operand", exists, "an operand does not exist, or comes later"
    source: tuple[DType, tuple[int, ...]]
    if operand.kind is OperandKind.INPUT:
        source = graph.inputs[operand.index].dtype, graph.inputs[operand.index].shape
    elif operand.kind is OperandKind.WEIGHT:
        source = graph.constants[operand.index].dtype, graph.constants[operand.index].shape
    else:
        source = graph.nodes[operand.index].dtype, graph.nodes[operand.index].shape
    is_same = operand.dtype is source[0] and operand.elements == math.prod(source[1])
    yield "graph/operand", is_same, "an operand is read as another type or size than it has"
    fits = operand.dtype.minimum - 1 <= operand.zero_point <= operand.dtype.maximum
    yield "graph/zero-point", fits and abs(operand.zero_point) < 1 << 31, "a zero point is out of range"


def _is_table(graph: Graph, operand: Operand, channels: int) -> bool:
    return operand.kind is OperandKind.WEIGHT and graph.constants[operand.index].shape == (channels, 2)


def _matmul(graph: Graph, node: Node) -> Iterator[Rule]:
    length, x_stride, x_offset, w_stride, w_offset, columns, rows, batch_stride = node.attributes[:8]
    x, w = node.operands[:2]
    yield "graph/length", min(length, columns, rows) > 0, "the product is empty"
    opened = sum(window_bytes(1, length * operand.dtype.size) for operand in node.operands[:2])
    yield "step/too-large", opened <= OPENED_BYTES, "the sum is too long"
    total = node.elements // columns
    yield "graph/columns", node.shape[-1] == columns and total % rows == 0, "the result is not rows by columns"
    inside = x_offset >= 0 and x_stride >= 0 and x_offset + (total - 1) * x_stride + length <= x.elements
    last = w_offset + (total // rows - 1) * batch_stride + (columns - 1) * w_stride + length
    yield "graph/range", inside and min(w_offset, w_stride, batch_stride) >= 0 and last <= w.elements, "out of range"
    if len(node.operands) == 3:
        yield "graph/table", _is_table(graph, node.operands[2], columns), "the table does not fit the columns"


def _window(_graph: Graph, node: Node) -> Iterator[Rule]:
    height, width, channels, kernel_height, kernel_width = node.attributes[:5]
    strides, pads, dilations = node.attributes[6:8], node.attributes[8:10], node.attributes[10:12]
    positive = min(height, width, channels, kernel_height, kernel_width, *strides, *dilations) > 0 and min(pads) >= 0
    yield "graph/window", positive and len(node.shape) == 4, "the window is not sound"
    yield "graph/window", node.operands[0].elements == node.shape[0] * height * width * channels, "not the image's size"
    for extent, kernel, stride, pad, dilation, size in zip(
        (height, width), (kernel_height, kernel_width), strides, pads, dilations, node.shape[1:3], strict=True
    ):
        starts = (position * stride - pad for position in (*range(min(size, pad + 1)), size - 1))
        reached = all(any(0 <= start + tap * dilation < extent for tap in range(kernel)) for start in starts)
        yield "graph/window", reached, "a window has no tap inside the image"
    if node.opcode is not Opcode.CONV:
        span = ((kernel_width - 1) * dilations[1] * channels + 1) * node.operands[0].dtype.size
        yield from _window_size(kernel_height, span)
        yield "graph/window", node.shape[3] == channels, "the result has other channels"
        yield "graph/shift", node.opcode is Opcode.MAXPOOL or node.shift > 0, "an average needs a shift"


def _window_size(rows: int, span_bytes: int) -> Iterator[Rule]:
    """``rows`` of a window, each ``span_bytes`` from its first byte to its last."""
    yield "step/too-large", rows <= WINDOW_RANGES, "the window has too many rows"
    yield "step/too-large", window_bytes(rows, span_bytes) <= OPENED_BYTES, "the window opens too much"


def _conv(graph: Graph, node: Node) -> Iterator[Rule]:
    yield from _window(graph, node)
    attributes = node.attributes
    outputs, groups, depth = node.shape[3], attributes[12], attributes[5]
    is_grouped = groups > 0 and outputs % groups == 0 and groups * depth == attributes[2]
    yield "graph/groups", is_grouped, "the groups do not divide the channels"
    weight = node.operands[1]
    yield "graph/weight", weight.elements == outputs * attributes[3] * attributes[4] * depth, "not the kernel's size"
    for packed, size in ((attributes[13], attributes[3]), (attributes[14], depth)):
        yield "graph/part", 0 <= packed >> 16 < packed & 0xFFFF <= size, "no such part of the kernel"
    rows, taken = ((packed & 0xFFFF) - (packed >> 16) for packed in attributes[13:15])
    gap = (attributes[4] - 1) * attributes[11] * attributes[2]
    yield from _window_size(rows, (gap + taken) * node.operands[0].dtype.size)
    run_bytes = (((rows - 1) * attributes[4] + attributes[4] - 1) * depth + taken) * weight.dtype.size
    yield "step/too-large", window_bytes(1, run_bytes) <= OPENED_BYTES // 2, "the kernel opens too much"
    if len(node.operands) == 3:
        yield "graph/table", _is_table(graph, node.operands[2], outputs), "the table does not fit the channels"


def _requant(graph: Graph, node: Node) -> Iterator[Rule]:
    yield "graph/size", node.operands[0].elements == node.elements, "the result has another size"
    if len(node.operands) == 2:
        channels = node.attributes[0]
        fits = channels > 0 and node.elements % channels == 0 and _is_table(graph, node.operands[1], channels)
        yield "graph/table", fits, "the table does not fit the channels"


def _lut(_graph: Graph, node: Node) -> Iterator[Rule]:
    x, table = node.operands
    yield "graph/size", x.elements == node.elements, "the result has another size"
    fits = table.kind is OperandKind.WEIGHT and table.elements == 1 << x.dtype.width and table.dtype is node.dtype
    yield "graph/table", x.dtype.width <= 16 and fits, "the table does not fit the operand"


def _views(_graph: Graph, node: Node) -> Iterator[Rule]:
    for number, operand in enumerate(node.operands):
        strides = node.attributes[6 * number : 6 * number + len(node.shape)]
        offset = node.attributes[12 + number]
        corners = [
            sum(steps) for steps in product(*((0, s * (n - 1)) for s, n in zip(strides, node.shape, strict=True)))
        ]
        inside = offset + min(corners) >= 0 and offset + max(corners) < operand.elements
        yield "graph/view", inside, "a view reaches outside its operand"


def _concat(_graph: Graph, node: Node) -> Iterator[Rule]:
    extents = node.attributes[: len(node.operands)]
    total = sum(extents)
    is_whole = min(extents) > 0 and node.elements % total == 0 and not any(node.attributes[len(extents) :])
    yield "graph/extents", is_whole, "the extents do not divide the result"
    outer = node.elements // total
    fit = all(operand.elements == outer * extent for operand, extent in zip(node.operands, extents, strict=True))
    yield "graph/extents", fit, "an operand does not fit its extent"


def _run(_graph: Graph, node: Node) -> Iterator[Rule]:
    length, stride, offset = node.attributes[:3]
    inside = offset >= 0 and stride >= 0 and offset + (node.elements - 1) * stride + length
    yield "graph/range", length > 0 and 0 < inside <= node.operands[0].elements, "out of range"
    yield "step/too-large", length * node.operands[0].dtype.size <= REDUCTION_BYTES, "the run is too long"
    if node.opcode is Opcode.ARGMAX:
        yield "graph/dtype", node.dtype is DType.I32, "ARGMAX gives i32"


def _accumulate(graph: Graph, node: Node) -> Iterator[Rule]:
    channels, has_table = node.attributes[:2]
    terms = node.operands[:-1] if has_table else node.operands
    fits = len(terms) > 0 and all(term.elements == node.elements and term.zero_point == 0 for term in terms)
    yield "graph/size", fits, "a term has another size, or a zero point"
    if has_table:
        fits = channels > 0 and node.elements % channels == 0 and _is_table(graph, node.operands[-1], channels)
        yield "graph/table", fits, "the table does not fit the channels"


_SPECIAL: dict[Opcode, Callable[[Graph, Node], Iterator[Rule]]] = {
    Opcode.MATMUL: _matmul,
    Opcode.CONV: _conv,
    Opcode.REQUANT: _requant,
    Opcode.ADD: _views,
    Opcode.MUL: _views,
    Opcode.LUT: _lut,
    Opcode.COPY: _views,
    Opcode.CONCAT: _concat,
    Opcode.MAXPOOL: _window,
    Opcode.AVGPOOL: _window,
    Opcode.SUM: _run,
    Opcode.MAX: _run,
    Opcode.ARGMAX: _run,
    Opcode.DIV: _views,
    Opcode.ACCUMULATE: _accumulate,
    Opcode.TREES: tree_rules,
}
