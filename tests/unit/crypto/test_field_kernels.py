"""Compiled field arithmetic gives what plain integers give, for words that are not reduced too."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from lockstep.crypto import field_kernels as kernels
from lockstep.crypto.goldilocks import MODULUS, add, multiply
from tests.unit.crypto.field_words import EDGES, elements, words


@njit
def _binary(a, b):  # type: ignore[no-untyped-def]
    return kernels.plus(a, b), kernels.minus(a, b), kernels.times(a, b), kernels.canonical(a)


@njit
def _two_products(a, b, c, d, e):  # type: ignore[no-untyped-def]
    return kernels.two_products(a, b, c, d, e)


@njit
def _sum_of_products(values):  # type: ignore[no-untyped-def]
    low, middle, high = np.uint64(0), np.uint64(0), np.uint64(0)
    for i in range(values.shape[0]):
        low, middle, high = kernels.accumulate(low, middle, high, values[i, 0], values[i, 1])
    return kernels.reduce_wide(low, middle, high)


@njit
def _extension(a0, a1, b0, b1, c0, c1):  # type: ignore[no-untyped-def]
    return kernels.multiply_extension(a0, a1, b0, b1), kernels.multiply_add_extension(a0, a1, b0, b1, c0, c1)


@njit
def _swap(a):  # type: ignore[no-untyped-def]
    return kernels.swap_bytes(a)


def test_every_pair_of_edges() -> None:
    for a, b in product(EDGES, repeat=2):
        total, difference, times, residue = (int(x) for x in _binary(np.uint64(a), np.uint64(b)))
        assert (total - a - b) % MODULUS == 0, (a, b)
        assert (difference - a + b) % MODULUS == 0, (a, b)
        assert (times - a * b) % MODULUS == 0, (a, b)
        assert residue == a % MODULUS


def test_every_five_edges_as_two_products() -> None:
    for five in product(EDGES, EDGES, EDGES, EDGES, (0, MODULUS, 2**64 - 1)):
        a, b, c, d, e = five
        assert (int(_two_products(*map(np.uint64, five))) - a * b - c * d - e) % MODULUS == 0, five


@given(words, words)
def test_sum_difference_product_and_residue(a: int, b: int) -> None:
    total, difference, product, residue = (int(x) for x in _binary(np.uint64(a), np.uint64(b)))
    assert total % MODULUS == (a + b) % MODULUS
    assert difference % MODULUS == (a - b) % MODULUS
    assert product % MODULUS == a * b % MODULUS
    assert residue == a % MODULUS


@given(words, words, words, words, words)
def test_two_products_and_a_summand(a: int, b: int, c: int, d: int, e: int) -> None:
    result = int(_two_products(*(np.uint64(x) for x in (a, b, c, d, e))))
    assert result % MODULUS == (a * b + c * d + e) % MODULUS


@given(st.lists(elements, min_size=1, max_size=300))
def test_sum_of_products_reduced_once(pairs: list[tuple[int, int]]) -> None:
    result = int(_sum_of_products(np.array(pairs, dtype=np.uint64)))
    assert result % MODULUS == sum(a * b for a, b in pairs) % MODULUS


@given(elements, elements, elements)
def test_extension_products(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> None:
    product, total = _extension(*(np.uint64(x) for x in (*a, *b, *c)))
    assert tuple(int(x) % MODULUS for x in product) == multiply(a, b)
    assert tuple(int(x) % MODULUS for x in total) == add(multiply(a, b), c)


@given(words)
def test_bytes_are_swapped(a: int) -> None:
    assert int(_swap(np.uint64(a))) == int.from_bytes(a.to_bytes(8, "little"), "big")
