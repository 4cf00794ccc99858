"""Setting a model up for proofs, and proving its answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lockstep.claims.model import commit_model
from lockstep.crypto.randomness import Randomness
from lockstep.errors import ProofError
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.arithmetisation import Arithmetisation, arithmetise
from lockstep.proof.arithmetise.compile import Tables, Visibility
from lockstep.proof.files import KeyFile, ProofFile
from lockstep.proof.key import ProofKey, find_preset
from lockstep.proof.parameters import Parameters
from lockstep.proof.prover.matrices import CommittedOracle, commit_oracle
from lockstep.proof.prover.prove import Progress, prove
from lockstep.proof.sizing import Preference, choose_parameters
from lockstep.types import ZERO_DIGEST, Digest

FIRST_LAYOUT = 14
"""Columns (log2) of the layout that a preset is chosen by."""


@dataclass(frozen=True, eq=False)
class Prover:
    """A model that is ready to be proved: its key, its program and its committed weights."""

    key: KeyFile
    arithmetisation: Arithmetisation
    weights: CommittedOracle
    folder: Path | None = None
    """Where code words are kept instead of in memory."""

    @property
    def budget(self) -> int | None:
        """Proofs that the commitment hides: each opens q_0 columns, two values were given at set-up. None: no limit."""
        parameters = self.key.key.parameters
        return (parameters.tail - 2) // parameters.queries[0] if self.key.hides_weights else None

    def prove(
        self,
        passes: Sequence[Sequence[NDArray[np.signedinteger]]],
        *,
        randomness: Randomness,
        context: Digest = ZERO_DIGEST,
        progress: Progress = lambda _stage, _done: None,
    ) -> ProofFile:
        """The proof for the integer inputs of every pass. ``randomness`` must be fresh."""
        progress("witness", 0.0)
        witness, publics = self.arithmetisation.witness(passes)
        statement = self.key.key.statement(tuple(publics), context)
        proof = prove(statement, [self.weights], witness, randomness=randomness, progress=progress, folder=self.folder)
        return ProofFile(self.key.key, self.key.graph_root, self.key.weights_root, tuple(publics), context, proof)


def set_up(
    graph: Graph,
    *,
    passes: int = 1,
    shows: Visibility | None = None,
    prefer: Preference = "fast",
    preset: str | None = None,
    weights_seed: bytes | None = None,
    folder: Path | None = None,
) -> Prover:
    """Commit to a model's weights. ``weights_seed`` hides them; None: anybody who has the model gets the same key."""
    shown = shows or Visibility()
    parameters, tables = (find_preset(preset), None) if preset else _choose(graph, passes, shown, prefer)
    arithmetisation = arithmetise(
        graph, passes=passes, statement=shown, log_columns=parameters.log_columns, tables=tables
    )
    randomness = None if weights_seed is None else Randomness(weights_seed).child("weights")
    weights = commit_oracle(arithmetisation.weight_rows(), parameters, randomness, folder=folder)
    key = ProofKey(arithmetisation.program, parameters, (weights.commitment,))
    commitment = commit_model(graph)
    return Prover(
        KeyFile(
            key,
            commitment.graph_root,
            commitment.weights_root,
            passes,
            {"inputs": str(shown.inputs), "outputs": str(shown.outputs)},
            arithmetisation.widths,
            weights_seed is not None,
        ),
        arithmetisation,
        weights,
        folder,
    )


def prover_of_key(graph: Graph, key: KeyFile, seed: bytes | None, *, folder: Path | None = None) -> Prover:
    """The prover of an existing key, its commitment made again from the seed. Raises ``proof/secret``."""
    shows = Visibility(inputs="hidden" if key.shows["inputs"] == "hidden" else "public")
    preset = key.key.parameters.name
    prover = set_up(graph, passes=key.passes, shows=shows, preset=preset, weights_seed=seed, folder=folder)
    if prover.key.key.digest != key.key.digest:
        raise ProofError("proof/secret", "the secret does not belong to the key", remedy="lockstep model key")
    return prover


def _choose(graph: Graph, passes: int, shown: Visibility, prefer: Preference) -> tuple[Parameters, Tables]:
    """The preset, and the tables that were searched for once: they do not depend on the layout."""
    first = arithmetise(graph, passes=passes, statement=shown, log_columns=FIRST_LAYOUT)
    return choose_parameters(first.program, prefer=prefer), first.structure.tables
