"""COPY and CONCAT: values that move. Where a view only names the axes anew, nothing is committed."""

from math import gcd, prod

from lockstep.ir.ops import OperandKind
from lockstep.proof.arithmetise.assembler import PASS, Tensor
from lockstep.proof.arithmetise.context import Context, Read, row_major_steps
from lockstep.proof.arithmetise.expressions import Affine, Part, Place
from lockstep.proof.arithmetise.loops import Along, Extents, flat
from lockstep.proof.arithmetise.recipes import NodeValue


def arithmetise_copy(context: Context, number: int) -> None:
    """The tensor under other strides, or a copy of it."""
    node = context.graph.nodes[number]
    tensor = context.source_tensor(node.operands[0])
    outer = {f"d{axis}": extent for axis, extent in enumerate(node.shape)}
    steps = {f"d{axis}": node.attributes[axis] for axis in range(len(node.shape))}
    read = context.read(outer, [(tensor, flat(node.operands[0].elements, steps, node.attributes[12]))], number=number)
    value = read.values[0]
    assert value is not None
    axes = _renamed(context, read, value.parts[0])
    if axes is None:
        value, axes = context.committed_copy(read.result, value), read.axes
    moved = Tensor(value.parts[0].block, axes, tensor.zero_point, tensor.low, tensor.high)
    context.tensors[OperandKind.TRACE, number] = moved


def _renamed(context: Context, read: Read, part: Part) -> tuple[Along, ...] | None:
    """The axes of the block in the flat order of the copy, if every axis is one loop or two that follow each other."""
    block, loops = context.assembler.blocks[part.block], read.result
    strides = dict(zip(context.own_loops(read), read.axes, strict=True))
    axes = []
    for place, axis in zip(part.places, block.axes, strict=True):
        names = sorted(place.loops, key=lambda name: -(place.stride if name == place.first else place.dilation))
        if not names or place.offset or axis.extent != prod(loops[name] for name in names):
            return None
        if names == [PASS]:
            continue
        inner = strides.get(names[-1])
        if inner is None or {place.stride, place.dilation} != {1, loops[names[-1]] if len(names) == 2 else 1}:
            return None
        if len(names) == 2 and strides[names[0]].stride != inner.stride * inner.extent:
            return None
        axes.append(Along(axis.extent, inner.stride))
        for name in names:
            del strides[name]
    return None if strides else tuple(axes)


def arithmetise_concat(context: Context, number: int) -> None:
    """A committed result; each operand equals its part of it."""
    node = context.graph.nodes[number]
    extents = node.attributes[: len(node.operands)]
    unit = gcd(*extents)
    outer = {"outer": node.elements // sum(extents), "piece": sum(extents) // unit, "unit": unit}
    tensors = [context.source_tensor(operand) for operand in node.operands]
    inner = {f"piece/{n}": extent // unit for n, extent in enumerate(extents)}
    accesses = [
        flat(operand.elements, {"outer": extent, f"piece/{n}": unit, "unit": 1})
        for n, (operand, extent) in enumerate(zip(node.operands, extents, strict=True))
    ]
    read = context.read(outer, list(zip(tensors, accesses, strict=True)), inner, number=number)
    result = context.assembler.over(read.result, NodeValue(number, node.zero_point))
    start = 0
    for n, (tensor, value) in enumerate(zip(tensors, read.values, strict=True)):
        assert value is not None
        _equal_part(
            context, read, result.parts[0].block, f"piece/{n}", start, value + (tensor.zero_point - node.zero_point)
        )
        start += extents[n] // unit
    context.define(number, read, result.parts[0].block)


def _equal_part(context: Context, read: Read, block: int, piece: str, start: int, value: Affine) -> None:
    """The result from piece ``start`` on is the value."""
    parts = read.loops(piece)
    pieces = read.loops("piece")
    loops: Extents = {}
    places = []
    for name, extent in read.result.items():
        if name not in pieces:
            loops[name] = extent
            places.append(Place(name))
    steps = row_major_steps(parts)
    names = [*parts, "", ""][:2]
    assert len(parts) <= 2 and len(pieces) <= 1
    place = Place(names[0], steps.get(names[0], 1), names[1], steps.get(names[1], 1), start)
    order = list(read.result)
    if pieces:
        at = order.index(next(iter(pieces)))
        places.insert(at, place)
        before = order[:at]
        loops = {**{n: loops[n] for n in before}, **parts, **{n: e for n, e in loops.items() if n not in before}}
    target = Affine((Part(1, block, tuple(places)),))
    context.assembler.group(loops, target - value)
    assert prod(loops.values()) > 0
