"""`lockstep up` and `lockstep down`: a local chain with the contracts on it, its state kept between runs."""

from typing import Annotated, Final

import typer

from lockstep.chain.account import dev_account
from lockstep.chain.anvil import LocalChainOptions
from lockstep.chain.deployment import Deployment, deploy_all, read_deployment, verify_deployment, write_deployment
from lockstep.chain.local_service import find_service, start_service, stop_service
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.chain.trunk import LOCAL_TERMS
from lockstep.errors import ChainError
from lockstep.features.command import Answer, Command, Progress, Table
from lockstep.features.place import DEFAULT_HOME, HomeOption, Place

DEFAULT_PORT: Final = 8545
DEFAULT_BLOCK_SECONDS: Final = 2
"""A chain that only makes blocks for transactions has no time in between: no window would ever pass."""
ETHER: Final = 10**18


def up(
    progress: Progress,
    home: HomeOption = DEFAULT_HOME,
    port: Annotated[int, typer.Option(help="Port of the chain; 0 for any free one.")] = DEFAULT_PORT,
    block_seconds: Annotated[
        int, typer.Option(min=0, help="Seconds between blocks, so that clocks run; 0: only transactions make blocks.")
    ] = DEFAULT_BLOCK_SECONDS,
) -> Answer:
    """Start the local chain of this folder and deploy the contracts, or find both as they were left."""
    place = Place(home)
    was_running = find_service(place.chain) is not None
    progress("starting anvil")
    service = start_service(place.chain, LocalChainOptions(port=port, block_seconds=block_seconds or None))
    rpc = Rpc(service.url, chain_id=service.chain_id)
    deployment = _find_deployment(place, rpc)
    is_new = deployment is None
    if deployment is None:
        progress("deploying the contracts")
        deployment = deploy_all(Sender(rpc, dev_account(), MemoryOutbox()), LOCAL_TERMS)
        write_deployment(place.deployment, deployment)
    account = dev_account().address
    balance = rpc.read_balance(account)
    contracts = {name: contract.address for name, contract in deployment.contracts.items()}
    document = {
        "ok": True,
        "url": service.url,
        "chain_id": service.chain_id,
        "was_running": was_running,
        "deployed_now": is_new,
        "deployment": str(place.deployment),
        "contracts": contracts,
        "account": {"address": account, "balance_wei": balance},
    }
    lines = (
        f"chain {service.chain_id} at {service.url}" + (", as it was left" if not is_new else ""),
        f"account {account} has {balance / ETHER:,.4f} ETH; its key is anvil's first and known to everybody",
        f"deployment file {place.deployment}",
    )
    return Answer(document, lines, (Table(("contract", "address"), tuple(contracts.items())),))


def _find_deployment(place: Place, rpc: Rpc) -> Deployment | None:
    """The contracts of an earlier run, if this chain still has this version of them."""
    if not place.deployment.exists():
        return None
    deployment = read_deployment(place.deployment)
    try:
        verify_deployment(rpc, deployment)
    except ChainError as error:
        if error.code != "chain/wrong-deployment":
            raise
        return None
    return deployment


def down(home: HomeOption = DEFAULT_HOME) -> Answer:
    """Stop the local chain of this folder. Its state stays for the next `lockstep up`."""
    place = Place(home)
    was_running = stop_service(place.chain)
    line = f"stopped; state is kept in {place.chain}" if was_running else "no local chain was running here"
    return Answer({"ok": True, "was_running": was_running, "state": str(place.chain)}, (line,))


COMMANDS = (
    Command("up", up, ("lockstep up", "lockstep up --port 0 --home other --json")),
    Command("down", down, ("lockstep down",)),
)
