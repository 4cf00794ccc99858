"""`lockstep verify`: it starts alone, without model, chain, arrays or prover; only --model loads a compiler."""

from pathlib import Path
from typing import Annotated

import typer

from lockstep.errors import ProofError
from lockstep.features.command import Answer, Command, Progress
from lockstep.features.proofs.checking import check_proof
from lockstep.proof.files import decode_key_file, decode_proof_file


def read_file(path: Path) -> bytes:
    """A key's or a proof's bytes. Raises ``ProofError`` ``proof/file``."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProofError("proof/file", "the file cannot be read", value=path, remedy="check the path") from error


def verify(
    progress: Progress,
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="A proof, as `prove` writes it.")],
    key: Annotated[Path | None, typer.Option(help="The key that the proof must be made with.")] = None,
    model: Annotated[
        Path | None, typer.Option(help="A compiled model: also check that the key's program is this model's.")
    ] = None,
    against: Annotated[str | None, typer.Option(help="The model id that the proof must be about.")] = None,
) -> Answer:
    """Verify a proof: no model, no chain, no trust. Without --key or --against it says which model it is about."""
    file = decode_proof_file(read_file(proof))
    key_file = decode_key_file(read_file(key)) if key else None
    if model is not None:
        if key_file is None:
            raise ProofError("proof/key", "a model is checked against its key", remedy="give --key too")
        from lockstep.features.proofs.matching import check_key
        from lockstep.ir.format import read_model

        progress("compiling the model's program")
        check_key(key_file, read_model(model))
    check_proof(file, key=key_file, against=against, progress=progress)
    document = {
        "ok": True,
        "model_id": file.model_id,
        "zk_commitment": file.key.digest,
        "preset": file.key.parameters.name,
        "publics": [list(values) for values in file.publics],
        "context": file.context,
    }
    trusted = "" if key or against else "; compare it with the one you expect"
    return Answer(document, ("the proof holds", f"model id 0x{file.model_id.hex()}{trusted}"))


VERIFY = Command(
    "verify",
    verify,
    (
        "lockstep verify digits.proof --key digits.key",
        "lockstep verify digits.proof --against 0x5f… --json",
    ),
)
