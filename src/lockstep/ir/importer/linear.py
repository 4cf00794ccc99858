"""MATMUL and CONV with per-channel requantisation; long reductions become partial sums and an ACCUMULATE."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ModelError
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Operand
from lockstep.ir.importer.builder import GraphBuilder, Range
from lockstep.ir.importer.fixed_point import fixed_point
from lockstep.ir.importer.values import Encoding, Parameter, Value
from lockstep.ir.limits import OPERANDS, RUN_BYTES, WINDOW_BYTES, window_bytes
from lockstep.ir.ops import Opcode


@dataclass(frozen=True)
class Weights:
    """A constant weight: integers ``[channels, …]``, their zero point, and a scale for each channel."""

    values: NDArray[np.int64]
    zero_point: int
    dtype: DType
    scales: NDArray[np.float64]


@dataclass(frozen=True)
class Reduction:
    """What a reduction ends in: real value of a channel = accumulator · ``scales[channel]``, plus the bias."""

    scales: NDArray[np.float64]
    biases: NDArray[np.float64]
    largest: int
    encoding: Encoding
    clamp: Range | None

    def table(self, builder: GraphBuilder) -> tuple[Operand, int]:
        """The channel table and the shift."""
        integers = np.rint(self.biases / self.scales).astype(np.int64)
        peak = self.largest + int(np.abs(integers).max(initial=0))
        multipliers, shift = fixed_point(self.scales / self.encoding.scale, peak)
        return builder.add_table(integers, multipliers), shift


def integer_weights(parameter: Parameter, channels: int, *, wide: bool) -> Weights:
    """Weights with the channel axis first. Zero points that differ between channels are subtracted into i16."""
    if parameter.scales is None or parameter.zero_points is None:
        real = parameter.real().reshape(channels, -1)
        peaks = np.abs(real).max(axis=1)
        scales = np.where(peaks > 0, peaks, 1.0) / 127
        values = np.rint(real / scales[:, None]).astype(np.int64).reshape(parameter.values.shape)
        return Weights(values, 0, DType.I16 if wide else DType.I8, scales)
    scales = np.broadcast_to(parameter.scales, (channels,)).astype(np.float64)
    scales = np.where(scales > 0, scales, 1e-30)
    if np.unique(parameter.zero_points).size == 1:
        zero_point, values = int(parameter.zero_points[0]), parameter.values.astype(np.int64)
        return Weights(values, zero_point, DType.I16 if wide or parameter.values.itemsize > 1 else DType.I8, scales)
    shape = (-1, *(1,) * (parameter.values.ndim - 1))
    return Weights(parameter.values.astype(np.int64) - parameter.zero_points.reshape(shape), 0, DType.I16, scales)


def real_biases(parameter: Parameter | None, channels: int) -> NDArray[np.float64]:
    """The bias of each channel, zeros if there is none."""
    if parameter is None:
        return np.zeros(channels)
    return np.broadcast_to(parameter.real().reshape(-1), (channels,)).copy()


def reduction(
    x: Value, weights: Weights, biases: NDArray[np.float64], encoding: Encoding, clamp: Range | None
) -> Reduction:
    """How the products of ``x`` and constant weights are scaled back."""
    magnitude = max(
        abs(bound - x.encoding.zero_point) for bound in (x.encoding.dtype.minimum, x.encoding.dtype.maximum)
    )
    sums = np.abs(weights.values - weights.zero_point).reshape(len(weights.scales), -1).sum(axis=1)
    return Reduction(x.encoding.scale * weights.scales, biases, int(sums.max()) * magnitude, encoding, clamp)


def pieces(length: int, most: int) -> list[Range]:
    """``length`` cut into equal ranges of at most ``most``."""
    count = -(-length // most)
    bounds = [length * number // count for number in range(count + 1)]
    return list(pairwise(bounds))


def accumulated(builder: GraphBuilder, terms: Sequence[Value], ending: Reduction) -> Value:
    """The sum of partial sums, plus the bias, requantised; more terms than one node can take are added in a tree."""
    terms = _joined(builder, terms, OPERANDS - 1)
    table, shift = replace(ending, largest=_reach(builder, terms)).table(builder)
    return builder.add(
        Opcode.ACCUMULATE,
        [*(term.operand(zero_point=0) for term in terms), table],
        terms[0].shape,
        ending.encoding,
        order=terms[0].order,
        attributes=(len(ending.scales), 1),
        shift=shift,
        clamp=ending.clamp,
    )


def _reach(builder: GraphBuilder, terms: Sequence[Value]) -> int:
    """A bound of the sum of terms, from their clamps."""
    return sum(-builder.nodes[term.index].low for term in terms)


def _joined(builder: GraphBuilder, terms: Sequence[Value], room: int) -> Sequence[Value]:
    """At most ``room`` terms with the same sum."""
    while len(terms) > room:
        groups = [terms[start : start + OPERANDS] for start in range(0, len(terms), OPERANDS)]
        terms = [_plain_sum(builder, group) for group in groups]
    return terms


def _plain_sum(builder: GraphBuilder, terms: Sequence[Value]) -> Value:
    if len(terms) == 1:
        return terms[0]
    operands, reach = [term.operand(zero_point=0) for term in terms], _reach(builder, terms)
    return builder.add(
        Opcode.ACCUMULATE,
        operands,
        terms[0].shape,
        Encoding(DType.I64, 1.0, 0),
        order=terms[0].order,
        clamp=(-reach, reach),
    )


def _partial(largest: int) -> tuple[Encoding, Range | None]:
    """Partial sums are plain integers, as narrow as they can be; 64-bit ones say by their clamp how far they reach."""
    if largest < 1 << 31:
        return Encoding(DType.I32, 1.0, 0), None
    return Encoding(DType.I64, 1.0, 0), (-largest, largest)


def matmul(builder: GraphBuilder, x: Value, weights: Weights, ending: Reduction) -> Value:
    """``x [..., K]`` (in ONNX order) times constant weights ``[N, K]``."""
    x = builder.logical(x)
    columns, length = weights.values.shape
    if x.shape[-1] != length:
        raise ModelError("model/shape", f"node {builder.name}: {x.shape} times {weights.values.shape}")
    w = builder.add_constant(weights.values, weights.dtype, zero_point=weights.zero_point)
    shape, rows = (*x.shape[:-1], columns), x.elements // length
    parts = pieces(length, RUN_BYTES // max(x.encoding.dtype.size, weights.dtype.size))
    if len(parts) == 1:
        table, shift = ending.table(builder)
        attributes = (length, length, 0, length, 0, columns, rows, 0)
        return builder.add(
            Opcode.MATMUL,
            [x.operand(), w, table],
            shape,
            ending.encoding,
            attributes=attributes,
            shift=shift,
            clamp=ending.clamp,
        )
    partial, partial_clamp = _partial(ending.largest)
    terms = [
        builder.add(
            Opcode.MATMUL,
            [x.operand(), w],
            shape,
            partial,
            attributes=(end - start, length, start, length, start, columns, rows, 0),
            clamp=partial_clamp,
        )
        for start, end in parts
    ]
    return accumulated(builder, terms, ending)


def product(builder: GraphBuilder, a: Value, b: Value, encoding: Encoding, clamp: Range | None) -> Value:
    """Activation times activation: ``a [..., M, K]`` and ``b [..., K, N]``, batches equal or ``b`` without."""
    rank = len(b.shape)
    a, b = builder.logical(a), builder.arranged(b, (*range(rank - 2), rank - 1, rank - 2))
    (rows, length), columns = a.shape[-2:], b.shape[-2]
    batches = a.elements // (rows * length)
    if b.elements not in (columns * length, batches * columns * length) or b.shape[-1] != length:
        raise ModelError("model/shape", f"node {builder.name}: {a.shape} times {b.logical_shape} needs broadcasting")
    stride = 0 if b.elements == columns * length else columns * length
    parts = pieces(length, RUN_BYTES // max(a.encoding.dtype.size, b.encoding.dtype.size))
    ratio = np.array([a.encoding.scale * b.encoding.scale / encoding.scale])
    reach = a.encoding.reach * b.encoding.reach

    def part(piece: Range, result: Encoding, **ending: Any) -> Value:
        start, end = piece
        attributes = (end - start, length, start, length, start, columns, rows, stride)
        shape = (*a.shape[:-1], columns)
        return builder.add(Opcode.MATMUL, [a.operand(), b.operand()], shape, result, attributes=attributes, **ending)

    if len(parts) == 1:
        multipliers, shift = fixed_point(ratio, length * reach)
        return part(parts[0], encoding, multiplier=multipliers[0], shift=shift, clamp=clamp)
    partial, partial_clamp = _partial(length * reach)
    terms = _joined(builder, [part(piece, partial, clamp=partial_clamp) for piece in parts], OPERANDS)
    multipliers, shift = fixed_point(ratio, _reach(builder, terms))
    operands = [term.operand(zero_point=0) for term in terms]
    return builder.add(
        Opcode.ACCUMULATE, operands, terms[0].shape, encoding, multiplier=multipliers[0], shift=shift, clamp=clamp
    )


@dataclass(frozen=True)
class Window:
    """A sliding window over images ``[N, H, W, C]``; pads are (top, left, bottom, right)."""

    kernel: tuple[int, int]
    strides: tuple[int, int]
    pads: tuple[int, int, int, int]
    dilations: tuple[int, int]

    def outputs(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of the result."""
        sizes = []
        for axis, extent in enumerate((height, width)):
            reach = (self.kernel[axis] - 1) * self.dilations[axis] + 1
            sizes.append((extent + self.pads[axis] + self.pads[axis + 2] - reach) // self.strides[axis] + 1)
        return sizes[0], sizes[1]

    def attributes(self, image: tuple[int, ...], fifth: int) -> tuple[int, ...]:
        """Attributes a0 … a11."""
        return (*image[1:], *self.kernel, fifth, *self.strides, *self.pads[:2], *self.dilations)


def convolution(builder: GraphBuilder, x: Value, weights: Weights, window: Window, ending: Reduction) -> Value:
    """``x`` with bytes as [N, H, W, C], weights ``[O, KH, KW, Cg]``."""
    outputs, kernel_rows, kernel_columns, depth = weights.values.shape
    height, width = window.outputs(x.shape[1], x.shape[2])
    shape, groups = (x.shape[0], height, width, outputs), x.shape[3] // depth
    w = builder.add_constant(weights.values, weights.dtype, zero_point=weights.zero_point)
    common = (*window.attributes(x.shape, depth), groups)
    gap_bytes = ((kernel_columns - 1) * window.dilations[1] * x.shape[3]) * x.encoding.dtype.size
    size = max(x.encoding.dtype.size, weights.dtype.size)
    parts = list(_kernel_parts(kernel_rows, kernel_columns, depth, size=size, gap_bytes=gap_bytes))
    if len(parts) == 1:
        table, shift = ending.table(builder)
        return builder.add(
            Opcode.CONV,
            [x.operand(), w, table],
            shape,
            ending.encoding,
            order=x.order,
            attributes=(*common, *parts[0]),
            shift=shift,
            clamp=ending.clamp,
        )
    partial, partial_clamp = _partial(ending.largest)
    terms = [
        builder.add(
            Opcode.CONV,
            [x.operand(), w],
            shape,
            partial,
            order=x.order,
            attributes=(*common, *part),
            clamp=partial_clamp,
        )
        for part in parts
    ]
    return accumulated(builder, terms, ending)


def _kernel_parts(rows: int, columns: int, depth: int, *, size: int, gap_bytes: int) -> Iterator[Range]:
    """Attributes (a13, a14) of each part: whole kernel rows while they fit, else one row in pieces of channels.

    ``size``: bytes of a value; ``gap_bytes``: bytes of the image between the first and the last pixel of a kernel row.
    """
    row_bytes = columns * depth * size
    if row_bytes <= RUN_BYTES:
        opened = max(1, WINDOW_BYTES // window_bytes(1, gap_bytes + depth * size))
        for start, end in pieces(rows, min(RUN_BYTES // row_bytes, opened)):
            yield (start << 16) + end, depth
        return
    for row in range(rows):
        for first, last in pieces(depth, max(1, RUN_BYTES // (columns * size))):
            yield (row << 16) + row + 1, (first << 16) + last
