"""Small classifiers of many shapes: a He-random body and a last layer fitted to the digits by ridge regression."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import numpy_helper

from bench.models import Builder

Images = NDArray[np.float32]
RIDGE = 0.3
"""Regularisation, as a share of the features' mean square: without it the last layer would undo the body's noise."""


@dataclass
class Body(Builder):
    """A builder that knows the operators which the shared one has no name for."""

    def constant(self, values: Any) -> str:
        name = f"k{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def convolve(
        self, x: str, channels: tuple[int, int], kernel: tuple[int, ...], *, groups: int = 1, **window: Any
    ) -> str:
        """A convolution with any window; ``channels`` is (in, out)."""
        inputs, outputs = channels
        fan_in = inputs // groups * int(np.prod(kernel))
        weight = self.weight((outputs, inputs // groups, *kernel), fan_in=fan_in)
        bias = self.weight((outputs,), fan_in=50)
        return self.add("Conv", x, weight, bias, kernel_shape=list(kernel), group=groups, **window)

    def normalise(self, x: str, channels: int) -> str:
        """A batch normalisation as it is after training."""
        gain = self.constant(self.random.uniform(0.5, 1.5, channels).astype(np.float32))
        offset = self.constant(self.random.normal(0, 0.2, channels).astype(np.float32))
        mean = self.constant(self.random.normal(0, 0.2, channels).astype(np.float32))
        variance = self.constant(self.random.uniform(0.5, 1.5, channels).astype(np.float32))
        return self.add("BatchNormalization", x, gain, offset, mean, variance)

    def project(self, x: str, inputs: int, outputs: int) -> str:
        """A product with a constant matrix, for activations of any rank."""
        return self.add("MatMul", x, self.weight((inputs, outputs), fan_in=2 * inputs))

    def reshape(self, x: str, *shape: int) -> str:
        return self.add("Reshape", x, self.constant(np.array(shape, dtype=np.int64)))


def _mlp(body: Body) -> str:
    x = body.add("Relu", body.dense(body.add("Flatten", "x"), 64, 128))
    return body.add("Tanh", body.dense(x, 128, 96))


def _wide_mlp(body: Body) -> str:
    """The second product sums over 4,096 values: three partial sums."""
    x = body.add("Relu", body.dense(body.add("Flatten", "x"), 64, 4096))
    return body.add("Relu", body.dense(x, 4096, 64))


def _cnn(body: Body) -> str:
    x = body.add("Relu", body.normalise(body.convolve("x", (1, 12), (3, 3), pads=[1, 1, 1, 1]), 12))
    x = body.add("MaxPool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    x = body.convolve(x, (12, 24), (3, 3), strides=[2, 2], auto_pad="SAME_UPPER")
    x = body.add("Clip", x, body.constant(np.float32(0)), body.constant(np.float32(6)))
    gate = body.add("Sigmoid", body.convolve(x, (24, 24), (1, 1)))
    x = body.add("Mul", x, gate)
    x = body.add("AveragePool", x, kernel_shape=[2, 2], strides=[1, 1], pads=[0, 0, 1, 1], count_include_pad=1)
    x = body.add("LeakyRelu", body.normalise(x, 24), alpha=0.1)
    x = body.add("Sub", x, body.constant(body.random.normal(0, 0.1, (24, 1, 1)).astype(np.float32)))
    return body.add("Flatten", body.add("Transpose", x, perm=[0, 2, 3, 1]))


def _depthwise(body: Body) -> str:
    x = body.add("HardSwish", body.convolve("x", (1, 16), (3, 3), pads=[1, 1, 1, 1]))
    for inputs, outputs, stride in ((16, 32, 2), (32, 64, 1), (64, 96, 1)):
        x = body.convolve(x, (inputs, inputs), (3, 3), groups=inputs, strides=[stride] * 2, pads=[1, 1, 1, 1])
        x = body.add("Relu", body.normalise(x, inputs))
        x = body.add("HardSwish", body.convolve(x, (inputs, outputs), (1, 1)))
    return body.add("Flatten", x)


def _residual(body: Body) -> str:
    x = body.add("Relu", body.convolve("x", (1, 16), (3, 3), pads=[1, 1, 1, 1]))
    for inputs, outputs, stride in ((16, 16, 1), (16, 32, 2), (32, 32, 1)):
        window = {"pads": [1, 1, 1, 1]}
        y = body.add("Relu", body.convolve(x, (inputs, outputs), (3, 3), strides=[stride] * 2, **window))
        y = body.convolve(y, (outputs, outputs), (3, 3), **window)
        shortcut = x if inputs == outputs else body.convolve(x, (inputs, outputs), (1, 1), strides=[stride] * 2)
        x = body.add("Relu", body.add("Add", y, shortcut))
    context = body.convolve(body.add("GlobalAveragePool", x), (32, 32), (1, 1))
    return body.add("Flatten", body.add("Add", x, context))


def _attention(body: Body) -> str:
    """A transformer block over the eight rows of the image."""
    tokens, width = 8, 24
    x = body.project(body.reshape("x", 1, tokens, 8), 8, width)
    x = body.add("Add", x, body.constant(body.random.normal(0, 0.3, (tokens, width)).astype(np.float32)))
    query, key, value = (body.project(x, width, width) for _ in range(3))
    scores = body.add("MatMul", query, body.add("Transpose", key, perm=[0, 2, 1]))
    scores = body.add("Div", scores, body.constant(np.float32(np.sqrt(width))))
    mixed = body.add("MatMul", body.add("Softmax", scores, axis=-1), value)
    x = body.add("Add", x, body.project(mixed, width, width))
    hidden = body.add("Sigmoid", body.project(x, width, 48))
    x = body.add("Add", x, body.project(hidden, 48, width))
    return body.add("Flatten", x)


def _inception(body: Body) -> str:
    x = body.add("Relu", body.convolve("x", (1, 12), (3, 3), pads=[1, 1, 1, 1]))
    branches = [
        body.add("Relu", body.convolve(x, (12, 8), (1, 1))),
        body.add("Relu", body.convolve(x, (12, 16), (3, 3), pads=[2, 2, 2, 2], dilations=[2, 2])),
        body.add("Elu", body.convolve(x, (12, 8), (5, 5), pads=[2, 2, 2, 2])),
        body.convolve(body.add("MaxPool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1]), (12, 8), (1, 1)),
    ]
    x = body.add("Concat", *branches, axis=1)
    x = body.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    return body.add("Flatten", body.add("Relu", body.convolve(x, (40, 32), (3, 3), groups=4, pads=[1, 1, 1, 1])))


def _sequence(body: Body) -> str:
    """Convolutions over one axis."""
    x = body.add("Relu", body.convolve(body.reshape("x", 1, 8, 8), (8, 32), (3,), pads=[1, 1]))
    x = body.add("Softplus", body.convolve(x, (32, 48), (3,), pads=[1, 1], groups=2))
    return body.add("Flatten", body.add("AveragePool", x, kernel_shape=[2], strides=[2]))


BODIES: dict[str, tuple[Callable[[Body], str], int]] = {
    "mlp": (_mlp, 8),
    "wide mlp": (_wide_mlp, 8),
    "cnn": (_cnn, 8),
    "depthwise": (_depthwise, 8),
    "residual": (_residual, 8),
    "attention": (_attention, 8),
    "inception": (_inception, 8),
    "sequence": (_sequence, 8),
    "mlp, 16 bits": (_mlp, 16),
    "cnn, 16 bits": (_cnn, 16),
    "attention, 16 bits": (_attention, 16),
}
"""Architecture and activation bits."""


def build(name: str, images: Images, labels: NDArray[np.int64]) -> onnx.ModelProto:
    """A classifier of digits ``[1, 1, 8, 8]`` whose last layer is fitted to the given images."""
    body = Body()
    features_name = BODIES[name][0](body)
    probe = body.model(features_name, input_shape=[1, 1, 8, 8], output_shape=[1, "width"])
    session = onnxruntime.InferenceSession(probe.SerializeToString(), providers=["CPUExecutionProvider"])
    features = np.concatenate([session.run(None, {"x": image[None]})[0] for image in images]).astype(np.float64)
    centre, targets = features.mean(axis=0), np.eye(10)[labels] - 0.1
    centred = features - centre
    ridge = RIDGE * (centred**2).sum() / len(centre) * np.eye(len(centre))
    head = np.linalg.solve(centred.T @ centred + ridge, centred.T @ targets).astype(np.float32)
    bias = (0.1 - centre @ head).astype(np.float32)
    logits = body.add("Gemm", features_name, body.constant(head), body.constant(bias))
    return body.model(logits, input_shape=[1, 1, 8, 8], output_shape=[1, 10])
