"""Trains a small CNN on scikit-learn's digits; writes ``digits.onnx`` and ``images.json``, always the same bytes.

    python examples/digits/train.py [FOLDER]

conv 3x3x8, ReLU, conv 3x3x16, ReLU, max-pool 2x2, dense 10; momentum SGD in float64 with the gradients written out.
The weights are rounded to multiples of 2^-12, far coarser than what differs between the linear algebra of two machines.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

Array = NDArray[np.float64]

TEST_SIZE = 500
EPOCHS, BATCH = 10, 32
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 0.04, 0.9, 1e-3
GRID = 4096
SHOWN, CALIBRATION = 32, 64
"""Test images for the demo, and training images that the compiler calibrates on."""

SHAPES = {"conv1": (8, 1, 3, 3), "conv2": (16, 8, 3, 3), "dense": (10, 16 * 4 * 4)}


def split_digits() -> tuple[Array, NDArray[np.int64], Array, NDArray[np.int64]]:
    """Images ``[N, 1, 8, 8]`` in 0 … 1 and labels: 1,297 to train on, 500 to test on, always the same."""
    digits = load_digits()
    order = np.random.RandomState(0).permutation(len(digits.target))  # its stream is frozen, unlike default_rng's
    images, labels = digits.images[order, None] / 16.0, digits.target[order].astype(np.int64)
    return images[TEST_SIZE:], labels[TEST_SIZE:], images[:TEST_SIZE], labels[:TEST_SIZE]


def patches(x: Array) -> Array:
    """``[N, C, H, W]`` to the 3x3 neighbourhoods ``[N, H, W, C·9]``, zeros around the image."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, (3, 3), axis=(2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(*x.shape[:1], *x.shape[2:], -1)


def convolve(columns: Array, weight: Array, bias: Array) -> Array:
    """The convolution ``[N, O, H, W]`` of patches."""
    return np.asarray((columns @ weight.reshape(len(weight), -1).T + bias).transpose(0, 3, 1, 2))


def convolve_back(columns: Array, weight: Array, slope: Array) -> tuple[Array, Array, Array]:
    """Gradients of weight, bias and input, from the gradient ``[N, O, H, W]`` of the result."""
    flat = slope.transpose(0, 2, 3, 1).reshape(-1, len(weight))
    weight_slope = (flat.T @ columns.reshape(len(flat), -1)).reshape(weight.shape)
    turned = weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    return weight_slope, flat.sum(axis=0), convolve(patches(slope), turned, np.zeros(len(turned)))


def forward(weights: dict[str, Array], x: Array) -> tuple[Array, dict[str, Array]]:
    """Logits ``[N, 10]`` and what the way back needs."""
    kept: dict[str, Array] = {"columns1": patches(x)}
    kept["relu1"] = np.maximum(convolve(kept["columns1"], weights["conv1"], weights["conv1_bias"]), 0)
    kept["columns2"] = patches(kept["relu1"])
    kept["relu2"] = np.maximum(convolve(kept["columns2"], weights["conv2"], weights["conv2_bias"]), 0)
    n, channels, height, width = kept["relu2"].shape
    kept["tiles"] = kept["relu2"].reshape(n, channels, height // 2, 2, width // 2, 2)
    kept["pooled"] = kept["tiles"].max(axis=(3, 5))
    return kept["pooled"].reshape(n, -1) @ weights["dense"].T + weights["dense_bias"], kept


def gradients(weights: dict[str, Array], x: Array, labels: NDArray[np.int64]) -> dict[str, Array]:
    """Gradients of the mean cross entropy."""
    logits, kept = forward(weights, x)
    n, slopes = len(x), {}
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    slope = odds / odds.sum(axis=1, keepdims=True)
    slope[np.arange(n), labels] -= 1
    slope /= n
    slopes["dense"], slopes["dense_bias"] = slope.T @ kept["pooled"].reshape(n, -1), slope.sum(axis=0)
    pooled_slope = (slope @ weights["dense"]).reshape(kept["pooled"].shape)
    is_greatest = kept["tiles"] == kept["pooled"][:, :, :, None, :, None]
    relu2_slope = (is_greatest * pooled_slope[:, :, :, None, :, None]).reshape(kept["relu2"].shape)
    slopes["conv2"], slopes["conv2_bias"], relu1_slope = convolve_back(
        kept["columns2"], weights["conv2"], relu2_slope * (kept["relu2"] > 0)
    )
    slopes["conv1"], slopes["conv1_bias"], _ = convolve_back(
        kept["columns1"], weights["conv1"], relu1_slope * (kept["relu1"] > 0)
    )
    return slopes


def train(images: Array, labels: NDArray[np.int64]) -> dict[str, Array]:
    """Weights on a grid of 2^-12."""
    random = np.random.RandomState(1)
    weights = {name: random.randn(*shape) * np.sqrt(2 / np.prod(shape[1:])) for name, shape in SHAPES.items()}
    weights |= {f"{name}_bias": np.zeros(shape[0]) for name, shape in SHAPES.items()}
    speeds = {name: np.zeros_like(weight) for name, weight in weights.items()}
    for epoch in range(EPOCHS):
        order = random.permutation(len(images))
        rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            for name, slope in gradients(weights, images[batch], labels[batch]).items():
                speeds[name] = MOMENTUM * speeds[name] - rate * (slope + WEIGHT_DECAY * weights[name])
                weights[name] = weights[name] + speeds[name]
    return {name: np.round(weight * GRID) / GRID for name, weight in weights.items()}


def onnx_model(weights: dict[str, Array]) -> onnx.ModelProto:
    """The trained network as an fp32 ONNX model, ``image [batch, 1, 8, 8]`` to ``logits [batch, 10]``."""
    window = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", ["image", "conv1", "conv1_bias"], ["c1"], name="conv1", **window),
        helper.make_node("Relu", ["c1"], ["r1"], name="relu1"),
        helper.make_node("Conv", ["r1", "conv2", "conv2_bias"], ["c2"], name="conv2", **window),
        helper.make_node("Relu", ["c2"], ["r2"], name="relu2"),
        helper.make_node("MaxPool", ["r2"], ["p"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"], name="flatten"),
        helper.make_node("Gemm", ["f", "dense", "dense_bias"], ["logits"], name="dense", transB=1),
    ]
    tensors = [numpy_helper.from_array(weights[name].astype(np.float32), name) for name in sorted(weights)]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10])
    graph = helper.make_graph(nodes, "digits", [image], [logits], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def picture_rows(images: Array) -> list[list[int]]:
    """Each image as 64 integers 0 … 16, row after row."""
    rows: list[list[int]] = np.rint(images.reshape(len(images), -1) * 16).astype(int).tolist()
    return rows


def main(folder: Path) -> None:
    """Trains, writes both files, prints the accuracy on the test set."""
    images, labels, test_images, test_labels = split_digits()
    with threadpool_limits(1):  # the matrices are too small to share out
        weights = train(images, labels)
    accuracy = float((forward(weights, test_images)[0].argmax(axis=1) == test_labels).mean())
    print(f"{len(test_images)} test images, {accuracy:.1%} right")
    pictures = {
        "labels": test_labels[:SHOWN].tolist(),
        "images": picture_rows(test_images[:SHOWN]),
        "calibration": picture_rows(images[:CALIBRATION]),
    }
    (folder / "digits.onnx").write_bytes(onnx_model(weights).SerializeToString(deterministic=True))
    (folder / "images.json").write_text(json.dumps(pictures, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
