"""The commands of who asks: `infer request` and `infer status`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.deployment import read_deployment
from lockstep.codec import encode_values
from lockstep.crypto.kernels import tensor_root
from lockstep.crypto.merkle import digest_tree
from lockstep.errors import ChainError, ConfigError, ProofError, ProtocolError
from lockstep.features.command import Answer, Command, Progress
from lockstep.features.connection import (
    AccountOption,
    Connection,
    DeploymentOption,
    RpcOption,
    open_connection,
    open_rpc,
)
from lockstep.features.inference.inputs import layout_of
from lockstep.features.inference.offers import Offer, ask_with
from lockstep.features.inference.pursuit import pursue
from lockstep.features.inference.requests import (
    LARGEST_INPUT,
    Guarantee,
    describe,
    read_progress,
)
from lockstep.features.models.inputs import match_inputs, read_arrays
from lockstep.features.models.registry import commit_with_key, is_registered, read_key
from lockstep.features.place import DEFAULT_HOME, HomeOption, Place
from lockstep.features.proofs.settlement import require_fits_desk
from lockstep.features.quorum.asking import find_question
from lockstep.ir.format import read_model
from lockstep.ir.graph import Graph
from lockstep.ir.quantise import quantise_input
from lockstep.store.artifacts import ArtifactStore
from lockstep.types import Digest

ETHER = 10**18
DIGEST_DIGITS = 64


def request(
    progress: Progress,
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="The compiled model; it must be registered.")],
    input_: Annotated[Path, typer.Option("--input", help="An .npz or .json with one array an input.")],
    fee: Annotated[float, typer.Option(help="What the answer is worth, in ETH.")] = 0.01,
    guarantee: Annotated[
        Guarantee,
        typer.Option(
            help="Believe whoever puts up a bond and is not disputed, or a committee with stakes, or a proof."
        ),
    ] = Guarantee.DISPUTE,
    bond: Annotated[float, typer.Option(help="What who answers must put up, in ETH; nothing for a proof.")] = 0.1,
    members: Annotated[int, typer.Option(help="Of a quorum: 3 to 15; they share the fee.")] = 5,
    window: Annotated[int, typer.Option(help="Seconds in which the answer can be challenged.")] = 600,
    respond_within: Annotated[int, typer.Option(help="Seconds in which somebody must answer.")] = 3600,
    key: Annotated[Path | None, typer.Option(help="The key that the model is registered with.")] = None,
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    fallback: Annotated[
        list[Guarantee] | None,
        typer.Option(help="Wait for the end; if nobody answers, take the fee back and ask so. May be given again."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the end, and take the fee back if it is void.")
    ] = False,
    timeout: Annotated[int, typer.Option(help="Seconds to wait for each end; then the state of now.")] = 7200,
    account: AccountOption = 0,
) -> Answer:
    """Ask for a model's answer, with a fee that waits in the contract until the answer is final.

    An input of more than 16,384 bytes stays in the store of artifacts; the request names its root.
    """
    graph, guarantees = read_model(model), (guarantee, *(fallback or ()))
    data, input_root = encode_input(graph, input_)
    if Guarantee.PROOF in guarantees:
        _require_provable(graph, key)
    place = Place(home)
    connection = open_connection(place, url=rpc, deployment=deployment, account=account)
    model_id = require_registered(connection, graph, model, key)
    carried = carry_input(place, graph, data)

    offer = Offer(
        model_id=model_id,
        input_root=input_root,
        carried=carried,
        fee=wei_of(fee, "fee"),
        bond=wei_of(bond, "bond"),
        members=members,
        window=window,
        respond_within=respond_within,
    )
    ask = partial(ask_with, connection, offer)
    progress("asking")
    if not (wait or fallback):
        return ask(guarantee)
    return pursue(connection, ask, guarantees, timeout=timeout, progress=progress)


def require_registered(connection: Connection, graph: Graph, model: Path, key: Path | None) -> Digest:
    """The model's id. Raises ``ChainError`` ``model/unknown``."""
    model_id = commit_with_key(graph, key).model_id
    if not is_registered(connection.rpc, connection.deployment.contract(Artifacts), model_id):
        raise ChainError(
            "model/unknown",
            "this chain does not have the model on record",
            value="0x" + model_id.hex(),
            remedy=f"run `lockstep model register {model}{f' --key {key}' if key else ''}`",
        )
    return model_id


def carry_input(place: Place, graph: Graph, data: bytes) -> bytes:
    """What the request carries: the input, or nothing if it is too large; then it is kept in the store."""
    if len(data) <= LARGEST_INPUT:
        return data
    ArtifactStore(place.artifacts).put(data, layout_of(graph, 1))
    return b""


def _require_provable(graph: Graph, key: Path | None) -> None:
    """Nobody could prove it otherwise, and the fee would wait for nothing."""
    if key is None:
        raise ProofError(
            "proof/key",
            "a proof is asked for by the model's key",
            remedy="give --key; lockstep model key makes one",
        )
    require_fits_desk(graph, read_key(key))


def encode_input(graph: Graph, path: Path) -> tuple[bytes, Digest]:
    """The bytes of all inputs and their root."""
    arrays = match_inputs(read_arrays(path), [(spec.name, spec.shape) for spec in graph.inputs], path)
    parts = [
        encode_values(quantise_input(spec, values), spec.dtype.width)
        for spec, values in zip(graph.inputs, arrays, strict=True)
    ]
    data = b"".join(parts)
    return data, digest_tree([tensor_root(part) for part in parts]).root


def wei_of(ether: float, name: str) -> int:
    if not 0 <= ether < float("inf"):
        raise ConfigError("request/amount", f"the {name} is no amount", value=ether, remedy="give ETH, 0 or more")
    return round(ether * ETHER)


def status(
    job: Annotated[str, typer.Argument(metavar="JOB_ID", help="As `infer request` printed it.")],
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
) -> Answer:
    """Say what has become of a request: who answered, whether it is final, and how a dispute went."""
    place = Place(home)
    chain, contracts = open_rpc(place, rpc), read_deployment(deployment or place.deployment)
    try:
        progressed = read_progress(chain, contracts, parse_job_id(job))
    except ProtocolError:
        if (answer := find_question(chain, contracts, parse_job_id(job))) is not None:
            return answer
        raise
    waits = f", waits for {progressed.waits_for}" if progressed.waits_for else ""
    lines = [f"{progressed.status.lower()}{waits}; verdict {progressed.verdict}"]
    if any(progressed.record.output_root):
        lines.append(f"output root 0x{progressed.record.output_root.hex()} by {progressed.record.claimant}")
    lines += [
        f"element {number.element} of node {number.item} was recomputed: {number.value}; "
        f"claimed {number.claimed_a} and {number.claimed_b}"
        for number in progressed.recomputed
    ]
    return Answer(describe(progressed), tuple(lines))


def parse_job_id(text: str) -> Digest:
    """A job's id as people write it. Raises ``ConfigError`` ``job/id``."""
    digits = text.removeprefix("0x")
    try:
        digest = bytes.fromhex(digits)
    except ValueError:
        digest = b""
    if len(digits) != DIGEST_DIGITS or not digest:
        raise ConfigError("job/id", "this is no job id", value=text, remedy="give 0x and 64 hexadecimal digits")
    return Digest(digest)


COMMANDS = (
    Command(
        "infer request",
        request,
        (
            "lockstep infer request digits.lockstep --input image.npz",
            "lockstep infer request digits.lockstep --input image.npz --fee 0.02 --window 300 --json",
            "lockstep infer request digits.lockstep --input image.npz --guarantee quorum --members 5",
            "lockstep infer request digits.lockstep --input image.npz --guarantee quorum --fallback dispute",
            "lockstep infer request digits.lockstep --input image.npz --key digits.key --guarantee proof",
        ),
    ),
    Command("infer status", status, ("lockstep infer status 0x51f0…",)),
)
