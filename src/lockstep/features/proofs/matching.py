"""Whether a key belongs to a model that is at hand: the key's program is built again from the model."""

from typing import Literal

from lockstep.claims.model import commit_model
from lockstep.errors import ProofError
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.compile import Visibility, build_structure
from lockstep.proof.arithmetise.facts import facts_of
from lockstep.proof.files import KeyFile
from lockstep.proof.program_bytes import program_digest


def check_key(key: KeyFile, graph: Graph) -> None:
    """Whether a key is one of this model: same roots, same widths, and the program that they give. ``ProofError``."""
    commitment = commit_model(graph)
    if (commitment.graph_root, commitment.weights_root) != (key.graph_root, key.weights_root):
        raise ProofError("proof/other-model", "the key is for another model", value="0x" + key.graph_root.hex())
    if key.widths != facts_of(graph).widths:
        raise ProofError("proof/other-model", "the key's widths are not this model's", value=key.widths)
    shown = Visibility(_shown(key.shows["inputs"]), _shown(key.shows["outputs"]))
    structure = build_structure(
        graph, passes=key.passes, statement=shown, log_columns=key.key.parameters.log_columns, widths=key.widths
    )
    if program_digest(structure.program) != program_digest(key.key.program):
        raise ProofError(
            "proof/other-model", "the key's program is not this model's", value="0x" + key.key.digest.hex()
        )


def _shown(text: str) -> Literal["public", "hidden"]:
    match text:
        case "public" | "hidden":
            return text
        case _:
            raise ProofError("proof/key", "the key shows what cannot be rebuilt from its text", value=text)
