"""An input too large for a request: only its root is asked about, and nodes find the bytes by it, from each other."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from typer.testing import CliRunner

from lockstep.chain.bindings.shared import Job
from lockstep.cli.main import app
from lockstep.crypto.merkle import tensor_root
from lockstep.exec.run import Program
from lockstep.features.inference.answers import join_inputs
from lockstep.features.inference.inputs import FetchedInputs, layout_of
from lockstep.ir.graph import Graph
from lockstep.node.artifacts import ArtifactServer
from lockstep.store.artifacts import Artifact, ArtifactStore
from lockstep.store.chunks import Layout, artifact_root
from lockstep.store.frames import ProvedChunk
from lockstep.store.http_source import HttpSource
from lockstep.store.peers import Fetcher
from lockstep.testing.network import draw_inputs
from lockstep.types import Address, Digest

SHAPE = (1, 3, 80, 80)
LARGE = 3 * 80 * 80


def call(*arguments: object) -> dict[str, object]:
    result = CliRunner().invoke(app, [str(argument) for argument in (*arguments, "--json")])
    assert result.exit_code == 0, result.stderr + result.stdout
    document: dict[str, object] = json.loads(result.stdout)
    return document


def write_onnx(path: Path) -> None:
    """One convolution of an image of 19,200 numbers."""
    weights = np.random.default_rng(3).normal(0, 0.1, (2, 3, 8, 8)).astype(np.float32)
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], name="conv", kernel_shape=[8, 8], strides=[8, 8])],
        "large",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 2, 10, 10))],
        [numpy_helper.from_array(weights, "w")],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), path)


def configure(name: str, role: str, account: int, url: object, peer: str = "") -> Path:
    call("node", "init", "--local", name)
    path = Path(name) / "lockstep-node.toml"
    text = path.read_text().replace('"challenger"]', f'"{role}"]', 1).replace("account = 2", f"account = {account}")
    text = text.replace("http://127.0.0.1:8545", str(url)).replace("node.sqlite", f"{name}.sqlite")
    settings = f'\n[artifacts]\nstore = "{name}/artifacts"\npeers = {json.dumps([peer] if peer else [])}\n'
    path.write_text(text + settings)
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LOCKSTEP_HOME", raising=False)
    yield tmp_path
    call("down")


def test_a_large_input_is_asked_about_by_its_root(folder: Path) -> None:
    url = call("up", "--port", 0)["url"]
    write_onnx(Path("large.onnx"))
    image = np.random.default_rng(4).normal(0, 1, SHAPE).astype(np.float32)
    np.savez("image.npz", x=image)
    np.savez("samples.npz", x=image.reshape(SHAPE))
    call("model", "compile", "large.onnx", "-o", "large.lockstep", "--calibration", "samples.npz")
    expected = call("model", "run", "large.lockstep", "--input", "image.npz")
    call("model", "register", "large.lockstep")
    asked = call("infer", "request", "large.lockstep", "--input", "image.npz")
    assert asked["input_in_store"] is True
    (kept,) = call("artifact", "ls")["artifacts"]  # type: ignore[misc]
    assert (kept["root"], kept["size"]) == (asked["input_root"], LARGE)  # type: ignore[index]

    call("node", "--config", configure("alone", "server", 3, url), "--until-idle")
    assert call("infer", "status", asked["job_id"])["status"] == "OPEN"  # nobody gave it the input
    with ArtifactServer("127.0.0.1:0", ArtifactStore(Path(".lockstep/artifacts"))) as service:
        config = configure("server", "server", 4, url, f"http://127.0.0.1:{service.port}")
        call("node", "--config", config, "--until-idle")
    status = call("infer", "status", asked["job_id"])
    assert (status["status"], status["output_root"]) == ("ASSERTED", expected["output_root"])
    assert ArtifactStore(Path("server/artifacts")).roots() == [bytes.fromhex(str(asked["input_root"])[2:])]


def job_about(graph: Graph, root: bytes, passes: int) -> Job:
    return Job(Address("0x" + "11" * 20), bytes(32), root, passes, 0, 0, 1, 1, 0, 0)


def test_the_root_of_an_artifact_is_that_of_the_executor(graph: Graph) -> None:
    for passes in (1, 3, 17):
        runs = draw_inputs(graph, passes)
        root = artifact_root(layout_of(graph, passes), join_inputs(graph, runs))
        assert root == Program(graph).run_trace(*runs).input_root


def test_inputs_are_what_the_root_names_wherever_they_are_from(graph: Graph, tmp_path: Path) -> None:
    runs = draw_inputs(graph, 3)
    data, layout = join_inputs(graph, runs), layout_of(graph, 3)
    theirs = ArtifactStore(tmp_path / "theirs")
    root = theirs.put(data, layout)
    job = job_about(graph, root, 3)
    with ArtifactServer("127.0.0.1:0", theirs) as service:
        peer = HttpSource(f"http://127.0.0.1:{service.port}")
        inputs = FetchedInputs(Fetcher(ArtifactStore(tmp_path / "ours"), [peer]), patience_seconds=30)
        assert inputs.find_input(graph, job, b"") == data
    alone = FetchedInputs(Fetcher(ArtifactStore(tmp_path / "empty"), []), patience_seconds=30, retry_seconds=0)
    assert alone.find_input(graph, job, data) == data
    assert alone.find_input(graph, job, b"") is None
    assert alone.find_input(graph, job, bytes(len(data))) is None  # carried, but not what the root names
    ArtifactStore(tmp_path / "empty").put(data, layout)
    assert alone.find_input(graph, job, b"") == data  # found, now that it is there
    assert alone.find_input(graph, job_about(graph, tensor_root(b"other"), 3), b"") is None


class Slow:
    """A source that gives nothing until it is let."""

    name = "slow"

    def __init__(self, artifact: Artifact) -> None:
        self.artifact, self.may_go, self.asked = artifact, threading.Event(), 0

    def find_layout(self, root: Digest) -> Layout | None:
        return self.artifact.layout

    def read_chunks(self, root: Digest, layout: Layout, first: int, last: int) -> Iterator[ProvedChunk]:
        self.asked += 1
        assert self.may_go.wait(30)
        yield from (self.artifact.chunk(number) for number in range(first, last + 1))


def test_a_loop_goes_on_without_a_slow_peer_and_has_the_input_later(graph: Graph, tmp_path: Path) -> None:
    data, layout = join_inputs(graph, draw_inputs(graph, 3)), layout_of(graph, 3)
    theirs = ArtifactStore(tmp_path / "theirs")
    artifact = theirs.open(theirs.put(data, layout))
    job, slow = job_about(graph, artifact.tree.root, 3), Slow(artifact)
    inputs = FetchedInputs(Fetcher(ArtifactStore(tmp_path / "ours"), [slow]), patience_seconds=0.01)
    assert [inputs.find_input(graph, job, b"") for _ in range(3)] == [None] * 3
    slow.may_go.set()
    while inputs.find_input(graph, job, b"") != data:
        threading.Event().wait(0.01)
    assert slow.asked == 1
