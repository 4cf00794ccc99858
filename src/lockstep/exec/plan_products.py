"""Plans MATMUL and CONV: lays out the weights, folds zero points into biases, and shares the pixels or the outputs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.exec import products
from lockstep.exec.plan import NATIVE, Array, Planner, numbers_of
from lockstep.exec.product_plan import (
    Integers,
    Patches,
    Rectangle,
    cut_terms,
    describe_products,
    lay_out_terms,
    part_of,
    weights_of,
)
from lockstep.exec.workers import Call
from lockstep.ir.graph import Node
from lockstep.ir.ops import OperandKind

MAXIMUM_TERMS = 8
BLOCK_VALUES = 98_304
"""Patch values that a block of rows holds: 384 KiB of binary32, which stays in a second-level cache of 512 KiB."""
FEWEST_ROWS = 192
"""A product packs its weights once a block, so a block has rows enough to pay for that."""
SMALLEST_PRODUCT = 3_000_000
"""Multiplications that are worth a second thread: about 80 µs, twice what handing over costs."""
LONGEST_RUN = 256
"""Channels that one inner loop of requantisation runs over at least, where it can: short loops are mostly overhead."""
FEWEST_PIXELS = 128
"""With fewer pixels a thread, the outputs are shared out instead: packing weights would cost more than the product."""


@dataclass(frozen=True)
class Arithmetic:
    """Types of a product, of the sum of its terms and of biases, of multipliers, and of results that kernels write.

    The product's type represents all integers up to ``exact``.
    """

    product: np.dtype[np.generic]
    sums: np.dtype[np.signedinteger]
    multiplier: np.dtype[np.generic]
    results: tuple[np.dtype[np.signedinteger], ...]
    exact: int


I8, I16, I32, I64 = (np.dtype(f"int{width}") for width in (8, 16, 32, 64))
F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
BINARY32 = Arithmetic(F32, I32, F64, (I8, I32), 1 << 24)
BINARY64 = Arithmetic(F64, I64, I64, (I16, I64), 1 << 53)
INT64 = Arithmetic(I64, I64, I64, (I64,), 1 << 63)


@dataclass(frozen=True, eq=False)
class Channels:
    """What is added to and multiplied with the sum of each output."""

    bias: Integers
    multiplier: Integers


@dataclass(frozen=True, eq=False)
class Part:
    """Some outputs of some pixels: terms and weights as ``product_plan.lay_out_terms`` gives them."""

    terms: Integers
    weights: NDArray[np.generic]
    channels: Channels
    outputs: slice
    pixels: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Product:
    """One product between one source and one result, both flat from the first element that it uses."""

    node: Node
    patches: Patches
    source: Array
    result: Array


def plan_product(planner: Planner, node: Node, target: Array) -> None:
    """All calls of a MATMUL or CONV."""
    x = planner.operand(node.operands[0])
    source = x if node.operands[0].dtype in NATIVE else planner.widened(x)
    for patches, w_first in describe_products(node):
        product = Product(node, patches, source[patches.x_first :], target[patches.out_first :][: patches.elements])
        if node.operands[1].kind is OperandKind.WEIGHT:
            _plan_constant(planner, product, w_first)
        else:
            _plan_computed(planner, product, w_first)


def _channels(planner: Planner, node: Node, outputs: int) -> Channels:
    if len(node.operands) == 2:
        return Channels(np.zeros(outputs, np.int64), np.full(outputs, node.multiplier, np.int64))
    table = planner.table(node.operands[2])[:outputs]
    return Channels(table[:, 0].copy(), table[:, 1].copy())


def _plan_constant(planner: Planner, product: Product, w_first: int) -> None:
    """Weights known now: −zx·Σw goes into the bias, and large sums are cut into exact terms."""
    node, patches = product.node, product.patches
    weights = weights_of(node, planner.operand(node.operands[1]), w_first)
    given = _channels(planner, node, patches.outputs)
    sums = part_of(weights, patches.kernel).sum(axis=(1, 2, 3))
    channels = Channels(given.bias - node.operands[0].zero_point * sums, given.multiplier)
    arithmetic, terms = _choose(product, weights, channels)
    result = _result(product, arithmetic)
    calls, laid_out = [], {}
    for outputs, pixels in _share(planner, product):
        if outputs.start not in laid_out:
            numbers, values = lay_out_terms(weights[outputs], terms, patches.groups)
            laid_out[outputs.start] = numbers, values.astype(arithmetic.product)
        part = Channels(channels.bias[outputs], channels.multiplier[outputs])
        calls.append(_bind(product, arithmetic, Part(*laid_out[outputs.start], part, outputs, pixels), result))
    planner.share_calls(calls)
    _deliver(planner, product, result)


def _result(product: Product, arithmetic: Arithmetic) -> Array:
    """Where the kernel writes: the result itself if it has a type that the arithmetic's kernels are made for."""
    if product.result.dtype in arithmetic.results:
        return product.result
    return np.empty(product.result.shape, arithmetic.results[-1])


def _deliver(planner: Planner, product: Product, result: Array) -> None:
    if result is not product.result:
        planner.call(np.copyto, product.result, result, "unsafe")


def _choose(product: Product, weights: Integers, channels: Channels) -> tuple[Arithmetic, list[Rectangle]]:
    """The fastest arithmetic in which every sum is exact, and the terms that it needs."""
    kernel = product.patches.kernel
    largest = 1 << (8 * product.source.itemsize - 1)
    total = largest * int(np.abs(part_of(weights, kernel)).sum(axis=(1, 2, 3)).max())
    fits = total + int(np.abs(channels.bias).max()) < 1 << 31
    if product.source.itemsize == 1 and fits and _clamps_before_rounding(product.node):
        try:
            terms = cut_terms(weights, kernel, BINARY32.exact // largest)
        except OverflowError:
            terms = []
        if 0 < len(terms) <= MAXIMUM_TERMS:
            return BINARY32, terms
    return (BINARY64 if total <= BINARY64.exact else INT64), [kernel]


def _clamps_before_rounding(node: Node) -> bool:
    """Every product from 2^53 on, where binary64 may round it, is past the clamp after the shift."""
    furthest = max(abs(node.low - node.zero_point), abs(node.high - node.zero_point)) + 2
    return furthest << node.shift <= BINARY64.exact


def _plan_computed(planner: Planner, product: Product, w_first: int) -> None:
    """Weights that another node makes: laid out anew in every run, with the bias that belongs to them."""
    node, patches = product.node, product.patches
    operand = planner.operand(node.operands[1])
    given = _channels(planner, node, patches.outputs)
    numbers, values = lay_out_terms(weights_of(node, operand, w_first), [patches.kernel], patches.groups)
    arithmetic = _choose_for_any(product, int(numbers[0, 5]))
    weights, bias = values.astype(arithmetic.product), given.bias.astype(np.int64)

    def refresh() -> None:
        current = weights_of(node, operand, w_first)
        weights[:] = lay_out_terms(current, [patches.kernel], patches.groups)[1]
        sums = part_of(current, patches.kernel).sum(axis=(1, 2, 3))
        bias[:] = given.bias - node.operands[0].zero_point * sums

    planner.call(refresh)
    everything, result = slice(0, patches.outputs), _result(product, arithmetic)
    part = Part(numbers, weights, Channels(bias, given.multiplier), everything, (0, patches.pixels))
    planner.share_calls([_bind(product, arithmetic, part, result)])
    _deliver(planner, product, result)


def _choose_for_any(product: Product, length: int) -> Arithmetic:
    """As ``_choose`` for weights of which only the type is known."""
    operand = product.node.operands[1]
    largest = (1 << (operand.dtype.width - 1)) + abs(operand.zero_point)
    total = length * largest << (8 * product.source.itemsize - 1)
    return BINARY64 if total <= BINARY64.exact else INT64


def _share(planner: Planner, product: Product) -> list[tuple[slice, tuple[int, int]]]:
    """Which outputs and pixels each thread computes: pixels are shared if there are many, else outputs."""
    patches, kernel = product.patches, product.patches.kernel
    length = (kernel.end_row - kernel.first_row) * patches.kernel_width * (kernel.end_channel - kernel.first_channel)
    cost = length * patches.outputs
    everything = slice(0, patches.outputs), (0, patches.pixels)
    if patches.pixels * cost < SMALLEST_PRODUCT or planner.workers.threads == 1:
        return [everything]
    if patches.pixels >= FEWEST_PIXELS * planner.workers.threads:
        return [(everything[0], pixels) for pixels in planner.workers.split(patches.pixels, smallest=FEWEST_PIXELS)]
    if patches.groups > 1:
        return [everything]
    return [
        (slice(*bounds), everything[1]) for bounds in planner.workers.split(patches.outputs, smallest=16, parts_each=1)
    ]


def _bind(product: Product, arithmetic: Arithmetic, part: Part, result: Array) -> Call:
    """A kernel with weights, numbers and buffers of its own, for some outputs of some pixels."""
    node, patches, (start, stop) = product.node, product.patches, part.pixels
    longest, outputs = int(part.terms[:, 5].max()), part.outputs.stop - part.outputs.start
    rows = min(stop - start, max(FEWEST_ROWS, BLOCK_VALUES // longest))
    geometry = patches.geometry(fill=node.operands[0].zero_point, outputs=part.outputs, block_rows=rows)
    kernel: Callable[..., object] = products.multiply_patches
    weights = part.weights.astype(arithmetic.product, copy=False)
    if _is_depthwise(patches, part.terms, arithmetic):
        kernel, rows = products.convolve_depthwise, 1
        weights = weights.reshape(patches.channels, -1).T.astype(arithmetic.sums).reshape(-1)
    buffers = (
        np.empty(rows * longest, arithmetic.product),
        np.empty(rows * outputs, arithmetic.product),
        np.empty(rows * outputs, arithmetic.sums),
    )
    channels = _typed(patches, part, arithmetic)
    arguments = (product.source, geometry, part.terms, weights, *channels, numbers_of(node), scales_of(node))
    return kernel, (start, stop, *arguments, *buffers, result)


def _typed(patches: Patches, part: Part, arithmetic: Arithmetic) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """Biases and multipliers in the arithmetic's types; few channels are repeated, so that a run of them is long."""
    bias = part.channels.bias.astype(arithmetic.sums, copy=False)
    multiplier = part.channels.multiplier.astype(arithmetic.multiplier, copy=False)
    if arithmetic is BINARY32 and len(bias) == patches.outputs and patches.groups == 1:
        copies = max(1, LONGEST_RUN // len(bias))
        return np.tile(bias, copies), np.tile(multiplier, copies)
    return bias, multiplier


def scales_of(node: Node) -> NDArray[np.float64]:
    """A node's numbers as ``products.SCALES`` names them."""
    rounding = 2.0 ** (node.shift - 1) if node.shift else 0.0
    return np.array((rounding, 2.0**-node.shift, node.low - node.zero_point, node.high - node.zero_point), np.float64)


def _is_depthwise(patches: Patches, terms: Integers, arithmetic: Arithmetic) -> bool:
    own_kernels = patches.groups == patches.channels == patches.outputs > 1
    return own_kernels and patches.group_channels == 1 and len(terms) == 1 and arithmetic is BINARY32
