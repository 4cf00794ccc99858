"""The values of expressions at every place of a relation's indices, over integers or residues."""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.proof.relations import NONE, ONES, Block, Expression, Index, Map, Role, Section, Term, limbs_apart

Values = NDArray[Any]
Blocks = Callable[[int], Values]
"""The words of a block, in the shape of its extents."""


def expression_values(expression: Expression, indices: Sequence[Index], blocks: Blocks) -> Values:
    """Shape: the extents of the indices, 1 where nothing depends on an index, or where it is SUMMED."""
    if not indices:  # numpy makes a scalar of an array without axes, and that overflows
        return expression_values(expression, (Index(Role.SUMMED, 1, 0),), blocks).reshape(())
    shape = (1,) * len(indices)
    total: Values = np.full(shape, expression.constant, dtype=object if abs(expression.constant) >> 62 else np.int64)
    for number, stride in enumerate(expression.strides):
        total = total + stride * _along(number, indices)
    for each in expression.terms:
        words = blocks(each.block)
        for term in limbs_apart(each, words.shape):
            total = total + term.coefficient * _term_values(term, indices, words)
    return _summed(total, indices)


def _summed(values: Values, indices: Sequence[Index]) -> Values:
    """What does not depend on a SUMMED index counts as often as that has places."""
    for axis, index in enumerate(indices):
        if index.role is Role.SUMMED:
            count = index.extent if values.shape[axis] == 1 else 1
            values = count * values.sum(axis=axis, keepdims=True)
    return values


def _along(number: int, indices: Sequence[Index]) -> Values:
    shape = [1] * len(indices)
    shape[number] = indices[number].extent
    return np.arange(indices[number].extent, dtype=np.int64).reshape(shape)


def _term_values(term: Term, indices: Sequence[Index], words: Values) -> Values:
    addresses, inside = [], np.ones((1,) * len(indices), dtype=bool)
    for place, extent in zip(term.maps, words.shape, strict=True):
        address = _address(place, indices)
        if address.min() < 0 or address.max() >= extent:
            inside = inside & (address >= 0) & (address < extent)
            address = np.clip(address, 0, extent - 1)
        addresses.append(address)
    if not addresses:
        return words.reshape((1,) * len(indices))
    values = words[tuple(addresses)]
    return values if inside.all() else np.where(inside, values, 0)


def _address(place: Map, indices: Sequence[Index]) -> Values:
    address: Values = np.full((1,) * len(indices), place.offset, dtype=np.int64)
    if place.first != NONE:
        address = address + place.stride * _along(place.first, indices)
    if place.second != NONE:
        address = address + place.dilation * _along(place.second, indices)
    return address


def section_values(section: Section, blocks: Blocks, multiply: Callable[..., Values]) -> Values:
    """The sum of a section at every place of its group. ``multiply``: a product of stacks of matrices."""
    indices = section.indices
    left, right = (expression_values(factor, indices, blocks) for factor in (section.left, section.right))
    outer = [i for i, index in enumerate(indices) if index.role is Role.OUTER]
    in_left = [i for i in outer if left.shape[i] > 1]
    in_right = [i for i in outer if i not in in_left]
    both = [i for i, index in enumerate(indices) if index.role is Role.BOTH]
    inner = [i for i, index in enumerate(indices) if index.role is Role.INNER]
    a = _matrix(left, indices, both, in_left, inner)
    b = _matrix(right, indices, both, in_right, inner)
    product = multiply(a, b.swapaxes(1, 2))
    order = [*both, *in_left, *in_right]
    shaped = product.reshape([indices[i].extent for i in order])
    # The group's indices are the section's OUTER and BOTH ones, in their order.
    return shaped.transpose(np.argsort(order)) if order else shaped.reshape(())


def _matrix(values: Values, indices: Sequence[Index], *axes: list[int]) -> Values:
    """``[batch, rows, columns]`` from three sets of indices."""
    shape = [1] * len(indices)
    for axis in (axis for group in axes for axis in group):
        shape[axis] = indices[axis].extent
    order = [axis for group in axes for axis in group]
    order += [axis for axis in range(len(indices)) if axis not in order]
    sizes = [prod(indices[axis].extent for axis in group) for group in axes]
    return np.broadcast_to(values, shape).transpose(order).reshape(sizes)


def block_reader(blocks: Sequence[Block], words: Mapping[int, Values]) -> Blocks:
    """Words by block number; ones for the tensor of ones."""

    def read(number: int) -> Values:
        if blocks[number].oracle == ONES:
            return np.ones([axis.extent for axis in blocks[number].axes], dtype=np.int64)
        return words[number]

    return read
