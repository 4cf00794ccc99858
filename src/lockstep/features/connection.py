"""How a command reaches the contracts: the local chain that `lockstep up` started, or any chain that is named."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import create_engine

from lockstep.chain.account import Account, dev_account, environment_account
from lockstep.chain.anvil import LOCAL_CHAIN_ID
from lockstep.chain.binding import Transaction
from lockstep.chain.deployment import Deployment, read_deployment, verify_deployment
from lockstep.chain.local_service import find_service
from lockstep.chain.outbox import SqlOutbox
from lockstep.chain.receipt import Receipt
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.errors import ConfigError
from lockstep.features.place import Place

RpcOption = Annotated[
    str | None,
    typer.Option("--rpc", envvar="LOCKSTEP_RPC", help="Address of a chain; the one of `lockstep up` if not given."),
]
DeploymentOption = Annotated[
    Path | None,
    typer.Option(
        "--deployment", help="The file that says where the contracts are; that of `lockstep up` if not given."
    ),
]
AccountOption = Annotated[
    int,
    typer.Option(
        "--account", help="On the local chain: which of its funded accounts. Elsewhere LOCKSTEP_KEYSTORE says."
    ),
]


@dataclass(frozen=True, slots=True)
class Connection:
    """A chain, the contracts on it, and who signs."""

    rpc: Rpc
    deployment: Deployment
    sender: Sender

    def send(self, what: str, transaction: Transaction) -> Receipt:
        """Send a transaction that a person asked for now; asking again sends another."""
        return self.sender.send(transaction, key=f"command/{what}/{secrets.token_hex(8)}")


def open_rpc(place: Place, url: str | None) -> Rpc:
    """The named chain, or the running local one."""
    if url is not None:
        return Rpc(url)
    service = find_service(place.chain)
    if service is None:
        raise ConfigError(
            "chain/not-running", "no local chain runs here", value=place.home, remedy="run `lockstep up`, or give --rpc"
        )
    return Rpc(service.url, chain_id=service.chain_id)


def open_connection(place: Place, *, url: str | None, deployment: Path | None, account: int) -> Connection:
    """Connect, and check that the contracts are the ones that this version knows."""
    rpc = open_rpc(place, url)
    contracts = read_deployment(deployment or place.deployment)
    verify_deployment(rpc, contracts)
    place.home.mkdir(parents=True, exist_ok=True)
    outbox = SqlOutbox(create_engine(f"sqlite:///{place.outbox}"))
    return Connection(rpc, contracts, Sender(rpc, signing_account(rpc, account), outbox))


def signing_account(rpc: Rpc, number: int) -> Account:
    """A funded account of a local chain, elsewhere the one of the environment."""
    return dev_account(number) if rpc.chain_id == LOCAL_CHAIN_ID else environment_account(os.environ)
