"""MAX and ARGMAX over runs: the result is one of the values, and no value is greater."""

from dataclasses import dataclass

from lockstep.ir.ops import Opcode, OperandKind
from lockstep.proof.arithmetise.assembler import PASS, Tensor
from lockstep.proof.arithmetise.context import Context, Read
from lockstep.proof.arithmetise.expressions import Affine, bits_of
from lockstep.proof.arithmetise.loops import flat
from lockstep.proof.arithmetise.recipes import Peak


@dataclass(frozen=True)
class Runs:
    """``count`` runs of ``length`` elements of a tensor, ``stride`` apart."""

    count: int
    length: int
    stride: int
    offset: int


def arithmetise_greatest(context: Context, number: int) -> None:
    """MAX and ARGMAX."""
    node = context.graph.nodes[number]
    length, stride, offset = node.attributes[:3]
    x = context.source_tensor(node.operands[0])
    runs = Runs(node.elements, length, stride, offset)
    read, position, value = point_out(context, x, runs, number, is_first=node.opcode is Opcode.ARGMAX)
    if node.opcode is Opcode.ARGMAX:
        result = Tensor(position.parts[0].block, read.axes, 0, 0, length - 1)
    else:
        result = Tensor(value.parts[0].block, read.axes, x.zero_point, x.low, x.high)
    context.tensors[OperandKind.TRACE, number] = result


def point_out(
    context: Context, x: Tensor, runs: Runs, number: int | None = None, *, is_first: bool
) -> tuple[Read, Affine, Affine]:
    """Commits position k and word v of each run: (address of k, v) is a row of x, k in the run, no key is greater.

    The key of position j is ``x_j``; if k has to be the first of equals ``2^t·x_j − j``.
    """
    assembler, elements = context.assembler, 1 + sum((axis.extent - 1) * axis.stride for axis in x.axes)
    access = flat(elements, {"run": runs.stride, "k": 1}, runs.offset)
    read = context.read({"run": runs.count}, [(x, access)], {"k": runs.length}, number=number)
    words = context.value(read, 0)
    inner, steps = read.loops("k"), read.steps(0)
    every = {**read.result, **inner}
    amount = assembler.amount(every, words)
    value = assembler.over(read.result, Peak(amount, len(read.result), is_position=False))
    position = assembler.over(read.result, Peak(amount, len(read.result), is_position=True))
    tag, pass_step = context.value_table(x)
    address = tuple((name, pass_step if name == PASS else steps[name]) for name in read.result)
    assembler.look_up(tag, read.result, (position + Affine((), runs.offset, address), value))
    context.ranges.check_below(read.result, position, runs.length)
    difference, bits = value - words, (x.high - x.low).bit_length()
    if is_first:
        tie = bits_of(runs.length)
        turns = Affine(address=tuple((name, steps[name]) for name in inner))
        difference, bits = difference * (1 << tie) + turns - position, bits + tie
    context.ranges.check(every, difference, bits)
    return read, position, value
