"""Non-linear functions of one value as look-up tables."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lockstep.ir.importer.builder import GraphBuilder
from lockstep.ir.importer.values import Encoding, Value
from lockstep.ir.ops import Opcode

Real = NDArray[np.float64]
Function = Callable[[Real, dict[str, Any]], Real]


def sigmoid(x: Real) -> Real:
    small = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1 / (1 + small), small / (1 + small)))


def erf(x: Real) -> Real:
    return np.asarray(np.vectorize(math.erf, otypes=[np.float64])(x), dtype=np.float64)


def softplus(x: Real) -> Real:
    return np.asarray(np.logaddexp(0.0, x))


def _gelu(x: Real, attributes: dict[str, Any]) -> Real:
    if attributes.get("approximate", b"none") == b"tanh":
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    return 0.5 * x * (1 + erf(x / math.sqrt(2)))


def _elu(x: Real, attributes: dict[str, Any]) -> Real:
    return np.asarray(np.where(x > 0, x, attributes.get("alpha", 1.0) * np.expm1(np.minimum(x, 0))))


def _selu(x: Real, attributes: dict[str, Any]) -> Real:
    alpha, gamma = attributes.get("alpha", 1.6732632), attributes.get("gamma", 1.0507010)
    return np.asarray(gamma * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))))


def _hard_sigmoid(x: Real, attributes: dict[str, Any]) -> Real:
    return np.asarray(np.clip(attributes.get("alpha", 0.2) * x + attributes.get("beta", 0.5), 0, 1))


FUNCTIONS: dict[str, Function] = {
    "Abs": lambda x, _: np.abs(x),
    "Ceil": lambda x, _: np.ceil(x),
    "Celu": lambda x, a: np.maximum(x, 0) + np.minimum(0, a.get("alpha", 1.0) * np.expm1(x / a.get("alpha", 1.0))),
    "Cos": lambda x, _: np.cos(x),
    "Elu": _elu,
    "Erf": lambda x, _: erf(x),
    "Exp": lambda x, _: np.exp(np.minimum(x, 700)),
    "Floor": lambda x, _: np.floor(x),
    "Gelu": _gelu,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": lambda x, _: x * np.clip(x / 6 + 0.5, 0, 1),
    "LeakyRelu": lambda x, a: np.where(x >= 0, x, a.get("alpha", 0.01) * x),
    "Log": lambda x, _: np.log(np.maximum(x, 1e-30)),
    "Mish": lambda x, _: x * np.tanh(softplus(x)),
    "Neg": lambda x, _: -x,
    "Reciprocal": lambda x, _: 1 / np.where(x == 0, 1e-30, x),
    "Round": lambda x, _: np.rint(x),
    "Selu": _selu,
    "Sigmoid": lambda x, _: sigmoid(x),
    "Sin": lambda x, _: np.sin(x),
    "Softplus": lambda x, _: softplus(x),
    "Softsign": lambda x, _: x / (1 + np.abs(x)),
    "Sqrt": lambda x, _: np.sqrt(np.maximum(x, 0)),
    "Swish": lambda x, a: x * sigmoid(a.get("alpha", 1.0) * x),
    "Tanh": lambda x, _: np.tanh(x),
    "ThresholdedRelu": lambda x, a: np.where(x > a.get("alpha", 1.0), x, 0.0),
}
"""By ONNX operator: the real function, given its attributes."""


def real_codes(encoding: Encoding) -> Real:
    """The real value behind every integer of a type, in code order."""
    integers = np.arange(encoding.dtype.minimum, encoding.dtype.maximum + 1, dtype=np.float64)
    return (integers - encoding.zero_point) * encoding.scale


def table_of(reals: Real, encoding: Encoding) -> NDArray[np.int64]:
    """The nearest integers of an encoding, clamped."""
    with np.errstate(over="ignore"):
        integers = np.rint(reals / encoding.scale) + encoding.zero_point
    return np.asarray(np.clip(integers, encoding.dtype.minimum, encoding.dtype.maximum), dtype=np.int64)


def look_up(builder: GraphBuilder, x: Value, reals: Real, encoding: Encoding) -> Value:
    """A LUT of real results, one for each integer of ``x``'s type."""
    table = builder.add_constant(table_of(reals, encoding), encoding.dtype)
    return builder.add(Opcode.LUT, [x.operand(), table], x.shape, encoding, order=x.order)
