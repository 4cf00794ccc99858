"""SUM and AVGPOOL: sums as products with ones; averages divide by how many taps lie inside the image."""

from dataclasses import replace

from lockstep.proof.arithmetise.context import Context
from lockstep.proof.arithmetise.expressions import Affine, Part, Place
from lockstep.proof.arithmetise.loops import Coordinate, flat
from lockstep.proof.arithmetise.requantise import Divisor
from lockstep.proof.arithmetise.windows import Window


def arithmetise_sum_of_run(context: Context, number: int) -> None:
    """``rq(Σ_{k<L} (x[x0 + e·xs + k] − zx); m)``."""
    node = context.graph.nodes[number]
    length, stride, offset = node.attributes[:3]
    x = node.operands[0]
    access = flat(x.elements, {"run": stride, "k": 1}, offset)
    read = context.read({"run": node.elements}, [(context.activation(x), access)], {"k": length}, number=number)
    inner = read.loops("k")
    product = (inner, context.value(read, 0) * node.multiplier, context.assembler.ones(inner))
    context.commit(number, read, Affine(), [product])


def arithmetise_average_pool(context: Context, number: int) -> None:
    """``clamp(⌊(S·m + n·2^(s−1)) / (n·2^s)⌋ + z)`` with n taps."""
    node = context.graph.nodes[number]
    window = Window.of(node)
    taps = {"u": window.kernel[0], "v": window.kernel[1]}
    read = context.read(
        window.outer, [(context.activation(node.operands[0]), window.taps("u", "v"))], taps, number=number
    )
    inner = read.loops("u", "v")
    product = (inner, context.value(read, 0) * node.multiplier, context.assembler.ones(inner))
    most = window.kernel[0] * window.kernel[1]
    ending = replace(context.ending(number), divisor=most << node.shift)
    half = 1 << (node.shift - 1)
    if node.attributes[5] or not window.reaches_outside:
        block = context.requantiser.apply(read.result, ending, Affine((), most * half), [product])
    else:
        image = (window.rows("u"), window.columns("v"))
        count = _count(context, image)
        several = [
            _count(context, (window.rows(u), window.columns(v)))
            for u in range(window.kernel[0])
            for v in range(window.kernel[1])
        ]
        total = sum(several, Affine())
        divisor = Divisor(inner, count, total * (1 << node.shift), 1 << node.shift)
        block = context.requantiser.apply(read.result, ending, total * half, [product], divisor)
    context.define(number, read, block)


def _count(context: Context, image: tuple[Coordinate, Coordinate]) -> Affine:
    """1 where a tap lies inside the image."""
    block = context.assembler.ones({str(n): coordinate.extent for n, coordinate in enumerate(image)}).parts[0].block
    places = []
    for coordinate in image:
        (first, stride), (second, dilation) = (*coordinate.steps.items(), ("", 1))[:2]
        places.append(Place(first, stride, second, dilation, coordinate.offset))
    return Affine((Part(1, block, tuple(places)),))
