"""One round of each sumcheck, and the folding between rounds. Tables are cut in halves by their top variable.

A round's polynomial g(X) = Σ … over the halves (1 − X)·low + X·high is given by few coefficients: the rest follows from
the claim g(0) + g(1). Products are summed in 192 bits and reduced once a round (``field_kernels.accumulate``).
"""

import numpy as np
from numba import njit

from lockstep.crypto.field_kernels import (
    accumulate,
    minus,
    multiply_add_extension,
    multiply_extension,
    plus,
    reduce_wide,
    times,
    two_products,
)
from lockstep.crypto.goldilocks import NON_RESIDUE

_SEVEN = np.uint64(NON_RESIDUE)


@njit(cache=True)
def fold(low, high, c0, c1):  # type: ignore[no-untyped-def]
    """``low ← low + c·(high − low)``, extension, in place."""
    c1_seven = times(c1, _SEVEN)
    for i in range(low.shape[0]):
        a0, a1 = low[i, 0], low[i, 1]
        d0, d1 = minus(high[i, 0], a0), minus(high[i, 1], a1)
        low[i, 0] = two_products(d0, c0, d1, c1_seven, a0)
        low[i, 1] = two_products(d0, c1, d1, c0, a1)


@njit(cache=True)
def fold_base(low, high, c0, c1, out):  # type: ignore[no-untyped-def]
    """``out ← low + c·(high − low)`` for base-field halves."""
    zero = np.uint64(0)
    for i in range(low.shape[0]):
        difference = minus(high[i], low[i])
        out[i, 0] = two_products(difference, c0, zero, zero, low[i])
        out[i, 1] = times(difference, c1)


@njit(cache=True)
def add_halves(table, half):  # type: ignore[no-untyped-def]
    """``table_i ← table_i + table_{half+i}``: an equality table without its top variable."""
    for i in range(half):
        table[i, 0] = plus(table[i, 0], table[half + i, 0])
        table[i, 1] = plus(table[i, 1], table[half + i, 1])


@njit(cache=True)
def quadratic_round(w_low, w_high, f_low, f_high):  # type: ignore[no-untyped-def]
    """g = Σ w·f: (g(0), coefficient of X²), four words; both extension."""
    zero = np.uint64(0)
    a0, a1, a2 = zero, zero, zero
    b0, b1, b2 = zero, zero, zero
    c0, c1, c2 = zero, zero, zero
    d0, d1, d2 = zero, zero, zero
    e0, e1, e2 = zero, zero, zero
    g0, g1, g2 = zero, zero, zero
    for i in range(w_low.shape[0]):
        u0, u1, v0, v1 = w_low[i, 0], w_low[i, 1], f_low[i, 0], f_low[i, 1]
        a0, a1, a2 = accumulate(a0, a1, a2, u0, v0)
        b0, b1, b2 = accumulate(b0, b1, b2, u1, v1)
        c0, c1, c2 = accumulate(c0, c1, c2, u0, v1)
        c0, c1, c2 = accumulate(c0, c1, c2, u1, v0)
        u0, u1 = minus(w_high[i, 0], u0), minus(w_high[i, 1], u1)
        v0, v1 = minus(f_high[i, 0], v0), minus(f_high[i, 1], v1)
        d0, d1, d2 = accumulate(d0, d1, d2, u0, v0)
        e0, e1, e2 = accumulate(e0, e1, e2, u1, v1)
        g0, g1, g2 = accumulate(g0, g1, g2, u0, v1)
        g0, g1, g2 = accumulate(g0, g1, g2, u1, v0)
    return (
        plus(reduce_wide(a0, a1, a2), times(_SEVEN, reduce_wide(b0, b1, b2))),
        reduce_wide(c0, c1, c2),
        plus(reduce_wide(d0, d1, d2), times(_SEVEN, reduce_wide(e0, e1, e2))),
        reduce_wide(g0, g1, g2),
    )


@njit(cache=True)
def quadratic_round_base(w_low, w_high, f_low, f_high):  # type: ignore[no-untyped-def]
    """As ``quadratic_round`` with f in the base field."""
    zero = np.uint64(0)
    a0, a1, a2 = zero, zero, zero
    b0, b1, b2 = zero, zero, zero
    c0, c1, c2 = zero, zero, zero
    d0, d1, d2 = zero, zero, zero
    for i in range(w_low.shape[0]):
        u0, u1, v = w_low[i, 0], w_low[i, 1], f_low[i]
        a0, a1, a2 = accumulate(a0, a1, a2, u0, v)
        b0, b1, b2 = accumulate(b0, b1, b2, u1, v)
        v = minus(f_high[i], v)
        c0, c1, c2 = accumulate(c0, c1, c2, minus(w_high[i, 0], u0), v)
        d0, d1, d2 = accumulate(d0, d1, d2, minus(w_high[i, 1], u1), v)
    return reduce_wide(a0, a1, a2), reduce_wide(b0, b1, b2), reduce_wide(c0, c1, c2), reduce_wide(d0, d1, d2)


@njit(cache=True)
def fraction_layer(numerators, denominators, out_numerators, out_denominators):  # type: ignore[no-untyped-def]
    """The layer above: n = n0·d1 + n1·d0 and d = d0·d1 of the two halves."""
    half = out_numerators.shape[0]
    for i in range(half):
        n0, n1 = numerators[i], numerators[half + i]
        d0, d1 = denominators[i], denominators[half + i]
        x, y = multiply_extension(n0[0], n0[1], d1[0], d1[1])
        x, y = multiply_add_extension(n1[0], n1[1], d0[0], d0[1], x, y)
        out_numerators[i, 0], out_numerators[i, 1] = x, y
        out_denominators[i, 0], out_denominators[i, 1] = multiply_extension(d0[0], d0[1], d1[0], d1[1])


@njit(inline="always")
def _fraction(n0, n1, d0, d1, l0, l1):  # type: ignore[no-untyped-def]
    """``(n0 + λ d0)·d1 + n1·d0``; every argument but λ's words is a pair."""
    x, y = multiply_add_extension(d0[0], d0[1], l0, l1, n0[0], n0[1])
    z, w = multiply_extension(n1[0], n1[1], d0[0], d0[1])
    return multiply_add_extension(x, y, d1[0], d1[1], z, w)


@njit(cache=True)
def fraction_round(n0, n1, d0, d1, half, eq, l0, l1):  # type: ignore[no-untyped-def]
    """t = Σ eq·[(n0 + λ d0)·d1 + n1·d0]: (t(0), coefficient of X²); tables of 2·half, eq of half entries."""
    zero = np.uint64(0)
    a0, a1, a2 = zero, zero, zero
    b0, b1, b2 = zero, zero, zero
    c0, c1, c2 = zero, zero, zero
    d_0, d_1, d_2 = zero, zero, zero
    e0, e1, e2 = zero, zero, zero
    g0, g1, g2 = zero, zero, zero
    for i in range(half):
        q0, q1 = eq[i, 0], eq[i, 1]
        x, y = _fraction(n0[i], n1[i], d0[i], d1[i], l0, l1)
        a0, a1, a2 = accumulate(a0, a1, a2, q0, x)
        b0, b1, b2 = accumulate(b0, b1, b2, q1, y)
        c0, c1, c2 = accumulate(c0, c1, c2, q0, y)
        c0, c1, c2 = accumulate(c0, c1, c2, q1, x)
        k = half + i
        x, y = _fraction(
            (minus(n0[k, 0], n0[i, 0]), minus(n0[k, 1], n0[i, 1])),
            (minus(n1[k, 0], n1[i, 0]), minus(n1[k, 1], n1[i, 1])),
            (minus(d0[k, 0], d0[i, 0]), minus(d0[k, 1], d0[i, 1])),
            (minus(d1[k, 0], d1[i, 0]), minus(d1[k, 1], d1[i, 1])),
            l0,
            l1,
        )
        d_0, d_1, d_2 = accumulate(d_0, d_1, d_2, q0, x)
        e0, e1, e2 = accumulate(e0, e1, e2, q1, y)
        g0, g1, g2 = accumulate(g0, g1, g2, q0, y)
        g0, g1, g2 = accumulate(g0, g1, g2, q1, x)
    return (
        plus(reduce_wide(a0, a1, a2), times(_SEVEN, reduce_wide(b0, b1, b2))),
        reduce_wide(c0, c1, c2),
        plus(reduce_wide(d_0, d_1, d_2), times(_SEVEN, reduce_wide(e0, e1, e2))),
        reduce_wide(g0, g1, g2),
    )


@njit(inline="always")
def _triple(u, w, f):  # type: ignore[no-untyped-def]
    x, y = multiply_extension(u[0], u[1], w[0], w[1])
    return multiply_extension(x, y, f[0], f[1])


@njit(cache=True)
def cubic_round(u, w, f, half):  # type: ignore[no-untyped-def]
    """g = Σ u·w·f over tables of 2·half entries: (g(0), coefficient of X³, g(−1)), six words."""
    total = np.zeros(6, np.uint64)
    for i in range(half):
        k = half + i
        a, b, c = (u[i, 0], u[i, 1]), (w[i, 0], w[i, 1]), (f[i, 0], f[i, 1])
        da = minus(u[k, 0], a[0]), minus(u[k, 1], a[1])
        db = minus(w[k, 0], b[0]), minus(w[k, 1], b[1])
        dc = minus(f[k, 0], c[0]), minus(f[k, 1], c[1])
        x, y = _triple(a, b, c)
        total[0], total[1] = plus(total[0], x), plus(total[1], y)
        x, y = _triple(da, db, dc)
        total[2], total[3] = plus(total[2], x), plus(total[3], y)
        x, y = _triple(
            (minus(a[0], da[0]), minus(a[1], da[1])),
            (minus(b[0], db[0]), minus(b[1], db[1])),
            (minus(c[0], dc[0]), minus(c[1], dc[1])),
        )
        total[4], total[5] = plus(total[4], x), plus(total[5], y)
    return total
