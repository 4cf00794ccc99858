"""Every short form of an axis weight has the value of its definition, written out."""

from hypothesis import given
from hypothesis import strategies as st

from lockstep.crypto.goldilocks import MODULUS, ONE, ZERO, Element, add, multiply, scale
from lockstep.crypto.vector_kernels import to_elements
from lockstep.proof.prover.functional import axis_words
from lockstep.proof.weights import (
    AxisWeight,
    axis_sum,
    axis_weights,
    clamped_value,
    equality_table,
    evaluate_axis,
    index_value,
    power_weights,
    prefix_sum,
    shifted_equality,
    truncated_equality,
)

WORD = st.integers(0, MODULUS - 1)
ELEMENT = st.tuples(WORD, WORD)


def points(most: int = 4) -> st.SearchStrategy[tuple[Element, ...]]:
    return st.lists(ELEMENT, max_size=most).map(tuple)


def dot(left: list[Element], right: list[Element]) -> Element:
    total = ZERO
    for a, b in zip(left, right, strict=False):
        total = add(total, multiply(a, b))
    return total


@st.composite
def axes(draw: st.DrawFn) -> tuple[AxisWeight, tuple[Element, ...]]:
    point = draw(points(5))
    extent = draw(st.integers(1, 1 << len(point)))
    first = draw(st.none() | points())
    second = draw(st.none() | points(3))
    is_single = draw(st.booleans())
    weight = AxisWeight(
        first,
        draw(st.integers(1, 16 if first is None else 1 << len(first))),
        draw(st.sampled_from((1, 1, 1, 2, 3, 4, 8))),
        None if is_single else second,
        1 if is_single else draw(st.integers(1, 8 if second is None else 1 << len(second))),
        draw(st.sampled_from((1, 1, 2, 3))),
        draw(st.sampled_from((0, 0, 4, 8, -1, -4)) | st.integers(-9, 20)),
        extent,
        len(point),
    )
    return weight, point


@given(axes())
def test_an_axis_has_the_value_of_its_weights_written_out(case: tuple[AxisWeight, tuple[Element, ...]]) -> None:
    weight, point = case
    assert evaluate_axis(weight, point) == dot(axis_weights(weight), equality_table(point))


@given(axes())
def test_the_sum_of_an_axis_is_the_sum_of_its_weights(case: tuple[AxisWeight, tuple[Element, ...]]) -> None:
    weights = axis_weights(case[0])
    assert axis_sum(case[0]) == dot(weights, [ONE] * len(weights))


@given(points(5), st.integers(1, 63))
def test_limbs_weigh_the_powers_of_their_base(point: tuple[Element, ...], bits: int) -> None:
    extent = 1 << len(point)
    limb_bits = max(1, bits // extent)
    weight, powers = power_weights(limb_bits, len(point)), [(2 ** (limb_bits * y), 0) for y in range(extent)]
    assert axis_weights(weight) == powers
    assert to_elements(axis_words(weight)) == powers
    assert evaluate_axis(weight, point) == dot(powers, equality_table(point))
    assert axis_sum(weight) == dot(powers, [ONE] * extent)


@given(points(), st.integers(0, 16))
def test_a_prefix_sum_is_the_sum_of_a_prefix(point: tuple[Element, ...], count: int) -> None:
    table = equality_table(point)[:count]
    assert prefix_sum(point, count) == dot(table, [ONE] * len(table))


@given(points(), points(), st.integers(0, 20))
def test_equality_is_cut_and_the_shorter_point_extended(
    left: tuple[Element, ...], right: tuple[Element, ...], count: int
) -> None:
    assert truncated_equality(left, right, count) == dot(equality_table(left)[:count], equality_table(right))
    assert shifted_equality(left, right, count, 0) == truncated_equality(left, right, count)


@given(points(), st.integers(0, 20), st.integers(0, 20))
def test_a_clamped_column_has_the_value_of_its_rows(point: tuple[Element, ...], low: int, more: int) -> None:
    rows = [(min(max(i, low), low + more), 0) for i in range(1 << len(point))]
    assert clamped_value(point, low, low + more) == dot(equality_table(point), rows)
    assert index_value(point) == dot(equality_table(point), [scale(ONE, i) for i in range(1 << len(point))])
