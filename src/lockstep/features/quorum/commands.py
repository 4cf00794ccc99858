"""The commands of who answers in committees: tickets at stake on a model."""

from pathlib import Path
from typing import Annotated

import typer

from lockstep.chain.binding import find_events
from lockstep.chain.bindings.stake import Stake, Staked, Ticket
from lockstep.errors import ProtocolError
from lockstep.features.command import Answer, Command, Progress, Table
from lockstep.features.connection import AccountOption, Connection, DeploymentOption, RpcOption, open_connection
from lockstep.features.models.registry import commit_with_key
from lockstep.features.place import DEFAULT_HOME, HomeOption, Place
from lockstep.ir.format import read_model
from lockstep.types import Amount, Digest

ModelArgument = Annotated[Path, typer.Argument(metavar="MODEL", help="The compiled model.")]
KeyOption = Annotated[Path | None, typer.Option(help="The key that the model is registered with.")]


def add(
    progress: Progress,
    model: ModelArgument,
    tickets: Annotated[int, typer.Option(help="How many; each takes one question at a time.", min=1)] = 1,
    price_gwei: Annotated[int, typer.Option(help="Least pay for a pass, in gwei.", min=0)] = 0,
    key: KeyOption = None,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Put tickets at stake on a model: from then on the account is drawn, and must answer (a node's role `member`)."""
    connection, stake, model_id = _open(model, key, home, rpc, deployment, account)
    ticket = connection.rpc.read(stake.TICKET())
    progress("staking")
    receipt = connection.send("stake", stake.stake(model_id, tickets, price_gwei, value=Amount(tickets * ticket)))
    document = {"ok": True, "model_id": model_id, "tickets": tickets, "wei": tickets * ticket, "gas": receipt.gas_used}
    return Answer(document, (f"{tickets} tickets of {ticket / 10**18:g} ETH; run a node with the role member",))


def show(
    model: ModelArgument,
    key: KeyOption = None,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """List an account's tickets on a model, and how many there are in all."""
    connection, stake, model_id = _open(model, key, home, rpc, deployment, account)
    own = _own_tickets(connection, stake, model_id)
    standing = connection.rpc.read(stake.standing_of(model_id))
    rows = tuple((str(number), _state(ticket), str(ticket.price_gwei)) for number, ticket in own.items())
    document = {
        "model_id": model_id,
        "standing": standing,
        "tickets": [{"ticket": int(number), "state": state} for number, state, _ in rows],
    }
    table = Table(("ticket", "state", "price, gwei"), rows, f"{len(rows)} of {standing} tickets on this model")
    return Answer(document, (), (table,))


def leave(
    progress: Progress,
    model: ModelArgument,
    key: KeyOption = None,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Leave with all tickets: nothing new is drawn on them; `stake withdraw` fetches them when their time has come."""
    connection, stake, model_id = _open(model, key, home, rpc, deployment, account)
    standing = [number for number, ticket in _own_tickets(connection, stake, model_id).items() if not ticket.left]
    if not standing:
        raise ProtocolError("stake/ticket", "this account has no ticket that could leave", remedy="see `stake show`")
    for done, number in enumerate(standing):
        progress("leaving", done, len(standing))
        connection.send("leave", stake.leave(model_id, number))
    seconds = connection.rpc.read(stake.UNBONDING_SECONDS())
    return Answer({"ok": True, "left": standing, "unbonding_seconds": seconds}, (f"left; withdraw after {seconds} s",))


def withdraw(
    progress: Progress,
    model: ModelArgument,
    key: KeyOption = None,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Fetch the money of tickets that left long enough ago, and what else the contract owes."""
    connection, stake, model_id = _open(model, key, home, rpc, deployment, account)
    now, seconds = connection.rpc.read_block().timestamp, connection.rpc.read(stake.UNBONDING_SECONDS())
    own = _own_tickets(connection, stake, model_id)
    free = [
        number for number, ticket in own.items() if ticket.left and not ticket.locked and now >= ticket.left + seconds
    ]
    for done, number in enumerate(free):
        progress("unstaking", done, len(free))
        connection.send("unstake", stake.unstake(model_id, number))
    owed = connection.rpc.read(stake.credit_of(connection.sender.address))
    if owed:
        connection.send("withdraw", stake.withdraw())
    return Answer({"ok": True, "unstaked": free, "wei": owed}, (f"{owed / 10**18:g} ETH fetched",))


def _open(
    model: Path, key: Path | None, home: Path, rpc: str | None, deployment: Path | None, account: int
) -> tuple[Connection, Stake, Digest]:
    connection = open_connection(Place(home), url=rpc, deployment=deployment, account=account)
    model_id = commit_with_key(read_model(model), key).model_id
    return connection, connection.deployment.contract(Stake), model_id


def _own_tickets(connection: Connection, stake: Stake, model_id: Digest) -> dict[int, Ticket]:
    """Those that are still the account's, by number."""
    rpc, owner = connection.rpc, connection.sender.address
    topics = ["0x" + Staked.topic().hex(), "0x" + model_id.hex(), "0x" + owner[2:].lower().rjust(64, "0")]
    logs = rpc.read_logs([stake.address], connection.deployment.first_block, rpc.read_block_number(), topics)
    numbers = sorted({found.event.ticket for found in find_events(logs, [stake]) if isinstance(found.event, Staked)})
    tickets = {number: rpc.read(stake.ticket_of(model_id, number)) for number in numbers}
    return {number: ticket for number, ticket in tickets.items() if ticket.operator == owner}


def _state(ticket: Ticket) -> str:
    if ticket.locked:
        return "in a committee"
    return "leaving" if ticket.left else "free"


COMMANDS = (
    Command("stake add", add, ("lockstep stake add digits.lockstep", "lockstep stake add digits.lockstep --tickets 4")),
    Command("stake show", show, ("lockstep stake show digits.lockstep --json",)),
    Command("stake leave", leave, ("lockstep stake leave digits.lockstep",)),
    Command("stake withdraw", withdraw, ("lockstep stake withdraw digits.lockstep",)),
)
