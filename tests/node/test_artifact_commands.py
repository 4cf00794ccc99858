"""The commands of artifacts: kept, fetched with a liar among the peers, served by a process, demanded on chain."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from lockstep.chain.local_service import find_service
from lockstep.chain.rpc import Rpc
from lockstep.cli.main import app
from lockstep.crypto.merkle import tensor_root
from lockstep.node.artifacts import ArtifactServer
from lockstep.store.artifacts import ArtifactStore
from lockstep.store.chunks import CHUNK_BYTES

DATA = np.random.default_rng(11).bytes(2 * CHUNK_BYTES + 9)
ROOT = "0x" + tensor_root(DATA).hex()


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
    (tmp_path / "data.bin").write_bytes(DATA)
    yield tmp_path
    if find_service(Path(".lockstep/chain")) is not None:
        call("down")


def test_put_list_and_get(folder: Path) -> None:
    assert call("artifact", "ls")["artifacts"] == []
    kept = call("artifact", "put", "data.bin")["artifacts"]
    assert kept == [{"root": ROOT, "size": len(DATA), "file": "data.bin"}]
    assert call("artifact", "ls")["artifacts"] == [{"root": ROOT, "size": len(DATA), "chunks": 3}]
    with ArtifactServer("127.0.0.1:0", ArtifactStore(Path(".lockstep/artifacts"))) as server:
        peer = f"http://127.0.0.1:{server.port}"
        got = call("artifact", "get", ROOT, "--output", "copy.bin", "--peer", peer, "--store", "other")
    assert got["size"] == len(DATA) and got["misconduct"] == {}
    assert Path("copy.bin").read_bytes() == DATA
    Path("empty").touch()
    assert refusal("artifact", "put", "empty").startswith("artifact/layout: ")
    assert refusal("artifact", "get", "0x12", "--output", "x").startswith("artifact/root: ")
    missing = ("artifact", "get", ROOT, "--output", "x", "--store", "third", "--peer", "http://127.0.0.1:1")
    assert refusal(*missing).startswith("artifact/unavailable: ")
    assert not Path("x").exists()


# The command without the rest of the command line, which takes longer to load than the test to run.
SERVE = """
from lockstep.features.artifacts.commands import serve
serve(lambda text, *_: print(text, flush=True), listen="127.0.0.1:0")
"""


def test_serve_is_a_process_that_ends_when_told(folder: Path) -> None:
    call("artifact", "put", "data.bin")
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        call("artifact", "get", ROOT, "--output", "copy.bin", "--peer", url, "--store", "other", "--size", len(DATA))
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    assert Path("copy.bin").read_bytes() == DATA


def test_what_nobody_sends_is_demanded_on_chain(folder: Path) -> None:
    url = str(call("up", "--port", 0)["url"])
    layout = f"1;{len(DATA)}"
    made = call("artifact", "demand", ROOT, "--layout", layout, "--offset", CHUNK_BYTES + 1, "--account", 1)
    assert call("artifact", "answer", "--account", 2)["demands"] == []  # it is not in this store, and not late
    call("artifact", "put", "data.bin")
    (done,) = call("artifact", "answer", "--account", 2)["demands"]  # type: ignore[misc]
    assert (done["demand_id"], done["what"]) == (made["demand_id"], "answered")  # type: ignore[index]
    assert call("artifact", "answer", "--account", 2)["demands"] == []

    other = "0x" + "12" * 32
    late = call("artifact", "demand", other, "--layout", layout, "--account", 1)
    Rpc(url).call("evm_increaseTime", 10_000)
    Rpc(url).call("evm_mine")
    ended = call("artifact", "answer", "--account", 1)
    (done,) = ended["demands"]  # type: ignore[misc]
    assert (done["demand_id"], done["what"]) == (late["demand_id"], "expired")  # type: ignore[index]
    assert int(str(ended["withdrawn_wei"])) >= int(str(late["payment_wei"]))
