"""Where keys, secrets and proofs are written: beside one another, and whole or not at all."""

from pathlib import Path

from lockstep.errors import ProofError


def secret_of(key: Path) -> Path:
    """Where the secret part of a key is kept."""
    return key.with_name(key.name + ".secret")


def target_of(output: Path | None, usual: Path) -> Path:
    """Where to write; that it cannot be is known before anything is spent."""
    target = output or usual
    if not target.parent.is_dir():
        raise ProofError("proof/file", "the folder is not there", value=target.parent, remedy="make it first")
    return target


def write_whole(path: Path, data: bytes) -> None:
    """The file is there with all its bytes, or not at all."""
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(data)
    unfinished.replace(path)
