"""The commands before and after a request: what it would cost, waiting for its end, taking the fee back."""

from pathlib import Path
from typing import Annotated

import typer

from lockstep.chain.bindings.arbiter import Arbiter, Status
from lockstep.chain.deployment import read_deployment
from lockstep.errors import ProtocolError
from lockstep.features.command import Answer, Command, Progress, Table
from lockstep.features.connection import AccountOption, DeploymentOption, RpcOption, open_connection, open_rpc
from lockstep.features.inference.commands import parse_job_id
from lockstep.features.inference.pursuit import follow, read_state
from lockstep.features.inference.quoting import Quote, Terms, as_document, quote_all
from lockstep.features.inference.requests import read_progress
from lockstep.features.models.registry import commit_with_key, read_key
from lockstep.features.place import DEFAULT_HOME, HomeOption, Place
from lockstep.features.quorum.asking import ask_watchers
from lockstep.ir.format import read_model
from lockstep.types import Amount

JobArgument = Annotated[str, typer.Argument(metavar="JOB_ID", help="As `infer request` printed it.")]


def quote(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The compiled model.")],
    members: Annotated[int, typer.Option(help="Of a quorum.", min=3, max=15)] = 5,
    window: Annotated[int, typer.Option(help="Seconds in which the answer can be challenged.")] = 600,
    respond_within: Annotated[int, typer.Option(help="Seconds in which somebody must answer.")] = 3600,
    key: Annotated[Path | None, typer.Option(help="The key that the model is registered with.")] = None,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
) -> Answer:
    """Show price and latency of every guarantee, before anything is paid."""
    graph, place = read_model(model), Place(home)
    chain, contracts = open_rpc(place, rpc), read_deployment(deployment or place.deployment)
    model_id = commit_with_key(graph, key).model_id
    keys = read_key(key) if key is not None else None
    terms = Terms(members, window, respond_within)
    quotes = list(quote_all(chain, contracts, graph, model_id, keys, terms))
    columns = ("guarantee", "fee, ETH", "with your gas, ETH", "final after", "at the latest", "stands on")
    return Answer(as_document(quotes), (), (Table(columns, tuple(_row(one) for one in quotes)),))


def _row(one: Quote) -> tuple[str, ...]:
    if not one.available:
        return (str(one.guarantee), "-", "-", "-", "-", f"not now: {one.why}")
    amounts = (f"{one.fee_wei / 10**18:.6f}", f"{one.total_wei / 10**18:.6f}")
    return (str(one.guarantee), *amounts, f"{one.soonest_seconds} s", f"{one.latest_seconds} s", one.stands_on)


def wait(
    progress: Progress,
    job: JobArgument,
    timeout: Annotated[int, typer.Option(help="Seconds; then the state of now, and exit status 1.")] = 3600,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
) -> Answer:
    """Wait until a request is final or void; for scripts."""
    place, job_id = Place(home), parse_job_id(job)
    chain, contracts = open_rpc(place, rpc), read_deployment(deployment or place.deployment)
    document = follow(lambda: read_state(chain, contracts, job_id), timeout, progress)
    line = f"{str(document['status']).lower()}; verdict {document['verdict']}"
    return Answer(document, (line,), status=0 if document["verdict"] == "upheld" else 1)


def watch(
    job: JobArgument,
    watchers: Annotated[int, typer.Option(help="Seats, each filled by chance.", min=1, max=15)] = 3,
    one_in: Annotated[int, typer.Option(help="A seat is filled with the chance of 1 in so many.", min=1)] = 1,
    pay: Annotated[float, typer.Option(help="To each watcher that is right, in ETH.", min=0)] = 0.001,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Pay operators with stakes to check an answer while it can be challenged; who finds it false challenges it."""
    connection = open_connection(Place(home), url=rpc, deployment=deployment, account=account)
    progressed = read_progress(connection.rpc, connection.deployment, parse_job_id(job))
    return ask_watchers(connection, progressed.job, pay=Amount(round(pay * 10**18)), size=watchers, one_in=one_in)


def cancel(
    job: JobArgument,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Take the fee of a request back that nobody answered in time."""
    connection = open_connection(Place(home), url=rpc, deployment=deployment, account=account)
    progressed = read_progress(connection.rpc, connection.deployment, parse_job_id(job))
    if progressed.record.status is not Status.OPEN or progressed.now < progressed.job.respond_by:
        raise ProtocolError(
            "job/deadline",
            "it can still be answered, or has been",
            value=progressed.status,
            remedy=f"see `lockstep infer status {job}`",
        )
    arbiter = connection.deployment.contract(Arbiter)
    receipt = connection.send("cancel", arbiter.cancel(progressed.job))
    owed = connection.rpc.read(arbiter.credit_of(connection.sender.address))
    if owed:
        connection.send("withdraw", arbiter.withdraw())
    return Answer({"ok": True, "gas": receipt.gas_used, "wei": owed}, (f"{owed / 10**18:g} ETH fetched",))


COMMANDS = (
    Command(
        "infer quote",
        quote,
        ("lockstep infer quote digits.lockstep", "lockstep infer quote digits.lockstep --key digits.key --json"),
    ),
    Command("infer wait", wait, ("lockstep infer wait 0x51f0… --timeout 900",)),
    Command("infer watch", watch, ("lockstep infer watch 0x51f0… --watchers 5 --one-in 10 --pay 0.0005",)),
    Command("infer cancel", cancel, ("lockstep infer cancel 0x51f0…",)),
)
