"""The models that provers are compared on, each as both sides take it: one ONNX file, or a forest in two forms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import onnx

from bench._architectures import Body
from bench.models import Builder, lenet, mlp
from bench.provers.ezkl import Settings
from bench.provers.forests import gather_form, train_forest, tree_form

Build = Callable[[], onnx.ModelProto]
CALIBRATED = Settings()
SMALL_TABLES: dict[str, object] = {"decomp_base": 1024, "decomp_legs": 3}
"""Look-up tables of 2^10 rows instead of 2^14: without it a model of 2,000 rows pays for 32,768."""
MORE_COLUMNS: dict[str, object] = {"num_inner_cols": 4}
"""Twice EZKL's own choice; with it EZKL gets furthest. Of 2 and of 8 columns the set-up needs more than 20 GiB, of 4
the proof does."""


@dataclass(frozen=True)
class Case:
    """One model. ``build_ezkl`` where EZKL needs another form of the same function."""

    key: str
    name: str
    build: Build
    build_ezkl: Build
    settings: Settings = CALIBRATED
    ezkl_proofs: int = 3
    prove_ratio: float | None = None
    """How many times faster than EZKL the proof must be."""
    prove_limit: float | None = None
    """Seconds on one core, where a bound of its own was promised."""
    chain_gas: Mapping[int, int] = field(default_factory=dict)
    """How many runs the proofs for a chain are of, and the most gas that each run may cost."""


def cnn() -> onnx.ModelProto:
    """The CIFAR network that DeepProve calls "264k": its layers' widths, 259,511 parameters."""
    builder = Builder()
    x = builder.add("Relu", builder.conv("x", (3, 12), kernel=5))
    x = builder.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = builder.add("Relu", builder.conv(x, (12, 33), kernel=5))
    x = builder.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = builder.add("Flatten", x)
    x = builder.add("Relu", builder.dense(x, 825, 247))
    x = builder.add("Relu", builder.dense(x, 247, 173))
    return builder.model(builder.dense(x, 173, 10), input_shape=[1, 3, 32, 32], output_shape=[1, 10])


TOKENS, WIDTH, HEADS, HIDDEN, CLASSES = 8, 32, 2, 64, 10


def transformer() -> onnx.ModelProto:
    """One block with the normalisation first (Xiong et al. 2020), ReLU inside, and a linear head on every token."""
    body = Body()
    y = _normalise(body, "x")
    query, key, value = (_split_heads(body, _affine(body, y, WIDTH, WIDTH)) for _ in range(3))
    scores = body.add("MatMul", query, body.add("Transpose", key, perm=[0, 2, 1]))
    scores = body.add("Div", scores, body.constant(np.float32(np.sqrt(WIDTH // HEADS))))
    mixed = body.add("Transpose", body.add("MatMul", body.add("Softmax", scores, axis=-1), value), perm=[1, 0, 2])
    x = body.add("Add", "x", _affine(body, body.reshape(mixed, 1, TOKENS, WIDTH), WIDTH, WIDTH))
    hidden = body.add("Relu", _affine(body, _normalise(body, x), WIDTH, HIDDEN))
    x = body.add("Add", x, _affine(body, hidden, HIDDEN, WIDTH))
    output = _affine(body, x, WIDTH, CLASSES)
    return body.model(output, input_shape=[1, TOKENS, WIDTH], output_shape=[1, TOKENS, CLASSES])


def _normalise(body: Body, x: str) -> str:
    """Layer normalisation (Ba et al. 2016) in primitive operators, as exporters below opset 17 write it."""
    gain, offset = body.constant(np.ones(WIDTH, np.float32)), body.constant(np.zeros(WIDTH, np.float32))
    centred = body.add("Sub", x, body.add("ReduceMean", x, axes=[-1], keepdims=1))
    variance = body.add("ReduceMean", body.add("Mul", centred, centred), axes=[-1], keepdims=1)
    deviation = body.add("Sqrt", body.add("Add", variance, body.constant(np.float32(1e-5))))
    scaled = body.add("Mul", body.add("Mul", centred, body.add("Reciprocal", deviation)), gain)
    return body.add("Add", scaled, offset)


def _affine(body: Body, x: str, inputs: int, outputs: int) -> str:
    return body.add("Add", body.project(x, inputs, outputs), body.weight((outputs,), fan_in=1000))


def _split_heads(body: Body, x: str) -> str:
    return body.add("Transpose", body.reshape(x, TOKENS, HEADS, WIDTH // HEADS), perm=[1, 0, 2])


def _same(key: str, name: str, build: Build, **more: object) -> Case:
    return Case(key, name, build, build, **more)  # type: ignore[arg-type]


def _forest(trees: int, **more: object) -> Case:
    settings = Settings({"decomp_base": 1024}, scales=(7,), lookup_margin=1)
    builds = (lambda: tree_form(train_forest(trees)), lambda: gather_form(train_forest(trees)))
    return Case(f"gbt{trees}", f"gradient-boosted trees, {trees} of depth 3", *builds, settings, **more)  # type: ignore[arg-type]


CASES = (
    _same(
        "credit",
        "credit MLP 20-24-16-8-1",
        partial(mlp, 20, 24, 16, 8, 1),
        settings=Settings(SMALL_TABLES),
        prove_ratio=20,
    ),
    _same("mlp100k", "MLP 784-128-10", partial(mlp, 784, 128, 10), prove_ratio=100),
    _same(
        "mlp1900k",
        "MLP 784-1024-1024-10",
        partial(mlp, 784, 1024, 1024, 10),
        ezkl_proofs=1,
        prove_ratio=100,
        chain_gas={1: 4_000_000, 64: 80_000},
    ),
    _same("lenet", "LeNet-5, 28×28", lenet, ezkl_proofs=1, prove_limit=1.0, chain_gas={1: 3_200_000, 64: 80_000}),
    _same(
        "cnn",
        "CNN of 259,511 parameters, 32×32×3",
        cnn,
        settings=Settings(MORE_COLUMNS),
        ezkl_proofs=1,
        prove_ratio=100,
    ),
    _forest(20),
    _forest(100),
    _same("transformer", "transformer block, 8×32, 2 heads", transformer, ezkl_proofs=1),
)
