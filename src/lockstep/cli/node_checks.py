"""What `lockstep doctor --config` looks at: whether a node could start with this configuration, and work."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lockstep.chain.account import Signer
from lockstep.chain.deployment import read_deployment, verify_deployment
from lockstep.chain.rpc import Rpc
from lockstep.errors import AccountError, LockstepError, StoreError
from lockstep.ir.format import read_model
from lockstep.node.config import ChainConfig, read_config
from lockstep.node.keys import open_signer

ETHER = 10**18
PROBE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``remedy`` if it is not as it must be."""

    name: str
    found: str
    ok: bool
    remedy: str = ""


def examine_node(config: Path) -> list[Finding]:
    """Settings, models, and for every chain: reachable, the right contracts, key, funds, journal."""
    try:
        settings = read_config(config)
    except LockstepError as error:
        return [Finding("configuration", str(error), False, error.remedy)]
    roles, chains = ", ".join(settings.roles), settings.all_chains
    findings = [Finding("configuration", f"{roles} on {', '.join(chain.name for chain in chains)}", True)]
    findings.append(_look("models", lambda: _models(settings.models)))
    for chain in chains:
        rpc = Rpc(chain.rpc, attempts=1, timeout_seconds=PROBE_SECONDS)
        findings.append(_look(f"chain {chain.name}", partial(_chain, rpc, chain)))
        findings.append(_look(f"key {chain.name}", partial(_key, rpc, chain)))
        findings.append(_look(f"journal {chain.name}", partial(_journal, chain.journal)))
    return findings


def _look(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, look(), True)
    except LockstepError as error:
        return Finding(name, str(error), False, error.remedy)


def _models(folder: Path) -> str:
    paths = [path for path in folder.glob("*.lockstep") if path.is_file()]
    for path in paths:
        read_model(path)
    if not paths:
        remedy = "write some there with `lockstep model compile`"
        raise StoreError("node/no-models", "there are no models", value=folder, remedy=remedy)
    return f"{len(paths)} in {folder}"


def _chain(rpc: Rpc, chain: ChainConfig) -> str:
    verify_deployment(rpc, read_deployment(chain.deployment))
    return f"chain {rpc.chain_id} at {rpc.host}, block {rpc.read_block_number()}"


def _key(rpc: Rpc, chain: ChainConfig) -> str:
    signer: Signer = open_signer(chain, rpc.chain_id)
    balance = rpc.read_balance(signer.address)
    if not balance:
        remedy = "send it funds for bonds and gas"
        raise AccountError("account/no-funds", "the account is empty", value=signer.address, remedy=remedy)
    return f"{signer.address} has {balance / ETHER:,.4f}"


def _journal(path: Path) -> str:
    folder = next(parent for parent in path.absolute().parents if parent.exists())
    target = path if path.exists() else folder
    if not os.access(target, os.W_OK) or not os.access(folder, os.W_OK):
        raise StoreError("journal/unwritable", "cannot be written", value=target, remedy="give it to who runs the node")
    return f"{path}, {'kept from before' if path.exists() else 'new'}"
