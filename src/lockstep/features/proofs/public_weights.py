"""Weights that are no secret: whoever has the model makes the same key, and needs nobody's word for it."""

from math import prod

from lockstep.claims.model import commit_model
from lockstep.errors import ProofError
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.arithmetise.subjects import ModelSubject
from lockstep.proof.files import KeyFile, ProofFile
from lockstep.proof.prover.session import set_up
from lockstep.proof.prover.statements import commit_weights
from lockstep.types import Digest


def key_of_public_weights(graph: Graph, file: ProofFile) -> KeyFile:
    """The key that everybody gets for this model, if the proof is made with it. Raises ``proof/key`` otherwise."""
    model_id = commit_model(graph, zk_commitment=file.key.digest).model_id
    if model_id != file.model_id:
        raise _hidden()
    shown = Visibility(inputs="public" if len(file.publics) > len(graph.outputs) else "hidden")
    outputs = sum(prod(spec.shape) for spec in graph.outputs)
    passes = sum(len(values) for values in file.publics[-len(graph.outputs) :]) // outputs
    if passes < 1:
        raise _hidden()
    key = set_up(graph, passes=passes, shows=shown, preset=file.key.parameters.name).key
    if key.key.digest != file.key.digest:
        raise _hidden()
    return key


def are_public(model: ModelSubject, weights_root: Digest) -> bool:
    """Whether a key commits, hiding nothing, to the weights of the model at hand."""
    return model.weights_root == weights_root and commit_weights(model, None).commitment == model.commitment


def _hidden() -> ProofError:
    return ProofError("proof/key", "a model with hidden weights is checked against its key", remedy="give --key too")
