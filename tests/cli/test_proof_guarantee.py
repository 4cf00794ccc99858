"""An answer that is asked for with a proof: no bond will do, and a node that has the key proves it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lockstep.cli.demo.example import load_example
from lockstep.cli.main import app


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
    """A compiled model, a key for a chain, and an image."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOCKSTEP_HOME", raising=False)
    example = load_example()
    call("model", "compile", example.onnx, "-o", "digits.lockstep")
    call("model", "key", "digits.lockstep", "--prefer", "chain")
    Path("image.json").write_text(json.dumps({"image": example.images[0].ravel().tolist()}))
    yield tmp_path
    if (tmp_path / ".lockstep").exists():
        call("down")


def run_node(role: str, url: str, **settings: object) -> None:
    """A node with one role, until it has nothing to do; it has nothing to complain about."""
    lines = [f'roles = ["{role}"]', f'rpc = "{url}"', 'deployment = ".lockstep/deployment.json"']
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    Path(f"{role}.toml").write_text("\n".join([*lines, f'journal = "{role}.sqlite"']))
    result = CliRunner().invoke(app, ["node", "--config", f"{role}.toml", "--until-idle"])
    assert result.exit_code == 0, result.stderr
    assert '"level": "error"' not in result.stderr
    assert '"level": "warning"' not in result.stderr


ASK = ("infer", "request", "digits.lockstep", "--input", "image.json", "--key", "digits.key", "--guarantee", "proof")


def test_only_a_proof_answers(folder: Path) -> None:
    url = str(call("up", "--port", 0)["url"])
    call("model", "register", "digits.lockstep", "--key", "digits.key")
    job = call(*ASK)
    assert job["guarantee"] == "proof"

    run_node("server", url, models=".", account=1)
    waiting = call("infer", "status", job["job_id"])
    assert (waiting["status"], waiting["guarantee"], waiting["claimant"]) == ("OPEN", "proof", "0x" + "0" * 40)
    assert str(waiting["waits_for"]).startswith("a proof, for ")

    run_node("prover", url, models=".", account=2)
    settled = call("infer", "status", job["job_id"])
    expected = call("model", "run", "digits.lockstep", "--input", "image.json")
    assert (settled["status"], settled["output_root"]) == ("FINAL", expected["output_root"])
    assert settled["proved_by"] == settled["claimant"] != waiting["claimant"]
    assert json.loads((folder / "digits.key.secret").read_text())["used"] == 1


def test_what_nobody_could_prove_is_not_asked(folder: Path) -> None:
    assert refusal(*ASK[:5], "--guarantee", "proof").startswith("proof/key: ")
    call("model", "key", "digits.lockstep", "--hide-inputs", "-o", "hidden.key")
    assert refusal(*ASK[:5], "--key", "hidden.key", "--guarantee", "proof").startswith("desk/shape: ")
    assert not (folder / ".lockstep").exists()
