"""From the command line: tickets on a model, what each guarantee costs, a question to a committee, and its fee back."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lockstep.chain.rpc import Rpc
from lockstep.cli.demo.example import load_example
from lockstep.cli.main import app
from lockstep.features.inference import quoting


def call(*arguments: object, status: int = 0) -> dict[str, object]:
    result = CliRunner().invoke(app, [str(argument) for argument in (*arguments, "--json")])
    assert result.exit_code == status, result.stderr + result.stdout
    document: dict[str, object] = json.loads(result.stdout)
    return document


def refusal(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == 1
    return result.stderr.splitlines()[-1]


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rpc]:
    """A local chain with the digits model on record; the working directory has the model and an image."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("quorum"))
        patch.delenv("LOCKSTEP_HOME", raising=False)
        example = load_example()
        call("model", "compile", example.onnx, "-o", "digits.lockstep")
        Path("image.json").write_text(json.dumps({"image": example.images[0].ravel().tolist()}))
        url = str(call("up", "--port", 0)["url"])
        call("model", "register", "digits.lockstep")
        yield Rpc(url)
        call("down")


ASK = ("infer", "request", "digits.lockstep", "--input", "image.json")


def quotes() -> dict[str, dict[str, object]]:
    found = call("infer", "quote", "digits.lockstep", "--members", 3)["quotes"]
    assert isinstance(found, list)
    return {quote["guarantee"]: quote for quote in found}


def test_a_committee_is_asked_once_there_are_tickets(chain: Rpc) -> None:
    assert refusal(*ASK, "--guarantee", "quorum", "--members", 3).startswith("committee/tickets: ")
    assert not quotes()["quorum"]["available"]
    for account in (4, 5, 6):
        assert call("stake", "add", "digits.lockstep", "--account", account)["tickets"] == 1
    offered = quotes()
    assert [offered[name]["available"] for name in ("dispute", "quorum", "proof")] == [True, True, False]
    assert int(str(offered["quorum"]["answer_gas"])) > int(str(offered["dispute"]["answer_gas"]))
    asked = call(*ASK, "--guarantee", "quorum", "--members", 3)
    state = call("infer", "status", asked["job_id"])
    assert (state["status"], state["verdict"], state["guarantee"]) == ("DRAWING", "pending", "quorum")
    assert call("infer", "wait", asked["job_id"], "--timeout", 0, status=1)["status"] == "DRAWING"


def test_a_planted_question_looks_like_any_other_and_its_answer_is_kept(chain: Rpc) -> None:
    asked = call("infer", "plant", "digits.lockstep", "--input", "image.json", "--members", 3)
    assert call("infer", "status", asked["job_id"])["status"] == "DRAWING"
    (kept,) = Path(".lockstep", "planted").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert refusal("infer", "expose", asked["job_id"]).startswith("committee/stage: ")
    kept.rename(kept.with_name("moved.json"))
    assert refusal("infer", "expose", asked["job_id"]).startswith("committee/not-planted: ")
    kept.write_text("{}")
    assert refusal("infer", "expose", asked["job_id"]).startswith("committee/planted-file: ")


def test_tickets_leave_and_come_back_as_money(chain: Rpc) -> None:
    call("stake", "add", "digits.lockstep", "--account", 7, "--tickets", 2)
    left = call("stake", "leave", "digits.lockstep", "--account", 7)
    assert call("stake", "withdraw", "digits.lockstep", "--account", 7)["unstaked"] == []
    chain.call("evm_increaseTime", int(str(left["unbonding_seconds"])))
    chain.call("evm_mine")
    fetched = call("stake", "withdraw", "digits.lockstep", "--account", 7)
    assert fetched["unstaked"] == left["left"]
    assert int(str(fetched["wei"])) > 0
    assert call("stake", "show", "digits.lockstep", "--account", 7)["tickets"] == []


def test_the_fee_of_an_unanswered_request_comes_back(chain: Rpc) -> None:
    job = call(*ASK, "--respond-within", 60)["job_id"]
    assert refusal("infer", "cancel", job).startswith("job/deadline: ")
    chain.call("evm_increaseTime", 61)
    chain.call("evm_mine")
    assert int(str(call("infer", "cancel", job)["wei"])) == 10**16
    assert call("infer", "wait", job, status=1)["verdict"] == "void"


def test_quoted_gas_is_near_what_was_measured() -> None:
    folder = Path(__file__).parents[1] / "contracts" / "snapshots"
    gas = json.loads((folder / "committee.json").read_text())["gas"]
    steps = {
        quoting.CONVENE_GAS: gas["convene"],
        quoting.DRAW_GAS: gas["draw five of eight"],
        quoting.SETTLE_GAS: gas["settle with a majority"],
        quoting.CONCLUDE_GAS: gas["conclude"],
        quoting.LIGHT_GAS: gas["light"],
        quoting.MEMBER_GAS: gas["commit"] + gas["reveal the same"] + gas["open_tile"] // 10,
    }
    assert all(abs(quoted - measured) <= measured // 10 for quoted, measured in steps.items()), steps
