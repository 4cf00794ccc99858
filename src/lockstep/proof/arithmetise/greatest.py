"""MAXPOOL: the greatest along the columns of a window, then along its rows, two values at a time."""

from dataclasses import replace

from lockstep.ir.ops import OperandKind
from lockstep.proof.arithmetise.assembler import Tensor
from lockstep.proof.arithmetise.context import Context
from lockstep.proof.arithmetise.expressions import Affine
from lockstep.proof.arithmetise.loops import Access, Coordinate, Extents
from lockstep.proof.arithmetise.recipes import Greatest
from lockstep.proof.arithmetise.windows import Window


def arithmetise_max_pool(context: Context, number: int) -> None:
    """Two passes over the image, each along one side of the window."""
    node = context.graph.nodes[number]
    window = Window.of(node)
    width, channels = window.result[1], window.channels
    across = {"image": window.images, "row": window.height, "x": width, "channel": channels}
    rows = Coordinate(window.height, window.width * channels, {"row": 1})
    channel = Coordinate(channels, 1, {"channel": 1})
    columns = [window.columns(tap) for tap in range(window.kernel[1])]
    tensor = context.source_tensor(node.operands[0])
    tensor = _greatest(context, across, tensor, [(*window.image, rows, column, channel) for column in columns])
    image = Coordinate(window.images, window.height * width * channels, {"image": 1})
    place = Coordinate(width, channels, {"x": 1})
    down = [replace(window.rows(tap), stride=width * channels) for tap in range(window.kernel[0])]
    tensor = _greatest(context, window.outer, tensor, [(image, row, place, channel) for row in down])
    context.tensors[OperandKind.TRACE, number] = tensor


def _greatest(context: Context, outer: Extents, tensor: Tensor, accesses: list[Access]) -> Tensor:
    """The greatest of several views of a tensor, relative to the least value: outside the image it is 0, no winner."""
    read = context.read(outer, [(tensor, access) for access in accesses])
    views = [_raised(context, value, tensor.low) for value in read.values if value is not None]
    span = tensor.high - tensor.low
    best = views[0]
    for view in views[1:]:
        best = greater(context, read.result, best, view, span)
    if len(views) == 1:
        best = context.committed_copy(read.result, best)
    return Tensor(best.parts[0].block, read.axes, tensor.zero_point + tensor.low, 0, span)


def _raised(context: Context, value: Affine, low: int) -> Affine:
    """``value − low`` where the value exists, 0 outside."""
    return value - Affine(tuple(context.assembler.ones_like(part) for part in value.parts)) * low if low else value


def greater(context: Context, loops: Extents, a: Affine, b: Affine, span: int) -> Affine:
    """Commits max(a, b) of values in 0 … span."""
    assembler, ranges = context.assembler, context.ranges
    amounts = (assembler.amount(loops, a), assembler.amount(loops, b))
    result = assembler.over(loops, Greatest(amounts))
    bits = span.bit_length() + 1
    if bits <= ranges.clamp_bits:
        ranges.clamp(loops, a - b, bits, result - b, low=0, high=span)
        return result
    # Neither is greater than the result, and one equals it.
    for value in (a, b):
        ranges.check(loops, result - value, bits - 1)
    assembler.group(loops, Affine(), [({}, result - a, result - b)])
    return result
