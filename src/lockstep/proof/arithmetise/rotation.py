"""The same words under a new commitment: what a model shows when its hiding budget is spent.

Oracles: 0 the old commitment, 1 the new one, 2 a witness that holds nothing. Blocks lie as in the model's program.
"""

from dataclasses import replace

import numpy as np

from lockstep.proof.arithmetise.assembler import group_frame
from lockstep.proof.arithmetise.expressions import Affine, Part, Place
from lockstep.proof.arithmetise.words import Rows
from lockstep.proof.relations import Group, Oracle, Program


def rotation(model: Program) -> Program:
    """Every word of every block of the model's weights, whole address spaces included, is the same in both."""
    weights = model.oracles[0]
    old = [
        replace(block, axes=tuple(replace(axis, extent=1 << axis.bits) for axis in block.axes))
        for block in model.blocks
        if block.oracle == 0
    ]
    largest = max((block.bits for block in old), default=0)
    step = 1 << max(0, largest - model.log_columns)
    first = -(-weights.rows // step) * step
    groups = []
    for number, block in enumerate(old):
        loops = {f"axis{axis}": each.extent for axis, each in enumerate(block.axes)}
        places = tuple(Place(name) for name in loops)
        difference = Affine((Part(1, number, places), Part(-1, len(old) + number, places)))
        frame = group_frame(loops)
        groups.append(Group(frame.indices, frame.expression(difference)))
    return Program(
        log_columns=model.log_columns,
        oracles=(weights, Oracle(first, weights.rows), Oracle(first + weights.rows, 2)),
        blocks=(*old, *(replace(block, oracle=1) for block in old)),
        sides=(),
        sections=(),
        groups=tuple(groups),
    )


def rotation_witness(program: Program) -> Rows:
    """One empty row."""
    return np.zeros((1, 1 << program.log_columns), dtype=np.uint64)
