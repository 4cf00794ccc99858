"""The plain field: laws of E, roots of unity, the extension's bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.crypto.goldilocks import (
    MODULUS,
    NON_RESIDUE,
    ONE,
    PHI,
    ZERO,
    add,
    decode_element,
    embed,
    encode_elements,
    equality,
    equality_bits,
    invert,
    multilinear,
    multiply,
    negate,
    power,
    root_of_unity,
    scale,
    subtract,
)
from lockstep.errors import ProofError

residues = st.integers(0, MODULUS - 1)
elements = st.tuples(residues, residues)


def test_seven_is_no_square_so_the_extension_is_a_field() -> None:
    assert pow(NON_RESIDUE, (MODULUS - 1) // 2, MODULUS) == MODULUS - 1
    assert multiply(PHI, PHI) == embed(NON_RESIDUE)


@pytest.mark.parametrize("log_order", [1, 2, 16, 32])
def test_root_has_its_order(log_order: int) -> None:
    root = root_of_unity(log_order)
    assert pow(root, 1 << log_order, MODULUS) == 1
    assert pow(root, 1 << (log_order - 1), MODULUS) == MODULUS - 1


@given(elements, elements, elements)
def test_laws_of_a_field(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> None:
    assert multiply(a, add(b, c)) == add(multiply(a, b), multiply(a, c))
    assert multiply(multiply(a, b), c) == multiply(a, multiply(b, c))
    assert multiply(a, b) == multiply(b, a)
    assert add(a, negate(a)) == ZERO == subtract(a, a)
    assert multiply(a, invert(a)) == (ONE if a != ZERO else ZERO)
    assert scale(a, 5) == add(a, multiply(a, embed(4)))
    assert power(a, 5) == multiply(a, power(multiply(a, a), 2))


@given(st.lists(elements, min_size=8, max_size=8), st.lists(elements, min_size=3, max_size=3))
def test_multilinear_extension_is_the_sum_over_corners(
    values: list[tuple[int, int]], point: list[tuple[int, int]]
) -> None:
    total = ZERO
    for corner, value in enumerate(values):
        bits = [embed(corner >> k & 1) for k in range(3)]
        weight = ONE
        for variable, bit in zip(point, bits, strict=True):
            weight = multiply(weight, equality(variable, bit))
        assert weight == equality_bits(point, corner)
        total = add(total, multiply(weight, value))
    assert multilinear(values, point) == total


def test_place_above_the_point_has_no_weight() -> None:
    assert equality_bits([ONE, ONE], 7) == ZERO


@given(elements)
def test_bytes_of_an_element_are_one_to_one(a: tuple[int, int]) -> None:
    assert decode_element(encode_elements(a)) == a


@pytest.mark.parametrize("word", [MODULUS, MODULUS + 1, 2**64 - 1])
def test_word_that_is_not_reduced_is_refused(word: int) -> None:
    for data in (word.to_bytes(8, "big") + bytes(8), bytes(8) + word.to_bytes(8, "big")):
        with pytest.raises(ProofError, match="proof/element"):
            decode_element(data)
