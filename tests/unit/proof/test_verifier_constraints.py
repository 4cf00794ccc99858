"""The constraints that a verifier derives say about words and pads what the relations say, place by place."""

import random
from itertools import product
from math import prod

from lockstep.crypto.goldilocks import (
    MODULUS,
    ONE,
    ZERO,
    Element,
    add,
    embed,
    equality_bits,
    invert,
    multiply,
    scale,
    subtract,
)
from lockstep.proof.relations import ONES, Clamped, Column, Index, Role
from lockstep.proof.statement import OracleCommitment, Statement
from lockstep.proof.verifier.constraints import Constraint, out_of_domain_constraints
from lockstep.proof.verifier.fitting import fits, pads_used
from lockstep.proof.verifier.functional import WordPoint
from lockstep.proof.verifier.logup import logup_constraints
from lockstep.proof.verifier.messages import Layer, LogUpMessages, Point, ProductMessages, Round
from lockstep.proof.verifier.pads import PadNumbers
from lockstep.proof.verifier.products import product_constraints
from lockstep.proof.weights import axis_weights, equality_table
from tests.unit.proof.tiny import (
    PROGRAM,
    TINY,
    Words,
    address,
    beyond,
    column_at,
    expression_at,
    places,
    satisfying_words,
    term_at,
)

RANDOM = random.Random(7)
WORDS = satisfying_words()
NUMBERS = PadNumbers(PROGRAM.fractions)


def element() -> Element:
    return RANDOM.randrange(MODULUS), RANDOM.randrange(MODULUS)


def point(count: int) -> Point:
    return tuple(element() for _ in range(count))


def total(values: "list[Element]") -> Element:
    result = ZERO
    for value in values:
        result = add(result, value)
    return result


def pads() -> list[Element]:
    values = [element() for _ in range(TINY.pad_capacity)]
    for layer in range(PROGRAM.fractions):
        n0, d0, n1, d1 = (values[number] for number in NUMBERS.children(layer))
        products = (multiply(n0, d1), multiply(d0, d1), multiply(n1, d0))
        for number, value in zip(NUMBERS.products(layer), products, strict=True):
            values[number] = value
    return values


PADS = pads()


def difference(constraint: Constraint, words: Words = WORDS) -> Element:
    """Left side minus right side of a constraint."""
    value = total([multiply(coefficient, PADS[number]) for number, coefficient in constraint.pads.items()])
    for term in constraint.terms:
        axes = [axis_weights(axis) for axis in term.axes]
        for place in product(*(range(len(axis)) for axis in axes)):
            weight = term.coefficient
            for axis, at in zip(axes, place, strict=True):
                weight = multiply(weight, axis[at])
            value = add(value, scale(weight, words.values[term.block].get(place, beyond(term.block))))
    return subtract(value, constraint.value)


def messages() -> LogUpMessages:
    layers = tuple(
        Layer(
            element(),
            tuple(Round(point(2), element()) for _ in range(layer)),
            (element(), element(), element(), element()),
            element(),
        )
        for layer in range(PROGRAM.fractions)
    )
    return LogUpMessages(element(), element(), element(), layers)


def sent_without_pads(sent: Element, number: int) -> Element:
    return subtract(sent, PADS[number])


def line(zero: Element, one: Element, at: Element) -> Element:
    return add(zero, multiply(at, subtract(one, zero)))


def test_a_layer_constraint_is_the_last_equation_of_its_sumcheck() -> None:
    logup = messages()
    constraints = logup_constraints(PROGRAM, logup)
    n, d = ZERO, logup.root
    for number, layer in enumerate(logup.layers):
        claim = add(n, multiply(layer.combiner, d))
        for turn, entry in enumerate(layer.rounds):
            coordinate = logup.layer_point(number)[number - 1 - turn]
            first = NUMBERS.layer_round(number, turn)
            t1, t2 = (sent_without_pads(sent, first + i) for i, sent in enumerate(entry.sent))
            c = entry.challenge
            t0 = subtract(claim, multiply(coordinate, t1))
            claim = total([t0, multiply(c, t1), multiply(multiply(c, subtract(c, ONE)), t2)])
        n0, d0, n1, d1 = (
            sent_without_pads(sent, pad) for sent, pad in zip(layer.children, NUMBERS.children(number), strict=True)
        )
        both = total([multiply(n0, d1), multiply(layer.combiner, multiply(d0, d1)), multiply(n1, d0)])
        assert difference(constraints[number]) == subtract(both, claim)
        n, d = line(n0, n1, layer.selector), line(d0, d1, layer.selector)
    leaves = leaf_values(logup)
    table = equality_table(logup.point)
    numerator = total([multiply(weight, leaf[0]) for weight, leaf in zip(table, leaves, strict=True)])
    denominator = total([multiply(weight, leaf[1]) for weight, leaf in zip(table, leaves, strict=True)])
    assert difference(constraints[-2]) == subtract(denominator, d)
    assert difference(constraints[-1]) == subtract(numerator, n)
    assert len(constraints) == PROGRAM.fractions + 2


def leaf_values(logup: LogUpMessages) -> list[tuple[Element, Element]]:
    leaves = [(ZERO, ONE)] * (1 << PROGRAM.fractions)
    leaves[PROGRAM.blinding_fraction] = (ZERO, PADS[NUMBERS.blinding])
    for side in PROGRAM.sides:
        (index,) = side.indices
        for i in range(1 << side.bits):
            denominator, factor = subtract(logup.alpha, embed(side.tag)), ONE
            for column in side.columns:
                factor = multiply(factor, logup.beta)
                denominator = subtract(denominator, scale(factor, whole_column(column, i)))
            numerator = 1 if side.multiplicity is None else -WORDS.values[side.multiplicity].get((i,), 0)
            leaves[side.position + i] = (embed(numerator if i < index.extent else 0), denominator)
    return leaves


def whole_column(column: Column, i: int) -> int:
    """A side's column at any place of its space: a plain axis of a committed block is read whole."""
    if isinstance(column, Clamped):
        return column_at(WORDS, column, (i,))
    value = column.constant + sum(stride * i for stride in column.strides)
    for term in column.terms:
        if PROGRAM.blocks[term.block].oracle == ONES:
            value += term.coefficient * (i < PROGRAM.blocks[term.block].axes[0].extent)
        else:
            value += term.coefficient * term_at(WORDS, term, (i,), beyond(term.block))
    return value


def test_the_leaves_of_a_true_statement_sum_to_nothing() -> None:
    leaves = leaf_values(messages())
    assert total([multiply(n, invert(d)) for n, d in leaves]) == ZERO


def outer_weight(indices: tuple[Index, ...], place: tuple[int, ...], outer: Point) -> Element:
    weight = ONE
    for index, at in zip(indices, place, strict=True):
        if index.role in (Role.OUTER, Role.BOTH):
            weight = multiply(weight, equality_bits(outer[index.outer : index.outer + index.bits], at))
    return weight


def cube(outer: Point, gamma: Element, tau: Point) -> list[tuple[Element, Element, Element]]:
    """U, left and right at every place."""
    powers = [ONE]
    for _ in PROGRAM.groups:
        powers.append(multiply(powers[-1], gamma))
    values = [(ZERO, ZERO, ZERO)] * (1 << PROGRAM.product_bits)
    for section in PROGRAM.sections:
        local = [index for index in section.indices if index.role is not Role.OUTER]
        for i in range(1 << section.bits):
            values[section.position + i] = (powers[section.group], ZERO, ZERO)
            if any(index.role is Role.BOTH and i >= index.extent for index in local):
                values[section.position + i] = (ZERO, ZERO, ZERO)
        for place in places(section.indices):
            at = section.position
            both = tuple(index for index in section.indices if index.role is Role.BOTH)
            inside = tuple(i for index, i in zip(section.indices, place, strict=True) if index.role is Role.BOTH)
            for index, i in zip(section.indices, place, strict=True):
                at += (i << index.inner) if index.role is not Role.OUTER else 0
            used = [{m.first for t in f.terms for m in t.maps} for f in (section.left, section.right)]
            sides = []
            for factor, names in zip((section.left, section.right), used, strict=True):
                weight, is_counted = ONE, True
                for number, (index, i) in enumerate(zip(section.indices, place, strict=True)):
                    if index.role is Role.OUTER and number in names:
                        weight = multiply(weight, equality_bits(outer[index.outer : index.outer + index.bits], i))
                    elif index.role is Role.OUTER and i:
                        is_counted = False
                value = scale(weight, expression_at(WORDS, factor, place))
                sides.append(value if is_counted else ZERO)
            weight = multiply(powers[section.group], outer_weight(both, inside, outer))
            values[at] = (weight, add(values[at][1], sides[0]), add(values[at][2], sides[1]))
    for layer in range(PROGRAM.fractions):
        n0, d0, n1, d1 = (PADS[number] for number in NUMBERS.children(layer))
        for kind, (left, right) in enumerate(((n0, d1), (d0, d1), (n1, d0))):
            weight = multiply(powers[-1], equality_bits(tau, 32 * kind + layer))
            values[PROGRAM.pad_products + 32 * kind + layer] = (weight, left, right)
    values[PROGRAM.slots] = (ZERO, PADS[NUMBERS.left_slot], ZERO)
    values[PROGRAM.slots + 1] = (ZERO, ZERO, PADS[NUMBERS.right_slot])
    return values


def product_messages() -> ProductMessages:
    rounds = tuple(Round(point(3), element()) for _ in range(PROGRAM.product_bits))
    return ProductMessages(point(PROGRAM.outer_bits), element(), point(7), element(), rounds, element(), element())


def test_product_constraints_are_the_ends_of_the_sumcheck() -> None:
    products = product_messages()
    claim_of, final, left, right = product_constraints(PROGRAM, WORDS.publics, products)
    values = cube(products.outer, products.gamma, products.tau)
    table = equality_table(products.point)
    u, of_left, of_right = (
        total([multiply(weight, entry[i]) for weight, entry in zip(table, values, strict=True)]) for i in range(3)
    )
    assert difference(left) == subtract(of_left, products.left)
    assert difference(right) == subtract(of_right, products.right)
    claim = sent_without_pads(products.claim, NUMBERS.claim)
    # The statement is true: what the groups say is the sum over the cube.
    sum_of_cube = total([multiply(a, multiply(b, c)) for a, b, c in values])
    assert difference(claim_of) == subtract(sum_of_cube, claim)
    for turn, entry in enumerate(products.rounds):
        c = entry.challenge
        c0, c2, c3 = (sent_without_pads(s, NUMBERS.product_round(turn) + i) for i, s in enumerate(entry.sent))
        c1 = subtract(subtract(subtract(subtract(claim, c0), c0), c2), c3)
        claim = add(c0, multiply(c, add(c1, multiply(c, add(c2, multiply(c, c3))))))
    assert difference(final) == subtract(claim, multiply(u, multiply(products.left, products.right)))


def test_the_functional_at_a_point_is_its_words_written_out() -> None:
    root = bytes(range(26))
    commitment = OracleCommitment(root, 1, (element(), element()))
    statement = Statement(PROGRAM, TINY, (commitment,), WORDS.publics)
    constraints = [
        *logup_constraints(PROGRAM, messages()),
        *product_constraints(PROGRAM, WORDS.publics, product_messages()),
        *out_of_domain_constraints(statement),
    ]
    column, row, zeta = point(TINY.log_columns + 1), point(PROGRAM.row_bits), element()
    columns, rows = equality_table(column), equality_table(row)
    expected, factor = ZERO, ONE
    for constraint in constraints:
        expected = add(expected, multiply(factor, written_out(constraint, columns, rows)))
        factor = multiply(factor, zeta)
    assert WordPoint(PROGRAM, TINY, column, row).combine(constraints, zeta) == expected


def written_out(constraint: Constraint, columns: list[Element], rows: list[Element]) -> Element:
    b, value = TINY.log_columns, ZERO
    for term in constraint.terms:
        block = PROGRAM.blocks[term.block]
        start = (PROGRAM.oracles[block.oracle].first_row << b) + block.offset
        axes = [axis_weights(axis) for axis in term.axes]
        for place in product(*(range(len(axis)) for axis in axes)):
            at = start + address(block, place)
            weight = multiply(term.coefficient, multiply(columns[at % (1 << b)], rows[at >> b]))
            for axis, i in zip(axes, place, strict=True):
                weight = multiply(weight, axis[i])
            value = add(value, weight)
    for number, coefficient in constraint.pads.items():
        pad = add(columns[number], multiply((0, 1), columns[TINY.pad_capacity + number]))
        value = add(value, multiply(coefficient, multiply(pad, rows[2])))
    if constraint.out_of_domain is not None:
        power, length = ONE, TINY.row_length
        oracle = PROGRAM.oracles[constraint.out_of_domain.oracle]
        assert (oracle.rows, constraint.out_of_domain.row_point) == (1, ())
        for j in range(length):
            value = add(value, multiply(power, multiply(columns[j], rows[oracle.first_row])))
            power = multiply(power, constraint.out_of_domain.point)
    return value


def test_the_tiny_program_fits_its_preset() -> None:
    assert fits(PROGRAM, TINY)
    assert pads_used(PROGRAM) <= TINY.pad_capacity
    assert all(block.offset % (1 << block.bits) == 0 for block in PROGRAM.blocks if block.oracle != ONES)
    assert [len(values) for values in WORDS.publics] == [prod(shape) for shape in PROGRAM.publics]
