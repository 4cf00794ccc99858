"""The factors of a section as tables over its cube: OUTER indices are summed out with their weights.

A term's tensor is worked on axis by axis: an axis that no OUTER index addresses is a gather; the others are contracted
with a small matrix of weights (a convolution's image axis: kernel place × image row), the longest first.

All words beyond the extents of a block are taken for zeros, which the prover has to write there: axes are read inside
their extents alone, though a verifier reads some of them whole (proof.md, section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.goldilocks import ONE, Element, embed, multiply, scale
from lockstep.crypto.vector_kernels import (
    Words,
    add_scaled,
    contract,
    contract_base,
    equality_table,
    to_array,
    to_element,
)
from lockstep.proof.prover.places import BlockReader, addresses_of
from lockstep.proof.relations import Axis, Expression, Index, Map, Role, Section, Term

INNER = (Role.INNER, Role.BOTH)


@dataclass(frozen=True, eq=False)
class SectionSpace:
    """The indices of a section: which are places of the table, and the weights of the others."""

    section: Section
    outer: tuple[Element, ...]

    @property
    def inner(self) -> list[int]:
        """Numbers of the indices that are variables of the cube."""
        return [number for number, index in enumerate(self.section.indices) if index.role in INNER]

    @property
    def extents(self) -> tuple[int, ...]:
        """Extents of all indices."""
        return tuple(index.extent for index in self.section.indices)

    def weights(self, number: int) -> Words:
        """The weights of an index that is summed out, ``[extent, 2]``."""
        index = self.section.indices[number]
        if index.role is Role.SUMMED:
            return to_array([ONE] * index.extent)
        return np.ascontiguousarray(equality_table(self.outer[index.outer : index.outer + index.bits])[: index.extent])

    def places(self) -> NDArray[np.int64]:
        """The place in the section's cube of every combination of inner indices, flat."""
        inner = self.inner
        total = np.zeros([1] * len(inner), np.int64)
        for axis, number in enumerate(inner):
            index = self.section.indices[number]
            along = [-1 if other == axis else 1 for other in range(len(inner))]
            total = total + (np.arange(index.extent, dtype=np.int64) << index.inner).reshape(along)
        return np.broadcast_to(total, [self.extents[number] for number in inner]).reshape(-1)

    def unused_weight(self, used: set[int]) -> Element:
        """What a term is multiplied by for the SUMMED indices that it does not use; OUTER ones count as 1."""
        result = ONE
        for number, index in enumerate(self.section.indices):
            if index.role is Role.SUMMED and number not in used:
                result = multiply(result, embed(index.extent))
        return result


def factor_table(blocks: BlockReader, space: SectionSpace, expression: Expression, out: Words) -> None:
    """Fill ``out`` (``[2^bits, 2]``, zero) with a factor at every place of the cube, 0 beyond the extents."""
    inner = space.inner
    extents = [space.extents[number] for number in inner]
    total = np.zeros((int(np.prod(extents, dtype=np.int64)), 2), np.uint64)
    if expression.constant:
        constant = scale(space.unused_weight(set()), expression.constant)
        total[:] = np.array(constant, dtype=np.uint64)
    for term in blocks.program.terms_with_limbs_apart(expression):
        used = {number for place in term.maps for number in place.indices}
        coefficient = scale(space.unused_weight(used), term.coefficient)
        values = _term_values(blocks, space, term)
        spread = np.ascontiguousarray(np.broadcast_to(values, [*extents, 2])).reshape(-1, 2)
        add_scaled(total, spread, np.uint64(coefficient[0]), np.uint64(coefficient[1]))
    out[space.places()] = total


@dataclass(frozen=True, slots=True)
class _AxisPlan:
    """One axis of a term's tensor: the inner indices that address it, and the one that is summed out, if any."""

    place: Map
    axis: Axis
    inner: tuple[int, ...]
    summed: int | None

    @property
    def is_gather(self) -> bool:
        return self.summed is None and len(self.inner) <= 1


def _plan(place: Map, axis: Axis, indices: Sequence[Index]) -> _AxisPlan:
    numbers = place.indices
    summed = [number for number in numbers if indices[number].role not in INNER]
    inner = tuple(number for number in numbers if indices[number].role in INNER)
    return _AxisPlan(place, axis, inner, summed[0] if summed else None)


def _term_values(blocks: BlockReader, space: SectionSpace, term: Term) -> Words:
    """The tensor of a term over the inner indices (extent 1 where it does not use one), extension."""
    axes = blocks.program.blocks[term.block].axes
    plans = [_plan(place, axis, space.section.indices) for place, axis in zip(term.maps, axes, strict=True)]
    tensor = blocks[term.block]
    for number, plan in enumerate(plans):
        if plan.is_gather:
            tensor = _gather(tensor, number, plan, space)
    is_extension = False
    contracted = [number for number, plan in enumerate(plans) if not plan.is_gather]
    for number in sorted(contracted, key=lambda number: -plans[number].axis.extent):
        tensor = _contract(tensor, number, _matrix(plans[number], space), is_extension=is_extension)
        is_extension = True
    if not is_extension:
        tensor = np.stack([tensor, np.zeros_like(tensor)], axis=-1)
    return _arranged(tensor, plans, space)


def _gather(tensor: Words, number: int, plan: _AxisPlan, space: SectionSpace) -> Words:
    extents = space.extents
    addresses = addresses_of(plan.place, extents).reshape(-1)
    if len(addresses) == plan.axis.extent and (addresses == np.arange(len(addresses))).all():
        return tensor
    inside = (addresses >= 0) & (addresses < plan.axis.extent)
    taken = np.take(tensor, np.where(inside, addresses, 0), axis=number)
    along = [-1 if axis == number else 1 for axis in range(tensor.ndim)]
    return taken if inside.all() else np.where(inside.reshape(along), taken, np.uint64(0))


def _matrix(plan: _AxisPlan, space: SectionSpace) -> Words:
    """``[places of the inner indices, axis extent, 2]``: the weight of every place of the axis."""
    place = plan.place
    strides = {place.first: place.stride, place.second: place.dilation}
    base = np.array([place.offset], np.int64)
    for number in plan.inner:
        base = (base[:, None] + strides[number] * np.arange(space.extents[number], dtype=np.int64)).reshape(-1)
    weights = to_array([ONE]) if plan.summed is None else space.weights(plan.summed)
    step = 0 if plan.summed is None else strides[plan.summed]
    matrix = np.zeros((len(base), plan.axis.extent, 2), np.uint64)
    for row, start in enumerate(base.tolist()):
        addresses = start + step * np.arange(len(weights), dtype=np.int64)
        inside = (addresses >= 0) & (addresses < plan.axis.extent)
        matrix[row, addresses[inside]] = weights[inside]
    return matrix


def _contract(tensor: Words, number: int, matrix: Words, *, is_extension: bool) -> Words:
    shape = tensor.shape[:-1] if is_extension else tensor.shape
    before, after = shape[:number], shape[number + 1 :]
    flat = int(np.prod(before, dtype=np.int64)), shape[number], int(np.prod(after, dtype=np.int64))
    out = np.zeros((flat[0], len(matrix), flat[2], 2), np.uint64)
    if is_extension:
        contract(np.ascontiguousarray(tensor).reshape(*flat, 2), matrix, out)
    else:
        contract_base(np.ascontiguousarray(tensor).reshape(flat), matrix, out)
    return out.reshape(*before, len(matrix), *after, 2)


def _arranged(tensor: Words, plans: Sequence[_AxisPlan], space: SectionSpace) -> Words:
    """Axes in the order of the inner indices, extent 1 for those that are not used."""
    numbers = [number for plan in plans for number in plan.inner]
    split = tensor.reshape([*(space.extents[number] for number in numbers), 2])
    order = sorted(range(len(numbers)), key=lambda axis: numbers[axis])
    ordered = split.transpose([*order, len(numbers)])
    shape = [space.extents[number] if number in numbers else 1 for number in space.inner]
    return ordered.reshape([*shape, 2])


def cube_weight(space: SectionSpace, factor: Element, out: Words) -> None:
    """Fill ``out`` (``[2^bits, 2]``) with U: ``factor · Π eq(outer, i)`` of the BOTH indices inside their extents."""
    table = to_array([factor])
    variables = [index for index in space.section.indices if index.role in INNER]
    for index in sorted(variables, key=lambda index: index.inner):
        weights = to_array([ONE] * (1 << index.bits))
        if index.role is Role.BOTH:
            weights = equality_table(space.outer[index.outer : index.outer + index.bits])
            weights[index.extent :] = 0
        table = _outer(weights, table)
    out[:] = table


def _outer(high: Words, low: Words) -> Words:
    out = np.zeros((len(high), len(low), 2), np.uint64)
    for row, weight in zip(out, high, strict=True):
        real, phi = to_element(weight)
        add_scaled(row, low, np.uint64(real), np.uint64(phi))
    return out.reshape(-1, 2)
