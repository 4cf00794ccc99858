"""Pools, means, softmax and argmax."""

from collections.abc import Sequence

import numpy as np

from lockstep.errors import ModelError
from lockstep.ir.dtypes import DType
from lockstep.ir.importer.builder import GraphBuilder, Range, view_attributes
from lockstep.ir.importer.fixed_point import fixed_point
from lockstep.ir.importer.linear import Weights, Window, convolution, pieces, reduction
from lockstep.ir.importer.lookup import look_up, real_codes
from lockstep.ir.importer.values import Encoding, Value
from lockstep.ir.limits import OPERANDS, REDUCTION_BYTES, WINDOW_BYTES, WINDOW_RANGES, window_bytes
from lockstep.ir.ops import Opcode

INDEX = Encoding(DType.I32, 1.0, 0)

EXP_BITS = 20
"""exp is a table of 20-bit fractions."""

DIVISION_BITS = 12
"""The quotient of a softmax is computed with 12 more bits than its scale asks for."""


def last_axes(builder: GraphBuilder, x: Value, axes: Sequence[int]) -> tuple[Value, tuple[int, ...], int]:
    """``x`` with the given ONNX axes last; the order of the others, and how many elements are reduced."""
    rank = len(x.shape)
    reduced = tuple(axis % rank for axis in axes)
    kept = tuple(axis for axis in x.order if axis not in reduced)
    arranged = builder.arranged(x, (*kept, *(axis for axis in x.order if axis in reduced)))
    return arranged, kept, int(np.prod([x.logical_shape[axis] for axis in reduced]))


def mean(builder: GraphBuilder, x: Value, axes: Sequence[int], encoding: Encoding, *, keep: bool) -> Value:
    """The mean over axes: SUM of neighbours with requantisation."""
    arranged, kept, length = last_axes(builder, x, axes)
    ratio = np.array([x.encoding.scale / (encoding.scale * length)])
    multipliers, shift = fixed_point(ratio, x.encoding.reach * length)
    shape = tuple(x.logical_shape[axis] for axis in kept) or (1,)
    size = x.encoding.dtype.size
    if length * size > REDUCTION_BYTES:
        arranged, length = partial_runs(builder, arranged, shape, length, Opcode.SUM)
    summed = builder.add(
        Opcode.SUM,
        [arranged.operand()],
        shape,
        encoding,
        attributes=(length, length, 0),
        multiplier=int(multipliers[0]),
        shift=shift,
    )
    return _with_axes(summed, x, kept, keep=keep)


def _with_axes(result: Value, x: Value, kept: tuple[int, ...], *, keep: bool) -> Value:
    """The reduced value under its ONNX axes: reduced ones have size 1 or are gone."""
    rank = len(x.shape)
    if keep:
        gone = tuple(axis for axis in range(rank) if axis not in kept)
        shape = tuple(x.logical_shape[axis] for axis in kept) + (1,) * len(gone)
        return Value(result.kind, result.index, shape, (*kept, *gone), result.encoding)
    names = sorted(kept)
    order = tuple(names.index(axis) for axis in kept)
    return Value(result.kind, result.index, result.shape, order or (0,), result.encoding)


def partial_runs(
    builder: GraphBuilder, x: Value, shape: tuple[int, ...], length: int, opcode: Opcode
) -> tuple[Value, int]:
    """Runs longer than a step reads, reduced in pieces first: the pieces of each run stand together."""
    kind = x.encoding if opcode is Opcode.MAX else Encoding(DType.I32 if length < 1 << 15 else DType.I64, 1.0, 0)
    bounds = pieces(length, REDUCTION_BYTES // x.encoding.dtype.size)
    terms = [
        builder.add(opcode, [x.operand()], (*shape, 1), kind, attributes=(end - start, length, start))
        for start, end in bounds
    ]
    return _side_by_side(builder, terms), len(terms)


def _side_by_side(builder: GraphBuilder, terms: Sequence[Value]) -> Value:
    """Values ``[..., n]`` next to one another along the last axis."""
    joined = list(terms)
    while len(joined) > 1:
        group, joined = joined[:OPERANDS], joined[OPERANDS:]
        extents = [value.shape[-1] for value in group]
        shape = (*group[0].shape[:-1], sum(extents))
        operands = [value.operand() for value in group]
        joined.insert(0, builder.add(Opcode.CONCAT, operands, shape, group[0].encoding, attributes=extents))
    return joined[0]


def softmax(builder: GraphBuilder, x: Value, axis: int, encoding: Encoding) -> Value:
    """max, difference, exp by table, sum, quotient: integers all along."""
    arranged, kept, length = last_axes(builder, x, [axis])
    outer = tuple(x.logical_shape[a] for a in kept) or (1,)
    source, top = arranged.encoding, arranged.encoding.dtype.maximum
    runs, run_length = arranged, length
    if length * source.dtype.size > REDUCTION_BYTES:
        runs, run_length = partial_runs(builder, arranged, outer, length, Opcode.MAX)
    greatest = builder.add(Opcode.MAX, [runs.operand()], outer, source, attributes=(run_length, run_length, 0))
    flat = (int(np.prod(outer)), length)
    views = view_attributes([(length, 1), (1, 0)])
    below = builder.add(
        Opcode.ADD,
        [arranged.operand(zero_point=0), greatest.operand(zero_point=0)],
        flat,
        Encoding(source.dtype, source.scale, top),
        attributes=views,
        multiplier2=-1,
    )
    exponents = np.exp(real_codes(below.encoding))
    powers = look_up(builder, below, exponents, Encoding(DType.I32, 2.0**-EXP_BITS, 0))
    summands, sum_length, factor = powers, length, 1 << DIVISION_BITS
    if length * 4 > REDUCTION_BYTES:
        summands, sum_length = partial_runs(builder, powers, outer, length, Opcode.SUM)
    total = builder.add(
        Opcode.SUM,
        [summands.operand(zero_point=0)],
        outer,
        Encoding(DType.I64, 1.0, 0),
        attributes=(sum_length, sum_length, 0),
        multiplier=factor,
    )
    quotient = builder.add(
        Opcode.DIV,
        [powers.operand(zero_point=0), total.operand(zero_point=0)],
        flat,
        encoding,
        attributes=views,
        multiplier=round(factor / encoding.scale),
    )
    return Value(quotient.kind, quotient.index, arranged.shape, arranged.order, encoding)


def argmax(builder: GraphBuilder, x: Value, axis: int, *, keep: bool) -> Value:
    """The first index of the greatest value along an axis, ``i32``."""
    arranged, kept, length = last_axes(builder, x, [axis])
    shape = tuple(x.logical_shape[a] for a in kept) or (1,)
    if length * x.encoding.dtype.size > REDUCTION_BYTES:
        return _with_axes(_argmax_of_pieces(builder, arranged, shape, length), x, kept, keep=keep)
    found = builder.add(Opcode.ARGMAX, [arranged.operand()], shape, INDEX, attributes=(length, length, 0))
    return _with_axes(found, x, kept, keep=keep)


def _argmax_of_pieces(builder: GraphBuilder, x: Value, shape: tuple[int, ...], length: int) -> Value:
    """Each piece gives the key ``greatest · 2^30 − its index``; the greatest key is the first greatest value's."""
    greatest, keys = [], []
    for start, end in pieces(length, REDUCTION_BYTES // x.encoding.dtype.size):
        run = (end - start, length, start)
        peak = builder.add(Opcode.MAX, [x.operand()], (*shape, 1), x.encoding, attributes=run)
        index = builder.add(Opcode.ARGMAX, [x.operand()], (*shape, 1), INDEX, attributes=run)
        greatest.append(peak)
        keys.append(_key(builder, peak, index, Encoding(DType.I64, 1.0, -start)))
    peaks, all_keys, count = _side_by_side(builder, greatest), _side_by_side(builder, keys), len(keys)
    peak = builder.add(Opcode.MAX, [peaks.operand()], shape, x.encoding, attributes=(count, count, 0))
    key = builder.add(Opcode.MAX, [all_keys.operand()], shape, keys[0].encoding, attributes=(count, count, 0))
    return _key(builder, peak, key, INDEX)


def _key(builder: GraphBuilder, peak: Value, index: Value, encoding: Encoding) -> Value:
    """``peak · 2^30 − index``, element by element."""
    strides = [int(np.prod(peak.shape[axis + 1 :])) for axis in range(len(peak.shape))]
    return builder.add(
        Opcode.ADD,
        [peak.operand(zero_point=0), index.operand(zero_point=0)],
        peak.shape,
        encoding,
        attributes=view_attributes([strides, strides]),
        multiplier=1 << 30,
        multiplier2=-1,
    )


def max_pool(builder: GraphBuilder, x: Value, window: Window) -> Value:
    """MAXPOOL of bytes [N, H, W, C]; a window that opens too much becomes one over columns and one over rows."""
    if _opened(x, window) > WINDOW_BYTES or window.kernel[0] > WINDOW_RANGES:
        (rows, columns), (top, left, bottom, right) = window.kernel, window.pads
        across = Window((1, columns), (1, window.strides[1]), (0, left, 0, right), (1, window.dilations[1]))
        down = Window((rows, 1), (window.strides[0], 1), (top, 0, bottom, 0), (window.dilations[0], 1))
        return _max_pool(builder, _max_pool(builder, x, across), down)
    return _max_pool(builder, x, window)


def _max_pool(builder: GraphBuilder, x: Value, window: Window) -> Value:
    shape = (x.shape[0], *window.outputs(x.shape[1], x.shape[2]), x.shape[3])
    attributes = window.attributes(x.shape, 0)
    return builder.add(Opcode.MAXPOOL, [x.operand()], shape, x.encoding, order=x.order, attributes=attributes)


def average_pool(
    builder: GraphBuilder, x: Value, window: Window, encoding: Encoding, clamp: Range | None, *, counts_padding: bool
) -> Value:
    """AVGPOOL of bytes [N, H, W, C]."""
    taps = window.kernel[0] * window.kernel[1]
    if _opened(x, window) > WINDOW_BYTES or window.kernel[0] > WINDOW_RANGES:
        if any(window.pads) and not counts_padding:
            raise ModelError(
                "model/too-long",
                f"node {builder.name}: an average over {window.kernel} of {x.shape[3]} channels opens too much",
                remedy="use GlobalAveragePool, two smaller pools, or no padding",
            )
        return _average_as_convolution(builder, x, window, taps, encoding, clamp)
    reach = taps * (x.encoding.reach + 4)  # the rounding term of AVGPOOL grows with the taps
    multipliers, shift = fixed_point(np.array([x.encoding.scale / encoding.scale]), reach)
    shape = (x.shape[0], *window.outputs(x.shape[1], x.shape[2]), x.shape[3])
    return builder.add(
        Opcode.AVGPOOL,
        [x.operand()],
        shape,
        encoding,
        order=x.order,
        attributes=window.attributes(x.shape, int(counts_padding)),
        multiplier=int(multipliers[0]),
        shift=shift,
        clamp=clamp,
    )


def _average_as_convolution(
    builder: GraphBuilder, x: Value, window: Window, taps: int, encoding: Encoding, clamp: Range | None
) -> Value:
    """Where every window has as many taps, an average is a depthwise convolution with ones, which can be split."""
    channels = x.shape[3]
    kind = DType.I16 if x.encoding.dtype is DType.I16 else DType.I8
    ones = Weights(np.ones((channels, *window.kernel, 1), dtype=np.int64), 0, kind, np.full(channels, 1 / taps))
    return convolution(builder, x, ones, window, reduction(x, ones, np.zeros(channels), encoding, clamp))


def _opened(x: Value, window: Window) -> int:
    """Bytes that a step over the window opens, at most."""
    span = ((window.kernel[1] - 1) * window.dilations[1] * x.shape[3] + 1) * x.encoding.dtype.size
    return window_bytes(window.kernel[0], span)
