"""One element of every operator, from operand values that somebody else opens: the contracts' kernels in Python.

Each function asks for its ranges in the order of integer-graph.md section 5 and computes section 3. Who answers decides
what that means: values out of a witness verify it (``step``), values out of a trace build it (``witness``).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lockstep.dispute.fields import NodeFields, OperandFields, require_sound
from lockstep.errors import ProofError

Open = Callable[[OperandFields, int, int], Sequence[int]]
"""``open(operand, first, last)``: the values of elements first … last of an operand."""

LEAF_BYTES = 512
MAXIMUM_ROWS = 64
MAXIMUM_RANGES = 16
MAXIMUM_DEPTH = 32
TILE_NODES = 64
"""Nodes of a tree in one leaf: four numbers of 16 bits each."""
MERGE_LEAVES = 2
"""A row that starts at most this many leaves after the range before it joins it: a path costs more than a leaf."""


def evaluate_element(node: NodeFields, element: int, open_range: Open) -> int:
    """The value of output element ``element``. Raises ``ProofError`` ``step/opcode`` and what ``open_range`` raises."""
    operator = _OPERATORS.get(node.opcode)
    if operator is None:
        raise ProofError("step/opcode", "no such operator", value=node.opcode)
    return operator(node, element, open_range)


def _clamp(node: NodeFields, scaled: int) -> int:
    return max(node.low, min(node.high, scaled + node.zero_point))


def _requantise(node: NodeFields, accumulator: int, multiplier: int) -> int:
    rounding = 1 << (node.shift - 1) if node.shift else 0
    return _clamp(node, (accumulator * multiplier + rounding) >> node.shift)


def _table_row(node: NodeFields, number: int, channel: int, open_range: Open) -> tuple[int, int]:
    """Bias and multiplier of a channel."""
    table = node.operand(number)
    require_sound(table.width == 64, "a table holds i64", table.width)
    bias, multiplier = open_range(table, 2 * channel, 2 * channel + 1)
    return bias, multiplier


def _with_table(node: NodeFields, accumulator: int, channel: int, open_range: Open) -> int:
    """How MATMUL and CONV end: operand 2, if there is one, is a table."""
    if node.operands == 2:
        return _requantise(node, accumulator, node.multiplier)
    bias, multiplier = _table_row(node, 2, channel, open_range)
    return _requantise(node, accumulator + bias, multiplier)


def _dot(x: OperandFields, xs: Sequence[int], w: OperandFields, ws: Sequence[int]) -> int:
    return sum((a - x.zero_point) * (b - w.zero_point) for a, b in zip(xs, ws, strict=True))


def _matmul(node: NodeFields, element: int, open_range: Open) -> int:
    x, w = node.operand(0), node.operand(1)
    length, columns = node.positive(0), node.positive(5)
    row, column = divmod(element, columns)
    batch = row // node.positive(6)
    x_first = node.attribute(2) + row * node.attribute(1)
    w_first = node.attribute(4) + batch * node.attribute(7) + column * node.attribute(3)
    xs = open_range(x, x_first, x_first + length - 1)
    ws = open_range(w, w_first, w_first + length - 1)
    return _with_table(node, _dot(x, xs, w, ws), column, open_range)


@dataclass(frozen=True)
class _Window:
    """The taps of an output element that lie inside the image; tap (0, 0) is at ``top``, ``left``, inside or not."""

    channel: int
    image: int
    top: int
    left: int
    height: int
    width: int
    channels: int
    row_step: int
    column_step: int
    rows: range
    columns: range

    def element(self, row: int, column: int, channel: int) -> int:
        """The flat index in the image of a tap."""
        y, x = self.top + row * self.row_step, self.left + column * self.column_step
        return ((self.image * self.height + y) * self.width + x) * self.channels + channel


def _inside(start: int, step: int, size: int, taps: range) -> range:
    """The taps k with 0 <= start + k * step < size."""
    first = max(taps.start, -(start // step) if start < 0 else 0)
    end = min(taps.stop, (size - start + step - 1) // step if start < size else 0)
    return range(first, max(first, end))


def _window(node: NodeFields, element: int, rows: range) -> _Window:
    require_sound(node.rank == 4, "a window operator has an output of rank 4", node.rank)
    rest, channel = divmod(element, node.extent(3))
    rest, x = divmod(rest, node.extent(2))
    image, y = divmod(rest, node.extent(1))
    top = y * node.attribute(6) - node.attribute(8)
    left = x * node.attribute(7) - node.attribute(9)
    height, width, channels = (node.positive(number) for number in (0, 1, 2))
    row_step, column_step = node.positive(10), node.positive(11)
    return _Window(
        channel=channel,
        image=image,
        top=top,
        left=left,
        height=height,
        width=width,
        channels=channels,
        row_step=row_step,
        column_step=column_step,
        rows=_inside(top, row_step, height, rows),
        columns=_inside(left, column_step, width, range(node.positive(4))),
    )


def _open_taps(operand: OperandFields, window: _Window, channels: range, open_range: Open) -> dict[int, Sequence[int]]:
    """For each kernel row inside, the values from the first to the last tap inside."""
    if not window.rows or not window.columns:
        return {}
    if len(window.rows) > MAXIMUM_ROWS:
        raise ProofError("step/too-large", "the window has too many rows", value=len(window.rows))
    is_sound = bool(channels) and channels.start >= 0 and channels.stop <= window.channels
    require_sound(is_sound, "the channels are outside the image", channels)
    spans = [
        (window.element(row, window.columns[0], channels[0]), window.element(row, window.columns[-1], channels[-1]))
        for row in window.rows
    ]
    rows: dict[int, Sequence[int]] = {}
    for members in _merge_rows(spans, operand.size):
        first = spans[members[0]][0]
        values = open_range(operand, first, spans[members[-1]][1])
        for member in members:
            rows[window.rows[member]] = values[spans[member][0] - first : spans[member][1] - first + 1]
    return rows


def _merge_rows(spans: Sequence[tuple[int, int]], size: int) -> Iterator[list[int]]:
    """The rows of each range: a row near the end of the range before it joins it. Raises ``step/too-large``."""
    members = [0]
    ranges = 1
    for number in range(1, len(spans)):
        if spans[number][0] * size // LEAF_BYTES > spans[number - 1][1] * size // LEAF_BYTES + MERGE_LEAVES:
            yield members
            members = []
            ranges += 1
            if ranges > MAXIMUM_RANGES:
                raise ProofError("step/too-large", "the window needs too many ranges", value=ranges)
        members.append(number)
    yield members


def _conv_part(node: NodeFields) -> tuple[range, range]:
    """The kernel rows and the channels of a tap that this node sums over."""
    first_row, end_row = divmod(node.attribute(13), 1 << 16)
    first_channel, end_channel = divmod(node.attribute(14), 1 << 16)
    require_sound(0 <= first_row < end_row <= node.positive(3), "no such kernel rows", node.attribute(13))
    require_sound(0 <= first_channel < end_channel <= node.positive(5), "no such channels", node.attribute(14))
    return range(first_row, end_row), range(first_channel, end_channel)


def _conv(node: NodeFields, element: int, open_range: Open) -> int:
    x, w = node.operand(0), node.operand(1)
    kernel_rows, channels = _conv_part(node)
    window = _window(node, element, kernel_rows)
    height, width, depth = node.positive(3), node.positive(4), node.positive(5)
    outputs_of_group = node.extent(3) // node.positive(12)
    require_sound(outputs_of_group > 0, "more groups than outputs", node.positive(12))
    base = window.channel // outputs_of_group * depth
    rows = _open_taps(x, window, range(base + channels.start, base + channels.stop), open_range)
    w_first = (window.channel * height + kernel_rows[0]) * width * depth + channels[0]
    w_last = ((window.channel * height + kernel_rows[-1]) * width + width - 1) * depth + channels[-1]
    ws = open_range(w, w_first, w_last)
    accumulator = 0
    for row, xs in rows.items():
        for number, column in enumerate(window.columns):
            x_at = number * window.column_step * window.channels
            w_at = ((row - kernel_rows[0]) * width + column) * depth
            accumulator += _dot(x, xs[x_at : x_at + len(channels)], w, ws[w_at : w_at + len(channels)])
    return _with_table(node, accumulator, window.channel, open_range)


def _requant(node: NodeFields, element: int, open_range: Open) -> int:
    x = node.operand(0)
    value = open_range(x, element, element)[0] - x.zero_point
    if node.operands != 2:
        return _requantise(node, value, node.multiplier)
    bias, multiplier = _table_row(node, 1, element % node.positive(0), open_range)
    return _requantise(node, value * node.multiplier2 + bias, multiplier)


def _view(node: NodeFields, element: int, strides: int, offset: int) -> int:
    index, rest = node.attribute(offset), element
    for axis in reversed(range(node.rank)):
        rest, coordinate = divmod(rest, node.extent(axis))
        index += coordinate * node.attribute(strides + axis)
    return index


def _pair(node: NodeFields, element: int, open_range: Open) -> tuple[int, int]:
    """The values of both operands without their zero points."""
    first, second = node.operand(0), node.operand(1)
    a_at = _view(node, element, 0, 12)
    a = open_range(first, a_at, a_at)[0] - first.zero_point
    b_at = _view(node, element, 6, 13)
    return a, open_range(second, b_at, b_at)[0] - second.zero_point


def _add(node: NodeFields, element: int, open_range: Open) -> int:
    a, b = _pair(node, element, open_range)
    return _requantise(node, a * node.multiplier + b * node.multiplier2, 1)


def _mul(node: NodeFields, element: int, open_range: Open) -> int:
    a, b = _pair(node, element, open_range)
    return _requantise(node, a * b, node.multiplier)


def _div(node: NodeFields, element: int, open_range: Open) -> int:
    a, b = _pair(node, element, open_range)
    return _clamp(node, 0 if b <= 0 else (a * node.multiplier + b // 2) // b)


def _look_up(node: NodeFields, element: int, open_range: Open) -> int:
    x, table = node.operand(0), node.operand(1)
    code = open_range(x, element, element)[0] + (1 << (x.width - 1))
    return open_range(table, code, code)[0]


def _copy(node: NodeFields, element: int, open_range: Open) -> int:
    index = _view(node, element, 0, 12)
    return open_range(node.operand(0), index, index)[0]


def _concat(node: NodeFields, element: int, open_range: Open) -> int:
    require_sound(0 < node.operands <= 8, "no such number of operands", node.operands)
    extents = [node.positive(number) for number in range(node.operands)]
    outer, inner = divmod(element, sum(extents))
    number = 0
    while inner >= extents[number]:
        inner -= extents[number]
        number += 1
    index = outer * extents[number] + inner
    return open_range(node.operand(number), index, index)[0]


def _pool_values(node: NodeFields, element: int, open_range: Open) -> list[int]:
    """The values of the taps inside; there is at least one."""
    window = _window(node, element, range(node.positive(3)))
    channels = range(window.channel, window.channel + 1)
    rows = _open_taps(node.operand(0), window, channels, open_range)
    require_sound(bool(rows), "the window is outside the image", element)
    return [value for values in rows.values() for value in values[:: window.column_step * window.channels]]


def _max_pool(node: NodeFields, element: int, open_range: Open) -> int:
    return max(_pool_values(node, element, open_range))


def _average_pool(node: NodeFields, element: int, open_range: Open) -> int:
    values = _pool_values(node, element, open_range)
    total = sum(values) - len(values) * node.operand(0).zero_point
    taps = node.positive(3) * node.positive(4) if node.attribute(5) == 1 else len(values)
    require_sound(node.shift > 0, "an average has a shift", node.shift)
    return _clamp(node, (total * node.multiplier + (taps << (node.shift - 1))) // (taps << node.shift))


def _run(node: NodeFields, element: int, open_range: Open) -> Sequence[int]:
    """The elements that SUM, MAX or ARGMAX reduces."""
    first = node.attribute(2) + element * node.attribute(1)
    return open_range(node.operand(0), first, first + node.positive(0) - 1)


def _sum(node: NodeFields, element: int, open_range: Open) -> int:
    values = _run(node, element, open_range)
    return _requantise(node, sum(values) - len(values) * node.operand(0).zero_point, node.multiplier)


def _max(node: NodeFields, element: int, open_range: Open) -> int:
    return max(_run(node, element, open_range))


def _argmax(node: NodeFields, element: int, open_range: Open) -> int:
    values = _run(node, element, open_range)
    return values.index(max(values))


def _accumulate(node: NodeFields, element: int, open_range: Open) -> int:
    has_table = node.attribute(1) == 1
    require_sound(has_table < node.operands <= 8, "no such number of operands", node.operands)
    terms = node.operands - has_table
    total = sum(open_range(node.operand(number), element, element)[0] for number in range(terms))
    if not has_table:
        return _requantise(node, total, node.multiplier)
    bias, multiplier = _table_row(node, terms, element % node.positive(0), open_range)
    return _requantise(node, total + bias, multiplier)


def _trees(node: NodeFields, element: int, open_range: Open) -> int:
    features, trees, tree_nodes, tree_leaves, outputs = (node.positive(number) for number in range(5))
    require_sound(node.positive(5) <= MAXIMUM_DEPTH, "the trees are too high", node.attribute(5))
    row, tree = element // (trees * outputs), element % trees
    xs = open_range(node.operand(0), row * features, row * features + features - 1)
    leaf = _walk(node, xs, tree * tree_nodes, tree_nodes, open_range)
    require_sound(leaf < tree_leaves, "no such leaf", leaf)
    index = (tree * tree_leaves + leaf) * outputs + element // trees % outputs
    return open_range(node.operand(2), index, index)[0]


def _walk(node: NodeFields, xs: Sequence[int], first: int, tree_nodes: int, open_range: Open) -> int:
    """The leaf of the tree whose nodes start at ``first``; opens each tile that the walk enters."""
    table = node.operand(1)
    require_sound(table.width == 16, "nodes hold i16", table.width)
    end, tile, number = node.positive(1) * tree_nodes, -1, 0
    rows: Sequence[int] = ()
    for _ in range(node.positive(5)):
        require_sound(number < tree_nodes, "no such node", number)
        if (first + number) // TILE_NODES != tile:
            tile = (first + number) // TILE_NODES
            last = min((tile + 1) * TILE_NODES, end)
            rows = open_range(table, 4 * tile * TILE_NODES, 4 * last - 1)
        at = 4 * (first + number - tile * TILE_NODES)
        feature, threshold, left, right = rows[at : at + 4]
        require_sound(0 <= feature < len(xs), "no such feature", feature)
        number = left if xs[feature] <= threshold else right
        if number < 0:
            return -1 - number
    raise ProofError("descriptor/malformed", "the walk does not end", value=number)


_OPERATORS: dict[int, Callable[[NodeFields, int, Open], int]] = {
    1: _matmul,
    2: _conv,
    3: _requant,
    4: _add,
    5: _mul,
    6: _look_up,
    7: _copy,
    8: _concat,
    9: _max_pool,
    10: _average_pool,
    11: _sum,
    12: _max,
    13: _argmax,
    14: _div,
    15: _accumulate,
    16: _trees,
}
