"""What every command that makes a proof does: progress by stage, budgets counted before, files written whole."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lockstep.crypto.randomness import Randomness
from lockstep.errors import ProofError
from lockstep.features.command import Answer, Progress
from lockstep.features.proofs.memory import memory_limit, peak_memory, working_folder
from lockstep.features.proofs.secret import KeySecret, read_secret, spend
from lockstep.features.proofs.stages import staged
from lockstep.features.proofs.writing import write_whole
from lockstep.proof.arithmetise.claims import Claim
from lockstep.proof.arithmetise.witness import Publics
from lockstep.proof.arithmetise.words import Rows
from lockstep.proof.prover.matrices import CommittedOracle
from lockstep.proof.prover.statements import prove_claim
from lockstep.proof.sizing import prover_bytes, require_fits, shape_of
from lockstep.proof.statement_files import encode_statement_file


def spend_all(secrets: Sequence[Path]) -> list[KeySecret]:
    """Count one proof of every commitment that it opens; none if one of them hides no more. ``proof/budget``."""
    for path in secrets:
        secret = read_secret(path)
        if secret.budget is not None and secret.used >= secret.budget:
            raise ProofError(
                "proof/budget",
                "the commitment has hidden as many proofs as it can",
                value=f"{path.name}: {secret.used} of {secret.budget}",
                remedy="make a new key",
            )
    return [spend(path) for path in secrets]


@contextmanager
def room_for(claim: Claim, gibibytes: float) -> Iterator[Path | None]:
    """Keeps to this much memory, 0: all there is; a folder if code words are to be on disk. ``proof/memory``."""
    require_fits(claim.program, claim.parameters)
    shape = shape_of(claim.program)
    needed, least = (prover_bytes(claim.parameters, shape, on_disk=on_disk) for on_disk in (False, True))
    with working_folder(gibibytes, needed) as folder, memory_limit(gibibytes, needed if folder is None else least):
        yield folder


@dataclass(frozen=True, eq=False)
class Making:
    """A claim that is about to be proved; ``secrets``: of the commitments that the proof opens."""

    claim: Claim
    oracles: Sequence[CommittedOracle]
    secrets: Sequence[Path]
    target: Path
    masks: Randomness = field(default_factory=Randomness)
    """Fresh, or of a seed for all that is stated."""
    folder: Path | None = None
    """Where code words are kept instead of in memory."""

    def make(
        self,
        witness: Callable[[], tuple[Rows, Publics]],
        progress: Progress,
        started: float,
        *,
        before_it_is_written: Callable[[], None] = lambda: None,
    ) -> Answer:
        """Prove, write, and say what was proved; nothing is spent before the witness is there."""
        progress("proving: witness")
        filled = witness()
        spent = spend_all(self.secrets)
        file = prove_claim(
            self.claim,
            self.oracles,
            filled,
            randomness=self.masks,
            progress=staged(progress),
            folder=self.folder,
        )
        data = encode_statement_file(file)
        before_it_is_written()
        write_whole(self.target, data)
        seconds = time.perf_counter() - started
        left = [None if secret.budget is None else secret.budget - secret.used for secret in spent]
        memory = peak_memory()
        document = {
            "ok": True,
            "file": str(self.target),
            "claim": dict(file.said),
            "words": self.claim.words(),
            "model_id": self.claim.model.model_id if self.claim.model else None,
            "data_id": self.claim.data.data_id if self.claim.data else None,
            "proof_bytes": len(file.proof),
            "file_bytes": len(data),
            "proofs_left": left,
            "seconds": round(seconds, 3),
            "peak_memory_bytes": memory,
            "on_disk": self.folder is not None,
        }
        lines = (
            f"wrote {self.target}: {len(data):,} bytes in {seconds:.2f} s, peak memory {memory >> 20:,} MB; it shows:",
            self.claim.words(),
            *(_proofs_left(path, count) for path, count in zip(self.secrets, left, strict=True) if count is not None),
        )
        return Answer(document, lines)


def _proofs_left(secret: Path, count: int) -> str:
    return f"{secret.stem} hides {count:,} more proofs" if count else f"{secret.stem} hides no more proofs"
