"""Expressions of a program as functionals on the committed words (proof.md, end of section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from lockstep.crypto.goldilocks import ONE, Element, add, embed, multiply, scale
from lockstep.proof.relations import NONE, ONES, POWERS, Axis, Expression, Index, Map, Program, Term
from lockstep.proof.verifier.constraints import Functional, FunctionalTerm
from lockstep.proof.weights import AxisWeight, Point, axis_sum, index_value, plain_weights, power_weights, prefix_sum


@dataclass(frozen=True, slots=True)
class IndexWeight:
    """The weight of an index: ``eq(point, i)``, or 1, for i below the extent.

    ``is_summed``: what does not depend on the index is multiplied by the sum of the weights. Not so for an OUTER index
    of a section: it belongs to the factor that uses it. ``own_extent``: the extent that the relation gives the index,
    where places beyond it may be read; ``None`` where they may not.
    """

    point: Point | None
    extent: int
    is_summed: bool = True
    own_extent: int | None = None

    def total(self) -> Element:
        """The sum of the weights, or 1 if the index is not summed."""
        if not self.is_summed:
            return ONE
        return embed(self.extent) if self.point is None else prefix_sum(self.point, self.extent)

    def over(self, axis: Axis) -> AxisWeight | None:
        """The weights of an axis that is addressed as it is and read in its whole address space; else ``None``."""
        if self.point is None or self.own_extent is None or not is_read_whole(self.own_extent, len(self.point), axis):
            return None
        return plain_weights(self.point, 1 << axis.bits, 1 << axis.bits, axis.bits)


def slice_point(point: Sequence[Element], start: int, bits: int) -> Point:
    """The coordinates of one index in a point."""
    return tuple(point[start : start + bits])


def whole_space(index: Index, local: Sequence[Element]) -> IndexWeight:
    """The weight of an index of a side in its columns: places beyond the extent count."""
    return IndexWeight(slice_point(local, index.inner, index.bits), 1 << index.bits, own_extent=index.extent)


def inside(index: Index, local: Sequence[Element]) -> IndexWeight:
    """The weight of an INNER index, inside its extent only."""
    return IndexWeight(slice_point(local, index.inner, index.bits), index.extent)


def add_expression(
    functional: Functional,
    program: Program,
    expression: Expression,
    weights: Sequence[IndexWeight],
    coefficient: Element,
) -> None:
    """Add ``coefficient · expression`` to a functional."""
    if expression.constant:
        product = scale(coefficient, expression.constant)
        for weight in weights:
            product = multiply(product, weight.total())
        functional.constant = add(functional.constant, product)
    for stride, weight in zip(expression.strides, weights, strict=bool(expression.strides)):
        assert weight.point is not None, "strides are for the columns of sides"
        product = multiply(coefficient, scale(index_value(weight.point), stride))
        functional.constant = add(functional.constant, product)
    for term in expression.terms:
        _add_term(functional, program, term, weights, coefficient)


def _add_term(
    functional: Functional, program: Program, term: Term, weights: Sequence[IndexWeight], coefficient: Element
) -> None:
    block = program.blocks[term.block]
    used = {number for place in term.maps for number in place.indices}
    product = scale(coefficient, term.coefficient)
    for number, weight in enumerate(weights):
        if number not in used:
            product = multiply(product, weight.total())
    is_committed = block.oracle != ONES
    axes = tuple(
        axis_weight(place, axis, weights, may_be_whole=is_committed)
        for place, axis in zip(term.maps, block.axes, strict=True)
    )
    if is_committed:
        functional.terms.append(FunctionalTerm(product, term.block, axes))
        return
    for axis in axes:
        product = multiply(product, axis_sum(axis))
    functional.constant = add(functional.constant, product)


def is_read_whole(extent: int, bits: int, axis: Axis) -> bool:
    """Whether a committed axis that such an index addresses as it is, is read in its whole address space."""
    return bits == axis.bits and extent == axis.extent


ABSENT = IndexWeight(None, 1)


def axis_weight(place: Map, axis: Axis, weights: Sequence[IndexWeight], *, may_be_whole: bool) -> AxisWeight:
    """The weight of an axis that a map addresses."""
    if place.first == POWERS:
        return power_weights(place.stride, axis.bits)
    first = ABSENT if place.first == NONE else weights[place.first]
    second = ABSENT if place.second == NONE else weights[place.second]
    whole = first.over(axis) if may_be_whole and place.is_plain else None
    if whole is not None:
        return whole
    return AxisWeight(
        first.point,
        first.extent,
        place.stride,
        second.point,
        second.extent,
        place.dilation,
        place.offset,
        axis.extent,
        axis.bits,
    )
