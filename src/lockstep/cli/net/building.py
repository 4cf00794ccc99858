"""Making a network: chain, contracts, a model with its key, nodes with keys, stakes and configurations of their own."""

import json
import secrets
import shutil
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from lockstep.chain.account import create_keystore, dev_account
from lockstep.chain.anvil import LocalChainOptions
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.stake import Stake
from lockstep.chain.deployment import Deployment, deploy_all, write_deployment
from lockstep.chain.local_service import LocalService, start_service
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.claims.model import ModelCommitment, commit_model
from lockstep.cli.demo.example import load_example
from lockstep.cli.net.isolation import Switch, find_switch
from lockstep.cli.net.plan import CONFIG_FILE, Home, NetPlan, NodePlan, write_plan
from lockstep.cli.net.terms import NET_TERMS, NODE_FUNDS, TICKETS
from lockstep.features.command import Progress
from lockstep.features.models.registry import commit_with_key
from lockstep.features.proofs.secret import KeySecret, write_secret
from lockstep.features.proofs.writing import secret_of
from lockstep.ir.format import read_model, write_model
from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model
from lockstep.node.config import RoleName
from lockstep.proof.files import encode_key_file
from lockstep.proof.prover.session import set_up
from lockstep.types import Address, Amount, Digest

BLOCK_SECONDS: Final = 1
PROVERS: Final = 2
"""Nodes that also prove; two, so that one may fail."""
EVERYBODYS_ROLES: Final = (RoleName.SERVER, RoleName.CHALLENGER, RoleName.MEMBER, RoleName.WATCHER)
TICKETS_A_CALL: Final = 32
LOOPBACK: Final = "127.0.0.1"


def build_network(home: Home, nodes: int, model: Path | None, *, isolate: bool | None, progress: Progress) -> NetPlan:
    """A new network: everything but the processes of the nodes. ``isolate`` None: where this machine can."""
    progress("compiling the model")
    graph = _prepare_model(home, model)
    switch = None if isolate is False else find_switch(nodes)
    if isolate and switch is None:
        Switch(0).open(0)  # says what is missing
    progress("starting the chain")
    service = start_chain(home, switch, port=0)
    rpc = Rpc(service.url)
    progress("deploying the contracts")
    deployment = deploy_all(Sender(rpc, dev_account(), MemoryOutbox()), NET_TERMS)
    write_deployment(home.place.deployment, deployment)
    plain, keyed = _register(home, graph, rpc, deployment)
    ports = _free_ports(2 * nodes + 1)
    members = []
    for number in range(nodes):
        name = f"node-{number + 1}"
        progress(f"making {name}: a key, funds, a stake", number, nodes)
        address = _make_account(home, name, rpc, deployment, plain)
        host = LOOPBACK if switch is None else switch.address_of(number)
        members.append(NodePlan(name, address, _roles_of(number), host, ports[2 * number], ports[2 * number + 1]))
    host, subnet = (LOOPBACK, None) if switch is None else (switch.host, switch.subnet)
    plan = NetPlan(tuple(members), plain, keyed, host, service.port, ports[-1], subnet)
    for number in range(nodes):
        _configure(home, plan, number)
    write_plan(home, plan)
    return plan


def start_chain(home: Home, switch: Switch | None, *, port: int) -> LocalService:
    """The network's chain, where its nodes can reach it. Its state is written when it ends."""
    hosts = () if switch is None else (LOOPBACK, switch.host)
    wanted = port or _free_ports(1)[0]  # several addresses must have one port
    return start_service(home.place.chain, LocalChainOptions(port=wanted, hosts=hosts, state_seconds=None))


def make_blocks_by_clock(rpc: Rpc) -> None:
    """As on a real chain: transactions wait for the next block."""
    rpc.call("evm_setIntervalMining", BLOCK_SECONDS)


def _prepare_model(home: Home, model: Path | None) -> Graph:
    """Compiled, with a key that needs no secret: nodes that prove can all have it."""
    example = load_example()
    graph = compile_model(example.onnx, calibration=example.samples()) if model is None else compile_model(model)
    home.model.parent.mkdir(parents=True, exist_ok=True)
    write_model(home.model, graph)
    graph = read_model(home.model)
    prover, key = set_up(graph), home.model.with_suffix(".key")
    key.write_bytes(encode_key_file(prover.key))
    write_secret(secret_of(key), KeySecret(None, prover.budget))
    return graph


def _register(home: Home, graph: Graph, rpc: Rpc, deployment: Deployment) -> tuple[Digest, Digest]:
    """The model on record as it is, and with its key."""
    commitments = commit_model(graph), commit_with_key(graph, home.model.with_suffix(".key"))
    sender, artifacts = Sender(rpc, dev_account(), MemoryOutbox()), deployment.contract(Artifacts)
    for commitment in commitments:
        _register_one(sender, artifacts, commitment)
    return commitments[0].model_id, commitments[1].model_id


def _register_one(sender: Sender, artifacts: Artifacts, commitment: ModelCommitment) -> None:
    roots = (commitment.descriptors_root, commitment.weights_root, commitment.zk_commitment)
    call = artifacts.register_model(Digest(commitment.header), *roots)
    sender.send(call, key=f"register/{commitment.model_id.hex()}")


def _make_account(home: Home, name: str, rpc: Rpc, deployment: Deployment, model_id: Digest) -> Address:
    """A key in an encrypted keystore, with funds, and its tickets at stake."""
    folder = home.node(name)
    folder.mkdir(parents=True, exist_ok=True)
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(secrets.token_hex(16))
    account = create_keystore(folder / "keystore.json", password.read_text())
    rpc.call("anvil_setBalance", account.address, hex(NODE_FUNDS))
    sender, stake = Sender(rpc, account, MemoryOutbox()), deployment.contract(Stake)
    ticket = rpc.read(stake.TICKET())
    for first in range(0, TICKETS, TICKETS_A_CALL):
        count = min(TICKETS_A_CALL, TICKETS - first)
        sender.send(stake.stake(model_id, count, 0, value=Amount(count * ticket)), key=f"stake/{first}")
    return account.address


def _roles_of(number: int) -> tuple[RoleName, ...]:
    return (*EVERYBODYS_ROLES, RoleName.PROVER) if number < PROVERS else EVERYBODYS_ROLES


def _configure(home: Home, plan: NetPlan, number: int) -> None:
    """The node's own file, and its own copies of the models that it is for."""
    node = plan.nodes[number]
    folder = home.node(node)
    provide_models(home, node)
    others = [other.artifacts_url for other in plan.nodes if other is not node]
    settings = {
        "roles": list(node.roles),
        "rpc": plan.chain_url,
        "deployment": str(home.place.deployment.resolve()),
        "journal": "node.sqlite",
        "keystore": "keystore.json",
        "password_file": "password",
        "models": "models",
        "poll_seconds": 0.5,
        "margin_seconds": 5.0,
        "listen": f"{node.host}:{node.pages_port}",
    }
    artifacts = {"store": "artifacts", "listen": f"{node.host}:{node.artifacts_port}"}
    kept = artifacts | {"peers": [plan.requester_url, *others]}
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    lines += ["", "[artifacts]", *(f"{name} = {json.dumps(value)}" for name, value in kept.items())]
    (folder / CONFIG_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def provide_models(home: Home, node: NodePlan) -> None:
    """The model, and its key for a node that proves, as they should be in the node's folder."""
    models = home.node(node) / "models"
    models.mkdir(exist_ok=True)
    key = home.model.with_suffix(".key")
    files = [home.model, key, secret_of(key)] if RoleName.PROVER in node.roles else [home.model]
    for file in files:
        unfinished = models / f"{file.name}.part"
        shutil.copyfile(file, unfinished)
        unfinished.replace(models / file.name)


def _free_ports(count: int) -> Sequence[int]:
    """Ports that nobody has now, all different."""
    with ExitStack() as stack:
        listening = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in listening:
            one.bind((LOOPBACK, 0))
        return [int(one.getsockname()[1]) for one in listening]
