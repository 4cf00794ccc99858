"""The commands of who tests committees: a question whose answer is known, and the sealed answer against theirs."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from lockstep.features.command import Answer, Command, Progress
from lockstep.features.connection import AccountOption, DeploymentOption, RpcOption, open_connection
from lockstep.features.inference.answers import honest_answer, split_inputs
from lockstep.features.inference.commands import carry_input, encode_input, parse_job_id, require_registered, wei_of
from lockstep.features.inference.offers import Offer, ask_with
from lockstep.features.inference.requests import Guarantee
from lockstep.features.place import DEFAULT_HOME, HomeOption, Place
from lockstep.features.quorum.planting import Planted, find_panel
from lockstep.features.quorum.planting import expose as expose_planted
from lockstep.ir.format import read_model
from lockstep.types import Digest


def plant(
    progress: Progress,
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The compiled model; it must be registered.")],
    input_: Annotated[Path, typer.Option("--input", help="An .npz or .json with one array an input.")],
    fee: Annotated[float, typer.Option(help="What the answer is worth, in ETH: as for any other question.")] = 0.01,
    members: Annotated[int, typer.Option(help="3 to 15; they share the fee.")] = 5,
    window: Annotated[int, typer.Option(help="Seconds in which the answer can be challenged.")] = 600,
    respond_within: Annotated[int, typer.Option(help="Seconds in which somebody must answer.")] = 3600,
    key: Annotated[Path | None, typer.Option(help="The key that the model is registered with.")] = None,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Ask a committee what is known: the answer is computed here and sealed in a question that looks like any other.

    The sealed answer is kept in the home's folder `planted`, and written before the question is asked.
    """
    graph, place = read_model(model), Place(home)
    data, input_root = encode_input(graph, input_)
    connection = open_connection(place, url=rpc, deployment=deployment, account=account)
    model_id = require_registered(connection, graph, model, key)
    progress("computing the answer")
    known = honest_answer(graph, split_inputs(graph, 1, data))
    salt = Digest(secrets.token_bytes(32))
    planted = Planted(known.output_root, known.trace.root, salt, tuple(known.solver.kids))
    planted.write(place.planted_path(planted.seal))
    offer = Offer(
        model_id=model_id,
        input_root=input_root,
        carried=carry_input(place, graph, data),
        fee=wei_of(fee, "fee"),
        bond=0,
        members=members,
        window=window,
        respond_within=respond_within,
        seal=planted.seal,
    )
    progress("asking")
    asked = ask_with(connection, offer, Guarantee.QUORUM)
    job_id = asked.document["job_id"]
    assert isinstance(job_id, bytes)
    return Answer(asked.document, (f"job 0x{job_id.hex()}", f"then `lockstep infer expose 0x{job_id.hex()}`"))


def expose(
    job: Annotated[str, typer.Argument(metavar="JOB_ID", help="As `infer plant` printed it.")],
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Compare a committee's answer with the sealed one; another one is challenged with it, and with a bond of ours."""
    place = Place(home)
    connection = open_connection(place, url=rpc, deployment=deployment, account=account)
    panel = find_panel(connection, parse_job_id(job))
    return expose_planted(connection, panel, Planted.read(place.planted_path(panel.question.seal)))


COMMANDS = (
    Command("infer plant", plant, ("lockstep infer plant digits.lockstep --input image.npz --members 5",)),
    Command("infer expose", expose, ("lockstep infer expose 0x51f0…",)),
)
