"""What cannot be compiled is refused with a code, the culprit's name and what to do."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from lockstep.errors import LockstepError, ModelError, ShapeError
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import TensorSpec
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import dequantise_output, quantise_input


def dense(weight: np.ndarray, shape: list[int | str]) -> onnx.ModelProto:
    return model([helper.make_node("MatMul", ["x", "w"], ["y"], name="dense")], {"w": weight}, shape)


def model(nodes: list[onnx.NodeProto], constants: dict[str, np.ndarray], shape: list[int | str]) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "bad",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["any", "size"])],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


ONES = np.ones((4, 3), np.float32)


def unsupported() -> onnx.ModelProto:
    nodes = [helper.make_node("Det", ["x"], ["y"], name="determinant")]
    return model(nodes, {}, [1, 4, 4])


def external() -> onnx.ModelProto:
    made = dense(np.ones((64, 64), np.float32), [1, 64])
    onnx.external_data_helper.convert_model_to_external_data(made, location="weights.bin", size_threshold=0)
    return made


def half_quantised() -> onnx.ModelProto:
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node("MatMul", ["d", "w"], ["y"], name="dense"),
    ]
    return model(nodes, {"w": ONES, "s": np.float32(0.1), "z": np.uint8(0)}, [1, 4])


REFUSED: dict[str, tuple[str, str, Callable[[], onnx.ModelProto]]] = {
    "operator": ("model/unsupported-op", "'determinant' is not supported", unsupported),
    "NaN": ("model/not-finite", "'w'", lambda: dense(ONES * np.float32("nan"), [1, 4])),
    "infinity": ("model/not-finite", "'w'", lambda: dense(ONES * np.float32("inf"), [1, 4])),
    "free axis": ("model/dynamic-shape", "axis 1 of input 'x'", lambda: dense(ONES, [1, "width"])),
    "half quantised": ("model/not-quantised", "'y'", half_quantised),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_model_is_refused_by_name(name: str, tmp_path: Path) -> None:
    code, culprit, build = REFUSED[name]
    path = tmp_path / "bad.onnx"
    onnx.save(build(), path)
    with pytest.raises(ModelError) as refusal:
        compile_model(path)
    assert refusal.value.code == code
    assert culprit in refusal.value.message
    assert refusal.value.remedy


def test_an_unsupported_operator_is_answered_with_what_is_supported(tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    onnx.save(unsupported(), path)
    with pytest.raises(ModelError, match=r"supported: Abs, Add, .*Conv, .*Softmax"):
        compile_model(path)


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x08" + bytes(40)])
def test_bytes_that_are_no_model_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"^model/corrupt"):
        compile_model(path)


def test_a_cut_model_is_refused(tmp_path: Path) -> None:
    data = dense(ONES, [1, 4]).SerializeToString()
    path = tmp_path / "bad.onnx"
    for length in range(1, len(data), 7):
        path.write_bytes(data[:length])
        with pytest.raises(LockstepError):
            compile_model(path)


def test_weights_that_lie_elsewhere_and_are_gone_are_refused(tmp_path: Path) -> None:
    onnx.save(external(), tmp_path / "bad.onnx")
    (tmp_path / "weights.bin").unlink(missing_ok=True)
    with pytest.raises(ModelError, match=r"^model/corrupt"):
        compile_model(tmp_path / "bad.onnx")


def test_weights_that_lie_elsewhere_are_read(tmp_path: Path) -> None:
    onnx.save(external(), tmp_path / "good.onnx")
    assert (tmp_path / "weights.bin").is_file()
    assert compile_model(tmp_path / "good.onnx").outputs[0].shape == (1, 64)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^model/missing"):
        compile_model(tmp_path / "nothing.onnx")


def test_a_free_batch_size_becomes_one(tmp_path: Path) -> None:
    path = tmp_path / "good.onnx"
    onnx.save(dense(ONES, ["batch", 4]), path)
    graph = compile_model(path)
    assert graph.inputs[0].shape == (1, 4)
    assert graph.outputs[0].shape == (1, 3)


def test_calibration_of_another_shape_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "good.onnx"
    onnx.save(dense(ONES, [1, 4]), path)
    for sample in ({"x": np.zeros((1, 5), np.float32)}, {"other": np.zeros((1, 4), np.float32)}):
        with pytest.raises(ModelError, match=r"^model/calibration"):
            compile_model(path, calibration=[sample])
    with pytest.raises(ModelError, match=r"^model/calibration"):
        compile_model(path, calibration=[])


def test_other_bits_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "good.onnx"
    onnx.save(dense(ONES, [1, 4]), path)
    with pytest.raises(ModelError, match=r"^model/bits"):
        compile_model(path, activation_bits=4)


SPEC = TensorSpec("x", DType.I8, (1, 3), 0.5, -1)


def test_inputs_are_rounded_and_clamped() -> None:
    assert quantise_input(SPEC, [[0.3, -100, 100]]).tolist() == [[0, -128, 127]]
    np.testing.assert_array_equal(dequantise_output(SPEC, np.array([[-1, 0, 3]], np.int8)), [[0, 0.5, 2]])


@pytest.mark.parametrize(("values", "code"), [([[1, 2]], "input/shape"), ([[1, 2, np.nan]], "input/not-finite")])
def test_bad_inputs_are_refused(values: list[list[float]], code: str) -> None:
    with pytest.raises(ShapeError) as refusal:
        quantise_input(SPEC, values)
    assert refusal.value.code == code
