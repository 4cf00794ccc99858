"""One tiny ONNX model for each operator that the importer knows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Shape = tuple[int, ...]


class Tiny:
    """A model under construction: input ``x``, constants by value, one node after another."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.random = np.random.default_rng(3)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, values: Any) -> str:
        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def normal(self, *shape: int) -> str:
        return self.constant(self.random.normal(0, 0.5, shape).astype(np.float32))

    def add(self, op_type: str, *inputs: str, **attributes: Any) -> str:
        name = f"{op_type.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op_type, list(inputs), [name], name=name, **attributes))
        return name

    def model(self, output: str, kind: int = TensorProto.FLOAT) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes,
            "tiny",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(output, kind, None)],
            self.constants,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
        return onnx.shape_inference.infer_shapes(model)


IMAGE: Shape = (1, 4, 6, 5)
ROW: Shape = (2, 7)
SEQUENCE: Shape = (1, 4, 9)

Build = Callable[[Tiny], str]


def conv(channels: tuple[int, int], kernel: Shape, **attributes: Any) -> Build:
    def build(tiny: Tiny) -> str:
        weight = tiny.normal(channels[1], channels[0] // attributes.get("group", 1), *kernel)
        return tiny.add("Conv", "x", weight, tiny.normal(channels[1]), kernel_shape=list(kernel), **attributes)

    return build


def on(op_type: str, **attributes: Any) -> Build:
    return lambda tiny: tiny.add(op_type, "x", **attributes)


def with_constant(op_type: str, *shape: int) -> Build:
    return lambda tiny: tiny.add(op_type, "x", tiny.constant(tiny.random.uniform(0.5, 2, shape).astype(np.float32)))


def with_integers(op_type: str, *lists: list[int]) -> Build:
    return lambda tiny: tiny.add(op_type, "x", *[tiny.constant(np.array(values, np.int64)) for values in lists])


def activation(op_type: str, **attributes: Any) -> Build:
    return on(op_type, **attributes)


def positive(op_type: str) -> Build:
    """The function of a value between 0.5 and 1.5."""

    def build(tiny: Tiny) -> str:
        half = tiny.constant(np.float32(0.5))
        return tiny.add(op_type, tiny.add("Add", tiny.add("Sigmoid", "x"), half))

    return build


def batch_norm(tiny: Tiny) -> str:
    statistics = [tiny.constant(tiny.random.uniform(0.5, 1.5, 4).astype(np.float32)) for _ in range(4)]
    return tiny.add("BatchNormalization", tiny.add("Sigmoid", "x"), *statistics)


def folded_batch_norm(tiny: Tiny) -> str:
    statistics = [tiny.constant(tiny.random.uniform(0.5, 1.5, 6).astype(np.float32)) for _ in range(4)]
    return tiny.add("BatchNormalization", conv((4, 6), (3, 3))(tiny), *statistics)


def two_branches(op_type: str, **attributes: Any) -> Build:
    def build(tiny: Tiny) -> str:
        return tiny.add(op_type, tiny.add("Sigmoid", "x"), tiny.add("Tanh", "x"), **attributes)

    return build


def many_branches(tiny: Tiny) -> str:
    return tiny.add("Concat", *[tiny.add("LeakyRelu", "x", alpha=0.1 * k) for k in range(1, 11)], axis=1)


def attention(tiny: Tiny) -> str:
    turned = tiny.add("Transpose", tiny.add("Tanh", "x"), perm=[0, 2, 1])
    return tiny.add("MatMul", tiny.add("Sigmoid", "x"), turned)


def relu(tiny: Tiny) -> str:
    return tiny.add("Relu", tiny.add("Transpose", conv((4, 6), (3, 3))(tiny), perm=[0, 2, 3, 1]))


def pool_of_pool(tiny: Tiny) -> str:
    """Their results share the scale of what they read, so their means are exact halves now and then."""
    return tiny.add("AveragePool", tiny.add("AveragePool", "x", kernel_shape=[3, 1]), kernel_shape=[1, 3])


def clip(tiny: Tiny) -> str:
    return tiny.add("Clip", tiny.add("Tanh", "x"), tiny.constant(np.float32(-0.5)), tiny.constant(np.float32(0.8)))


def fused_clip(tiny: Tiny) -> str:
    bounds = tiny.constant(np.float32(0)), tiny.constant(np.float32(6))
    return tiny.add("Clip", conv((4, 6), (3, 3))(tiny), *bounds)


def gemm(**attributes: Any) -> Build:
    def build(tiny: Tiny) -> str:
        weight = tiny.normal(*((5, 7) if attributes.get("transB") else (7, 5)))
        return tiny.add("Gemm", "x", weight, tiny.normal(5), **attributes)

    return build


def matmul(*shape: int) -> Build:
    return lambda tiny: tiny.add("MatMul", "x", tiny.normal(*shape))


def flatten_images(tiny: Tiny) -> str:
    return tiny.add("Flatten", conv((4, 6), (3, 3))(tiny))


def scattered_mean(tiny: Tiny) -> str:
    return tiny.add("ReduceMean", conv((4, 6), (3, 3))(tiny), tiny.constant(np.array([2, 3], np.int64)), keepdims=0)


CASES: dict[str, tuple[Shape, Build]] = {
    "gemm": (ROW, gemm()),
    "gemm transposed and scaled": (ROW, gemm(transB=1, alpha=0.5, beta=2.0)),
    "matmul": ((1, 3, 7), matmul(7, 4)),
    "matmul, long": ((1, 4000), matmul(4000, 3)),
    "matmul, in a tree": ((1, 13000), matmul(13000, 2)),
    "matmul of activations": ((1, 6, 5), attention),
    "matmul of long activations": ((1, 2, 3500), attention),
    "conv": (IMAGE, conv((4, 6), (3, 3))),
    "conv, padded": (IMAGE, conv((4, 6), (3, 3), pads=[1, 0, 2, 1])),
    "conv, strided": (IMAGE, conv((4, 6), (3, 2), strides=[2, 3])),
    "conv, dilated": (IMAGE, conv((4, 6), (2, 2), dilations=[2, 3])),
    "conv, grouped": (IMAGE, conv((4, 6), (3, 3), group=2)),
    "conv, depthwise": (IMAGE, conv((4, 8), (3, 3), group=4)),
    "conv, depthwise and wide": ((1, 600, 7, 7), conv((600, 600), (7, 7), group=600)),
    "conv, same upper": (IMAGE, conv((4, 6), (3, 3), auto_pad="SAME_UPPER", strides=[2, 2])),
    "conv, same lower": (IMAGE, conv((4, 6), (2, 2), auto_pad="SAME_LOWER")),
    "conv, one axis": (SEQUENCE, conv((4, 6), (3,), pads=[1, 1])),
    "conv, split by rows": ((1, 200, 4, 4), conv((200, 2), (3, 3), pads=[1, 1, 1, 1])),
    "conv, split by channels": ((1, 1600, 2, 2), conv((1600, 2), (2, 2))),
    "add": (IMAGE, two_branches("Add")),
    "add, constant": (IMAGE, with_constant("Add", 4, 1, 1)),
    "sub": (IMAGE, two_branches("Sub")),
    "mul": (IMAGE, two_branches("Mul")),
    "mul, constant": (IMAGE, with_constant("Mul", 5)),
    "div, constant": (IMAGE, with_constant("Div", 1)),
    "relu": (IMAGE, relu),
    "relu of an input": (ROW, lambda tiny: tiny.add("MatMul", tiny.add("Relu", "x"), tiny.normal(7, 5))),
    "pool of a pool": (IMAGE, pool_of_pool),
    "clip": (IMAGE, clip),
    "clip, fused": (IMAGE, fused_clip),
    "batch norm": (IMAGE, batch_norm),
    "batch norm, folded": (IMAGE, folded_batch_norm),
    "max pool": (IMAGE, on("MaxPool", kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1])),
    "max pool, ceil": (IMAGE, on("MaxPool", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)),
    "max pool, one axis": (SEQUENCE, on("MaxPool", kernel_shape=[3])),
    "average pool": (IMAGE, on("AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1])),
    "average pool, with padding": (IMAGE, on("AveragePool", kernel_shape=[3, 3], pads=[1] * 4, count_include_pad=1)),
    "global average": (IMAGE, on("GlobalAveragePool")),
    "mean, no axes kept": (IMAGE, scattered_mean),
    "flatten": (IMAGE, flatten_images),
    "reshape": (IMAGE, with_integers("Reshape", [0, 2, -1])),
    "squeeze": (IMAGE, with_integers("Squeeze", [0])),
    "unsqueeze": (ROW, with_integers("Unsqueeze", [1])),
    "transpose": (IMAGE, on("Transpose", perm=[0, 3, 1, 2])),
    "slice": (IMAGE, with_integers("Slice", [1, -4], [3, 100], [1, 2], [1, 2])),
    "concat": (IMAGE, two_branches("Concat", axis=1)),
    "concat, last axis": (IMAGE, two_branches("Concat", axis=-1)),
    "concat of ten": (ROW, many_branches),
    "softmax": ((2, 3, 6), on("Softmax", axis=-1)),
    "softmax, inner axis": ((2, 3, 6), on("Softmax", axis=1)),
    "log": (ROW, positive("Log")),
    "sqrt": (ROW, positive("Sqrt")),
    "reciprocal": (ROW, positive("Reciprocal")),
    **{
        op_type.lower(): (ROW, activation(op_type))
        for op_type in (
            "Sigmoid", "Tanh", "Gelu", "Erf", "Elu", "LeakyRelu", "HardSigmoid", "HardSwish", "Softplus", "Exp",
            "Selu", "Celu", "Mish", "Softsign", "ThresholdedRelu", "Abs", "Neg", "Floor", "Ceil", "Round", "Sin", "Cos",
        )
    },
}  # fmt: skip


def build(name: str) -> onnx.ModelProto:
    """The model of a case."""
    shape, make = CASES[name]
    tiny = Tiny(shape)
    return tiny.model(make(tiny))
