"""`lockstep verify`: it starts alone, without model, chain or prover; only --model and statements load a compiler."""

from pathlib import Path
from typing import Annotated

import typer

from lockstep.errors import ProofError
from lockstep.features.command import Answer, Command, Progress
from lockstep.features.proofs.checking import check_proof
from lockstep.proof.files import decode_key_file, decode_proof_file
from lockstep.proof.statement_files import is_statement


def read_file(path: Path) -> bytes:
    """A key's or a proof's bytes. Raises ``ProofError`` ``proof/file``."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProofError("proof/file", "the file cannot be read", value=path, remedy="check the path") from error


def verify(
    progress: Progress,
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="A proof, as `prove` and its kin write it.")],
    key: Annotated[Path | None, typer.Option(help="The key that the proof must be made with.")] = None,
    model: Annotated[
        Path | None, typer.Option(help="A compiled model: also check that the key's program is this model's.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="The model id (of a proof about data alone: data id) that it must be about.")
    ] = None,
    data_key: Annotated[
        Path | None, typer.Option(help="The key of the data set that the statement must be about.")
    ] = None,
) -> Answer:
    """Verify a proof: no model, no chain, no trust. Without --key or --against it says which model it is about."""
    data = read_file(proof)
    if is_statement(data):
        from lockstep.features.proofs.statement_checking import Expected, verify_statement

        return verify_statement(data, Expected(key, data_key, model, against), progress)
    if data_key is not None:
        raise ProofError("proof/data", "an answer is about no data set", value=proof, remedy="leave --data-key out")
    return _verify_answer(progress, data, key, model, against)


def _verify_answer(
    progress: Progress, data: bytes, key: Path | None, model: Path | None, against: str | None
) -> Answer:
    file = decode_proof_file(data)
    key_file = decode_key_file(read_file(key)) if key else None
    if model is not None:
        from lockstep.features.proofs.matching import check_key
        from lockstep.features.proofs.public_weights import key_of_public_weights
        from lockstep.ir.format import read_model

        progress("compiling the model's program")
        graph = read_model(model)
        if key_file is None:
            key_file = key_of_public_weights(graph, file)
        check_key(key_file, graph)
    check_proof(file, key=key_file, against=against, progress=progress)
    document = {
        "ok": True,
        "model_id": file.model_id,
        "zk_commitment": file.key.digest,
        "preset": file.key.parameters.name,
        "publics": [list(values) for values in file.publics],
        "context": file.context,
    }
    trusted = "" if key_file or against else "; compare it with the one you expect"
    return Answer(document, ("the proof holds", f"model id 0x{file.model_id.hex()}{trusted}"))


VERIFY = Command(
    "verify",
    verify,
    (
        "lockstep verify digits.proof --key digits.key",
        "lockstep verify digits.proof --against 0x5f… --json",
        "lockstep verify digits.accuracy.proof --key digits.key --data-key test.data.key",
    ),
)
COMMANDS = (VERIFY,)
