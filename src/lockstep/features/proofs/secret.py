"""The prover's secret: the seed of the weights' tails, and how many proofs it has hidden (proof.md, section 7).

A commitment hides T/q proofs. The count is written before a proof is made: a crash can waste one but never reuse one.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lockstep.crypto.randomness import SEED_BYTES
from lockstep.errors import ProofError


@dataclass(frozen=True, slots=True)
class KeySecret:
    """``budget`` None: the weights are public, there is nothing to use up."""

    seed: bytes | None
    budget: int | None
    used: int = 0


def new_seed() -> bytes:
    """A fresh seed for hidden weights."""
    return os.urandom(SEED_BYTES)


def write_secret(path: Path, secret: KeySecret) -> None:
    """Written whole, readable by its owner alone."""
    document = {"seed": secret.seed.hex() if secret.seed else None, "budget": secret.budget, "used": secret.used}
    unfinished = path.with_name(path.name + ".part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or a power cut could bring the earlier count back
    finally:
        os.close(folder)


def read_secret(path: Path) -> KeySecret:
    """Raises ``ProofError`` ``proof/secret``."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        seed, budget, used = document["seed"], document["budget"], document["used"]
        return KeySecret(bytes.fromhex(seed) if seed else None, None if budget is None else int(budget), int(used))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProofError(
            "proof/secret",
            "this is no secret of a proof key",
            value=path,
            remedy="make the key again: lockstep model key",
        ) from error


def require_used_up(path: Path) -> None:
    """Raises ``ProofError`` ``proof/secret`` if writing here would lose a secret that still proves."""
    if not path.exists():
        return
    secret = read_secret(path)
    if secret.budget is not None and secret.used < secret.budget:
        raise ProofError(
            "proof/secret",
            "a key with proofs left would be lost",
            value=path,
            remedy="write to another file with --output, or remove this one",
        )


def spend(path: Path) -> KeySecret:
    """Count one more proof, whoever else does. Raises ``ProofError`` ``proof/budget`` before the weights would show."""
    with _alone_in(path.parent):
        secret = read_secret(path)
        if secret.budget is not None and secret.used >= secret.budget:
            raise ProofError(
                "proof/budget",
                "the commitment has hidden as many proofs as it can",
                value=f"{secret.used} of {secret.budget}",
                remedy="make a new key for the model: lockstep model key",
            )
        spent = replace(secret, used=secret.used + 1)
        write_secret(path, spent)
    return spent


FEW = 3
"""Proofs left at which a person is told: a new key takes one of them."""


def few_left(key: Path, secret: KeySecret) -> tuple[str, ...]:
    """What a person should do before the budget is spent, if it nearly is."""
    left = FEW + 1 if secret.budget is None else secret.budget - secret.used
    if left > FEW:
        return ()
    return (f"{left} proofs left: lockstep model rotate-key {key}" if left else f"{key} is used up",)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other process counts in this folder meanwhile: two that read one count would write it once."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
