"""Compiled benchmark models, kept between runs: compiling a ResNet-50 takes longer than measuring it."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx

import lockstep.ir
from lockstep.crypto.hashing import keccak256
from lockstep.ir.format import read_model, write_model
from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model

CALIBRATION_SEED = 7


def compiled(name: str, build: Callable[[], onnx.ModelProto], cache: Path) -> Graph:
    """The compiled model of a name; compiled anew when the compiler's source has changed."""
    path = cache / f"{name}-{_compiler_digest()}.lockstep"
    if path.is_file():
        return read_model(path)
    model = build()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / f"{name}.onnx"
        onnx.save(model, source)
        graph = compile_model(source, calibration=[sample_inputs(model)])
    cache.mkdir(parents=True, exist_ok=True)
    write_model(path, graph)
    return graph


def sample_inputs(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """One standard normal sample for every input."""
    random = np.random.default_rng(CALIBRATION_SEED)
    shapes = {value.name: [d.dim_value or 1 for d in value.type.tensor_type.shape.dim] for value in model.graph.input}
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def _compiler_digest() -> str:
    folder = Path(lockstep.ir.__file__).parent
    return keccak256(*(path.read_bytes() for path in sorted(folder.rglob("*.py")))).hex()[:12]
