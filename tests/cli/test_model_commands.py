"""`lockstep model`: the digits model through compile, verify and run, and what bad input gets."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from typer.testing import CliRunner, Result

from lockstep.cli.demo.example import load_example
from lockstep.cli.main import app

runner = CliRunner()


def call(*arguments: object) -> Result:
    return runner.invoke(app, [str(argument) for argument in arguments])


def document(result: Result) -> dict[str, object]:
    assert result.exit_code == 0, result.stderr
    parsed: dict[str, object] = json.loads(result.stdout)
    return parsed


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    example, folder = load_example(), tmp_path_factory.mktemp("model")
    np.savez(folder / "samples.npz", image=example.calibration)
    np.savez(folder / "image.npz", image=example.images[:1])
    target = folder / "digits.lockstep"
    document(call("model", "compile", example.onnx, "-o", target, "--calibration", folder / "samples.npz", "--json"))
    return target


def test_run_answers_with_numbers_integers_and_roots(compiled: Path) -> None:
    found = document(call("model", "run", compiled, "--input", compiled.parent / "image.npz", "--trace", "--json"))
    logits = found["outputs"]["logits"]  # type: ignore[index]
    assert int(np.argmax(logits["values"])) == load_example().labels[0]
    assert np.shape(logits["integers"]) == (1, 10)
    without = document(call("model", "run", compiled, "--input", compiled.parent / "image.npz", "--json"))
    assert without["output_root"] == found["output_root"]
    assert "trace_root" not in without


def test_verify_knows_the_model_by_its_id(compiled: Path) -> None:
    model_id = document(call("model", "verify", compiled, "--json"))["model_id"]
    assert document(call("model", "verify", compiled, "--against", model_id, "--json"))["ok"] is True
    refused = call("model", "verify", compiled, "--against", "0x" + "00" * 32)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1].startswith("model/other-id: this file is another model (")


def test_one_flipped_bit_is_refused(compiled: Path, tmp_path: Path) -> None:
    data = bytearray(compiled.read_bytes())
    data[len(data) // 2] ^= 1
    damaged = tmp_path / "damaged.lockstep"
    damaged.write_bytes(data)
    result = call("model", "verify", damaged)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("model/file: ")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"image": [1, 2, 3]}', "input/shape"),
        ('{"picture": [1]}', "input/shape"),
        ('{"image": [1], "more": [2]}', "input/names"),
        ("not json", "input/file"),
        ('{"image": [[1, 2], [3]]}', "input/file"),
        ('{"image": ' + json.dumps([[[[float("nan")] * 8] * 8]]) + "}", "input/not-finite"),
    ],
)
def test_wrong_input_is_one_line(compiled: Path, tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "input.json"
    path.write_text(content)
    result = call("model", "run", compiled, "--input", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1].startswith(code + ": ")


def test_refused_model_leaves_no_file(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"\x08\x07nonsense")
    assert call("model", "compile", broken).exit_code == 1
    node = helper.make_node("NonMaxSuppression", ["x", "x"], ["y"], name="the-culprit")
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, 4]) for name in ("x", "y")]
    onnx.save(helper.make_model(helper.make_graph([node], "g", value[:1], value[1:])), tmp_path / "unsupported.onnx")
    result = call("model", "compile", tmp_path / "unsupported.onnx", "--json")
    error = json.loads(result.stdout)["error"]
    assert "the-culprit" in " ".join(error.values())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.onnx", "unsupported.onnx"]
