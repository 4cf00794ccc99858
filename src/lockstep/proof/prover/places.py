"""Expressions at every place of a relation: what the look-up columns are made of."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.vector_kernels import Words, add_scaled_base, word
from lockstep.proof.relations import NONE, ONES, Block, Expression, Index, Map, Program, Term
from lockstep.proof.verifier.expressions import is_read_whole


class BlockReader:
    """The blocks of a program as tensors of canonical words, cut at their extents."""

    def __init__(self, program: Program, words: Sequence[Words]) -> None:
        self.program = program
        self.words = words

    def __getitem__(self, number: int) -> Words:
        cut = tuple(slice(0, axis.extent) for axis in self.program.blocks[number].axes)
        return self.whole(number)[cut]

    def whole(self, number: int) -> Words:
        """A block with what lies beyond its extents."""
        block: Block = self.program.blocks[number]
        space = [1 << axis.bits for axis in block.axes]
        if block.oracle == ONES:
            return np.ones(space, np.uint64)
        return self.words[block.oracle][block.offset : block.offset + (1 << block.bits)].reshape(space)


def expression_at_places(blocks: BlockReader, expression: Expression, indices: Sequence[Index]) -> Words:
    """The values of a column over the whole index space of its side, flat, canonical."""
    extents = [1 << index.bits for index in indices]
    values = np.full(int(np.prod(extents, dtype=np.int64)), expression.constant % MODULUS, np.uint64)
    for number, stride in enumerate(expression.strides):
        if stride:
            steps = np.array([i * stride % MODULUS for i in range(extents[number])], dtype=np.uint64)
            along = steps.reshape([-1 if axis == number else 1 for axis in range(len(extents))])
            add_scaled_base(values, np.ascontiguousarray(np.broadcast_to(along, extents)).reshape(-1), np.uint64(1))
    for term in blocks.program.terms_with_limbs_apart(expression):
        table = _term_at_places(blocks, term, indices)
        add_scaled_base(
            values, np.ascontiguousarray(np.broadcast_to(table, extents)).reshape(-1), word(term.coefficient)
        )
    return values


def _term_at_places(blocks: BlockReader, term: Term, indices: Sequence[Index]) -> Words:
    extents = [1 << index.bits for index in indices]
    tensor = blocks.whole(term.block)
    block = blocks.program.blocks[term.block]
    axes, is_committed = block.axes, block.oracle != ONES
    addresses, valid = [], np.ones([1] * len(extents), bool)
    for place, axis in zip(term.maps, axes, strict=True):
        address, end = addresses_of(place, extents), axis.extent
        if place.is_plain and is_committed:
            index = indices[place.first]
            if is_read_whole(index.extent, index.bits, axis):
                end = 1 << axis.bits
        inside = (address >= 0) & (address < end)
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
