"""Which contracts are deployed where: made once by `deploy_all`, kept in a file, and checked against the chain."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from eth_typing import HexAddress, HexStr
from eth_utils.address import is_checksum_address
from web3.types import Nonce
from web3.utils import get_create_address

from lockstep.chain.binding import Binding, checksum
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.chain.trunk import TRUNK, TrunkTerms
from lockstep.errors import ChainError
from lockstep.types import Address

B = TypeVar("B", bound=Binding)


@dataclass(frozen=True, slots=True)
class DeployedContract:
    """``artifact`` is the hash of the creation code, so that another version of the contract is noticed."""

    address: Address
    block: int
    artifact: str


@dataclass(frozen=True, slots=True)
class Deployment:
    """The contracts of one chain by name."""

    chain_id: int
    contracts: Mapping[str, DeployedContract]

    @property
    def first_block(self) -> int:
        """Nothing that concerns these contracts happened before."""
        return min((contract.block for contract in self.contracts.values()), default=0)

    def contract(self, binding: type[B]) -> B:
        """The typed client of a deployed contract."""
        name = binding.__name__
        if name not in self.contracts:
            raise ChainError("chain/not-deployed", f"the deployment has no {name}", remedy="deploy again")
        return binding(self.contracts[name].address)


def deploy_all(sender: Sender, terms: TrunkTerms, *, label: str = "trunk") -> Deployment:
    """Create every contract of the trunk, and say where. With the same label again nothing is created twice."""
    keys = {placement.name: f"deploy/{label}/{placement.name}" for placement in TRUNK}
    known = sender.find_nonce(keys[TRUNK[0].name])
    first_nonce = sender.next_nonce() if known is None else known
    at = {
        placement.contract: checksum(get_create_address(HexAddress(HexStr(sender.address)), Nonce(first_nonce + index)))
        for index, placement in enumerate(TRUNK)
    }
    contracts: dict[str, DeployedContract] = {}
    for placement in TRUNK:
        receipt = sender.send(placement.create(at, terms), key=keys[placement.name])
        if receipt.contract_address != at[placement.contract]:
            raise ChainError(
                "chain/deployment-order",
                f"{placement.name} did not get the address that the others were told",
                value=receipt.contract_address,
                remedy="use this account for nothing else while deploying, and deploy again under another label",
            )
        artifact = "0x" + placement.contract.artifact().digest.hex()
        contracts[placement.name] = DeployedContract(receipt.contract_address, receipt.block_number, artifact)
    return Deployment(sender.lane.chain_id, contracts)


def verify_deployment(rpc: Rpc, deployment: Deployment) -> None:
    """The chain is the named one, and has this version's code at every address."""
    if rpc.chain_id != deployment.chain_id:
        raise ChainError(
            "chain/wrong-deployment",
            f"the deployment is of chain {deployment.chain_id}",
            value=rpc.chain_id,
            remedy="name the deployment file of this chain",
        )
    for placement in TRUNK:
        contract = deployment.contract(placement.contract)
        if not placement.contract.artifact().is_code_of(rpc.read_code(contract.address)):
            raise ChainError(
                "chain/wrong-deployment",
                f"the chain does not have this version of {placement.name} there",
                value=contract.address,
                remedy="deploy again, or use the version of lockstep that deployed it",
            )


def write_deployment(path: Path, deployment: Deployment) -> None:
    """Whole or not at all."""
    content = {
        "chain_id": deployment.chain_id,
        "contracts": {
            name: {"address": contract.address, "block": contract.block, "artifact": contract.artifact}
            for name, contract in deployment.contracts.items()
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(content, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def read_deployment(path: Path) -> Deployment:
    """The file as it was written; what the chain says is for `verify_deployment`."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        contracts = {
            str(name): DeployedContract(_address(entry["address"]), int(entry["block"]), str(entry["artifact"]))
            for name, entry in content["contracts"].items()
        }
        return Deployment(int(content["chain_id"]), contracts)
    except FileNotFoundError as error:
        raise ChainError(
            "chain/no-deployment", "there is no deployment file", value=path, remedy="run `lockstep up`, or name one"
        ) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChainError(
            "chain/bad-deployment", f"{path} is not a deployment file", value=error, remedy="restore it or deploy again"
        ) from error


def _address(text: str) -> Address:
    if not is_checksum_address(text):
        raise ValueError(f"{text} is not a checksummed address")
    return Address(text)
