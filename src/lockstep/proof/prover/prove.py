"""``prove``: the steps P1 … P6 of docs/specs/proof.md, section 5."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lockstep.crypto.randomness import Randomness
from lockstep.crypto.vector_kernels import Words, to_element
from lockstep.proof.prover.batch import Row, prove_batch
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.prover.folding import open_masked, prove_folding
from lockstep.proof.prover.fractions import prove_look_ups
from lockstep.proof.prover.functional import DenseFunctional
from lockstep.proof.prover.matrices import CommittedOracle, WitnessMatrix, commit_witness
from lockstep.proof.prover.places import BlockReader
from lockstep.proof.prover.products import prove_products
from lockstep.proof.statement import Statement
from lockstep.proof.verifier.pads import PadNumbers
from lockstep.proof.verifier.statement_constraints import all_constraints

STAGES = ("commit", "look-ups", "products", "batch", "opening", "folding")

Progress = Callable[[str, float], None]


def prove(
    statement: Statement,
    oracles: Sequence[CommittedOracle],
    witness: Words,
    *,
    randomness: Randomness,
    progress: Progress = lambda _stage, _done: None,
    check: bool = True,
    folder: Path | None = None,
) -> bytes:
    """A proof of the statement. ``witness``: canonical words ``[rows − 1, 2^b]`` of the last oracle.

    ``randomness`` must be fresh: two proofs from one stream reveal the witness. ``check=False`` proves what does not
    hold, for tests that such proofs are refused. With a ``folder`` code words are kept there and not in memory.
    Raises ``ProofError`` ``proof/unsatisfied``.
    """
    program, parameters = statement.program, statement.parameters
    progress("commit", 0.0)
    matrix = commit_witness(witness, program, parameters, randomness, folder=folder)
    channel = ProverChannel(statement, matrix.pads)
    channel.root(matrix.codeword.root)
    words = [_words(oracle.rows, parameters.log_columns) for oracle in oracles]
    blocks = BlockReader(program, [*words, np.ascontiguousarray(witness).reshape(-1)])
    progress("look-ups", 0.0)
    numbers = PadNumbers(program.fractions)
    look_ups = prove_look_ups(channel, blocks, to_element(matrix.pads[numbers.blinding]), check=check)
    progress("products", 0.0)
    products = prove_products(channel, blocks, matrix.pads)
    progress("batch", 0.0)
    functional = DenseFunctional(program, parameters)
    functional.add(all_constraints(statement, look_ups, products), channel.challenge())
    end = prove_batch(
        channel,
        _paired(functional, statement, oracles, matrix),
        functional.value,
        row_bits=program.row_bits,
        log_columns=parameters.log_columns,
        work=parameters.row_work,
        check=check,
    )
    progress("opening", 0.0)
    hidden, weight = open_masked(channel, parameters, matrix, end, numbers.batch(program.product_bits))
    progress("folding", 0.0)
    codewords = [*(oracle.codeword for oracle in oracles), matrix.codeword]
    prove_folding(channel, parameters, codewords, hidden, weight, lambda done: progress("folding", done))
    progress("folding", 1.0)
    return channel.proof


def _words(rows: Words, log_columns: int) -> Words:
    """The words of a committed matrix without its tails, flat."""
    return np.ascontiguousarray(rows[:, : 1 << log_columns]).reshape(-1)


def _paired(
    functional: DenseFunctional, statement: Statement, oracles: Sequence[CommittedOracle], matrix: WitnessMatrix
) -> dict[int, Row]:
    """Weights and words of every row; the functional's rows are handed over."""
    rows: dict[int, Row] = {}
    for oracle, words in zip(statement.program.oracles, [*(o.rows for o in oracles), matrix.rows], strict=True):
        for number in range(oracle.rows):
            rows[oracle.first_row + number] = functional.rows.pop(oracle.first_row + number), words[number]
    return rows
