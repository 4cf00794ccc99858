"""Goldilocks arithmetic for compiled kernels: LLVM instructions on 64-bit words with 128-bit products.

Words may be *lazy*: any value below 2^64 stands for its residue. Functions take and return lazy words unless they say
canonical. ``plain`` twin: ``lockstep.crypto.goldilocks``. Reduction: 2^64 = 2^32 − 1 and 2^96 = −1 modulo p.
All are branch-free: random carries would defeat branch prediction.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types, uint64
from numba.extending import intrinsic

from lockstep.crypto.goldilocks import MODULUS, NON_RESIDUE

EPSILON = 2**32 - 1
"""2^64 modulo p."""

_WORD, _DOUBLE, _TRIPLE = ir.IntType(64), ir.IntType(128), ir.IntType(192)
_THREE_WORDS = types.UniTuple(uint64, 3)


def _if(builder: ir.IRBuilder, condition: Any) -> Any:
    """EPSILON where the condition holds, else 0."""
    return builder.and_(builder.sext(condition, _WORD), _WORD(EPSILON))


def _wide(builder: ir.IRBuilder, word: Any) -> Any:
    return builder.zext(word, _DOUBLE)


def _reduce(builder: ir.IRBuilder, low: Any, high: Any, top: Any) -> Any:
    """``low + 2^64 high + 2^128 top`` for top ≤ 1: high = h1·2^32 + h0 counts as h0·(2^32 − 1) − h1, top as −2^32."""
    upper = builder.add(builder.lshr(high, _WORD(32)), builder.shl(top, _WORD(32)))
    lower = builder.and_(high, _WORD(EPSILON))
    difference = builder.sub(low, upper)
    difference = builder.sub(difference, _if(builder, builder.icmp_unsigned("<", low, upper)))
    folded = builder.sub(builder.shl(lower, _WORD(32)), lower)
    total = builder.add(difference, folded)
    return builder.add(total, _if(builder, builder.icmp_unsigned("<", total, folded)))


@intrinsic  # type: ignore[untyped-decorator]
def plus(_typing: Any, _a: Any, _b: Any) -> Any:
    """``a + b``."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        x, y = arguments
        total = builder.add(x, y)
        carry = _if(builder, builder.icmp_unsigned("<", total, x))
        again = builder.add(total, carry)
        return builder.add(again, _if(builder, builder.icmp_unsigned("<", again, carry)))

    return uint64(uint64, uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def minus(_typing: Any, _a: Any, _b: Any) -> Any:
    """``a − b``."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        x, y = arguments
        rest = builder.sub(x, y)
        borrow = _if(builder, builder.icmp_unsigned("<", x, y))
        again = builder.sub(rest, borrow)
        return builder.sub(again, _if(builder, builder.icmp_unsigned("<", rest, borrow)))

    return uint64(uint64, uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def times(_typing: Any, _a: Any, _b: Any) -> Any:
    """``a · b``."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        product = builder.mul(_wide(builder, arguments[0]), _wide(builder, arguments[1]))
        low, high = builder.trunc(product, _WORD), builder.trunc(builder.lshr(product, _DOUBLE(64)), _WORD)
        return _reduce(builder, low, high, _WORD(0))

    return uint64(uint64, uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def two_products(_typing: Any, _a: Any, _b: Any, _c: Any, _d: Any, _e: Any) -> Any:
    """``a·b + c·d + e`` with one reduction."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        a, b, c, d, e = arguments
        first = builder.mul(_wide(builder, a), _wide(builder, b))
        second = builder.add(builder.mul(_wide(builder, c), _wide(builder, d)), _wide(builder, e))
        total = builder.add(first, second)
        top = builder.zext(builder.icmp_unsigned("<", total, first), _WORD)
        low, high = builder.trunc(total, _WORD), builder.trunc(builder.lshr(total, _DOUBLE(64)), _WORD)
        return _reduce(builder, low, high, top)

    return uint64(uint64, uint64, uint64, uint64, uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def accumulate(_typing: Any, _low: Any, _middle: Any, _high: Any, _a: Any, _b: Any) -> Any:
    """``(low, middle, high) + a·b`` as a 192-bit integer: 2^31 products fit before ``reduce_wide``."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        low, middle, high, a, b = arguments
        total = builder.zext(low, _TRIPLE)
        for word, bits in ((middle, 64), (high, 128)):
            total = builder.or_(total, builder.shl(builder.zext(word, _TRIPLE), _TRIPLE(bits)))
        product = builder.mul(_wide(builder, a), _wide(builder, b))
        total = builder.add(total, builder.zext(product, _TRIPLE))
        words = [builder.trunc(builder.lshr(total, _TRIPLE(bits)), _WORD) for bits in (0, 64, 128)]
        return context.make_tuple(builder, signature.return_type, words)

    return _THREE_WORDS(uint64, uint64, uint64, uint64, uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def swap_bytes(_typing: Any, _word: Any) -> Any:
    """A word with its bytes in the opposite order."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.call(builder.module.declare_intrinsic("llvm.bswap", [_WORD]), arguments)

    return uint64(uint64), generate


@njit(inline="always")
def reduce_wide(low, middle, high):  # type: ignore[no-untyped-def]
    """``low + 2^64 middle + 2^128 high`` for high < 2^31; 2^128 = −2^32."""
    return minus(plus(low, times(middle, np.uint64(EPSILON))), times(high, np.uint64(1 << 32)))


@njit(inline="always")
def canonical(word):  # type: ignore[no-untyped-def]
    """The residue in [0, p)."""
    return word - np.uint64(MODULUS) if word >= np.uint64(MODULUS) else word


@njit(inline="always")
def multiply_extension(a0, a1, b0, b1):  # type: ignore[no-untyped-def]
    """``(a0 + a1 φ)(b0 + b1 φ)``."""
    zero = np.uint64(0)
    return (
        two_products(a0, b0, a1, times(np.uint64(NON_RESIDUE), b1), zero),
        two_products(a0, b1, a1, b0, zero),
    )


@njit(inline="always")
def multiply_add_extension(a0, a1, b0, b1, c0, c1):  # type: ignore[no-untyped-def]
    """``(a0 + a1 φ)(b0 + b1 φ) + (c0 + c1 φ)``."""
    return (
        two_products(a0, b0, a1, times(np.uint64(NON_RESIDUE), b1), c0),
        two_products(a0, b1, a1, b0, c1),
    )
