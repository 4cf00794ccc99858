"""Graphs of one MATMUL or CONV of any size, whole or split, for tests of exactness at the bounds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.ir.dtypes import DType
from lockstep.ir.graph import ATTRIBUTES, Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind

Integers = NDArray[np.int64]
Area = tuple[int, int, int, int]
"""First and end kernel row, first and end channel."""


@dataclass(frozen=True)
class ConvShape:
    """A convolution with as much output as its image allows."""

    height: int
    width: int
    channels: int
    outputs: int
    kernel: tuple[int, int] = (1, 1)
    strides: tuple[int, int] = (1, 1)
    pads: tuple[int, int] = (0, 0)
    dilations: tuple[int, int] = (1, 1)
    groups: int = 1

    @property
    def depth(self) -> int:
        return self.channels // self.groups

    @property
    def output(self) -> tuple[int, int, int, int]:
        sizes = []
        for extent, kernel, stride, pad, step in zip(
            (self.height, self.width), self.kernel, self.strides, self.pads, self.dilations, strict=True
        ):
            sizes.append((extent + 2 * pad - step * (kernel - 1) - 1) // stride + 1)
        return 1, sizes[0], sizes[1], self.outputs

    @property
    def weights(self) -> tuple[int, int, int, int]:
        return self.outputs, *self.kernel, self.depth

    def attributes(self, area: Area) -> tuple[int, ...]:
        image = (self.height, self.width, self.channels, *self.kernel, self.depth)
        steps = (*self.strides, *self.pads, *self.dilations)
        rows, channels = area[0] << 16 | area[1], area[2] << 16 | area[3]
        return _filled(*image, *steps, self.groups, rows, channels)


def conv_graph(
    shape: ConvShape,
    weights: Integers,
    table: Integers | None = None,
    *,
    dtype: DType = DType.I8,
    zero_points: tuple[int, int, int] = (0, 0, 0),
    shift: int = 0,
    areas: tuple[Area, ...] = (),
) -> Graph:
    """A convolution, as partial sums over ``areas`` if there are any. ``zero_points``: of image, weights and result."""
    image = (1, shape.height, shape.width, shape.channels)
    x = Operand(OperandKind.INPUT, 0, dtype, image, zero_points[0])
    w = Operand(OperandKind.WEIGHT, 0, DType.I8, shape.weights, zero_points[1])
    constants = [Constant(DType.I8, weights)]
    tables: tuple[Operand, ...] = ()
    if table is not None:
        constants.append(Constant(DType.I64, table))
        tables = (Operand(OperandKind.WEIGHT, 1, DType.I64, table.shape),)
    numbers = {"zero_point": zero_points[2], "shift": shift}
    whole = shape.attributes((0, shape.kernel[0], 0, shape.depth))
    if not areas:
        nodes = [_node(Opcode.CONV, (x, w, *tables), dtype, shape.output, whole, **numbers)]
    else:
        nodes = [_node(Opcode.CONV, (x, w), DType.I32, shape.output, shape.attributes(area)) for area in areas]
        terms = tuple(Operand(OperandKind.TRACE, number, DType.I32, shape.output) for number in range(len(nodes)))
        attributes = _filled(shape.outputs, int(table is not None))
        nodes.append(_node(Opcode.ACCUMULATE, (*terms, *tables), dtype, shape.output, attributes, **numbers))
    inputs = (TensorSpec("x", dtype, image, 1.0, zero_points[0]),)
    outputs = (TensorSpec("y", dtype, shape.output, 1.0, zero_points[2]),)
    return Graph(inputs, outputs, tuple(nodes), tuple(constants))


def _node(
    opcode: Opcode,
    operands: tuple[Operand, ...],
    dtype: DType,
    shape: tuple[int, ...],
    attributes: tuple[int, ...],
    **numbers: int,
) -> Node:
    return Node(
        name=opcode.name.lower(),
        opcode=opcode,
        operands=operands,
        dtype=dtype,
        shape=shape,
        low=dtype.minimum,
        high=dtype.maximum,
        attributes=attributes,
        **numbers,
    )


def _filled(*values: int) -> tuple[int, ...]:
    return values + (0,) * (ATTRIBUTES - len(values))
