"""Operators that move values and change none: mostly another view of the same bytes, sometimes a COPY."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from lockstep.errors import ModelError
from lockstep.ir.importer.builder import GraphBuilder
from lockstep.ir.importer.values import Parameter, Value
from lockstep.ir.ops import Opcode

Others = Sequence[Value | Parameter | None]
Move = Callable[[GraphBuilder, Value, Others, dict[str, Any]], Value]


def integers(builder: GraphBuilder, source: Value | Parameter | None) -> list[int] | None:
    """A constant list of integers, such as a target shape."""
    if source is None:
        return None
    if isinstance(source, Value):
        raise ModelError("model/dynamic-shape", f"node {builder.name} computes a shape", remedy="export fixed shapes")
    return [int(value) for value in source.values.reshape(-1)]


def _reshape(builder: GraphBuilder, x: Value, others: Others, attributes: dict[str, Any]) -> Value:
    target = integers(builder, others[0] if others else None) or list(attributes.get("shape", []))
    keep_zero = attributes.get("allowzero", 0)
    shape = [x.logical_shape[axis] if size == 0 and not keep_zero else size for axis, size in enumerate(target)]
    if -1 in shape:
        known = math.prod(size for size in shape if size != -1)
        shape[shape.index(-1)] = x.elements // known
    if math.prod(shape) != x.elements:
        raise ModelError("model/shape", f"node {builder.name}: {x.logical_shape} cannot become {shape}")
    return builder.logical(x).viewed(tuple(shape))


def _flatten(builder: GraphBuilder, x: Value, _others: Others, attributes: dict[str, Any]) -> Value:
    axis = attributes.get("axis", 1) % (len(x.shape) + 1)
    lead = math.prod(x.logical_shape[:axis])
    return builder.logical(x).viewed((lead, x.elements // lead))


def _squeeze(builder: GraphBuilder, x: Value, others: Others, attributes: dict[str, Any]) -> Value:
    axes = integers(builder, others[0] if others else None) or list(attributes.get("axes", []))
    shape = x.logical_shape
    gone = {axis % len(shape) for axis in axes} or {axis for axis, size in enumerate(shape) if size == 1}
    return builder.logical(x).viewed(tuple(size for axis, size in enumerate(shape) if axis not in gone) or (1,))


def _unsqueeze(builder: GraphBuilder, x: Value, others: Others, attributes: dict[str, Any]) -> Value:
    axes = integers(builder, others[0] if others else None) or list(attributes.get("axes", []))
    rank = len(x.shape) + len(axes)
    added, sizes = {axis % rank for axis in axes}, iter(x.logical_shape)
    return builder.logical(x).viewed(tuple(1 if axis in added else next(sizes) for axis in range(rank)))


def _transpose(_builder: GraphBuilder, x: Value, _others: Others, attributes: dict[str, Any]) -> Value:
    permutation = list(attributes.get("perm", reversed(range(len(x.shape)))))
    order = tuple(permutation.index(axis) for axis in x.order)
    return Value(x.kind, x.index, x.shape, order, x.encoding)


def _slice(builder: GraphBuilder, x: Value, others: Others, _attributes: dict[str, Any]) -> Value:
    given = [integers(builder, other) for other in others]
    starts, ends = given[0] or [], given[1] or []
    axes = given[2] if len(given) > 2 and given[2] is not None else list(range(len(starts)))
    steps = given[3] if len(given) > 3 and given[3] is not None else [1] * len(starts)
    strides, shape = x.strides(), list(x.logical_shape)
    offset, moves = 0, dict(strides)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        place = axis % len(shape)
        taken = range(x.logical_shape[place])[start:end:step]
        if not taken:
            raise ModelError("model/shape", f"node {builder.name} takes nothing of axis {axis}")
        offset += taken[0] * strides[place]
        moves[place] = strides[place] * step
        shape[place] = len(taken)
    physical = tuple(shape[axis] for axis in x.order)
    attributes = [moves[axis] for axis in x.order]
    return builder.add(
        Opcode.COPY,
        [x.operand()],
        physical,
        x.encoding,
        order=x.order,
        attributes=[*attributes, *(0,) * (12 - len(attributes)), offset],
    )


def _same(_builder: GraphBuilder, x: Value, _others: Others, _attributes: dict[str, Any]) -> Value:
    return x


MOVES: dict[str, Move] = {
    "Dropout": _same,
    "Flatten": _flatten,
    "Identity": _same,
    "Reshape": _reshape,
    "Slice": _slice,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}


def pads_of(
    attributes: dict[str, Any],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    image: Sequence[int],
) -> list[int]:
    """Pads, begins then ends; ``auto_pad`` and ``ceil_mode`` resolved."""
    mode = attributes.get("auto_pad", b"NOTSET")
    if mode in (b"NOTSET", b""):
        pads = list(attributes.get("pads", [0] * 2 * len(kernel)))
        return _ceiled(pads, kernel, strides, dilations, image) if attributes.get("ceil_mode", 0) else pads
    if mode == b"VALID":
        return [0] * 2 * len(kernel)
    begins, ends = [], []
    for size, stride, dilation, extent in zip(kernel, strides, dilations, image, strict=True):
        total = max(0, (-(-extent // stride) - 1) * stride + (size - 1) * dilation + 1 - extent)
        less, more = total // 2, total - total // 2
        begins.append(less if mode == b"SAME_UPPER" else more)
        ends.append(more if mode == b"SAME_UPPER" else less)
    return begins + ends


def _ceiled(
    pads: list[int], kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int], image: Sequence[int]
) -> list[int]:
    """More padding at the end, so that the last partial window counts, if it starts inside the image."""
    count = len(kernel)
    for axis in range(count):
        reach = image[axis] + pads[axis] + pads[count + axis] - (kernel[axis] - 1) * dilations[axis] - 1
        missing = -reach % strides[axis]
        if missing and (reach + missing) < image[axis] + pads[axis]:
            pads[count + axis] += missing
    return pads
