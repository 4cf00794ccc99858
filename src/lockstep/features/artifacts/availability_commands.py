"""The commands for what nobody sends: `artifact demand` and `artifact answer`."""

import secrets
from typing import Annotated

import typer

from lockstep.chain.bindings.availability import Availability
from lockstep.errors import ConfigError
from lockstep.features.artifacts.availability import build_answers, read_demands
from lockstep.features.artifacts.commands import StoreOption, open_store, parse_root
from lockstep.features.command import Answer, Command, Progress
from lockstep.features.connection import AccountOption, DeploymentOption, RpcOption, open_connection
from lockstep.features.place import DEFAULT_HOME, HomeOption, Place
from lockstep.store.chunks import Layout
from lockstep.store.openings import leaf_position
from lockstep.types import Address, Amount

NOBODY = Address("0x" + "00" * 20)


def demand(
    root: Annotated[str, typer.Argument(metavar="ROOT", help="Of the input or the weights that nobody sends.")],
    layout: Annotated[str, typer.Option(help="PASSES;SIZE,SIZE… as the model says; 1;SIZE for a file.")],
    offset: Annotated[int, typer.Option(help="A byte of the leaf; any one if not given.", show_default=False)] = -1,
    pledger: Annotated[str, typer.Option(help="Whose pledge pays your gas if nobody answers.")] = NOBODY,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Pay for one leaf to be shown on chain, or its root to be marked as unavailable."""
    shape, digest = Layout.parse(layout), parse_root(root)
    if offset >= shape.size:
        raise ConfigError("artifact/offset", "the artifact has no such byte", value=offset, remedy="give a smaller one")
    position, levels = leaf_position(shape, offset if offset >= 0 else secrets.randbelow(shape.size))
    connection = open_connection(Place(home), url=rpc, deployment=deployment, account=account)
    contract = connection.deployment.contract(Availability)
    price = Amount(connection.rpc.read(contract.price(levels)) * 2)  # fees may rise; the rest is credited back
    receipt = connection.send("demand", contract.demand(digest, position, levels, Address(pledger), value=price))
    made = read_demands(connection.rpc, connection.deployment, digest)[-1]
    document = {
        "ok": True,
        "demand_id": made.demand_id,
        "position": position,
        "levels": levels,
        "payment_wei": made.demand.payment,
        "deadline": made.demand.deadline,
        "gas": receipt.gas_used,
    }
    return Answer(document, (f"demand 0x{made.demand_id.hex()}: {made.demand.payment} wei for its answer",))


def answer(
    progress: Progress,
    store: StoreOption = None,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Answer every demand for what is in the store, and be paid; end demands of yours that nobody answered in time."""
    connection = open_connection(Place(home), url=rpc, deployment=deployment, account=account)
    contract = connection.deployment.contract(Availability)
    demands = read_demands(connection.rpc, connection.deployment)
    sender, now = Address(connection.sender.address), connection.rpc.read_block().timestamp
    done = []
    for what, made, transaction in build_answers(contract, demands, open_store(store, home), now=now, account=sender):
        progress(f"0x{made.demand_id.hex()} is {what}")
        receipt = connection.send(what, transaction)
        done.append({"demand_id": made.demand_id, "what": what, "gas": receipt.gas_used})
    credit = connection.rpc.read(contract.credit_of(sender))
    lines = [f"0x{entry['demand_id'].hex()} {entry['what']}" for entry in done]  # type: ignore[attr-defined]
    if credit:
        connection.send("withdraw", contract.withdraw())
        lines.append(f"withdrew {credit} wei")
    return Answer({"ok": True, "demands": done, "withdrawn_wei": credit}, tuple(lines or ["nothing to do"]))


COMMANDS = (
    Command(
        "artifact demand",
        demand,
        ("lockstep artifact demand 0x51f0… --layout '1;19200'",),
    ),
    Command("artifact answer", answer, ("lockstep artifact answer --account 1",)),
)
