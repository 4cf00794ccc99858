"""The fp32 ONNX models that the benchmarks share: MLP, LeNet-5 and ResNets, with He-random weights."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
SEED = 20261123


@dataclass
class Builder:
    """An ONNX graph under construction; every method adds one layer and returns the name of its result."""

    seed: int = SEED
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initializers: list[onnx.TensorProto] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)

    def weight(self, shape: tuple[int, ...], *, fan_in: int) -> str:
        """A constant drawn from N(0, 2 / fan_in) (He et al. 2015)."""
        name = f"w{len(self.initializers)}"
        values = self.random.normal(0.0, np.sqrt(2.0 / fan_in), shape).astype(np.float32)
        self.initializers.append(numpy_helper.from_array(values, name))
        return name

    def add(self, op_type: str, *inputs: str, **attributes: object) -> str:
        name = f"{op_type.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, list(inputs), [name], name=name, **attributes))
        return name

    def dense(self, x: str, inputs: int, outputs: int) -> str:
        return self.add(
            "Gemm", x, self.weight((outputs, inputs), fan_in=inputs), self.weight((outputs,), fan_in=1000), transB=1
        )

    def conv(self, x: str, channels: tuple[int, int], *, kernel: int, stride: int = 1, pad: int = 0) -> str:
        """A convolution with bias, as it stands after batch-norm folding; ``channels`` is (in, out)."""
        inputs, outputs = channels
        weight = self.weight((outputs, inputs, kernel, kernel), fan_in=inputs * kernel * kernel)
        bias = self.weight((outputs,), fan_in=1000)
        return self.add("Conv", x, weight, bias, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4)

    def model(self, output: str, *, input_shape: list[int], output_shape: list[int]) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            "benchmark",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, input_shape)],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, output_shape)],
            self.initializers,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def mlp(*widths: int) -> onnx.ModelProto:
    """Dense layers with ReLU between them; ``mlp(784, 1024, 1024, 10)`` has 1.86 M parameters."""
    builder, x = Builder(), "x"
    for layer, (inputs, outputs) in enumerate(pairwise(widths)):
        x = builder.dense(x if layer == 0 else builder.add("Relu", x), inputs, outputs)
    return builder.model(x, input_shape=[1, widths[0]], output_shape=[1, widths[-1]])


def lenet() -> onnx.ModelProto:
    """LeNet-5 (LeCun et al. 1998) on 28×28 images, with ReLU and max-pooling."""
    builder = Builder()
    x = builder.add("Relu", builder.conv("x", (1, 6), kernel=5, pad=2))
    x = builder.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = builder.add("Relu", builder.conv(x, (6, 16), kernel=5))
    x = builder.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = builder.add("Flatten", x)
    x = builder.add("Relu", builder.dense(x, 400, 120))
    x = builder.add("Relu", builder.dense(x, 120, 84))
    return builder.model(builder.dense(x, 84, 10), input_shape=[1, 1, 28, 28], output_shape=[1, 10])


def _basic_block(builder: Builder, x: str, channels: tuple[int, int], stride: int) -> str:
    inputs, outputs = channels
    y = builder.add("Relu", builder.conv(x, (inputs, outputs), kernel=3, stride=stride, pad=1))
    y = builder.conv(y, (outputs, outputs), kernel=3, pad=1)
    shortcut = x if stride == 1 and inputs == outputs else builder.conv(x, channels, kernel=1, stride=stride)
    return builder.add("Relu", builder.add("Add", y, shortcut))


def _bottleneck(builder: Builder, x: str, channels: tuple[int, int], stride: int) -> str:
    inputs, outputs = channels
    middle = outputs // 4
    y = builder.add("Relu", builder.conv(x, (inputs, middle), kernel=1))
    y = builder.add("Relu", builder.conv(y, (middle, middle), kernel=3, stride=stride, pad=1))
    y = builder.conv(y, (middle, outputs), kernel=1)
    shortcut = x if stride == 1 and inputs == outputs else builder.conv(x, channels, kernel=1, stride=stride)
    return builder.add("Relu", builder.add("Add", y, shortcut))


RESNETS = {18: (_basic_block, (2, 2, 2, 2), 1), 50: (_bottleneck, (3, 4, 6, 3), 4)}


def resnet(depth: int, *, image: int = 224) -> onnx.ModelProto:
    """ResNet-18 or ResNet-50 (He et al. 2016, table 1), batch norm already folded; 11.7 M and 25.5 M parameters."""
    block, repeats, expansion = RESNETS[depth]
    builder = Builder()
    x = builder.add("Relu", builder.conv("x", (3, 64), kernel=7, stride=2, pad=3))
    x = builder.add("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1] * 4)
    inputs = 64
    for stage, count in enumerate(repeats):
        outputs = 64 * 2**stage * expansion
        for index in range(count):
            x = block(builder, x, (inputs, outputs), 2 if stage > 0 and index == 0 else 1)
            inputs = outputs
    x = builder.add("Flatten", builder.add("GlobalAveragePool", x))
    return builder.model(builder.dense(x, inputs, 1000), input_shape=[1, 3, image, image], output_shape=[1, 1000])
