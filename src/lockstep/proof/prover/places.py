"""Expressions at every place of a relation: what the look-up columns are made of."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.vector_kernels import Words, add_scaled_base, word
from lockstep.proof.relations import NONE, ONES, Block, Expression, Map, Program, Term


class BlockReader:
    """The blocks of a program as tensors of canonical words, cut at their extents."""

    def __init__(self, program: Program, words: Sequence[Words]) -> None:
        self.program = program
        self._words = words

    def __getitem__(self, number: int) -> Words:
        block: Block = self.program.blocks[number]
        extents = tuple(axis.extent for axis in block.axes)
        if block.oracle == ONES:
            return np.ones(extents, np.uint64)
        flat = self._words[block.oracle][block.offset : block.offset + (1 << block.bits)]
        cut = tuple(slice(0, extent) for extent in extents)
        return flat.reshape([1 << axis.bits for axis in block.axes])[cut]


def expression_at_places(blocks: BlockReader, expression: Expression, extents: Sequence[int]) -> Words:
    """The values over the index space ``extents``, flat, canonical."""
    values = np.full(int(np.prod(extents, dtype=np.int64)), expression.constant % MODULUS, np.uint64)
    for number, stride in enumerate(expression.strides):
        if stride:
            steps = np.array([i * stride % MODULUS for i in range(extents[number])], dtype=np.uint64)
            along = steps.reshape([-1 if axis == number else 1 for axis in range(len(extents))])
            add_scaled_base(values, np.ascontiguousarray(np.broadcast_to(along, extents)).reshape(-1), np.uint64(1))
    for term in expression.terms:
        table = _term_at_places(blocks, term, extents)
        add_scaled_base(
            values, np.ascontiguousarray(np.broadcast_to(table, extents)).reshape(-1), word(term.coefficient)
        )
    return values


def _term_at_places(blocks: BlockReader, term: Term, extents: Sequence[int]) -> Words:
    tensor = blocks[term.block]
    axes = blocks.program.blocks[term.block].axes
    addresses, valid = [], np.ones([1] * len(extents), bool)
    for place, axis in zip(term.maps, axes, strict=True):
        address = addresses_of(place, extents)
        inside = (address >= 0) & (address < axis.extent)
        valid = valid & inside
        addresses.append(np.where(inside, address, 0))
    if not addresses:
        return np.full([1] * len(extents), tensor, np.uint64)
    gathered = tensor[tuple(addresses)]
    return gathered if valid.all() else np.where(valid, gathered, np.uint64(0))


def addresses_of(place: Map, extents: Sequence[int]) -> NDArray[np.int64]:
    """Where a map points, broadcastable over the index space."""
    address = np.full([1] * len(extents), place.offset, np.int64)
    for index, stride in ((place.first, place.stride), (place.second, place.dilation)):
        if index != NONE:
            along = [-1 if axis == index else 1 for axis in range(len(extents))]
            address = address + stride * np.arange(extents[index], dtype=np.int64).reshape(along)
    return address
