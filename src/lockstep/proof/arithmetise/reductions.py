"""SUM and AVGPOOL: sums as products with ones; averages divide by how many taps lie inside the image."""

from dataclasses import replace
from itertools import product

from lockstep.proof.arithmetise.context import Context, Read
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
    summed = (inner, context.value(read, 0) * node.multiplier, context.assembler.ones(inner))
    context.commit(number, read, Affine(), [summed])


def arithmetise_average_pool(context: Context, number: int) -> None:
    """``clamp(⌊(S·m + n·2^(s−1)) / (n·2^s)⌋ + z)`` with n taps."""
    node = context.graph.nodes[number]
    window = Window.of(node)
    taps = {"u": window.kernel[0], "v": window.kernel[1]}
    read = context.read(
        window.outer, [(context.activation(node.operands[0]), window.taps("u", "v"))], taps, number=number
    )
    inner = read.loops("u", "v")
    summed = (inner, context.value(read, 0) * node.multiplier, context.assembler.ones(inner))
    most = window.kernel[0] * window.kernel[1]
    ending = replace(context.ending(number), divisor=most << node.shift)
    half = 1 << (node.shift - 1)
    if node.attributes[5] or not window.reaches_outside:
        block = context.requantiser.apply(read.result, ending, Affine((), most * half), [summed])
    else:
        divisor = _divisor(context, read, window, 1 << node.shift)
        rounding = _divisor(context, read, window, half).value
        block = context.requantiser.apply(read.result, ending, rounding, [summed], divisor)
    context.define(number, read, block)


def _divisor(context: Context, read: Read, window: Window, factor: int) -> Divisor:
    """``factor`` times the taps inside the image: along a side where all are, their number is a factor too."""
    every = {**window.outer, "u": window.kernel[0], "v": window.kernel[1]}
    sides = [(window.rows("u"), "u"), (window.columns("v"), "v")]
    for axis, (coordinate, _) in enumerate(sides):
        factor *= 1 if coordinate.leaves(every) else window.kernel[axis]
    sides = [(coordinate, tap) for coordinate, tap in sides if coordinate.leaves(every)]
    value = Affine()
    for taps in product(*(range(every[tap]) for _, tap in sides)):
        fixed = [_at(coordinate, tap, number) for (coordinate, tap), number in zip(sides, taps, strict=True)]
        value += _inside(context, read, fixed)
    inner = read.loops(*(tap for _, tap in sides))
    return Divisor(inner, _inside(context, read, [coordinate for coordinate, _ in sides]), value * factor, factor)


def _at(coordinate: Coordinate, tap: str, number: int) -> Coordinate:
    """The coordinate with one tap chosen."""
    steps = {name: step for name, step in coordinate.steps.items() if name != tap}
    return replace(coordinate, steps=steps, offset=coordinate.offset + number * coordinate.steps[tap])


def _inside(context: Context, read: Read, image: list[Coordinate]) -> Affine:
    """1 where a tap lies inside the image."""
    block = context.assembler.ones({str(n): coordinate.extent for n, coordinate in enumerate(image)}).parts[0].block
    places = []
    for coordinate in image:
        steps = {name: step for name, step in coordinate.steps.items() if name in read.reading.loops}
        (first, stride), (second, dilation) = (*steps.items(), ("", 1), ("", 1))[:2]
        places.append(Place(first, stride, second, dilation, coordinate.offset))
    return Affine((Part(1, block, tuple(places)),))
