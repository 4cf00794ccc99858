"""`lockstep net up`, `status` and `down`."""

import shutil
from pathlib import Path
from typing import Annotated, Final

import typer

from lockstep.chain.bindings.stake import Stake
from lockstep.chain.deployment import read_deployment
from lockstep.chain.local_service import find_service, stop_service
from lockstep.chain.rpc import Rpc
from lockstep.cli.net.building import build_network, make_blocks_by_clock, start_chain
from lockstep.cli.net.isolation import Switch
from lockstep.cli.net.plan import Home, find_plan, read_plan
from lockstep.cli.net.processes import Fleet, is_ready
from lockstep.errors import ConfigError
from lockstep.features.command import Answer, Command, Progress, Table

DEFAULT_HOME: Final = Path(".lockstep/net")
SMALLEST, LARGEST = 4, 32
ETHER: Final = 10**18
NetHomeOption = Annotated[Path, typer.Option("--home", help="Folder of the network: its chain, keys, stores, logs.")]


def up(
    progress: Progress,
    nodes: Annotated[int, typer.Option(help="How many.", min=SMALLEST, max=LARGEST)] = 7,
    model: Annotated[Path | None, typer.Option(help="An ONNX model that they serve; the digits if not given.")] = None,
    isolate: Annotated[
        bool | None,
        typer.Option(
            "--isolate/--share", help="A network namespace for each node (needs root), or the machine's own network."
        ),
    ] = None,
    home: NetHomeOption = DEFAULT_HOME,
) -> Answer:
    """Start a chain and nodes, each a process with its own key, stake, store and ports; or start them again."""
    network, plan = Home(home), find_plan(Home(home))
    is_new = plan is None
    if plan is None:
        plan = build_network(network, nodes, model, isolate=isolate, progress=progress)
    else:
        progress("starting the chain as it was left")
        switch = None if plan.subnet is None else Switch(plan.subnet)
        if switch is not None and find_service(network.place.chain) is None:
            switch.open(len(plan.nodes))
        start_chain(network, switch, port=plan.chain_port)
    make_blocks_by_clock(Rpc(plan.chain_url))
    fleet, numbers = Fleet(network, plan), range(len(plan.nodes))
    for number in numbers:
        progress("starting nodes", number, len(numbers))
        fleet.start(number)
    progress("waiting until all are ready")
    fleet.await_ready(numbers)
    document = {
        "ok": True,
        "built_now": is_new,
        "rpc": f"http://127.0.0.1:{plan.chain_port}",
        "deployment": str(network.place.deployment),
        "model_id": plan.model_id,
        "proof_model_id": plan.proof_model_id,
        "isolated": plan.subnet is not None,
        "nodes": [_member(node.name, node.address, node.roles, node.ready_url) for node in plan.nodes],
    }
    how = "each in a network namespace" if plan.subnet is not None else "on the machine's own network"
    lines = (
        f"{len(plan.nodes)} nodes, {how}; chain at http://127.0.0.1:{plan.chain_port}",
        f"ask them: lockstep infer request {network.model} --home {home} …",
        f"try them: lockstep net chaos --home {home}",
    )
    return Answer(document, lines)


def _member(name: str, address: str, roles: object, ready: str) -> dict[str, object]:
    return {"name": name, "address": address, "roles": roles, "ready": ready}


def status(home: NetHomeOption = DEFAULT_HOME) -> Answer:
    """List the nodes: which run, which are ready, what they own."""
    network, plan = Home(home), read_plan(Home(home))
    fleet, service = Fleet(network, plan), find_service(network.place.chain)
    if service is None:
        raise ConfigError("net/down", "the network does not run", value=home, remedy="run `lockstep net up`")
    rpc = Rpc(service.url)
    stake = read_deployment(network.place.deployment).contract(Stake)
    found: list[dict[str, object]] = []
    for number, node in enumerate(plan.nodes):
        process = fleet.find(number)
        state = "down" if process is None else "paused" if process.is_paused else process.kind
        found.append(
            {
                "name": node.name,
                "address": node.address,
                "roles": node.roles,
                "state": state,
                "ready": process is not None and state != "paused" and is_ready(node),
                "pid": process.pid if process else None,
                "balance_wei": rpc.read_balance(node.address),
                "tickets": rpc.read(stake.tickets_of(plan.model_id, node.address)),
                "log": str(network.node(node) / "log.txt"),
            }
        )
    rows = tuple(
        (
            str(one["name"]),
            str(one["state"]),
            "yes" if one["ready"] else "no",
            str(one["address"]),
            f"{int(str(one['balance_wei'])) / ETHER:,.3f}",
            str(one["tickets"]),
        )
        for one in found
    )
    table = Table(("node", "state", "ready", "address", "ETH", "tickets"), rows)
    block = rpc.read_block()
    document = {"ok": True, "block": block.number, "timestamp": block.timestamp, "nodes": found}
    return Answer(document, (f"block {block.number:,}",), (table,))


def down(
    progress: Progress,
    erase: Annotated[bool, typer.Option("--erase", help="Delete the folder too: chain, keys, journals.")] = False,
    home: NetHomeOption = DEFAULT_HOME,
) -> Answer:
    """Stop the nodes and the chain. Everything is kept for the next `lockstep net up`."""
    network, plan = Home(home), read_plan(Home(home))
    progress("stopping nodes")
    Fleet(network, plan).stop(range(len(plan.nodes)))
    progress("stopping the chain")
    was_running = stop_service(network.place.chain)
    if plan.subnet is not None:
        Switch(plan.subnet).close(len(plan.nodes))
    if erase:
        shutil.rmtree(home)
    line = "erased" if erase else f"stopped; everything is kept in {home}"
    return Answer({"ok": True, "was_running": was_running, "erased": erase}, (line,))


COMMANDS = (
    Command("net up", up, ("lockstep net up", "lockstep net up --nodes 5 --share")),
    Command("net status", status, ("lockstep net status --json",)),
    Command("net down", down, ("lockstep net down", "lockstep net down --erase")),
)
