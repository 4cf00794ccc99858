"""What every operator means, in plain Python integers: the definition that all other implementations must equal.

The formulas are those of docs/specs/integer-graph.md, section 3. ``e`` is the flat index of the output element.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

import numpy as np

from lockstep.errors import ShapeError
from lockstep.exec.inputs import Tensor, check_inputs
from lockstep.ir.graph import Graph, Node, Operand
from lockstep.ir.ops import Opcode, OperandKind

Flat = Sequence[int]
"""A tensor's values in row-major order."""

T = TypeVar("T")


def run(graph: Graph, inputs: Sequence[Tensor]) -> list[Tensor]:
    """The value of every node. Raises ``ShapeError`` ``input/shape`` or ``input/range``."""
    flat_inputs: list[Flat] = [tensor.reshape(-1).tolist() for tensor in check_inputs(graph, inputs)]
    constants: list[Flat] = [constant.values.reshape(-1).tolist() for constant in graph.constants]
    trace: list[Flat] = []
    for node in graph.nodes:
        operands = [_source(operand, flat_inputs, constants, trace)[operand.index] for operand in node.operands]
        trace.append([_OPERATORS[node.opcode](node, operands, element) for element in range(node.elements)])
    return [
        np.array(values, dtype=node.dtype.numpy).reshape(node.shape)
        for node, values in zip(graph.nodes, trace, strict=True)
    ]


def evaluate_node(graph: Graph, node_number: int, inputs: Sequence[Tensor], trace: Sequence[Tensor]) -> Tensor:
    """The value of one node, from the inputs and the values of the nodes before it."""
    node = graph.nodes[node_number]
    operands: list[Flat] = [
        tensor.reshape(-1).tolist() for tensor in _operand_tensors(graph, node_number, inputs, trace)
    ]
    values = [_OPERATORS[node.opcode](node, operands, element) for element in range(node.elements)]
    return np.array(values, dtype=node.dtype.numpy).reshape(node.shape)


def evaluate_element(
    graph: Graph, node_number: int, element: int, inputs: Sequence[Tensor], trace: Sequence[Tensor]
) -> int:
    """One element of one node; what a contract recomputes in a dispute."""
    node = graph.nodes[node_number]
    if not 0 <= element < node.elements:
        raise ShapeError("trace/element", f"node {node.name} has no such element", value=element)
    operands = [_Integers(tensor) for tensor in _operand_tensors(graph, node_number, inputs, trace)]
    return _OPERATORS[node.opcode](node, operands, element)


class _Integers(Sequence[int]):
    """An array read as a flat sequence of Python integers, one at a time."""

    def __init__(self, tensor: Tensor) -> None:
        self._flat = tensor.reshape(-1)

    def __len__(self) -> int:
        return int(self._flat.size)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        values: int | list[int] = self._flat[index].tolist()
        return values


def _operand_tensors(
    graph: Graph, node_number: int, inputs: Sequence[Tensor], trace: Sequence[Tensor]
) -> Iterator[Tensor]:
    constants = [constant.values for constant in graph.constants]
    for operand in graph.nodes[node_number].operands:
        yield _source(operand, inputs, constants, trace)[operand.index]


def _source(operand: Operand, inputs: Sequence[T], constants: Sequence[T], trace: Sequence[T]) -> Sequence[T]:
    if operand.kind is OperandKind.INPUT:
        return inputs
    return constants if operand.kind is OperandKind.WEIGHT else trace


def requantise(node: Node, accumulator: int, multiplier: int) -> int:
    """``rq(a; m) = clamp(((a·m + r) >> s) + z, lo, hi)``, ``r = 2^(s-1)`` for ``s > 0``, else 0 (section 2)."""
    rounding = 1 << (node.shift - 1) if node.shift else 0
    return _clamp(node, ((accumulator * multiplier + rounding) >> node.shift) + node.zero_point)


def _clamp(node: Node, value: int) -> int:
    return min(max(value, node.low), node.high)


def _finish(node: Node, accumulator: int, table: Flat | None, channel: int) -> int:
    """With a table ``rq(acc + bias_n; multiplier_n)``, else ``rq(acc; m)``."""
    if table is None:
        return requantise(node, accumulator, node.multiplier)
    return requantise(node, accumulator + table[2 * channel], table[2 * channel + 1])


def _table(operands: Sequence[Flat], number: int) -> Flat | None:
    return operands[number] if len(operands) > number else None


def matmul(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``acc = Σ_{k<K} (x[x0 + row·xs + k] − zx)(w[w0 + batch·wb + n·ws + k] − zw)``, ``n = e mod N``."""
    x, w = operands[:2]
    zx, zw = (operand.zero_point for operand in node.operands[:2])
    length, x_stride, x_offset, w_stride, w_offset, columns, rows, w_batch_stride = node.attributes[:8]
    row, n = divmod(e, columns)
    x_first = x_offset + row * x_stride
    w_first = w_offset + row // rows * w_batch_stride + n * w_stride
    acc = sum((x[x_first + k] - zx) * (w[w_first + k] - zw) for k in range(length))
    return _finish(node, acc, _table(operands, 2), n)


def _window(node: Node, e: int) -> tuple[int, list[tuple[int, int, int]]]:
    """The channel of element ``e``, and of every tap inside the image: kernel row, kernel column, pixel."""
    height, width, _, kernel_height, kernel_width, _, sh, sw, pt, pl, dh, dw = node.attributes[:12]
    rest, channel = divmod(e, node.shape[3])
    rest, ow = divmod(rest, node.shape[2])
    image, oh = divmod(rest, node.shape[1])
    taps = []
    for kh in range(kernel_height):
        for kw in range(kernel_width):
            y, x = oh * sh - pt + kh * dh, ow * sw - pl + kw * dw
            if 0 <= y < height and 0 <= x < width:
                taps.append((kh, kw, (image * height + y) * width + x))
    return channel, taps


def conv(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``Σ (x[n, oh·sh − pt + kh·dh, ow·sw − pl + kw·dw, g·Cg + c] − zx)(w[o,kh,kw,c] − zw)`` over taps inside."""
    x, w = operands[:2]
    zx, zw = (operand.zero_point for operand in node.operands[:2])
    channels, kernel_height, kernel_width, depth = node.attributes[2:6]
    first_row, end_row = divmod(node.attributes[13], 1 << 16)
    first_channel, end_channel = divmod(node.attributes[14], 1 << 16)
    o, taps = _window(node, e)
    group = o // (node.shape[3] // node.attributes[12])
    acc = 0
    for kh, kw, pixel in taps:
        if first_row <= kh < end_row:
            x_first = pixel * channels + group * depth
            w_first = ((o * kernel_height + kh) * kernel_width + kw) * depth
            acc += sum((x[x_first + c] - zx) * (w[w_first + c] - zw) for c in range(first_channel, end_channel))
    return _finish(node, acc, _table(operands, 2), o)


def requant(node: Node, operands: Sequence[Flat], e: int) -> int:
    """No table: ``rq(x − zx; m)``; table, channel ``e mod C``: ``rq((x − zx)·m2 + bias; multiplier)``."""
    value = operands[0][e] - node.operands[0].zero_point
    if len(operands) == 1:
        return requantise(node, value, node.multiplier)
    return _finish(node, value * node.multiplier2, operands[1], e % node.attributes[0])


def _view(node: Node, e: int, strides: Sequence[int], offset: int) -> int:
    """``offset + Σ_d c_d·stride_d`` with the coordinates ``c`` of element ``e``."""
    index = offset
    for extent, stride in zip(reversed(node.shape), reversed(strides[: len(node.shape)]), strict=True):
        e, coordinate = divmod(e, extent)
        index += coordinate * stride
    return index


def _pair(node: Node, operands: Sequence[Flat], e: int) -> tuple[int, int]:
    """``a − za`` and ``b − zb`` through their views."""
    attributes = node.attributes
    a = operands[0][_view(node, e, attributes[0:6], attributes[12])]
    b = operands[1][_view(node, e, attributes[6:12], attributes[13])]
    return a - node.operands[0].zero_point, b - node.operands[1].zero_point


def add(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``rq((a − za)·m + (b − zb)·m2; 1)``."""
    a, b = _pair(node, operands, e)
    return requantise(node, a * node.multiplier + b * node.multiplier2, 1)


def multiply(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``rq((a − za)(b − zb); m)``."""
    a, b = _pair(node, operands, e)
    return requantise(node, a * b, node.multiplier)


def divide(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``d = b − zb``; ``d ≤ 0``: ``clamp(z)``, else ``clamp(⌊((a − za)·m + ⌊d/2⌋) / d⌋ + z, lo, hi)``."""
    a, d = _pair(node, operands, e)
    return _clamp(node, (0 if d <= 0 else (a * node.multiplier + d // 2) // d) + node.zero_point)


def look_up(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``table[code(x)]``."""
    x, table = operands
    return table[x[e] - node.operands[0].dtype.minimum]


def copy(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``x[view]``."""
    return operands[0][_view(node, e, node.attributes[0:6], node.attributes[12])]


def concat(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``t = Σ extent``; ``o = e div t``, ``r = e mod t``; the operand whose span holds ``r``."""
    extents = node.attributes[: len(operands)]
    o, r = divmod(e, sum(extents))
    for x, extent in zip(operands, extents, strict=True):
        if r < extent:
            return x[o * extent + r]
        r -= extent
    raise AssertionError("r is less than the sum of the extents")


def _pool_values(node: Node, x: Flat, e: int) -> list[int]:
    channel, taps = _window(node, e)
    return [x[pixel * node.attributes[2] + channel] for _, _, pixel in taps]


def max_pool(node: Node, operands: Sequence[Flat], e: int) -> int:
    """Greatest ``x`` in the window, taps inside the image."""
    return max(_pool_values(node, operands[0], e))


def average_pool(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``S = Σ (x − zx)``, ``n`` taps: ``clamp(⌊(S·m + n·2^(s−1)) / (n·2^s)⌋ + z, lo, hi)``."""
    values = _pool_values(node, operands[0], e)
    total = sum(value - node.operands[0].zero_point for value in values)
    n = node.attributes[3] * node.attributes[4] if node.attributes[5] else len(values)
    return _clamp(node, (total * node.multiplier + (n << (node.shift - 1))) // (n << node.shift) + node.zero_point)


def _run_values(node: Node, x: Flat, e: int) -> Flat:
    length, stride, offset = node.attributes[:3]
    return x[offset + e * stride : offset + e * stride + length]


def total(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``rq(Σ_{k<L} (x[x0 + e·xs + k] − zx); m)``."""
    values = _run_values(node, operands[0], e)
    return requantise(node, sum(value - node.operands[0].zero_point for value in values), node.multiplier)


def greatest(node: Node, operands: Sequence[Flat], e: int) -> int:
    """Greatest of ``x[x0 + e·xs + k]``, ``k < L``."""
    return max(_run_values(node, operands[0], e))


def position_of_greatest(node: Node, operands: Sequence[Flat], e: int) -> int:
    """Least ``k`` with the greatest ``x[x0 + e·xs + k]``."""
    values = list(_run_values(node, operands[0], e))
    return values.index(max(values))


def accumulate(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``acc = Σ_j x_j[e]``; with table, channel ``e mod C``: ``rq(acc + bias; multiplier)``, else ``rq(acc; m)``."""
    channels, has_table = node.attributes[:2]
    terms = operands[:-1] if has_table else operands
    acc = sum(x[e] for x in terms)
    return _finish(node, acc, operands[-1] if has_table else None, e % channels if has_table else 0)


def forest(node: Node, operands: Sequence[Flat], e: int) -> int:
    """``t = e mod T``, ``o = (e div T) mod O``; ``values[(t·L + leaf(row, t))·O + o]``: from node 0 down to a leaf."""
    x, nodes, values = operands
    features, trees, tree_nodes, tree_leaves, outputs = node.attributes[:5]
    rest, t = divmod(e, trees)
    row, o = divmod(rest, outputs)
    number = 0
    while number >= 0:
        at = 4 * (t * tree_nodes + number)
        feature, threshold, left, right = nodes[at : at + 4]
        number = left if x[row * features + feature] <= threshold else right
    return values[(t * tree_leaves + -1 - number) * outputs + o]


_OPERATORS: dict[Opcode, Callable[[Node, Sequence[Flat], int], int]] = {
    Opcode.MATMUL: matmul,
    Opcode.CONV: conv,
    Opcode.REQUANT: requant,
    Opcode.ADD: add,
    Opcode.MUL: multiply,
    Opcode.LUT: look_up,
    Opcode.COPY: copy,
    Opcode.CONCAT: concat,
    Opcode.MAXPOOL: max_pool,
    Opcode.AVGPOOL: average_pool,
    Opcode.SUM: total,
    Opcode.MAX: greatest,
    Opcode.ARGMAX: position_of_greatest,
    Opcode.DIV: divide,
    Opcode.ACCUMULATE: accumulate,
    Opcode.TREES: forest,
}
