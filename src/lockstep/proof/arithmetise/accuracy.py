"""In how many passes the greatest value is at the label's place: at least so many, and no more is told."""

from math import prod

from lockstep.errors import ProofError
from lockstep.proof.arithmetise.assembler import DATASET, Tensor
from lockstep.proof.arithmetise.context import Context
from lockstep.proof.arithmetise.expressions import Affine, Part
from lockstep.proof.arithmetise.recipes import Bits, IsZero, Labels
from lockstep.proof.arithmetise.runs import Runs, point_out


def show_accuracy(context: Context, output: Tensor, least: int) -> None:
    """A flag may be 1 only where the place is the label, and the flags sum to at least ``least``."""
    assembler, loops = context.assembler, context.assembler.pass_loops
    if not 0 <= least <= assembler.passes:
        raise ProofError("proof/public", "there are not so many passes", value=least)
    labels = assembler.over(loops, Labels(), DATASET)
    difference = _place(context, output) - labels
    flag = assembler.over(loops, IsZero(assembler.amount(loops, difference)))
    assembler.look_up(assembler.range_table(1), loops, (flag,))
    assembler.group(loops, Affine(), [({}, flag, difference)])
    beyond = assembler.over({}, Bits(assembler.total({}, Affine((), -least), 1), 0))
    assembler.group({}, beyond + least, [(loops, flag, assembler.ones(loops))])
    context.ranges.check({}, beyond, (assembler.passes - least).bit_length())


def _place(context: Context, output: Tensor) -> Affine:
    """The place of each pass's greatest value."""
    elements = prod(axis.extent for axis in output.axes)
    if elements == 1:
        return Affine((Part(1, output.block, context.assembler.pass_places),)) + output.zero_point
    _, position, _ = point_out(context, output, Runs(1, elements, elements, 0), is_first=True)
    return position
