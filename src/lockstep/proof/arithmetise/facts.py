"""What a program may depend on besides the graph's structure: for each node, how many bits its quotient has.

The width is chosen from the weights when a model is set up (their greatest row sum, rounded up to a power of two) and
is public from then on; nothing else of the weights enters a program.
"""

from dataclasses import dataclass

from lockstep.errors import ProofError
from lockstep.ir.graph import Graph, Node, Operand
from lockstep.ir.intervals import Interval, largest_product, node_interval
from lockstep.ir.ops import Opcode, OperandKind


@dataclass(frozen=True)
class Facts:
    """Widths (by node; −1 where a node has no quotient) and the intervals that everybody can derive."""

    widths: tuple[int, ...]
    intervals: tuple[Interval, ...]
    input_intervals: tuple[Interval, ...]

    def width(self, number: int) -> int:
        if self.widths[number] < 0:
            raise ProofError("proof/range", "no width is known for a node", value=number)
        return self.widths[number]

    def interval(self, number: int) -> Interval:
        return self.intervals[number]

    def of(self, operand: Operand) -> Interval:
        """The public interval of an operand; of a constant that of its type."""
        if operand.kind is OperandKind.TRACE:
            return self.intervals[operand.index]
        return operand.dtype.minimum, operand.dtype.maximum


LARGEST = 1 << 62
"""Sums stay below half the modulus, with room for a zero point."""

WIDEST = 64

REQUANTISED = (
    Opcode.MATMUL,
    Opcode.CONV,
    Opcode.REQUANT,
    Opcode.ADD,
    Opcode.MUL,
    Opcode.SUM,
    Opcode.ACCUMULATE,
    Opcode.AVGPOOL,
    Opcode.DIV,
)


def facts_of(graph: Graph) -> Facts:
    """The facts of a model whose weights are known."""
    known: list[Interval] = []
    widths = []
    for node in graph.nodes:
        widths.append(_width(graph, node, known) if node.opcode in REQUANTISED else -1)
        known.append(node_interval(graph, node, known))
    return public_facts(graph, tuple(widths))


def public_facts(graph: Graph, widths: tuple[int, ...]) -> Facts:
    """The facts that a verifier has: widths as published, intervals from clamps and types.

    Raises ``proof/range`` for widths that would leave a quotient unchecked.
    """
    if len(widths) != len(graph.nodes):
        raise ProofError("proof/range", "the widths are not those of the graph", value=len(widths))
    for node, width in zip(graph.nodes, widths, strict=True):
        least = 0 if node.shift == 0 and node.opcode is not Opcode.AVGPOOL else 1
        is_possible = least <= width <= WIDEST if node.opcode in REQUANTISED else width == -1
        if not is_possible:
            raise ProofError("proof/range", f"node {node.name} cannot have a quotient of this width", value=width)
    intervals: list[Interval] = []
    for node in graph.nodes:
        intervals.append(_public_interval(node, intervals))
    inputs = tuple((spec.dtype.minimum, spec.dtype.maximum) for spec in graph.inputs)
    return Facts(widths, tuple(intervals), inputs)


def _width(graph: Graph, node: Node, known: list[Interval]) -> int:
    """Bits of the signed quotient; 0 for no shift and a clamp that is never reached."""
    bound = largest_product(graph, node, known)
    if node.opcode is Opcode.AVGPOOL:
        bound //= node.attributes[3] * node.attributes[4]
    if bound >= LARGEST:
        raise ProofError("proof/range", f"node {node.name}: a sum is too large for the field", value=bound)
    if node.shift == 0 and node.low - node.zero_point <= -bound and bound <= node.high - node.zero_point:
        return 0
    return (bound >> node.shift).bit_length() + 1


def _public_interval(node: Node, known: list[Interval]) -> Interval:
    def of(operand: Operand) -> Interval:
        if operand.kind is OperandKind.TRACE:
            return known[operand.index]
        return operand.dtype.minimum, operand.dtype.maximum

    if node.opcode in (Opcode.COPY, Opcode.MAXPOOL, Opcode.MAX):
        return of(node.operands[0])
    if node.opcode is Opcode.CONCAT:
        hull = [of(operand) for operand in node.operands]
        return min(low for low, _ in hull), max(high for _, high in hull)
    if node.opcode in (Opcode.LUT, Opcode.TREES):
        return node.dtype.minimum, node.dtype.maximum
    if node.opcode is Opcode.ARGMAX:
        return 0, node.attributes[0] - 1
    sums = _public_sum(node, [_minus(of(operand), operand.zero_point) for operand in node.operands])
    if sums is None:
        return node.low, node.high
    rounding = 1 << (node.shift - 1) if node.shift else 0
    reached = [((bound + rounding) >> node.shift) + node.zero_point for bound in sums]
    return min(max(reached[0], node.low), node.high), min(max(reached[1], node.low), node.high)


def _minus(interval: Interval, zero_point: int) -> Interval:
    return interval[0] - zero_point, interval[1] - zero_point


def _times(interval: Interval, factor: int) -> Interval:
    ends = interval[0] * factor, interval[1] * factor
    return min(ends), max(ends)


def _public_sum(node: Node, operands: list[Interval]) -> Interval | None:
    """The interval of what a node requantises, where its factors are public."""
    terms: list[Interval]
    match node.opcode:
        case Opcode.ADD:
            terms = [_times(operands[0], node.multiplier), _times(operands[1], node.multiplier2)]
        case Opcode.SUM:
            terms = [_times(_times(operands[0], node.attributes[0]), node.multiplier)]
        case Opcode.REQUANT if len(operands) == 1:
            terms = [_times(operands[0], node.multiplier)]
        case Opcode.ACCUMULATE if not node.attributes[1]:
            terms = [_times(operand, node.multiplier) for operand in operands]
        case _:
            return None
    return sum(low for low, _ in terms), sum(high for _, high in terms)
