"""A model that is registered with its key: it is asked for by that key, and nodes know it by both of its ids."""

import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lockstep.claims.model import commit_model
from lockstep.cli.demo.example import load_example
from lockstep.cli.main import app
from lockstep.errors import ProofError
from lockstep.features.inference.answers import ModelLibrary
from lockstep.ir.format import read_model


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
    call("model", "compile", load_example().onnx, "-o", "digits.lockstep")
    yield tmp_path
    if (tmp_path / ".lockstep").exists():
        call("down")


def test_a_model_is_registered_with_its_key_and_answered(folder: Path) -> None:
    example = load_example()
    url = str(call("up", "--port", 0)["url"])
    made = call("model", "key", "digits.lockstep")
    Path("image.json").write_text(json.dumps({"image": example.images[0].ravel().tolist()}))
    ask = ("infer", "request", "digits.lockstep", "--input", "image.json", "--key", "digits.key")
    unknown = refusal(*ask)
    assert unknown.startswith("model/unknown: ")
    assert "lockstep model register digits.lockstep --key digits.key" in unknown

    registered = call("model", "register", "digits.lockstep", "--key", "digits.key")
    assert registered["model_id"] == made["model_id"]
    kept = Path(str(registered["kept"]))
    assert sorted(path.suffix for path in kept.parent.iterdir()) == [".key", ".lockstep"]
    assert kept.with_suffix(".key").read_bytes() == Path("digits.key").read_bytes()
    assert refusal(*ask[:-2]).startswith("model/unknown: ")

    job = call(*ask)
    assert job["model_id"] == made["model_id"]
    call("node", "init", "--local", ".")
    text = Path("lockstep-node.toml").read_text().replace('"challenger"]', '"server"]', 1)
    text = text.replace("account = 2", "account = 1").replace("http://127.0.0.1:8545", url)
    Path("lockstep-node.toml").write_text(text)
    call("node", "--config", "lockstep-node.toml", "--until-idle")
    answered = call("infer", "status", job["job_id"])
    expected = call("model", "run", "digits.lockstep", "--input", "image.json")
    assert (answered["status"], answered["output_root"]) == ("ASSERTED", expected["output_root"])


def test_every_command_of_the_page_works(folder: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "prove-an-answer.md").read_text()
    lines = [line for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    assert [line.split()[1] for line in lines] == ["model", "prove", "verify", "verify", "model", "infer", "infer"]
    call("up", "--port", 0)
    Path("image.json").write_text(json.dumps({"image": load_example().images[0].ravel().tolist()}))
    for line in lines:
        assert call(*shlex.split(line)[1:])["ok"] is True
    assert "(24 here" in page
    assert call("model", "key", "digits.lockstep", "-o", "again.key")["budget"] == 24


def test_nodes_know_a_model_with_a_key_by_both_ids(folder: Path) -> None:
    made = call("model", "key", "digits.lockstep")
    plain = commit_model(read_model(folder / "digits.lockstep")).model_id
    ids = ["0x" + model_id.hex() for model_id in ModelLibrary(folder).graphs]
    assert ids == ["0x" + plain.hex(), made["model_id"]]


def test_a_key_of_another_model_does_not_name_this_one(folder: Path) -> None:
    call("model", "key", "digits.lockstep", "-o", "other.key")
    call("model", "compile", load_example().onnx, "-o", "wide.lockstep", "--bits", 16)
    shutil.copy("other.key", "wide.key")
    with pytest.raises(ProofError, match="proof/other-model"):
        ModelLibrary(folder)
    assert refusal("model", "register", "wide.lockstep", "--key", "other.key").startswith("proof/other-model: ")
    assert refusal("model", "register", "wide.lockstep", "--key", "none.key").startswith("proof/file: ")
