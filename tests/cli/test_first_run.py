"""The tutorial's commands, in its order, on a chain that keeps its state: up, compile, register, ask, serve, status."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lockstep.chain.local_service import find_service
from lockstep.chain.rpc import Rpc
from lockstep.cli.demo.example import load_example
from lockstep.cli.main import app

WINDOW_SECONDS = 30


def call(*arguments: object) -> dict[str, object]:
    result = CliRunner().invoke(app, [str(argument) for argument in (*arguments, "--json")])
    assert result.exit_code == 0, result.stderr + result.stdout
    document: dict[str, object] = json.loads(result.stdout)
    return document


def refusal(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 1
    return result.stderr.splitlines()[-1]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOCKSTEP_HOME", raising=False)
    yield tmp_path
    call("down")


def test_first_run(folder: Path) -> None:
    example = load_example()
    first = call("up", "--port", 0)
    call("model", "compile", example.onnx, "-o", "digits.lockstep")
    Path("image.json").write_text(json.dumps({"image": example.images[0].ravel().tolist()}))
    expected = call("model", "run", "digits.lockstep", "--input", "image.json")
    assert refusal("infer", "request", "digits.lockstep", "--input", "image.json").startswith("model/unknown: ")

    registered = call("model", "register", "digits.lockstep", "--script", example.script, "--onnx", example.onnx)
    assert refusal("model", "register", "digits.lockstep").startswith("model/already-done: ")
    (listed,) = call("model", "list")["models"]  # type: ignore[misc]
    assert listed["model_id"] == registered["model_id"]  # type: ignore[index]
    ask = ("infer", "request", "digits.lockstep", "--input", "image.json", "--window", WINDOW_SECONDS)
    job = call(*ask)["job_id"]
    assert call("infer", "status", job)["status"] == "OPEN"

    call("node", "init", "--local", "server")
    text = Path("server/lockstep-node.toml").read_text()
    text = text.replace('"challenger"]', '"server"]', 1).replace("account = 2", "account = 1")
    Path("server/lockstep-node.toml").write_text(text.replace("http://127.0.0.1:8545", str(first["url"])))
    call("node", "--config", "server/lockstep-node.toml", "--until-idle")
    asserted = call("infer", "status", job)
    assert (asserted["status"], asserted["output_root"]) == ("ASSERTED", expected["output_root"])

    Rpc(str(first["url"])).call("evm_increaseTime", WINDOW_SECONDS)
    Rpc(str(first["url"])).call("evm_mine")
    call("node", "--config", "server/lockstep-node.toml", "--until-idle")
    assert call("infer", "status", job)["verdict"] == "upheld"


def test_state_survives_down_and_up(folder: Path) -> None:
    first = call("up", "--port", 0)
    assert call("up", "--port", 0)["was_running"] is True
    call("down")
    assert find_service(folder / ".lockstep" / "chain") is None
    again = call("up", "--port", 0)
    assert (again["was_running"], again["deployed_now"]) == (False, False)
    assert again["contracts"] == first["contracts"]


def test_commands_without_a_chain_say_so(folder: Path) -> None:
    assert refusal("model", "list").startswith(
        "chain/not-running: no local chain runs here (.lockstep; run `lockstep up`"
    )
