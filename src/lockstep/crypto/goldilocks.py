"""The field of proofs and its extension, in plain integers: the reference that kernels and contract are held against.

F has the prime p = 2^64 − 2^32 + 1 ("Goldilocks") and generator 7. E = F[φ]/(φ² − 7) has about 2^128 elements, written
as pairs (real, phi) of residues in [0, p). Points are lists of elements, low variable first (docs/specs/proof.md, 1).
"""

from collections.abc import Sequence

from lockstep.errors import ProofError

MODULUS = 2**64 - 2**32 + 1
GENERATOR = 7
NON_RESIDUE = 7
TWO_ADICITY = 32
"""p − 1 = 2^32 · (2^32 − 1): there are roots of unity of order 2^32."""

ELEMENT_BYTES = 16
WORD_BYTES = 8

Element = tuple[int, int]

ZERO: Element = (0, 0)
ONE: Element = (1, 0)
PHI: Element = (0, 1)


def embed(value: int) -> Element:
    """An integer as an element."""
    return value % MODULUS, 0


def add(a: Element, b: Element) -> Element:
    return (a[0] + b[0]) % MODULUS, (a[1] + b[1]) % MODULUS


def subtract(a: Element, b: Element) -> Element:
    return (a[0] - b[0]) % MODULUS, (a[1] - b[1]) % MODULUS


def negate(a: Element) -> Element:
    return -a[0] % MODULUS, -a[1] % MODULUS


def multiply(a: Element, b: Element) -> Element:
    real, phi = a
    return (real * b[0] + NON_RESIDUE * phi * b[1]) % MODULUS, (real * b[1] + phi * b[0]) % MODULUS


def scale(a: Element, factor: int) -> Element:
    """``a`` times an integer."""
    return a[0] * factor % MODULUS, a[1] * factor % MODULUS


def power(a: Element, exponent: int) -> Element:
    """``a^exponent``, exponent ≥ 0."""
    result = ONE
    while exponent:
        if exponent & 1:
            result = multiply(result, a)
        a, exponent = multiply(a, a), exponent >> 1
    return result


def invert(a: Element) -> Element:
    """``1/a``; the inverse of zero is zero."""
    norm = pow(a[0] * a[0] - NON_RESIDUE * a[1] * a[1], MODULUS - 2, MODULUS)
    return a[0] * norm % MODULUS, -a[1] * norm % MODULUS


def root_of_unity(log_order: int) -> int:
    """The root of order ``2^log_order`` that all codes use."""
    return pow(pow(GENERATOR, (MODULUS - 1) >> TWO_ADICITY, MODULUS), 1 << (TWO_ADICITY - log_order), MODULUS)


def equality(a: Element, b: Element) -> Element:
    """``eq`` of one variable: ``ab + (1 − a)(1 − b)``."""
    real, phi = multiply(a, b)
    return (1 - a[0] - b[0] + 2 * real) % MODULUS, (2 * phi - a[1] - b[1]) % MODULUS


def equality_bits(point: Sequence[Element], index: int) -> Element:
    """``eq`` of a point and the bits of an integer, low bit first; bits above the point must be 0."""
    if index >> len(point):
        return ZERO
    result = ONE
    for variable in point:
        result = multiply(result, variable if index & 1 else subtract(ONE, variable))
        index >>= 1
    return result


def multilinear(values: Sequence[Element], point: Sequence[Element]) -> Element:
    """The multilinear extension of ``2^len(point)`` values at ``point``."""
    layer = list(values)
    for variable in point:
        layer = [
            add(low, multiply(variable, subtract(high, low))) for low, high in zip(layer[::2], layer[1::2], strict=True)
        ]
    return layer[0]


def encode_elements(*elements: Element) -> bytes:
    """Sixteen bytes each: real, then phi, big-endian."""
    return b"".join(real.to_bytes(WORD_BYTES, "big") + phi.to_bytes(WORD_BYTES, "big") for real, phi in elements)


def decode_word(data: bytes) -> int:
    """A residue from 8 bytes. Raises ``ProofError`` ``proof/element`` if it is not below p."""
    value = int.from_bytes(data, "big")
    if value >= MODULUS:
        raise ProofError("proof/element", "a word of the proof is not reduced", value=value)
    return value


def decode_element(data: bytes) -> Element:
    """An element from 16 bytes. Raises ``ProofError`` ``proof/element``."""
    return decode_word(data[:WORD_BYTES]), decode_word(data[WORD_BYTES:])
