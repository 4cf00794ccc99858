"""The commands of who asks: `infer request` and `infer status`."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.shared import Job
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
from lockstep.features.inference.requests import (
    LARGEST_INPUT,
    PROOF_BOND,
    Guarantee,
    describe,
    guarantee_of,
    read_progress,
)
from lockstep.features.models.inputs import match_inputs, read_arrays
from lockstep.features.models.registry import commit_with_key, is_registered, read_key
from lockstep.features.place import DEFAULT_HOME, HomeOption, Place
from lockstep.features.proofs.settlement import require_fits_desk
from lockstep.features.quorum.asking import ask_committee, find_question
from lockstep.ir.format import read_model
from lockstep.ir.graph import Graph
from lockstep.ir.quantise import quantise_input
from lockstep.store.artifacts import ArtifactStore
from lockstep.types import Address, Amount, Digest

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
    account: AccountOption = 0,
) -> Answer:
    """Ask for a model's answer, with a fee that waits in the contract until the answer is final.

    An input of more than 16,384 bytes stays in the store of artifacts; the request names its root.
    """
    graph = read_model(model)
    data, input_root = _encode_input(graph, input_)
    if guarantee is Guarantee.PROOF:
        _require_provable(graph, key)
    place = Place(home)
    connection = open_connection(place, url=rpc, deployment=deployment, account=account)
    model_id = _require_registered(connection, graph, model, key)
    carried = _carry(place, graph, data)
    respond_by = connection.rpc.read_block().timestamp + respond_within
    if guarantee is Guarantee.QUORUM:
        progress("asking a committee")
        pay = Amount(_wei(fee, "fee") // members)
        return ask_committee(
            connection, model_id, input_root, carried, pay=pay, size=members, window=window, respond_by=respond_by
        )
    job = Job(
        requester=Address(connection.sender.address),
        model_id=model_id,
        input_root=input_root,
        passes=1,
        fee=_wei(fee, "fee"),
        bond=PROOF_BOND if guarantee is Guarantee.PROOF else _wei(bond, "bond"),
        window=window,
        respond_by=respond_by,
        callback_gas=0,
        nonce=secrets.randbits(64),
    )
    progress("asking")
    return _ask(connection, job, carried)


def _ask(connection: Connection, job: Job, carried: bytes) -> Answer:
    """Sends the request."""
    arbiter = connection.deployment.contract(Arbiter)
    receipt = connection.send("request", arbiter.request(job, carried, value=Amount(job.fee)))
    job_id = connection.rpc.read(arbiter.job_id_of(job))
    document = {
        "ok": True,
        "job_id": job_id,
        "model_id": job.model_id,
        "input_root": job.input_root,
        "input_in_store": not carried,
        "guarantee": guarantee_of(job),
        "gas": receipt.gas_used,
    }
    hint = () if carried else ("the input is in your store only: let nodes fetch it, with `lockstep artifact serve`",)
    return Answer(document, (f"job 0x{job_id.hex()}", f"see `lockstep infer status 0x{job_id.hex()}`", *hint))


def _require_registered(connection: Connection, graph: Graph, model: Path, key: Path | None) -> Digest:
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


def _carry(place: Place, graph: Graph, data: bytes) -> bytes:
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


def _encode_input(graph: Graph, path: Path) -> tuple[bytes, Digest]:
    """The bytes of all inputs and their root."""
    arrays = match_inputs(read_arrays(path), [(spec.name, spec.shape) for spec in graph.inputs], path)
    parts = [
        encode_values(quantise_input(spec, values), spec.dtype.width)
        for spec, values in zip(graph.inputs, arrays, strict=True)
    ]
    data = b"".join(parts)
    return data, digest_tree([tensor_root(part) for part in parts]).root


def _wei(ether: float, name: str) -> int:
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
            "lockstep infer request digits.lockstep --input image.npz --key digits.key --guarantee proof",
        ),
    ),
    Command("infer status", status, ("lockstep infer status 0x51f0…",)),
)
