"""Which ONNX operators there are and how each becomes nodes: one row an operator."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lockstep.errors import ModelError
from lockstep.ir.dtypes import DType
from lockstep.ir.importer import elementwise, linear, reductions, shapes
from lockstep.ir.importer.builder import GraphBuilder, Range
from lockstep.ir.importer.linear import Window
from lockstep.ir.importer.lookup import FUNCTIONS, look_up, real_codes
from lockstep.ir.importer.values import Encoding, Parameter, Value

Source = Value | Parameter


@dataclass(frozen=True)
class Call:
    """One ONNX node with what its inputs stand for and the encoding that its result has to have."""

    builder: GraphBuilder
    op_type: str
    inputs: Sequence[Source | None]
    attributes: dict[str, Any]
    encoding: Encoding
    minimum: float = -math.inf
    maximum: float = math.inf

    @property
    def clamp(self) -> Range | None:
        """The fused Relu or Clip in integers of the result; None when it does not narrow the type."""
        dtype = self.encoding.dtype
        low = dtype.minimum if self.minimum == -math.inf else self.encoding.quantise(self.minimum)
        high = dtype.maximum if self.maximum == math.inf else self.encoding.quantise(self.maximum)
        return None if (low, high) == (dtype.minimum, dtype.maximum) else (low, max(low, high))

    def value(self, number: int = 0) -> Value:
        """An input that is computed. Raises ``ModelError`` for a constant or a missing one."""
        source = self.source(number)
        if not isinstance(source, Value):
            raise ModelError("model/constant", f"node {self.builder.name}: input {number} is a constant")
        return source

    def source(self, number: int) -> Source:
        found = self.inputs[number] if number < len(self.inputs) else None
        if found is None:
            raise ModelError("model/corrupt", f"node {self.builder.name}: input {number} is missing")
        return found

    def parameter(self, number: int) -> Parameter | None:
        """An input that must be constant; None if it is not given."""
        found = self.inputs[number] if number < len(self.inputs) else None
        if isinstance(found, Value):
            raise ModelError("model/not-constant", f"node {self.builder.name}: input {number} must be a constant")
        return found

    def spatial(self) -> tuple[Value, int]:
        """The first input with bytes as [N, H, W, C] (a sequence has H = 1), and how many axes slide."""
        x = self.value()
        count = len(x.shape) - 2
        if count not in (1, 2):
            raise ModelError("model/shape", f"node {self.builder.name}: {count} spatial axes", remedy="use 1 or 2")
        x = self.builder.arranged(x, (0, *range(2, 2 + count), 1))
        return (x if count == 2 else replace(x, shape=(x.shape[0], 1, *x.shape[1:]))), count

    def window(self, kernel: Sequence[int], image: Sequence[int]) -> Window:
        """Kernel, strides, pads and dilations from the attributes, for 1 or 2 axes."""
        count = len(kernel)
        strides = self.attributes.get("strides", [1] * count)
        dilations = self.attributes.get("dilations", [1] * count)
        pads = shapes.pads_of(self.attributes, kernel, strides, dilations, image[-count:])
        lead = [0] * (2 - count)
        ones = [1] * (2 - count)
        return Window(
            _pair((*ones, *kernel)),
            _pair((*ones, *strides)),
            (*lead, *pads[:count], *lead, *pads[count:]),  # type: ignore[arg-type]
            _pair((*ones, *dilations)),
        )


def _pair(values: Sequence[int]) -> tuple[int, int]:
    first, second = values
    return int(first), int(second)


def _without_height(result: Value, count: int) -> Value:
    """Undoes ``spatial`` for sequences."""
    if count == 2:
        return replace(result, order=(0, 2, 3, 1))
    return replace(result, shape=(result.shape[0], *result.shape[2:]), order=(0, 2, 1))


def _conv(call: Call) -> Value:
    x, count = call.spatial()
    kernel = call.parameter(1)
    if kernel is None:
        raise ModelError("model/corrupt", f"node {call.builder.name} has no weights")
    outputs = kernel.values.shape[0]
    weights = linear.integer_weights(kernel, outputs, wide=x.encoding.dtype is DType.I16)
    axes = (0, 2, 3, 1) if count == 2 else (0, 2, 1)
    values = np.transpose(weights.values, axes)
    weights = replace(weights, values=values if count == 2 else values[:, None])
    window = call.window(kernel.values.shape[2:], x.shape[1:3])
    biases = linear.real_biases(call.parameter(2), outputs)
    ending = linear.reduction(x, weights, biases, call.encoding, call.clamp)
    return _without_height(linear.convolution(call.builder, x, weights, window, ending), count)


def _dense(call: Call, kernel: Parameter, *, transposed: bool, factor: float, bias: Parameter | None) -> Value:
    x = call.value()
    wide = x.encoding.dtype is DType.I16
    columns_last = kernel if transposed else replace(kernel, values=kernel.values.T)
    outputs = columns_last.values.shape[0]
    weights = linear.integer_weights(columns_last, outputs, wide=wide)
    weights = replace(weights, scales=weights.scales * factor)
    biases = linear.real_biases(bias, outputs) * call.attributes.get("beta", 1.0)
    ending = linear.reduction(x, weights, biases, call.encoding, call.clamp)
    return linear.matmul(call.builder, x, weights, ending)


def _gemm(call: Call) -> Value:
    kernel = call.parameter(1)
    if kernel is None or call.attributes.get("transA", 0):
        raise ModelError("model/unsupported-op", f"Gemm of node {call.builder.name} with transA or without weights")
    is_transposed = bool(call.attributes.get("transB", 0))
    factor = call.attributes.get("alpha", 1.0)
    return _dense(call, kernel, transposed=is_transposed, factor=factor, bias=call.parameter(2))


def _matmul(call: Call) -> Value:
    second = call.source(1)
    if isinstance(second, Parameter):
        if second.values.ndim != 2:
            raise ModelError("model/unsupported-op", f"MatMul of node {call.builder.name} with a batch of constants")
        return _dense(call, second, transposed=False, factor=1.0, bias=None)
    return linear.product(call.builder, call.value(), second, call.encoding, call.clamp)


def _max_pool(call: Call) -> Value:
    x, count = call.spatial()
    pooled = reductions.max_pool(call.builder, x, call.window(call.attributes["kernel_shape"], x.shape[1:3]))
    return _without_height(call.builder.requantised(pooled, call.encoding, call.clamp), count)


def _average_pool(call: Call) -> Value:
    x, count = call.spatial()
    window = call.window(call.attributes["kernel_shape"], x.shape[1:3])
    counts = bool(call.attributes.get("count_include_pad", 0))
    pooled = reductions.average_pool(call.builder, x, window, call.encoding, call.clamp, counts_padding=counts)
    return _without_height(pooled, count)


def _global_average(call: Call) -> Value:
    axes = range(2, len(call.value().shape))
    return reductions.mean(call.builder, call.value(), list(axes), call.encoding, keep=True)


def _mean(call: Call) -> Value:
    given = call.parameter(1)
    axes = given.values.tolist() if given is not None else call.attributes.get("axes", range(len(call.value().shape)))
    keep = bool(call.attributes.get("keepdims", 1))
    return reductions.mean(call.builder, call.value(), list(axes), call.encoding, keep=keep)


def _bounds(call: Call) -> tuple[float, float]:
    """What a Relu or Clip lets through."""
    if call.op_type == "Relu":
        return 0.0, math.inf
    low, high = call.parameter(1), call.parameter(2)
    minimum = call.attributes.get("min", -math.inf) if low is None else float(low.real().reshape(-1)[0])
    maximum = call.attributes.get("max", math.inf) if high is None else float(high.real().reshape(-1)[0])
    return minimum, maximum


def _clip(call: Call) -> Value:
    minimum, maximum = _bounds(call)
    narrowed = replace(call, minimum=max(call.minimum, minimum), maximum=min(call.maximum, maximum))
    return call.builder.requantised(call.value(), call.encoding, narrowed.clamp)


def _function(call: Call) -> Value:
    x = call.value()
    reals = FUNCTIONS[call.op_type](real_codes(x.encoding), call.attributes)
    return look_up(call.builder, x, np.clip(reals, call.minimum, call.maximum), call.encoding)


def _add(call: Call) -> Value:
    sign = -1 if call.op_type == "Sub" else 1
    return elementwise.add(call.builder, call.source(0), call.source(1), call.encoding, call.clamp, sign=sign)


def _multiply(call: Call) -> Value:
    return elementwise.multiply(call.builder, call.source(0), call.source(1), call.encoding, call.clamp)


def _divide(call: Call) -> Value:
    return elementwise.divide(call.builder, call.source(0), call.source(1), call.encoding, call.clamp)


def _batch_norm(call: Call) -> Value:
    parameters = [call.parameter(number) for number in range(1, 5)]
    given = [parameter for parameter in parameters if parameter is not None]
    normed = elementwise.batch_norm(call.builder, call.value(), given, call.attributes, call.encoding)
    return normed if call.clamp is None else call.builder.requantised(normed, call.encoding, call.clamp)


def _concat(call: Call) -> Value:
    values = [call.value(number) for number in range(len(call.inputs))]
    return elementwise.concatenate(call.builder, values, call.attributes["axis"], call.encoding)


def _softmax(call: Call) -> Value:
    return reductions.softmax(call.builder, call.value(), call.attributes.get("axis", -1), call.encoding)


def _argmax(call: Call) -> Value:
    if call.attributes.get("select_last_index", 0):
        raise ModelError("model/unsupported-op", f"ArgMax of node {call.builder.name} selects the last index")
    keep = bool(call.attributes.get("keepdims", 1))
    return reductions.argmax(call.builder, call.value(), call.attributes.get("axis", 0), keep=keep)


def _moved(call: Call) -> Value:
    moved = shapes.MOVES[call.op_type](call.builder, call.value(), call.inputs[1:], call.attributes)
    return call.builder.requantised(moved, call.encoding, call.clamp)


OPERATORS: dict[str, Callable[[Call], Value]] = {
    "Add": _add,
    "ArgMax": _argmax,
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _conv,
    "Div": _divide,
    "Gemm": _gemm,
    "GlobalAveragePool": _global_average,
    "MatMul": _matmul,
    "MaxPool": _max_pool,
    "Mul": _multiply,
    "ReduceMean": _mean,
    "Relu": _clip,
    "Softmax": _softmax,
    "Sub": _add,
    **dict.fromkeys(FUNCTIONS, _function),
    **dict.fromkeys(shapes.MOVES, _moved),
}
SUPPORTED = frozenset({*OPERATORS, "Constant"})

KNOWN_RANGES = {"Softmax": (0.0, 1.0), "Sigmoid": (0.0, 1.0), "HardSigmoid": (0.0, 1.0), "Tanh": (-1.0, 1.0)}
"""Results whose encoding needs no calibration."""


def fused_bounds(op_type: str, inputs: Sequence[Source | None], attributes: dict[str, Any]) -> tuple[float, float]:
    """The bounds of a Relu or Clip that is taken into the node before it."""
    encoding = Encoding(DType.I8, 1.0, 0)
    return _bounds(Call(GraphBuilder(), op_type, inputs, attributes, encoding))
