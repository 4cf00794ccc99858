"""The commands that put models on record and list them."""

from pathlib import Path
from typing import Annotated

import typer

from lockstep.chain.bindings.artifacts import Artifacts, Kind
from lockstep.chain.deployment import read_deployment
from lockstep.errors import ChainError
from lockstep.features.command import Answer, Command, Progress, Table
from lockstep.features.connection import AccountOption, DeploymentOption, RpcOption, open_connection, open_rpc
from lockstep.features.models.lineage import Ancestor, build_registrations, read_ancestor
from lockstep.features.models.registry import commit_with_key, is_registered, keep_model, read_models
from lockstep.features.place import DEFAULT_HOME, HomeOption, Place
from lockstep.ir.format import read_model

ModelPath = Annotated[Path, typer.Argument(metavar="MODEL", help="A compiled model, as `model compile` writes it.")]
LONGEST_URI = 256
"""Bytes that the Artifacts contract takes."""


def register(
    progress: Progress,
    model: ModelPath,
    dataset: Annotated[Path | None, typer.Option(help="The data that the model was trained on.")] = None,
    script: Annotated[Path | None, typer.Option(help="The script that trained it.")] = None,
    onnx: Annotated[Path | None, typer.Option(help="The ONNX file that it was compiled from.")] = None,
    key: Annotated[Path | None, typer.Option(help="The model's key: its jobs can then be settled by proof.")] = None,
    uri: Annotated[str, typer.Option(help="Where others can get the compiled model.")] = "",
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
    account: AccountOption = 0,
) -> Answer:
    """Put a compiled model on record, with what it was made from, and keep it for this machine's nodes."""
    place = Place(home)
    progress("reading the model")
    commitment = commit_with_key(read_model(model), key)
    ancestors = _ancestors(dataset, script, onnx)
    connection = open_connection(place, url=rpc, deployment=deployment, account=account)
    artifacts = connection.deployment.contract(Artifacts)
    if is_registered(connection.rpc, artifacts, commitment.model_id):
        kept = keep_model(place, commitment.model_id, model, key)
        raise ChainError(
            "model/already-done",
            "this model is on record already",
            value="0x" + commitment.model_id.hex(),
            remedy=f"nothing to do; it is kept in {kept}",
        )
    steps = []
    link = (uri or model.name).encode()[:LONGEST_URI].decode(errors="ignore")
    for what, transaction in build_registrations(artifacts, commitment, ancestors, link):
        progress(what)
        steps.append({"name": what, "gas": connection.send(what, transaction).gas_used})
    kept = keep_model(place, commitment.model_id, model, key)
    document = {
        "ok": True,
        "model_id": commitment.model_id,
        "kept": str(kept),
        "lineage": {ancestor.name: ancestor.root for ancestor in ancestors},
        "steps": steps,
    }
    rows = tuple((str(step["name"]), f"{step['gas']:,}") for step in steps)
    return Answer(document, (f"model id 0x{commitment.model_id.hex()}",), (Table(("step", "gas"), rows),))


def _ancestors(dataset: Path | None, script: Path | None, onnx: Path | None) -> list[Ancestor]:
    named = (
        ("dataset", Kind.DATASET, dataset),
        ("training script", Kind.SCRIPT, script),
        ("ONNX file", Kind.CHECKPOINT, onnx),
    )
    return [read_ancestor(name, kind, path) for name, kind, path in named if path is not None]


def list_(
    home: HomeOption = DEFAULT_HOME,
    rpc: RpcOption = None,
    deployment: DeploymentOption = None,
) -> Answer:
    """List the models that are on record, and which of them this machine has."""
    place = Place(home)
    models = read_models(open_rpc(place, rpc), read_deployment(deployment or place.deployment), place)
    document = {
        "models": [
            {
                "model_id": model.model_id,
                "publisher": model.publisher,
                "block": model.block,
                "uri": model.uri,
                "parents": ["0x" + parent.hex() for parent in model.parents],
                "file": str(model.file) if model.file else None,
            }
            for model in models
        ]
    }
    rows = tuple(("0x" + m.model_id.hex(), m.publisher, str(m.block), m.uri, "yes" if m.file else "no") for m in models)
    lines = () if models else ("no model is on record",)
    return Answer(document, lines, (Table(("model id", "publisher", "block", "uri", "here"), rows),) if rows else ())


COMMANDS = (
    Command(
        "model register",
        register,
        (
            "lockstep model register digits.lockstep",
            "lockstep model register digits.lockstep --dataset images.json --script train.py --onnx digits.onnx",
            "lockstep model register digits.lockstep --key digits.key",
        ),
    ),
    Command("model list", list_, ("lockstep model list", "lockstep model list --json")),
)
