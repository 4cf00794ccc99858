"""A network of real processes: it starts, is asked while a node lies and another is dead, and goes on after a stop."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lockstep.cli.main import app
from lockstep.cli.net import phases
from lockstep.cli.net.plan import Home, read_plan
from lockstep.cli.net.processes import Fleet

NODES, REQUESTS = 4, 5
"""Five requests are two with a bond, two to committees, and one for a proof."""


def document(*words: object) -> dict[str, Any]:
    result = CliRunner().invoke(app, [str(word) for word in (*words, "--json")])
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refusal(*words: object) -> str:
    """The code of the error."""
    result = CliRunner().invoke(app, [str(word) for word in (*words, "--json")])
    assert result.exit_code == 1
    return str(json.loads(result.stdout)["error"]["code"])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("net") / "net"
    document("net", "up", "--nodes", NODES, "--home", folder)
    yield folder
    document("net", "down", "--erase", "--home", folder)
    assert not folder.exists()


def test_nodes_are_processes_with_keys_and_stakes_of_their_own(home: Path) -> None:
    found = document("net", "status", "--home", home)["nodes"]
    assert len(found) == NODES
    assert {node["state"] for node in found} == {"honest"} and all(node["ready"] for node in found)
    assert all(node["tickets"] == 60 for node in found)
    for different in ("pid", "address", "log"):
        assert len({node[different] for node in found}) == NODES
    keystores = {path.read_text() for path in home.glob("nodes/*/keystore.json")}
    assert len(keystores) == NODES
    assert {path.stat().st_mode & 0o777 for path in home.glob("nodes/*/password")} == {0o600}


def test_nothing_is_lost_while_a_node_lies_and_another_is_dead(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phases, "FAULT_SECONDS", 4.0)
    words = ("--requests", REQUESTS, "--victims", 1, "--kind", "lazy", "--home", home)
    found = document("net", "chaos", *words)
    assert found["ok"] is True
    requests, (cheat,) = found["requests"], found["cheats"]
    assert requests["asked"] >= REQUESTS and (requests["wrong"], requests["lost"]) == (0, 0)
    assert requests["final"] + requests["refunded"] == requests["asked"] and requests["final"] > 0
    assert cheat["caught"] and cheat["lost_wei"] > 0
    assert set(found["conservation_wei"].values()) == {0}
    assert found["faults"] == {"bribe": 1, "kill": 1, "corrupt": 1, "pause": 1, "cut": 1}


def test_a_network_that_was_stopped_goes_on(home: Path) -> None:
    before = document("net", "status", "--home", home)
    document("net", "down", "--home", home)
    assert refusal("net", "status", "--home", home) == "net/down"
    assert refusal("net", "chaos", "--home", home) == "net/down"
    assert document("net", "up", "--home", home)["built_now"] is False
    after = document("net", "status", "--home", home)
    assert [node["address"] for node in after["nodes"]] == [node["address"] for node in before["nodes"]]
    assert after["block"] >= before["block"] and all(node["ready"] for node in after["nodes"])


def test_what_cannot_be_is_refused(home: Path, tmp_path: Path) -> None:
    assert refusal("net", "status", "--home", tmp_path) == "net/none"
    assert refusal("net", "chaos", "--victims", NODES - 1, "--home", home) == "net/victims"
    fleet = Fleet(Home(home), read_plan(Home(home)))
    fleet.kill(0)
    assert refusal("net", "chaos", "--home", home) == "net/down"
    fleet.start(0)
    fleet.await_ready([0])
