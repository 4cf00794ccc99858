"""The trunk is deployed once, its contracts know each other, and a file that does not fit the chain is refused."""

import json
from pathlib import Path

import pytest
from chain_world import QUICK, Crash

from lockstep.chain.account import Account
from lockstep.chain.binding import Transaction
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.steps import Steps
from lockstep.chain.deployment import (
    DeployedContract,
    Deployment,
    deploy_all,
    read_deployment,
    verify_deployment,
    write_deployment,
)
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.chain.trunk import LOCAL_TERMS, TRUNK
from lockstep.errors import ChainError
from lockstep.types import Address, Digest

NOBODY = Address("0x00000000000000000000000000000000DeaDBeef")


class FailingRpc(Rpc):
    """Crashes after some broadcasts."""

    def __init__(self, url: str, broadcasts: int) -> None:
        super().__init__(url)
        self._left = broadcasts

    def send_raw(self, raw: bytes) -> Digest:
        if self._left == 0:
            raise Crash
        self._left -= 1
        return super().send_raw(raw)


LARGEST_CODE_BYTES = 24_576


def test_deployed_contracts_know_each_other(sender: Sender, tmp_path: Path) -> None:
    deployment = deploy_all(sender, LOCAL_TERMS)
    verify_deployment(sender.rpc, deployment)
    arbiter, bracket = deployment.contract(Arbiter), deployment.contract(Bracket)
    assert sender.rpc.read(arbiter.BRACKET()) == bracket.address
    assert sender.rpc.read(bracket.ARBITER()) == arbiter.address
    assert sender.rpc.read(bracket.ARTIFACTS()) == deployment.contract(Artifacts).address
    assert sender.rpc.read(bracket.STEPS()) == deployment.contract(Steps).address
    assert sender.rpc.read(arbiter.MINIMUM_BOND()) == LOCAL_TERMS.minimum_bond
    codes = {name: sender.rpc.read_code(contract.address) for name, contract in deployment.contracts.items()}
    # With their immutables, which no artifact counts.
    assert {name: len(code) for name, code in codes.items() if len(code) > LARGEST_CODE_BYTES} == {}
    path = tmp_path / "data" / "deployment.json"
    write_deployment(path, deployment)
    assert read_deployment(path) == deployment
    assert [entry.name for entry in path.parent.iterdir()] == ["deployment.json"]


@pytest.mark.parametrize("broadcasts", [0, 1, 5])
def test_deployment_that_crashed_goes_on(rpc: Rpc, account: Account, broadcasts: int) -> None:
    outbox = MemoryOutbox()
    with pytest.raises(Crash):
        deploy_all(Sender(FailingRpc(rpc.url, broadcasts), account, outbox, patience=QUICK), LOCAL_TERMS)
    sender = Sender(rpc, account, outbox, patience=QUICK)
    verify_deployment(rpc, deploy_all(sender, LOCAL_TERMS))
    assert rpc.read_nonce(account.address) == len(TRUNK)


def test_contract_that_did_not_get_its_address_is_refused(rpc: Rpc, account: Account) -> None:
    outbox = MemoryOutbox()
    with pytest.raises(Crash):
        deploy_all(Sender(FailingRpc(rpc.url, 2), account, outbox, patience=QUICK), LOCAL_TERMS)
    Sender(rpc, account, MemoryOutbox(), patience=QUICK).send(Transaction(NOBODY, b"wallet"), key="wallet")
    sender = Sender(rpc, account, outbox, patience=QUICK)
    with pytest.raises(ChainError, match="chain/deployment-order: StepsElementwise did not get the address"):
        deploy_all(sender, LOCAL_TERMS)
    verify_deployment(rpc, deploy_all(sender, LOCAL_TERMS, label="again"))


def test_address_without_the_right_code_is_refused(sender: Sender) -> None:
    deployment = deploy_all(sender, LOCAL_TERMS)
    swapped = dict(deployment.contracts) | {"Steps": deployment.contracts["Artifacts"]}
    with pytest.raises(ChainError, match="chain/wrong-deployment: the chain does not have this version of Steps there"):
        verify_deployment(sender.rpc, Deployment(deployment.chain_id, swapped))
    with pytest.raises(ChainError, match="chain/wrong-deployment: the deployment is of chain 1"):
        verify_deployment(sender.rpc, Deployment(1, deployment.contracts))
    missing = {"Steps": DeployedContract(NOBODY, 1, "0x")}
    with pytest.raises(ChainError, match="chain/not-deployed"):
        verify_deployment(sender.rpc, Deployment(deployment.chain_id, missing))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        json.dumps({"chain_id": 1, "contracts": {"Steps": {"address": "0x12", "block": 1, "artifact": "0x"}}}),
        json.dumps({"chain_id": 1, "contracts": {"Steps": {"address": NOBODY.lower(), "block": 1, "artifact": "0x"}}}),
    ],
)
def test_damaged_deployment_file_is_one_clear_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deployment.json"
    path.write_text(text)
    with pytest.raises(ChainError, match="chain/bad-deployment"):
        read_deployment(path)


def test_missing_deployment_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ChainError, match=r"chain/no-deployment: there is no deployment file .*lockstep up"):
        read_deployment(tmp_path / "none.json")
