"""What `lockstep verify` decides; needs no model, no chain, no arrays and nothing of the prover."""

from collections.abc import Callable

from lockstep.errors import ProofError
from lockstep.proof.files import KeyFile, ProofFile
from lockstep.proof.sizing import require_fits
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
    # Of a key that its owner made: whoever checks does not rely on the owner for the bits.
    require_fits(file.key.program, file.key.parameters)
    progress("checking the proof")
    verify_proof(file.key.statement(file.publics, file.context), file.proof)
