"""Models on record: registering one with what it was made from, and listing what a chain has."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from lockstep.chain.binding import find_events
from lockstep.chain.bindings.artifacts import ArtifactRegistered, Artifacts, Kind, ModelRegistered
from lockstep.chain.deployment import Deployment
from lockstep.chain.rpc import Rpc
from lockstep.features.place import Place
from lockstep.types import ZERO_DIGEST, Digest


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model that a chain knows; ``file`` is where this machine has it, ``parents`` what its publisher names."""

    model_id: Digest
    publisher: str
    block: int
    uri: str
    parents: tuple[Digest, ...]
    file: Path | None


def is_registered(rpc: Rpc, artifacts: Artifacts, model_id: Digest) -> bool:
    """Whether the chain knows what this id stands for."""
    return rpc.read(artifacts.header_of(model_id)) != ZERO_DIGEST


def read_models(rpc: Rpc, deployment: Deployment, place: Place) -> tuple[RegisteredModel, ...]:
    """All registered models, the oldest first."""
    artifacts = deployment.contract(Artifacts)
    logs = rpc.read_logs([artifacts.address], deployment.first_block, rpc.read_block_number())
    found = find_events(logs, [artifacts])
    records = {
        (logged.event.artifact_root, logged.event.publisher): logged.event
        for logged in found
        if isinstance(logged.event, ArtifactRegistered) and logged.event.kind == Kind.MODEL
    }
    models = []
    for logged in found:
        event = logged.event
        if isinstance(event, ModelRegistered):
            record = records.get((event.model_id, event.publisher))
            path = place.model_path(event.model_id)
            models.append(
                RegisteredModel(
                    event.model_id,
                    event.publisher,
                    logged.log.block_number,
                    record.uri if record else "",
                    tuple(record.parents) if record else (),
                    path if path.is_file() else None,
                )
            )
    return tuple(models)


def keep_model(place: Place, model_id: Digest, source: Path) -> Path:
    """Copy a compiled model to where nodes and commands look for it; whole or not at all."""
    target = place.model_path(model_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    shutil.copyfile(source, unfinished)
    unfinished.replace(target)
    return target
