"""What a model was made from: files named by the roots of their bytes, registered with their children's parents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lockstep.chain.binding import Transaction
from lockstep.chain.bindings.artifacts import Artifacts, Kind
from lockstep.claims.model import ModelCommitment
from lockstep.crypto.kernels import tensor_root
from lockstep.types import ZERO_DIGEST, Digest


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A file that a model was made from."""

    name: str
    kind: Kind
    path: Path
    root: Digest


def read_ancestor(name: str, kind: Kind, path: Path) -> Ancestor:
    """Name a file by its bytes."""
    return Ancestor(name, kind, path, tensor_root(path.read_bytes()))


def build_registrations(
    artifacts: Artifacts, model: ModelCommitment, ancestors: Sequence[Ancestor], uri: str
) -> list[tuple[str, Transaction]]:
    """The transactions that put a model and its lineage on record: every ancestor, then the model with them as parents.

    A checkpoint (the ONNX file) has the dataset and the script before it as its own parents.
    """
    sources = [a.root for a in ancestors if a.kind != Kind.CHECKPOINT]
    checkpoints = [a.root for a in ancestors if a.kind == Kind.CHECKPOINT]
    registrations = [
        (
            f"register {a.name}",
            artifacts.register(a.root, a.kind, sources if a.kind == Kind.CHECKPOINT else [], ZERO_DIGEST, a.path.name),
        )
        for a in ancestors
    ]
    own = (Digest(model.header), model.descriptors_root, model.weights_root, model.zk_commitment)
    return [
        *registrations,
        ("register_model", artifacts.register_model(*own)),
        (
            "register model record",
            artifacts.register(model.model_id, Kind.MODEL, checkpoints or sources, ZERO_DIGEST, uri),
        ),
    ]
