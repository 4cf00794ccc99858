"""`lockstep demo --json`: the whole main job on a real chain, and the document that others read."""

import json
from pathlib import Path

from typer.testing import CliRunner

from lockstep.cli.main import app

ETHER = 10**18


def test_demo_catches_the_cheat_and_tells_it(tmp_path: Path) -> None:
    page = tmp_path / "run.html"
    result = CliRunner().invoke(app, ["demo", "--json", "--page", str(page)])
    assert result.exit_code == 0, result.stderr
    run = json.loads(result.stdout)

    assert run["ok"] is True
    assert run["honest"]["verdict"] == "upheld"
    assert run["honest"]["paid_wei"] == ETHER // 100
    assert run["honest"]["delivered"] == run["honest"]["label"]
    assert run["cheat"]["verdict"] == "rejected"
    assert run["cheat"]["slashed_wei"] == ETHER // 10
    assert run["cheat"]["reward_wei"] == ETHER // 20
    assert run["cheat"]["claimed"] != run["cheat"]["computed"]
    assert run["cheat"]["answered"] != run["cheat"]["label"] == run["cheat"]["delivered"]
    calls = [step["name"] for step in run["steps"] if step["part"] == "cheat"]
    assert calls.index("challenge") < calls.index("join") < calls.index("settle") < calls.index("resolve")
    assert run["cheat"]["moves"] == sum(name in ("enter", "descend", "reveal", "settle") for name in calls)
    assert all(step["gas"] > 20_000 for step in run["steps"] if step["part"] != "set-up")
    assert "the contract computed" in page.read_text(encoding="utf-8")
