"""Models on record: registering one with what it was made from, and listing what a chain has."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from lockstep.chain.binding import find_events
from lockstep.chain.bindings.artifacts import ArtifactRegistered, Artifacts, Kind, ModelRegistered
from lockstep.chain.deployment import Deployment
from lockstep.chain.rpc import Rpc
from lockstep.claims.model import ModelCommitment, commit_model
from lockstep.errors import ProofError
from lockstep.features.place import Place
from lockstep.ir.graph import Graph
from lockstep.proof.files import KeyFile, decode_key_file
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


class Registered:
    """Which models a chain has on record; what is on record stays there, and is asked for once."""

    def __init__(self, rpc: Rpc, artifacts: Artifacts) -> None:
        self._rpc, self._artifacts = rpc, artifacts
        self._known: set[Digest] = set()

    def __contains__(self, model_id: Digest) -> bool:
        if model_id not in self._known and is_registered(self._rpc, self._artifacts, model_id):
            self._known.add(model_id)
        return model_id in self._known


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


def keep_model(place: Place, model_id: Digest, source: Path, key: Path | None = None) -> Path:
    """Copy a compiled model, and its key, to where nodes and commands look for them; each whole or not at all.

    The key's secret stays where it is: it counts proofs, and two that count would hide less than they say.
    """
    target = place.model_path(model_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    if key is not None:
        _copy(key, target.with_suffix(".key"))
    _copy(source, target)
    return target


def _copy(source: Path, target: Path) -> None:
    unfinished = target.with_suffix(".part")
    shutil.copyfile(source, unfinished)
    unfinished.replace(target)


def commit_with_key(graph: Graph, key: Path | None) -> ModelCommitment:
    """What names a model: with a key, its proofs too. Raises ``ProofError`` ``proof/other-model``, ``proof/file``."""
    if key is None:
        return commit_model(graph)
    file = read_key(key)
    commitment = commit_model(graph, zk_commitment=file.key.digest)
    if commitment.model_id != file.model_id:
        raise ProofError("proof/other-model", "the key is for another model", value="0x" + file.model_id.hex())
    return commitment


def read_key(path: Path) -> KeyFile:
    """A model's key. Raises ``ProofError`` ``proof/file`` and what ``decode_key`` raises."""
    try:
        return decode_key_file(path.read_bytes())
    except OSError as error:
        raise ProofError("proof/file", "the file cannot be read", value=path, remedy="check the path") from error
