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
FEWEST_PIXELS = 128
"""With fewer pixels a thread, the outputs are shared out instead: packing weights would cost more than the product."""


@dataclass(frozen=True)
class Arithmetic:
    """Types that a sum is exact in: of the product, of the sum of its terms; up to ``exact`` all integers are."""

    product: np.dtype[np.generic]
    sums: np.dtype[np.signedinteger]
    exact: int


BINARY32 = Arithmetic(np.dtype(np.float32), np.dtype(np.int32), 1 << 24)
BINARY64 = Arithmetic(np.dtype(np.float64), np.dtype(np.int64), 1 << 53)
INT64 = Arithmetic(np.dtype(np.int64), np.dtype(np.int64), 1 << 63)


@dataclass(frozen=True, eq=False)
class Channels:
    """What is added to and multiplied with the sum of each output."""

    bias: Integers
    multiplier: Integers


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
    is_direct = target.dtype == np.int64 or source.dtype == target.dtype
    result = target if is_direct else np.empty(target.shape, np.int64)
    for patches, w_first in describe_products(node):
        product = Product(node, patches, source[patches.x_first :], result[patches.out_first :])
        if node.operands[1].kind is OperandKind.WEIGHT:
            _plan_constant(planner, product, w_first)
        else:
            _plan_computed(planner, product, w_first)
    if not is_direct:
        planner.call(np.copyto, target, result, "unsafe")


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
    calls = []
    for outputs, pixels in _share(planner, product):
        numbers, values = lay_out_terms(weights[outputs], terms, patches.groups)
        part = Channels(channels.bias[outputs], channels.multiplier[outputs])
        calls.append(_bind(product, arithmetic, numbers, values, part, outputs.start, pixels))
    planner.share_calls(calls)


def _choose(product: Product, weights: Integers, channels: Channels) -> tuple[Arithmetic, list[Rectangle]]:
    """The fastest arithmetic in which every sum is exact, and the terms that it needs."""
    kernel = product.patches.kernel
    largest = 1 << (8 * product.source.itemsize - 1)
    total = largest * int(np.abs(part_of(weights, kernel)).sum(axis=(1, 2, 3)).max())
    if product.source.itemsize == 1 and total + int(np.abs(channels.bias).max()) < 1 << 31:
        try:
            terms = cut_terms(weights, kernel, BINARY32.exact // largest)
        except OverflowError:
            terms = []
        if 0 < len(terms) <= MAXIMUM_TERMS and int(np.abs(channels.multiplier).max()) < 1 << 31:
            return BINARY32, terms
    return (BINARY64 if total <= BINARY64.exact else INT64), [kernel]


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
    channels = Channels(bias, given.multiplier)
    everything = [(outputs, pixels) for outputs, pixels in _share(planner, product) if outputs.start == 0]
    whole = [(slice(0, patches.outputs), pixels) for _, pixels in everything]
    calls = [_bind(product, arithmetic, numbers, weights, channels, 0, pixels) for _, pixels in whole]
    planner.share_calls(calls)


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
    return [(slice(*bounds), everything[1]) for bounds in planner.workers.split(patches.outputs, smallest=16)]


def _bind(
    product: Product,
    arithmetic: Arithmetic,
    terms: Integers,
    weights: NDArray[np.generic],
    channels: Channels,
    first_output: int,
    pixels: tuple[int, int],
) -> Call:
    """A kernel with weights, numbers and buffers of its own, for some outputs of some pixels."""
    node, patches = product.node, product.patches
    lengths, width = terms[:, 5], len(channels.bias) // patches.groups
    rows = min(pixels[1] - pixels[0], max(FEWEST_ROWS, BLOCK_VALUES // int(lengths.max())))
    fill = node.operands[0].zero_point
    geometry = patches.geometry(fill=fill, groups=patches.groups, first_output=first_output, block_rows=rows)
    kernel: Callable[..., object] = products.multiply_patches
    weights = weights.astype(arithmetic.product, copy=False)
    if _is_depthwise(patches, terms, arithmetic):
        kernel = products.convolve_depthwise
        weights = weights.reshape(patches.channels, -1).T.astype(arithmetic.sums).reshape(-1)
        rows, width = 1, patches.channels
    buffers = (
        np.empty(rows * int(lengths.max()), arithmetic.product),
        np.empty(rows * width, arithmetic.product),
        np.empty(rows * width, arithmetic.sums),
    )
    bias, multiplier = (values.astype(arithmetic.sums, copy=False) for values in (channels.bias, channels.multiplier))
    numbers = numbers_of(node)
    arguments = (product.source, geometry, terms, weights, bias, multiplier, numbers, *buffers, product.result)
    return kernel, (*pixels, *arguments)


def _is_depthwise(patches: Patches, terms: Integers, arithmetic: Arithmetic) -> bool:
    own_kernels = patches.groups == patches.channels == patches.outputs > 1
    return own_kernels and patches.group_channels == 1 and len(terms) == 1 and arithmetic is not BINARY64
