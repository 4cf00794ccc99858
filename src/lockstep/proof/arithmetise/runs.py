"""MAX and ARGMAX over runs: the result is one of the values, and no value is greater."""

from lockstep.ir.ops import Opcode, OperandKind
from lockstep.proof.arithmetise.assembler import PASS, Tensor
from lockstep.proof.arithmetise.context import Context
from lockstep.proof.arithmetise.expressions import Affine, bits_of
from lockstep.proof.arithmetise.loops import flat
from lockstep.proof.arithmetise.recipes import NodeValue, Peak


def arithmetise_greatest(context: Context, number: int) -> None:
    """(address of position k, v) is a row of the tensor, k is in the run, and no key is greater.

    The key of position j is ``x_j``; of ARGMAX ``2^t·x_j − j``, so that the first of equals is the greatest.
    """
    node = context.graph.nodes[number]
    length, stride, offset = node.attributes[:3]
    x, assembler = context.source_tensor(node.operands[0]), context.assembler
    access = flat(node.operands[0].elements, {"run": stride, "k": 1}, offset)
    read = context.read({"run": node.elements}, [(x, access)], {"k": length}, number=number)
    inner, steps = read.loops("k"), read.steps(0)
    every = {**read.result, **inner}
    amount = assembler.amount(every, context.value(read, 0))
    is_position = node.opcode is Opcode.ARGMAX
    value = assembler.over(read.result, Peak(amount, len(read.result), is_position=False))
    if is_position:
        position = assembler.over(read.result, NodeValue(number, node.zero_point))
        place = position + node.zero_point
    else:
        place = assembler.over(read.result, Peak(amount, len(read.result), is_position=True))
    tag, pass_step = context.value_table(x)
    address = tuple((name, pass_step if name == PASS else steps[name]) for name in read.result)
    assembler.look_up(tag, read.result, (place + Affine((), offset, address), value))
    context.ranges.check_below(read.result, place, length)
    difference, bits = value - context.value(read, 0), (x.high - x.low).bit_length()
    if is_position:
        tie = bits_of(length)
        turns = Affine(address=tuple((name, steps[name]) for name in inner))
        difference, bits = difference * (1 << tie) + turns - place, bits + tie
    context.ranges.check(every, difference, bits)
    if is_position:
        context.define(number, read, position.parts[0].block)
    else:
        greatest = Tensor(value.parts[0].block, read.axes, x.zero_point, x.low, x.high)
        context.tensors[OperandKind.TRACE, number] = greatest
