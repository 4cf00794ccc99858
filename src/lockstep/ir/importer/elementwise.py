"""Add, Sub, Mul, Relu, Clip, batch norm, concatenation: one result element from one element of each operand."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lockstep.errors import ModelError
from lockstep.ir.graph import Operand
from lockstep.ir.importer.builder import GraphBuilder, Range, view_attributes
from lockstep.ir.importer.fixed_point import fixed_point
from lockstep.ir.importer.values import Encoding, Parameter, Value
from lockstep.ir.ops import Opcode

Source = Value | Parameter
PREMULTIPLIER = 1 << 16
"""Batch norm adds its bias to ``(x − zx) · 2^16``, so that the bias is finer than a step of x."""


def _view(
    builder: GraphBuilder, source: Source, shape: tuple[int, ...], like: Value
) -> tuple[Operand, Encoding, list[int]]:
    """A source as operand, encoding and strides over the ONNX axes of the result."""
    if isinstance(source, Parameter):
        operand, encoding = builder.held(source, like.encoding.dtype)
        logical = tuple(source.values.shape)
        held = Value(operand.kind, operand.index, logical, tuple(range(len(logical))), encoding)
    else:
        operand, encoding, held, logical = source.operand(), source.encoding, source, source.logical_shape
    lead = len(shape) - len(logical)
    strides = held.strides()
    steps = [0] * lead + [strides[axis] if logical[axis] > 1 else 0 for axis in range(len(logical))]
    return operand, encoding, steps


def broadcast(builder: GraphBuilder, a: Source, b: Source) -> tuple[Value, list[Operand], list[Encoding], list[int]]:
    """Both operands as views of the result's shape. The value gives the result's physical shape and order."""
    values = [source for source in (a, b) if isinstance(source, Value)]
    if not values:
        raise ModelError("model/constant", f"node {builder.name} has only constants", remedy="fold constants first")
    like = max(values, key=lambda value: value.elements)
    shapes = [s.logical_shape if isinstance(s, Value) else tuple(s.values.shape) for s in (a, b)]
    try:
        shape = tuple(np.broadcast_shapes(*shapes))
    except ValueError:
        raise ModelError("model/shape", f"node {builder.name}: shapes do not broadcast", value=shapes) from None
    order = like.order if len(like.order) == len(shape) else tuple(range(len(shape)))
    physical = tuple(shape[axis] for axis in order)
    views = [_view(builder, source, shape, like) for source in (a, b)]
    attributes = view_attributes([[steps[axis] for axis in order] for _, _, steps in views])
    target = Value(like.kind, like.index, physical, order, like.encoding)
    return target, [view[0] for view in views], [view[1] for view in views], attributes


def add(
    builder: GraphBuilder, a: Source, b: Source, encoding: Encoding, clamp: Range | None, *, sign: int = 1
) -> Value:
    """``a + sign · b``."""
    target, operands, encodings, attributes = broadcast(builder, a, b)
    ratios = np.array([encodings[0].scale, sign * encodings[1].scale]) / encoding.scale
    multipliers, shift = fixed_point(ratios, sum(e.reach for e in encodings))
    return builder.add(
        Opcode.ADD,
        operands,
        target.shape,
        encoding,
        order=target.order,
        attributes=attributes,
        multiplier=multipliers[0],
        multiplier2=multipliers[1],
        shift=shift,
        clamp=clamp,
    )


def multiply(builder: GraphBuilder, a: Source, b: Source, encoding: Encoding, clamp: Range | None) -> Value:
    """``a · b``."""
    target, operands, encodings, attributes = broadcast(builder, a, b)
    ratio = encodings[0].scale * encodings[1].scale / encoding.scale
    multipliers, shift = fixed_point(np.array([ratio]), encodings[0].reach * encodings[1].reach)
    return builder.add(
        Opcode.MUL,
        operands,
        target.shape,
        encoding,
        order=target.order,
        attributes=attributes,
        multiplier=multipliers[0],
        shift=shift,
        clamp=clamp,
    )


def divide(builder: GraphBuilder, a: Source, b: Source, encoding: Encoding, clamp: Range | None) -> Value:
    """``a / b`` for constant ``b``, as a product with its reciprocal."""
    if not isinstance(b, Parameter) or not b.real().all():
        raise ModelError("model/unsupported-op", f"Div of node {builder.name} divides by something not constant")
    return multiply(builder, a, Parameter(1.0 / b.real()), encoding, clamp)


def batch_norm(
    builder: GraphBuilder, x: Value, parameters: Sequence[Parameter], attributes: dict[str, Any], encoding: Encoding
) -> Value:
    """A batch normalisation that no convolution took in: ``gain · x + offset`` by channel, bytes channels last."""
    gamma, beta, mean, variance = (parameter.real() for parameter in parameters)
    gain = gamma / np.sqrt(variance + attributes.get("epsilon", 1e-5))
    gain = np.where(np.abs(gain) < 1e-12, 1e-12, gain)
    offset = beta - gain * mean
    rank = len(x.shape)
    x = builder.arranged(x, (0, *range(2, rank), 1))
    fine = x.encoding.scale / PREMULTIPLIER
    biases = np.clip(np.rint(offset / (gain * fine)), -(2**46), 2**46).astype(np.int64)
    largest = x.encoding.reach * PREMULTIPLIER + int(np.abs(biases).max())
    multipliers, shift = fixed_point(gain * fine / encoding.scale, largest)
    return builder.add(
        Opcode.REQUANT,
        [x.operand(), builder.add_table(biases, multipliers)],
        x.shape,
        encoding,
        order=x.order,
        attributes=(len(gain),),
        multiplier2=PREMULTIPLIER,
        shift=shift,
    )


def concatenate(builder: GraphBuilder, values: Sequence[Value], axis: int, encoding: Encoding) -> Value:
    """Operands one after another along an ONNX axis, brought to one encoding and one layout first."""
    order = values[0].order
    aligned = [builder.arranged(builder.requantised(value, encoding), order) for value in values]
    place = order.index(axis % len(order))
    inner = int(np.prod(aligned[0].shape[place + 1 :]))
    while len(aligned) > 8:
        aligned = [_joined(builder, aligned[:8], place, inner, encoding), *aligned[8:]]
    return _joined(builder, aligned, place, inner, encoding)


def _joined(builder: GraphBuilder, values: Sequence[Value], place: int, inner: int, encoding: Encoding) -> Value:
    extents = [value.shape[place] for value in values]
    shape = (*values[0].shape[:place], sum(extents), *values[0].shape[place + 1 :])
    return builder.add(
        Opcode.CONCAT,
        [value.operand() for value in values],
        shape,
        encoding,
        order=values[0].order,
        attributes=[extent * inner for extent in extents],
    )
