"""Decides how a MATMUL or CONV is computed exactly: which float or integer type, and in how many terms."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from lockstep.ir.graph import Node
from lockstep.ir.ops import Opcode

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Rectangle:
    """The part of a kernel that one term covers."""

    first_row: int
    end_row: int
    first_channel: int
    end_channel: int

    def halves(self) -> tuple["Rectangle", "Rectangle"]:
        """Cut between kernel rows, or between channels if there is one row."""
        if self.end_row - self.first_row > 1:
            middle = (self.first_row + self.end_row) // 2
            return replace(self, end_row=middle), replace(self, first_row=middle)
        middle = (self.first_channel + self.end_channel) // 2
        return replace(self, end_channel=middle), replace(self, first_channel=middle)


@dataclass(frozen=True)
class Patches:
    """A product as a convolution. ``x_first``, ``out_first``: elements where image and output start."""

    height: int
    width: int
    channels: int
    kernel_width: int
    strides: tuple[int, int]
    pads: tuple[int, int]
    dilations: tuple[int, int]
    output: tuple[int, int, int]
    outputs: int
    groups: int
    group_channels: int
    kernel: Rectangle
    x_first: int = 0
    out_first: int = 0

    @property
    def pixels(self) -> int:
        images, height, width = self.output
        return images * height * width

    @property
    def elements(self) -> int:
        return self.pixels * self.outputs

    def geometry(self, *, fill: int, outputs: slice, block_rows: int) -> Integers:
        """The numbers that ``products.GEOMETRY`` names."""
        _, output_height, output_width = self.output
        image = (self.height, self.width, self.channels, self.kernel_width)
        steps = (*self.strides, *self.pads, *self.dilations, output_height, output_width)
        group_outputs = (outputs.stop - outputs.start) // self.groups
        result = (self.groups, self.group_channels, self.outputs, outputs.start, fill, block_rows, group_outputs)
        return np.array((*image, *steps, *result), np.int64)


def describe_products(node: Node) -> Iterator[tuple[Patches, int]]:
    """The products of a node, each with the element that its weights start at: one, or one a batch of a MATMUL."""
    if node.opcode is Opcode.CONV:
        yield _describe_conv(node), 0
        return
    length, x_stride, x_first, _, w_first, columns, rows, w_batch_stride = node.attributes[:8]
    total_rows = node.elements // columns
    rows = rows if w_batch_stride else total_rows
    for batch in range(total_rows // rows):
        patches = Patches(
            height=rows,
            width=1,
            channels=x_stride,
            kernel_width=1,
            strides=(1, 1),
            pads=(0, 0),
            dilations=(1, 1),
            output=(1, rows, 1),
            outputs=columns,
            groups=1,
            group_channels=x_stride,
            kernel=Rectangle(0, 1, 0, length),
            x_first=x_first + batch * rows * x_stride,
            out_first=batch * rows * columns,
        )
        yield patches, w_first + batch * w_batch_stride


def _describe_conv(node: Node) -> Patches:
    height, width, channels, _, kernel_width, depth, sh, sw, pt, pl, dh, dw, groups, rows, part = node.attributes[:15]
    images, output_height, output_width, outputs = node.shape
    return Patches(
        height=height,
        width=width,
        channels=channels,
        kernel_width=kernel_width,
        strides=(sh, sw),
        pads=(pt, pl),
        dilations=(dh, dw),
        output=(images, output_height, output_width),
        outputs=outputs,
        groups=groups,
        group_channels=depth,
        kernel=Rectangle(*divmod(rows, 1 << 16), *divmod(part, 1 << 16)),
    )


def weights_of(node: Node, constant: NDArray[np.signedinteger], first: int) -> Integers:
    """The second operand without its zero point: ``[outputs, kernel rows, kernel columns, channels]``."""
    values = constant.reshape(-1).astype(np.int64) - node.operands[1].zero_point
    if node.opcode is Opcode.CONV:
        return values.reshape(node.shape[3], *node.attributes[3:6])
    length, stride, columns = node.attributes[0], node.attributes[3], node.attributes[5]
    view = as_strided(values[first:], (columns, length), (stride * values.itemsize, values.itemsize))
    return np.ascontiguousarray(view).reshape(columns, 1, 1, length)


def part_of(weights: Integers, kernel: Rectangle) -> Integers:
    """The weights of one term."""
    return weights[:, kernel.first_row : kernel.end_row, :, kernel.first_channel : kernel.end_channel]


def cut_terms(weights: Integers, kernel: Rectangle, limit: int) -> list[Rectangle]:
    """Terms whose weights have an absolute sum of at most ``limit`` for every output.

    With |x| ≤ X and ``limit`` = 2^24 / X, every partial sum of a term is an integer that binary32 holds exactly.
    """
    if int(np.abs(part_of(weights, kernel)).sum(axis=(1, 2, 3)).max()) <= limit:
        return [kernel]
    if kernel.end_row - kernel.first_row == 1 and kernel.end_channel - kernel.first_channel == 1:
        raise OverflowError("one row and channel of the kernel are past the limit")
    return [term for half in kernel.halves() for term in cut_terms(weights, half, limit)]


def lay_out_terms(weights: Integers, terms: list[Rectangle], groups: int) -> tuple[Integers, Integers]:
    """The terms as ``products.TERM`` numbers; term by term the weights ``[group, length, outputs of the group]``."""
    numbers, parts, first = [], [], 0
    for term in terms:
        part = part_of(weights, term)
        length = part[0].size
        numbers.append((term.first_row, term.end_row, term.first_channel, term.end_channel, first, length))
        parts.append(part.reshape(groups, -1, length).transpose(0, 2, 1).reshape(-1))
        first += part.size
    return np.array(numbers, np.int64), np.concatenate(parts)
