"""Every ONNX operator: what onnxruntime gives on the quantised file, and nearly what floats give."""

import importlib.util
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from bench._exact import exact_runner
from lockstep.exec import reference
from lockstep.exec.run import Program
from lockstep.ir.format import model_bytes, parse_model
from lockstep.ir.importer import compile_model
from lockstep.ir.importer.loading import load_onnx
from lockstep.ir.importer.operators import SUPPORTED
from lockstep.ir.importer.quantising import quantise_model
from lockstep.ir.quantise import dequantise_output, quantise_input

specification = importlib.util.spec_from_file_location("onnx_cases", Path(__file__).with_name("onnx_cases.py"))
assert specification is not None
assert specification.loader is not None
onnx_cases = importlib.util.module_from_spec(specification)
specification.loader.exec_module(onnx_cases)

SAMPLES = 8


STEPWISE = ("floor", "ceil", "round", "thresholdedrelu")
"""Functions that jump: half a step before the jump is a whole jump after it."""


def literal_session(path: Path) -> onnxruntime.InferenceSession:
    """Every QuantizeLinear computed as written: fused U8S8 kernels saturate on some processors."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("name", list(onnx_cases.CASES))
def test_operator_equals_onnxruntime(name: str, bits: int, tmp_path: Path) -> None:
    plain, quantised = tmp_path / "plain.onnx", tmp_path / "quantised.onnx"
    onnx.save(onnx_cases.build(name), plain)
    random = np.random.default_rng(5)
    samples = [{"x": random.normal(size=onnx_cases.CASES[name][0]).astype(np.float32)} for _ in range(SAMPLES)]
    onnx.save(quantise_model(load_onnx(plain), samples, activation_bits=bits, on_progress=lambda _: None), quantised)
    graph = compile_model(quantised, activation_bits=bits)
    program, (spec,), (result,) = Program(graph, threads=1), graph.inputs, graph.outputs
    judge, exact, floats = literal_session(quantised), exact_runner(onnx.load(quantised)), literal_session(plain)

    for sample in samples:
        ours = dequantise_output(result, program.run([quantise_input(spec, sample["x"])])[0])
        (theirs,), (real,) = judge.run(None, sample), floats.run(None, sample)
        assert ours.shape == theirs.shape == real.shape
        if bits == 16:
            theirs = exact(sample["x"])  # float32 has too few bits for long sums of 16-bit products
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1.01 * result.scale)
        if name in STEPWISE:
            continue
        spread = float(np.abs(real).max())
        np.testing.assert_allclose(ours, real, rtol=0, atol=(0.06 if bits == 8 else 0.03) * spread + 2 * result.scale)

    assert model_bytes(parse_model(model_bytes(graph))) == model_bytes(graph)


def test_the_reference_agrees_on_a_compiled_model(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(onnx_cases.build("conv, split by rows"), path)
    graph = compile_model(path)
    values = np.random.default_rng(0).integers(-128, 128, graph.inputs[0].shape).astype(np.int8)
    np.testing.assert_array_equal(reference.run(graph, [values])[-1], Program(graph, threads=1).run([values])[0])


def test_every_supported_operator_has_a_case() -> None:
    used = {node.op_type for name in onnx_cases.CASES for node in onnx_cases.build(name).graph.node}
    elsewhere = {"ArgMax", "Constant", "Dropout", "Identity", "Swish"}
    assert used | elsewhere >= SUPPORTED
