"""Vectors of field elements: equality tables, powers, inner products, and what is added into them.

Elements of E are the last axis of two words of uint64 arrays, elements of F single words. Results are lazy (below 2^64)
unless a kernel says canonical; ``canonicalise`` before bytes are taken. Twin: ``lockstep.crypto.goldilocks``.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lockstep.crypto.field_kernels import (
    accumulate,
    canonical,
    minus,
    multiply_extension,
    plus,
    reduce_wide,
    times,
    two_products,
)
from lockstep.crypto.goldilocks import MODULUS, NON_RESIDUE, Element

Words = NDArray[np.uint64]

_SEVEN = np.uint64(NON_RESIDUE)


def to_array(elements: Iterable[Element]) -> Words:
    """Elements as ``[n, 2]`` words."""
    return np.array(list(elements), dtype=np.uint64).reshape(-1, 2)


def to_element(words: Any) -> Element:
    """Two lazy words as a canonical element."""
    return int(words[0]) % MODULUS, int(words[1]) % MODULUS


def to_elements(words: Words) -> list[Element]:
    """``[n, 2]`` lazy words as elements."""
    return [(real % MODULUS, phi % MODULUS) for real, phi in words.tolist()]


def word(value: int) -> np.uint64:
    """A residue for a kernel's argument."""
    return np.uint64(value % MODULUS)


def from_signed(values: NDArray[np.int64]) -> Words:
    """Signed integers as canonical residues."""
    signed = np.ascontiguousarray(values, dtype=np.int64)
    return np.where(signed < 0, signed.view(np.uint64) + np.uint64(MODULUS), signed.view(np.uint64))


@njit(cache=True)
def canonicalise(words):  # type: ignore[no-untyped-def]
    """Every word of a contiguous array reduced below p, in place."""
    flat = words.reshape(-1)
    for i in range(flat.size):
        flat[i] = canonical(flat[i])


@njit(cache=True)
def fill_equality_table(point, table):  # type: ignore[no-untyped-def]
    """``table[i] = eq(point, i)``; point ``[m, 2]``, table ``[2^m, 2]``."""
    zero = np.uint64(0)
    table[0, 0], table[0, 1] = np.uint64(1), zero
    for k in range(point.shape[0]):
        r0, r1 = point[k, 0], point[k, 1]
        r1_seven = times(r1, _SEVEN)
        low, high = table[: 1 << k], table[1 << k : 2 << k]
        for j in range(low.shape[0]):
            a, b = low[j, 0], low[j, 1]
            x = two_products(a, r0, b, r1_seven, zero)
            y = two_products(a, r1, b, r0, zero)
            high[j, 0], high[j, 1] = x, y
            low[j, 0], low[j, 1] = minus(a, x), minus(b, y)


def equality_table(point: Iterable[Element]) -> Words:
    """``eq(point, i)`` for all i, the point's low variable first."""
    words = to_array(point)
    table = np.empty((1 << len(words), 2), np.uint64)
    fill_equality_table(words, table)
    return table


@njit(cache=True)
def powers(z0, z1, count):  # type: ignore[no-untyped-def]
    """``z^0 … z^(count−1)`` for an element z, ``[count, 2]``."""
    out = np.empty((count, 2), np.uint64)
    x, y = np.uint64(1), np.uint64(0)
    for i in range(count):
        out[i, 0], out[i, 1] = x, y
        x, y = multiply_extension(x, y, z0, z1)
    return out


@njit(cache=True)
def dot(a, b):  # type: ignore[no-untyped-def]
    """``Σ a_i b_i`` of two extension vectors."""
    zero = np.uint64(0)
    r0, r1, r2 = zero, zero, zero
    s0, s1, s2 = zero, zero, zero
    t0, t1, t2 = zero, zero, zero
    for i in range(a.shape[0]):
        r0, r1, r2 = accumulate(r0, r1, r2, a[i, 0], b[i, 0])
        s0, s1, s2 = accumulate(s0, s1, s2, a[i, 1], b[i, 1])
        t0, t1, t2 = accumulate(t0, t1, t2, a[i, 0], b[i, 1])
        t0, t1, t2 = accumulate(t0, t1, t2, a[i, 1], b[i, 0])
    return plus(reduce_wide(r0, r1, r2), times(_SEVEN, reduce_wide(s0, s1, s2))), reduce_wide(t0, t1, t2)


@njit(cache=True)
def dot_base(a, f):  # type: ignore[no-untyped-def]
    """``Σ a_i f_i`` of an extension and a base vector."""
    zero = np.uint64(0)
    r0, r1, r2 = zero, zero, zero
    s0, s1, s2 = zero, zero, zero
    for i in range(f.shape[0]):
        r0, r1, r2 = accumulate(r0, r1, r2, a[i, 0], f[i])
        s0, s1, s2 = accumulate(s0, s1, s2, a[i, 1], f[i])
    return reduce_wide(r0, r1, r2), reduce_wide(s0, s1, s2)


@njit(cache=True)
def scale_in_place(a, c0, c1):  # type: ignore[no-untyped-def]
    """``a_i ← c·a_i``, extension."""
    for i in range(a.shape[0]):
        a[i, 0], a[i, 1] = multiply_extension(a[i, 0], a[i, 1], c0, c1)


@njit(cache=True)
def multiply_in_place(a, b):  # type: ignore[no-untyped-def]
    """``a_i ← a_i·b_i``, extension."""
    for i in range(a.shape[0]):
        a[i, 0], a[i, 1] = multiply_extension(a[i, 0], a[i, 1], b[i, 0], b[i, 1])


@njit(cache=True)
def add_in_place(a, b):  # type: ignore[no-untyped-def]
    """``a_i ← a_i + b_i``, extension."""
    for i in range(b.shape[0]):
        a[i, 0], a[i, 1] = plus(a[i, 0], b[i, 0]), plus(a[i, 1], b[i, 1])


@njit(cache=True)
def add_scaled(out, a, c0, c1):  # type: ignore[no-untyped-def]
    """``out_i ← out_i + c·a_i``, extension."""
    c1_seven = times(c1, _SEVEN)
    for i in range(a.shape[0]):
        x = two_products(a[i, 0], c0, a[i, 1], c1_seven, out[i, 0])
        out[i, 1] = two_products(a[i, 0], c1, a[i, 1], c0, out[i, 1])
        out[i, 0] = x


@njit(cache=True)
def add_scaled_base(out, a, c):  # type: ignore[no-untyped-def]
    """``out_i ← out_i + c·a_i``, base field, canonical."""
    zero = np.uint64(0)
    for i in range(a.shape[0]):
        out[i] = canonical(two_products(a[i], c, zero, zero, out[i]))


@njit(cache=True)
def outer_add(out, a, b):  # type: ignore[no-untyped-def]
    """``out[i, j] ← out[i, j] + a_i b_j``, extension."""
    for i in range(a.shape[0]):
        a0, a1, row = a[i, 0], a[i, 1], out[i]
        a1_seven = times(a1, _SEVEN)
        for j in range(b.shape[0]):
            x = two_products(a0, b[j, 0], a1_seven, b[j, 1], row[j, 0])
            row[j, 1] = two_products(a0, b[j, 1], a1, b[j, 0], row[j, 1])
            row[j, 0] = x


@njit(cache=True)
def combine_rows(columns, weights, out):  # type: ignore[no-untyped-def]
    """``out_j ← out_j + Σ_i weights_i·columns[j, i]``; columns ``[K, R]`` base, weights ``[R, 2]``."""
    zero = np.uint64(0)
    for j in range(columns.shape[0]):
        r0, r1, r2 = zero, zero, zero
        s0, s1, s2 = zero, zero, zero
        for i in range(weights.shape[0]):
            r0, r1, r2 = accumulate(r0, r1, r2, columns[j, i], weights[i, 0])
            s0, s1, s2 = accumulate(s0, s1, s2, columns[j, i], weights[i, 1])
        out[j, 0] = plus(out[j, 0], reduce_wide(r0, r1, r2))
        out[j, 1] = plus(out[j, 1], reduce_wide(s0, s1, s2))


@njit(cache=True)
def add_powers(out, x, c0, c1):  # type: ignore[no-untyped-def]
    """``out_j ← out_j + c·x^j`` for a base-field x."""
    zero, power = np.uint64(0), np.uint64(1)
    for j in range(out.shape[0]):
        out[j, 0] = two_products(c0, power, zero, zero, out[j, 0])
        out[j, 1] = two_products(c1, power, zero, zero, out[j, 1])
        power = times(power, x)


@njit(cache=True)
def contract_base(tensor, matrix, out):  # type: ignore[no-untyped-def]
    """``out[p, u, q] ← Σ_y matrix[u, y]·tensor[p, y, q]``; tensor base, matrix and out extension. Zeros are skipped."""
    zero = np.uint64(0)
    for p in range(tensor.shape[0]):
        for u in range(matrix.shape[0]):
            row = out[p, u]
            for y in range(matrix.shape[1]):
                a0, a1 = matrix[u, y, 0], matrix[u, y, 1]
                if a0 == zero and a1 == zero:
                    continue
                for q in range(tensor.shape[2]):
                    value = tensor[p, y, q]
                    row[q, 0] = two_products(a0, value, zero, zero, row[q, 0])
                    row[q, 1] = two_products(a1, value, zero, zero, row[q, 1])


@njit(cache=True)
def contract(tensor, matrix, out):  # type: ignore[no-untyped-def]
    """``out[p, u, q] ← Σ_y matrix[u, y]·tensor[p, y, q]``, all extension."""
    zero = np.uint64(0)
    for p in range(tensor.shape[0]):
        for u in range(matrix.shape[0]):
            row = out[p, u]
            for y in range(matrix.shape[1]):
                a0, a1 = matrix[u, y, 0], matrix[u, y, 1]
                if a0 == zero and a1 == zero:
                    continue
                a1_seven, line = times(a1, _SEVEN), tensor[p, y]
                for q in range(tensor.shape[2]):
                    x = two_products(a0, line[q, 0], a1_seven, line[q, 1], row[q, 0])
                    row[q, 1] = two_products(a0, line[q, 1], a1, line[q, 0], row[q, 1])
                    row[q, 0] = x
