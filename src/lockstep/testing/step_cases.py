"""Hypothesis strategies for one element of every operator: a graph of few nodes, inputs of a few passes, an element."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from lockstep.codec import encode_values
from lockstep.dispute.step import Position
from lockstep.dispute.witness import MINIMUM_NODE_LEVELS, Evidence, Forest
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.limits import TREE_DEPTH
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.testing.forests import random_tree

Array = NDArray[np.int64]
Draw = st.DrawFn

WIDE = 2**31 - 1
NARROW = (DType.I8, DType.I16)


@dataclass(frozen=True)
class StepCase:
    """The last node of ``graph`` is the operator under test; the nodes before it copy inputs, for TRACE operands."""

    graph: Graph
    inputs: tuple[tuple[Array, ...], ...]
    pass_index: int
    element: int

    @property
    def node_number(self) -> int:
        return len(self.graph.nodes) - 1

    @cached_property
    def node_values(self) -> tuple[tuple[Array, ...], ...]:
        """What every pass leaves in every node; of the last, whose value is asked for, zeros."""
        last = self.graph.nodes[-1]
        return tuple(
            (*(tensors[node.operands[0].index] for node in self.graph.nodes[:-1]), np.zeros(last.shape, np.int64))
            for tensors in self.inputs
        )

    @cached_property
    def evidence(self) -> Evidence:
        tensors = tuple(
            tuple(encode_values(v, node.dtype.width) for v, node in zip(values, self.graph.nodes, strict=True))
            for values in self.node_values
        )
        return Evidence(self.graph, self.inputs, Forest(tensors, minimum_item_levels=MINIMUM_NODE_LEVELS))

    @property
    def position(self) -> Position:
        return self.evidence.position(self.pass_index, self.node_number, self.element)

    @property
    def descriptor(self) -> bytes:
        return encode_descriptor(self.graph, self.node_number)

    @property
    def witness(self) -> bytes:
        return self.evidence.build(self.pass_index, self.node_number, self.element)


@dataclass(frozen=True)
class _Tensor:
    """An operand to be: its values in every pass (one for all passes if it is a weight)."""

    kind: OperandKind
    dtype: DType
    zero_point: int
    passes: tuple[Array, ...]


@dataclass(frozen=True)
class _Plan:
    """An operator without its surroundings."""

    opcode: Opcode
    tensors: tuple[_Tensor, ...]
    shape: tuple[int, ...]
    attributes: tuple[int, ...]
    dtype: DType | None = None
    rounds: bool = False


def _values(draw: Draw, shape: tuple[int, ...], low: int, high: int) -> Array:
    """All at one end, at both ends, or anywhere: overflow and sign errors live at the ends."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    match draw(st.sampled_from(("any", "any", "rising", "low", "high", "ends"))):
        case "any":
            return generator.integers(low, high, shape, dtype=np.int64, endpoint=True)
        case "rising":
            return np.sort(generator.integers(low, high, shape, dtype=np.int64, endpoint=True), axis=-1)
        case "low":
            return np.full(shape, low, np.int64)
        case "high":
            return np.full(shape, high, np.int64)
        case _:
            return np.where(generator.integers(0, 2, shape) == 1, high, low).astype(np.int64)


def _tensor(
    draw: Draw, passes: int, shape: tuple[int, ...], dtypes: tuple[DType, ...], *, kind: str = "any"
) -> _Tensor:
    dtype = draw(st.sampled_from(dtypes))
    kinds = {
        "any": tuple(OperandKind),
        "weight": (OperandKind.WEIGHT,),
        "computed": (OperandKind.INPUT, OperandKind.TRACE),
    }
    chosen = draw(st.sampled_from(kinds[kind]))
    count = 1 if chosen is OperandKind.WEIGHT else passes
    bound = min(dtype.maximum, 2**15 - 1)
    return _Tensor(
        kind=chosen,
        dtype=dtype,
        zero_point=draw(st.sampled_from((0, -bound - 1, bound, 3))),
        passes=tuple(_values(draw, shape, dtype.minimum, dtype.maximum) for _ in range(count)),
    )


def _table(draw: Draw, channels: int) -> _Tensor:
    rows = _values(draw, (channels, 2), -WIDE, WIDE)
    return _Tensor(kind=OperandKind.WEIGHT, dtype=DType.I64, zero_point=0, passes=(rows,))


def _maybe_table(draw: Draw, channels: int) -> tuple[_Tensor, ...]:
    return (_table(draw, channels),) if draw(st.booleans()) else ()


def _attributes(**named: int) -> tuple[int, ...]:
    """The 16 attributes from ``a5=7`` and the like."""
    values = [0] * 16
    for name, value in named.items():
        values[int(name[1:])] = value
    return tuple(values)


def _matmul(draw: Draw, passes: int) -> _Plan:
    length = draw(st.one_of(st.integers(1, 70), st.integers(71, 700), st.sampled_from((32, 512, 1024))))
    rows, columns, batches = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 2))
    x_offset, w_offset = draw(st.integers(0, 5)), draw(st.integers(0, 5))
    x_stride, w_stride = length + draw(st.integers(0, 3)), length + draw(st.integers(0, 3))
    batch_stride = draw(st.sampled_from((0, columns * w_stride)))
    dtypes = NARROW if length > 200 else tuple(DType)
    x = _tensor(draw, passes, (x_offset + batches * rows * x_stride,), dtypes)
    w = _tensor(draw, passes, (w_offset + batches * columns * w_stride,), dtypes)
    attributes = _attributes(
        a0=length, a1=x_stride, a2=x_offset, a3=w_stride, a4=w_offset, a5=columns, a6=rows, a7=batch_stride
    )
    return _Plan(Opcode.MATMUL, (x, w, *_maybe_table(draw, columns)), (batches, rows, columns), attributes)


@dataclass(frozen=True)
class _Image:
    """The geometry that CONV and the pools share."""

    shape: tuple[int, int, int, int]
    kernel: tuple[int, int]
    output: tuple[int, int, int]
    attributes: dict[str, int]


def _image(draw: Draw, channels: int) -> _Image:
    """An image with a kernel whose every window touches it: the pads are smaller than the dilated kernel."""
    small = st.integers(1, 3)
    kernel = (draw(small), draw(small))
    dilation = (draw(st.integers(1, 2)), draw(st.integers(1, 2)))
    reach = (dilation[0] * (kernel[0] - 1) + 1, dilation[1] * (kernel[1] - 1) + 1)
    height = reach[0] + draw(st.integers(0, 4))
    width = reach[1] + draw(st.sampled_from((0, 1, 4, 30)))
    stride = (draw(st.integers(1, 2)), draw(st.integers(1, 2)))
    top, left = (draw(st.integers(0, (reach[axis] - 1) // dilation[axis])) for axis in range(2))
    images = draw(st.integers(1, 2))
    output = (images, (height + 2 * top - reach[0]) // stride[0] + 1, (width + 2 * left - reach[1]) // stride[1] + 1)
    names = ("a0", "a1", "a2", "a3", "a4", "a6", "a7", "a8", "a9", "a10", "a11")
    numbers = (height, width, channels, *kernel, *stride, top, left, *dilation)
    return _Image((images, height, width, channels), kernel, output, dict(zip(names, numbers, strict=True)))


def _conv(draw: Draw, passes: int) -> _Plan:
    groups, depth = draw(st.integers(1, 3)), draw(st.sampled_from((1, 2, 5, 40, 130)))
    outputs = groups * draw(st.integers(1, 2))
    image = _image(draw, groups * depth)
    rows, columns = image.kernel
    first_row = draw(st.integers(0, rows - 1))
    end_row = draw(st.integers(first_row + 1, rows))
    first_channel = draw(st.sampled_from((0, depth // 2)))
    x = _tensor(draw, passes, image.shape, NARROW if depth > 2 else tuple(DType))
    w = _tensor(draw, passes, (outputs, rows, columns, depth), NARROW if depth > 2 else tuple(DType))
    part = {"a13": first_row * 65536 + end_row, "a14": first_channel * 65536 + depth}
    whole = {"a13": rows, "a14": depth}
    attributes = _attributes(**image.attributes, a5=depth, a12=groups, **draw(st.sampled_from((part, whole))))
    return _Plan(Opcode.CONV, (x, w, *_maybe_table(draw, outputs)), (*image.output, outputs), attributes)


def _pool(draw: Draw, passes: int, opcode: Opcode) -> _Plan:
    channels = draw(st.sampled_from((1, 3, 70, 600)))
    image = _image(draw, channels)
    x = _tensor(draw, passes, image.shape, NARROW if channels > 3 else tuple(DType))
    counts_padding = draw(st.integers(0, 1)) if opcode is Opcode.AVGPOOL else 0
    attributes = _attributes(**image.attributes, a5=counts_padding)
    same = x.dtype if opcode is Opcode.MAXPOOL else None
    return _Plan(opcode, (x,), (*image.output, channels), attributes, dtype=same, rounds=opcode is Opcode.AVGPOOL)


def _shape(draw: Draw) -> tuple[int, ...]:
    return tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=6)))


def _requant(draw: Draw, passes: int) -> _Plan:
    channels = draw(st.integers(1, 40))
    shape = (draw(st.integers(1, 30)), channels)
    x = _tensor(draw, passes, shape, tuple(DType))
    return _Plan(Opcode.REQUANT, (x, *_maybe_table(draw, channels)), shape, _attributes(a0=channels))


def _look_up(draw: Draw, passes: int) -> _Plan:
    x = _tensor(draw, passes, _shape(draw), NARROW)
    table = _tensor(draw, passes, (1 << x.dtype.width,), tuple(DType), kind="weight")
    return _Plan(Opcode.LUT, (x, table), x.passes[0].shape, _attributes(), dtype=table.dtype)


def _view(draw: Draw, passes: int, shape: tuple[int, ...]) -> tuple[_Tensor, list[int], int]:
    """A tensor, strides and an offset that stay inside it: permuted, reversed and broadcast axes."""
    strides, step = [0] * 6, 1
    offset = draw(st.integers(0, 600))
    size = offset + 1
    for axis in draw(st.permutations(range(len(shape)))):
        kind = draw(st.sampled_from(("forward", "forward", "backward", "broadcast")))
        if kind == "broadcast":
            continue
        strides[axis] = step if kind == "forward" else -step
        size += step * (shape[axis] - 1)
        offset += 0 if kind == "forward" else step * (shape[axis] - 1)
        step *= shape[axis]
    return _tensor(draw, passes, (size,), tuple(DType)), strides, offset


def _pair(draw: Draw, passes: int, opcode: Opcode) -> _Plan:
    shape = _shape(draw)
    a, a_strides, a_offset = _view(draw, passes, shape)
    b, b_strides, b_offset = _view(draw, passes, shape)
    attributes = (*a_strides, *b_strides, a_offset, b_offset, 0, 0)
    return _Plan(opcode, (a, b), shape, attributes)


def _copy(draw: Draw, passes: int) -> _Plan:
    shape = _shape(draw)
    x, strides, offset = _view(draw, passes, shape)
    return _Plan(Opcode.COPY, (x,), shape, (*strides, *[0] * 6, offset, 0, 0, 0), dtype=x.dtype)


def _concat(draw: Draw, passes: int) -> _Plan:
    dtype, outer = draw(st.sampled_from(tuple(DType))), draw(st.integers(1, 4))
    extents = draw(st.lists(st.integers(1, 200), min_size=1, max_size=8))
    tensors = tuple(_tensor(draw, passes, (outer, extent), (dtype,)) for extent in extents)
    attributes = (*extents, *[0] * (16 - len(extents)))
    return _Plan(Opcode.CONCAT, tensors, (outer, sum(extents)), attributes, dtype=dtype)


def _run(draw: Draw, passes: int, opcode: Opcode) -> _Plan:
    length, elements = draw(st.one_of(st.integers(1, 40), st.integers(41, 600))), draw(st.integers(1, 4))
    stride, offset = draw(st.integers(1, length + 3)), draw(st.integers(0, 5))
    x = _tensor(draw, passes, (offset + stride * (elements - 1) + length,), NARROW if length > 200 else tuple(DType))
    dtype = {Opcode.MAX: x.dtype, Opcode.ARGMAX: DType.I32}.get(opcode)
    return _Plan(opcode, (x,), (elements,), _attributes(a0=length, a1=stride, a2=offset), dtype=dtype)


def _accumulate(draw: Draw, passes: int) -> _Plan:
    channels = draw(st.integers(1, 20))
    shape, terms = (draw(st.integers(1, 9)), channels), draw(st.integers(1, 7))
    tensors = tuple(replace(_tensor(draw, passes, shape, tuple(DType)), zero_point=0) for _ in range(terms))
    table = _maybe_table(draw, channels)
    return _Plan(Opcode.ACCUMULATE, (*tensors, *table), shape, _attributes(a0=channels, a1=len(table)))


def _trees(draw: Draw, passes: int) -> _Plan:
    features, outputs, rows = draw(st.integers(1, 300)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    trees, tree_nodes = draw(st.integers(1, 4)), draw(st.one_of(st.integers(1, 8), st.integers(9, 150)))
    x = _tensor(draw, passes, (rows, features), tuple(DType), kind="computed")
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    forest = [random_tree(generator, tree_nodes, features) for _ in range(trees)]
    thresholds = _values(draw, (trees * tree_nodes,), max(x.dtype.minimum, -(2**15)), min(x.dtype.maximum, 2**15 - 1))
    table = np.concatenate(forest)
    table[:, 1] = thresholds
    nodes = _Tensor(OperandKind.WEIGHT, DType.I16, 0, (table,))
    leaves = tree_nodes + 1
    values = _tensor(draw, passes, (trees * leaves, outputs), tuple(DType), kind="weight")
    attributes = _attributes(a0=features, a1=trees, a2=tree_nodes, a3=leaves, a4=outputs, a5=TREE_DEPTH)
    return _Plan(Opcode.TREES, (x, nodes, values), (rows, outputs, trees), attributes, dtype=values.dtype)


PLANS: dict[Opcode, Callable[[Draw, int], _Plan]] = {
    Opcode.MATMUL: _matmul,
    Opcode.CONV: _conv,
    Opcode.REQUANT: _requant,
    Opcode.ADD: lambda draw, passes: _pair(draw, passes, Opcode.ADD),
    Opcode.MUL: lambda draw, passes: _pair(draw, passes, Opcode.MUL),
    Opcode.LUT: _look_up,
    Opcode.COPY: _copy,
    Opcode.CONCAT: _concat,
    Opcode.MAXPOOL: lambda draw, passes: _pool(draw, passes, Opcode.MAXPOOL),
    Opcode.AVGPOOL: lambda draw, passes: _pool(draw, passes, Opcode.AVGPOOL),
    Opcode.SUM: lambda draw, passes: _run(draw, passes, Opcode.SUM),
    Opcode.MAX: lambda draw, passes: _run(draw, passes, Opcode.MAX),
    Opcode.ARGMAX: lambda draw, passes: _run(draw, passes, Opcode.ARGMAX),
    Opcode.DIV: lambda draw, passes: _pair(draw, passes, Opcode.DIV),
    Opcode.ACCUMULATE: _accumulate,
    Opcode.TREES: _trees,
}


@st.composite
def step_cases(draw: Draw, opcode: Opcode) -> StepCase:
    """One element of ``opcode``: operands of all kinds and widths, values and numbers at their ends."""
    passes = draw(st.sampled_from((1, 1, 2, 3)))
    plan = PLANS[opcode](draw, passes)
    graph, inputs = _surround(plan, passes, _node(draw, plan))
    return StepCase(
        graph=graph,
        inputs=inputs,
        pass_index=draw(st.integers(0, passes - 1)),
        element=draw(st.integers(0, graph.nodes[-1].elements - 1)),
    )


def _node(draw: Draw, plan: _Plan) -> Node:
    """The operator with numbers of requantisation, its operands still to be named."""
    dtype = plan.dtype or draw(st.sampled_from(tuple(DType)))
    numbers = st.one_of(st.sampled_from((1, WIDE, -WIDE)), st.integers(-WIDE, WIDE))
    low, high = dtype.minimum, dtype.maximum
    if draw(st.booleans()):
        low, high = max(low, -100), min(high, 90)
    return Node(
        name="step",
        opcode=plan.opcode,
        operands=(),
        dtype=dtype,
        shape=plan.shape,
        low=low,
        high=high,
        zero_point=draw(st.integers(-128, 127)),
        multiplier=draw(numbers),
        multiplier2=draw(numbers),
        shift=draw(st.integers(1 if plan.rounds else 0, 62)),
        attributes=plan.attributes,
    )


def _surround(plan: _Plan, passes: int, node: Node) -> tuple[Graph, tuple[tuple[Array, ...], ...]]:
    """A graph around the operator: inputs, constants, and a COPY for each operand out of the trace."""
    specs: list[TensorSpec] = []
    copies: list[Node] = []
    constants: list[Constant] = []
    operands: list[Operand] = []
    inputs: list[list[Array]] = [[] for _ in range(passes)]
    for tensor in plan.tensors:
        shape, dtype = tensor.passes[0].shape, tensor.dtype
        index = len(constants)
        if tensor.kind is OperandKind.WEIGHT:
            constants.append(Constant(dtype, tensor.passes[0]))
        else:
            index = len(specs)
            specs.append(TensorSpec(f"x{index}", dtype, shape, 1.0, tensor.zero_point))
            for tensors, values in zip(inputs, tensor.passes, strict=True):
                tensors.append(values)
        if tensor.kind is OperandKind.TRACE:
            copies.append(_copy_of(Operand(OperandKind.INPUT, index, dtype, shape)))
            index = len(copies) - 1
        operands.append(Operand(tensor.kind, index, dtype, shape, tensor.zero_point))
    if not specs:
        specs.append(TensorSpec("unused", DType.I8, (1,), 1.0, 0))
        inputs = [[np.zeros(1, np.int64)] for _ in range(passes)]
    output = TensorSpec("y", node.dtype, node.shape, 1.0, node.zero_point)
    nodes = (*copies, replace(node, operands=tuple(operands)))
    return Graph(tuple(specs), (output,), nodes, tuple(constants)), tuple(tuple(tensors) for tensors in inputs)


def _copy_of(operand: Operand) -> Node:
    """A node that is its operand, element by element."""
    shape = (int(np.prod(operand.shape)),)
    return Node(
        name="copy",
        opcode=Opcode.COPY,
        operands=(operand,),
        dtype=operand.dtype,
        shape=shape,
        low=operand.dtype.minimum,
        high=operand.dtype.maximum,
        attributes=_attributes(a0=1),
    )
