"""Blocks as rows of canonical words: where a value lies in an oracle's matrix."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lockstep.proof.arithmetise.assembler import MODULUS
from lockstep.proof.arithmetise.evaluation import Values
from lockstep.proof.relations import Block, Program

Rows = NDArray[np.uint64]


def rows_of(program: Program, oracle: int, values: Mapping[int, Values]) -> Rows:
    """The rows of an oracle (the witness without its pad row), zero beyond the extents of its blocks."""
    is_witness = oracle == len(program.oracles) - 1
    rows = program.oracles[oracle].rows - is_witness
    words = np.zeros(rows << program.log_columns, dtype=np.uint64)
    for number, block in enumerate(program.blocks):
        if block.oracle == oracle:
            words[_slice(block)].reshape([1 << axis.bits for axis in block.axes])[
                tuple(slice(axis.extent) for axis in block.axes)
            ] = canonical(values[number])
    return words.reshape(rows, 1 << program.log_columns)


def block_words(program: Program, number: int, rows: Rows) -> Values:
    """A block out of its oracle's rows, as signed Python integers of least magnitude."""
    block = program.blocks[number]
    words = rows.reshape(-1)[_slice(block)].reshape([1 << axis.bits for axis in block.axes])
    inside = words[tuple(slice(axis.extent) for axis in block.axes)]
    signed = [word - MODULUS if word > MODULUS // 2 else word for word in inside.reshape(-1).tolist()]
    return np.array(signed, dtype=object).reshape(inside.shape)


def canonical(values: Values) -> Rows:
    """Signed integers as residues."""
    if values.dtype == object:
        return np.array(values % MODULUS, dtype=np.uint64)
    flat = values.astype(np.int64).reshape(-1)
    words = np.where(flat < 0, flat.view(np.uint64) + np.uint64(MODULUS), flat.view(np.uint64))
    return words.reshape(values.shape)


def _slice(block: Block) -> slice:
    return slice(block.offset, block.offset + (1 << block.bits))
