"""What `lockstep verify` decides; needs no model, no chain and nothing of the prover."""

from collections.abc import Callable
from typing import Literal

from lockstep.claims.model import commit_model
from lockstep.errors import ProofError
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.compile import Visibility, build_structure
from lockstep.proof.arithmetise.facts import facts_of
from lockstep.proof.files import KeyFile, ProofFile
from lockstep.proof.program_bytes import program_digest
from lockstep.proof.verifier.verify import verify_proof


def check_proof(
    file: ProofFile,
    *,
    key: KeyFile | None,
    against: str | None,
    progress: Callable[[str], None],
) -> None:
    """Raises ``ProofError`` if the proof does not hold, or holds for another model than the one that was asked for."""
    if key is not None and key.key.digest != file.key.digest:
        raise ProofError("proof/other-key", "the proof was made with another key", value="0x" + file.key.digest.hex())
    model_id = "0x" + file.model_id.hex()
    if key is not None and key.model_id != file.model_id:
        raise ProofError("proof/other-model", "the proof names another model than its key", value=model_id)
    if against is not None and against.lower() != model_id:
        raise ProofError(
            "proof/other-model", "the proof is about another model", value=model_id, remedy=f"wanted {against}"
        )
    progress("checking the proof")
    verify_proof(file.key.statement(file.publics, file.context), file.proof)


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
