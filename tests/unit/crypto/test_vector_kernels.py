"""Compiled vector operations against their definitions in plain elements."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.crypto import vector_kernels as kernels
from lockstep.crypto.goldilocks import MODULUS, ZERO, Element, add, equality_bits, multiply, power, scale
from lockstep.crypto.vector_kernels import Words, to_elements
from tests.unit.crypto.field_words import elements, vectors, words

pairs = vectors(4, 4)


def total(values: list[Element]) -> Element:
    result = ZERO
    for value in values:
        result = add(result, value)
    return result


@given(st.lists(elements, max_size=4))
def test_equality_table(point: list[Element]) -> None:
    table = to_elements(kernels.equality_table(point))
    assert table == [equality_bits([(a % MODULUS, b % MODULUS) for a, b in point], i) for i in range(1 << len(point))]


@given(elements, st.integers(1, 6))
def test_powers(z: Element, count: int) -> None:
    found = to_elements(kernels.powers(np.uint64(z[0]), np.uint64(z[1]), count))
    assert found == [power((z[0] % MODULUS, z[1] % MODULUS), i) for i in range(count)]


@given(pairs, pairs, elements)
def test_products_and_sums(a: Words, b: Words, c: Element) -> None:
    first, second = to_elements(a), to_elements(b)
    constant = c[0] % MODULUS, c[1] % MODULUS
    assert kernels.to_element(kernels.dot(a, b)) == total([multiply(x, y) for x, y in zip(first, second, strict=True)])
    base = np.ascontiguousarray(b[:, 0])
    assert kernels.to_element(kernels.dot_base(a, base)) == total(
        [scale(x, int(y)) for x, y in zip(first, base, strict=True)]
    )
    for name, arguments, expected in (
        ("scale_in_place", (np.uint64(c[0]), np.uint64(c[1])), [multiply(x, constant) for x in first]),
        ("multiply_in_place", (b,), [multiply(x, y) for x, y in zip(first, second, strict=True)]),
        ("add_in_place", (b,), [add(x, y) for x, y in zip(first, second, strict=True)]),
        (
            "add_scaled",
            (b, np.uint64(c[0]), np.uint64(c[1])),
            [add(x, multiply(constant, y)) for x, y in zip(first, second, strict=True)],
        ),
    ):
        changed = a.copy()
        getattr(kernels, name)(changed, *arguments)
        assert to_elements(changed) == expected, name


@given(vectors(3, 3), vectors(2, 2), vectors(6, 6))
def test_outer_product_is_added(a: Words, b: Words, start: Words) -> None:
    out = start.reshape(3, 2, 2).copy()
    kernels.outer_add(out, a, b)
    expected = [
        add(s, multiply(x, y))
        for s, (x, y) in zip(to_elements(start), [(x, y) for x in to_elements(a) for y in to_elements(b)], strict=True)
    ]
    assert to_elements(out.reshape(-1, 2)) == expected


@given(st.lists(words, min_size=6, max_size=6), pairs, words, elements)
def test_rows_powers_and_base_vectors(base: list[int], weights: Words, x: int, c: Element) -> None:
    columns = np.array(base, dtype=np.uint64).reshape(3, 2)
    out = np.zeros((3, 2), np.uint64)
    kernels.combine_rows(columns, weights[:2], out)
    of = to_elements(weights[:2])
    assert to_elements(out) == [total([scale(of[i], int(row[i])) for i in range(2)]) for row in columns]
    out = weights.copy()
    kernels.add_powers(out, np.uint64(x), np.uint64(c[0]), np.uint64(c[1]))
    constant = c[0] % MODULUS, c[1] % MODULUS
    expected = [add(start, scale(constant, pow(x, j, MODULUS))) for j, start in enumerate(to_elements(weights))]
    assert to_elements(out) == expected
    sums = np.array(base, dtype=np.uint64)
    kernels.add_scaled_base(sums, np.array(base[::-1], dtype=np.uint64), np.uint64(x))
    assert sums.tolist() == [(a + b * x) % MODULUS for a, b in zip(base, base[::-1], strict=True)]


@given(st.lists(words, min_size=12, max_size=12), vectors(6, 6), vectors(12, 12))
def test_contractions(base: list[int], matrix: Words, values: Words) -> None:
    weights = matrix.reshape(2, 3, 2)
    tensor, out = np.array(base, dtype=np.uint64).reshape(2, 3, 2), np.zeros((2, 2, 2, 2), np.uint64)
    kernels.contract_base(tensor, weights, out)
    wide, wide_out = values.reshape(2, 3, 2, 2), np.zeros((2, 2, 2, 2), np.uint64)
    kernels.contract(wide, weights, wide_out)
    for p, u, q in np.ndindex(2, 2, 2):
        row = to_elements(weights[u])
        assert kernels.to_element(out[p, u, q]) == total([scale(w, int(tensor[p, y, q])) for y, w in enumerate(row)])
        column = to_elements(np.ascontiguousarray(wide[p, :, q]))
        assert kernels.to_element(wide_out[p, u, q]) == total(
            [multiply(w, c) for w, c in zip(row, column, strict=True)]
        )


@given(vectors())
def test_canonical_words_are_residues(a: Words) -> None:
    changed = a.copy()
    kernels.canonicalise(changed)
    assert changed.tolist() == (a % np.uint64(MODULUS)).tolist()


@pytest.mark.parametrize("value", [0, 1, -1, 2**40, -(2**40), 2**62, -(2**62)])
def test_signed_integers_become_residues(value: int) -> None:
    assert kernels.from_signed(np.array([value])).tolist() == [value % MODULUS]
