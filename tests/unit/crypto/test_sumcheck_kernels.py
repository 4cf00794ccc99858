"""Rounds of the sumchecks: the coefficients are those of the polynomial that the definition gives."""

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lockstep.crypto import sumcheck_kernels as kernels
from lockstep.crypto.goldilocks import MODULUS, ZERO, Element, add, embed, multiply, negate, scale, subtract
from lockstep.crypto.vector_kernels import Words, to_element, to_elements
from tests.unit.crypto.field_words import elements, vectors, words

HALF = 3
table = vectors(2 * HALF, 2 * HALF)


def at(values: Words, place: int) -> list[Element]:
    """The table with its top variable set to an integer."""
    low, high = to_elements(values[:HALF]), to_elements(values[HALF:])
    return [add(a, scale(subtract(b, a), place)) for a, b in zip(low, high, strict=True)]


def summed(place: int, term: Callable[..., Element], *tables: Words) -> Element:
    result = ZERO
    for values in zip(*(at(one, place) for one in tables), strict=True):
        result = add(result, term(*values))
    return result


def quadratic_leading(term: Callable[..., Element], *tables: Words) -> Element:
    """c2 of g = c0 + c1 X + c2 X²: (g(1) + g(−1))/2 − g(0)."""
    both = add(summed(1, term, *tables), summed(-1, term, *tables))
    return subtract(scale(both, (MODULUS + 1) // 2), summed(0, term, *tables))


@given(table, table)
def test_quadratic_round(w: Words, f: Words) -> None:
    found = kernels.quadratic_round(w[:HALF], w[HALF:], f[:HALF], f[HALF:])
    assert to_element(found[:2]) == summed(0, multiply, w, f)
    assert to_element(found[2:]) == quadratic_leading(multiply, w, f)


@given(table, st.lists(words, min_size=2 * HALF, max_size=2 * HALF))
def test_quadratic_round_over_the_base_field(w: Words, base: list[int]) -> None:
    f = np.array(base, dtype=np.uint64)
    embedded = np.stack([f, np.zeros_like(f)], axis=1)
    found = kernels.quadratic_round_base(w[:HALF], w[HALF:], f[:HALF], f[HALF:])
    assert to_element(found[:2]) == summed(0, multiply, w, embedded)
    assert to_element(found[2:]) == quadratic_leading(multiply, w, embedded)


@given(table, table, table)
def test_cubic_round(u: Words, w: Words, f: Words) -> None:
    def term(a: Element, b: Element, c: Element) -> Element:
        return multiply(a, multiply(b, c))

    found = kernels.cubic_round(u, w, f, HALF)
    zero, leading, minus_one = (to_element(found[k : k + 2]) for k in (0, 2, 4))
    assert (zero, minus_one) == (summed(0, term, u, w, f), summed(-1, term, u, w, f))
    third = ZERO  # third difference of a cubic is 6 c3
    for place, factor in ((2, 1), (1, -3), (0, 3), (-1, -1)):
        third = add(third, scale(summed(place, term, u, w, f), factor))
    assert scale(leading, 6) == third


@given(table, table, table, table, vectors(HALF, HALF), elements)
def test_fraction_round(n0: Words, n1: Words, d0: Words, d1: Words, eq: Words, combiner: Element) -> None:
    weights = np.concatenate([eq, eq])
    lam = combiner[0] % MODULUS, combiner[1] % MODULUS

    def term(a: Element, b: Element, c: Element, d: Element, e: Element) -> Element:
        return multiply(e, add(multiply(add(a, multiply(lam, c)), d), multiply(b, c)))

    found = kernels.fraction_round(n0, n1, d0, d1, HALF, eq, np.uint64(combiner[0]), np.uint64(combiner[1]))
    tables = n0, n1, d0, d1, weights
    assert to_element(found[:2]) == summed(0, term, *tables)
    assert to_element(found[2:]) == quadratic_leading(term, *tables)


@given(table, table)
def test_fractions_are_added(n: Words, d: Words) -> None:
    above = np.zeros((HALF, 2), np.uint64), np.zeros((HALF, 2), np.uint64)
    kernels.fraction_layer(n, d, *above)
    numerators, denominators = to_elements(n), to_elements(d)
    for i in range(HALF):
        cross = multiply(numerators[i], denominators[HALF + i]), multiply(numerators[HALF + i], denominators[i])
        assert to_element(above[0][i]) == add(*cross)
        assert to_element(above[1][i]) == multiply(denominators[i], denominators[HALF + i])


@given(table, elements, st.lists(words, min_size=2 * HALF, max_size=2 * HALF))
def test_folding_sets_the_top_variable(f: Words, c: Element, base: list[int]) -> None:
    challenge = c[0] % MODULUS, c[1] % MODULUS

    def line(low: Element, high: Element) -> Element:
        return add(low, multiply(challenge, add(high, negate(low))))

    folded = f.copy()
    kernels.fold(folded[:HALF], folded[HALF:], np.uint64(c[0]), np.uint64(c[1]))
    assert to_elements(folded[:HALF]) == [
        line(*p) for p in zip(to_elements(f[:HALF]), to_elements(f[HALF:]), strict=True)
    ]
    values, out = np.array(base, dtype=np.uint64), np.zeros((HALF, 2), np.uint64)
    kernels.fold_base(values[:HALF], values[HALF:], np.uint64(c[0]), np.uint64(c[1]), out)
    assert to_elements(out) == [line(embed(base[i]), embed(base[HALF + i])) for i in range(HALF)]
    halves = f.copy()
    kernels.add_halves(halves, HALF)
    assert to_elements(halves[:HALF]) == [
        add(*p) for p in zip(to_elements(f[:HALF]), to_elements(f[HALF:]), strict=True)
    ]
