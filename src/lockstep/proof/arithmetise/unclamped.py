"""A program leaves out a clamp that is never reached: that it is not, for all weights of known widths."""

from collections.abc import Mapping

from lockstep.errors import ProofError
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Operand
from lockstep.ir.intervals import Interval
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.proof.arithmetise.compile import Structure
from lockstep.proof.arithmetise.recipes import NodeValue


def check_unclamped(model: Structure, bits: Mapping[int, int], intervals: Mapping[int, Interval]) -> None:
    """Raises ``proof/range`` if a node that is published as never clamped may leave its type.

    ``bits``: of constants. Sums in 32 and 64 bits may go to 2^62: their clamps say how far the weights at hand reach,
    and a program has them as integers of any size.
    """
    blocks = {recipe.number: n for n, recipe in enumerate(model.recipes) if isinstance(recipe, NodeValue)}
    for number, node in enumerate(model.graph.nodes):
        if model.facts.widths[number] != 0:
            continue
        low, high = node.low - node.zero_point, node.high - node.zero_point
        if node.dtype in (DType.I32, DType.I64):
            low, high = -(1 << 62), 1 << 62
        if number in blocks:
            least, most = intervals[blocks[number]]
        else:
            most = reach(model, bits, number)
            least = -most
        if least < low or high < most:
            raise ProofError("proof/range", f"node {node.name}: its clamp may be reached", value=(least, most))


def reach(model: Structure, bits: Mapping[int, int], number: int) -> int:
    """The greatest magnitude of a partial sum."""
    node = model.graph.nodes[number]
    if node.opcode is Opcode.ACCUMULATE:
        terms = (reach(model, bits, operand.index) for operand in node.operands)
        return sum(terms) * abs(node.multiplier)
    if node.opcode is Opcode.MATMUL:
        length = node.attributes[0]
    else:
        rows, channels = ((packed & 0xFFFF) - (packed >> 16) for packed in node.attributes[13:15])
        length = rows * node.attributes[4] * channels
    x, w = (_magnitude(model, bits, operand) for operand in node.operands[:2])
    return length * x * w * abs(node.multiplier)


def _magnitude(model: Structure, bits: Mapping[int, int], operand: Operand) -> int:
    low, high = model.facts.of(operand)
    if operand.kind is OperandKind.WEIGHT and operand.index in bits:
        low, high = -(1 << (bits[operand.index] - 1)), 1 << (bits[operand.index] - 1)
    return max(abs(low - operand.zero_point), abs(high - operand.zero_point))
