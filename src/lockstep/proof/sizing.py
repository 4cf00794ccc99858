"""Bytes of a proof, and which preset suits a program."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from lockstep.crypto.capped_merkle import cap_height
from lockstep.errors import ProofError
from lockstep.proof.parameters import PRESETS, Level, Parameters
from lockstep.proof.relations import Program
from lockstep.proof.soundness import TARGET_BITS, ProgramSizes, sizes_of, soundness_bits
from lockstep.proof.verifier.fitting import fits

Preference = Literal["chain", "fast"]
ELEMENT, DIGEST, NONCE, SYMBOL = 16, 26, 8, 8
MASK_ROWS = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a program its proof's size depends on: rows of each oracle, M, κ."""

    rows: tuple[int, ...]
    fractions: int
    product_bits: int

    @property
    def row_bits(self) -> int:
        """k, if every oracle starts where it may."""
        return (sum(self.rows) - 1).bit_length()


def shape_of(program: Program) -> Shape:
    """The shape of a program."""
    return Shape(tuple(oracle.rows for oracle in program.oracles), program.fractions, program.product_bits)


def reshaped(program: Program, log_columns: int) -> Shape:
    """About the shape that a program has when it is laid out with other columns."""
    words = [oracle.rows << program.log_columns for oracle in program.oracles]
    words[-1] -= 1 << program.log_columns
    rows = [max(1, -(-count >> log_columns)) for count in words]
    rows[-1] += 1
    return Shape(tuple(rows), program.fractions, program.product_bits)


def pads_needed(shape: Shape, log_columns: int) -> int:
    """Pads of a proof (docs/specs/proof.md, section 4); a row bit more than needed, for alignment."""
    m = shape.fractions
    return 7 * m + 3 + m * (m - 1) + 1 + 3 * shape.product_bits + 2 * (shape.row_bits + 1 + log_columns + 1)


def opening_bytes(symbols: int, queries: int, log_domain: int) -> int:
    """Cap, leaves and siblings of one oracle."""
    height = cap_height(queries, log_domain)
    return queries * (SYMBOL * symbols + DIGEST * (log_domain - height)) + (DIGEST << height)


def proof_bytes(parameters: Parameters, shape: Shape, row_bits: int | None = None) -> int:
    """The length of a proof, to the byte if ``row_bits`` is the program's."""
    m, b = shape.fractions, parameters.log_columns
    k = shape.row_bits if row_bits is None else row_bits
    elements = 1 + m * (m - 1) + 4 * m + 1 + 3 * shape.product_bits + 2 + 2 * (k + b + 1) + 1
    nonces = (k + 1) * bool(parameters.row_work) + len(parameters.queries) * bool(parameters.query_work)
    total, symbols = DIGEST, [*shape.rows[:-1], shape.rows[-1] + MASK_ROWS]
    log_domain = parameters.log_domain
    for level, queries, work in zip(parameters.levels, parameters.queries, parameters.fold_work, strict=False):
        total += DIGEST + sum(opening_bytes(count, queries, log_domain) for count in symbols)
        elements += 1 + 2 * level.folds
        nonces += level.folds * bool(work)
        symbols, log_domain = [2 << level.folds], level.log_domain
    total += sum(opening_bytes(count, parameters.queries[-1], log_domain) for count in symbols)
    return total + ELEMENT * (elements + (1 << parameters.final_bits)) + NONCE * nonces


def prover_seconds(parameters: Parameters, shape: Shape) -> float:
    """A rough estimate, to compare presets: what encoding, hashing, batching and work take on one core."""
    symbols = -(-(shape.rows[-1] + MASK_ROWS) // 8) * 8 << parameters.log_domain
    seconds = symbols * 20e-9 + (130e-9 + 17e-9 * shape.rows[-1]) * (1 << parameters.log_domain)
    seconds += sum(shape.rows) * parameters.row_length * 40e-9
    for level, work in zip(parameters.levels, parameters.fold_work, strict=True):
        seconds += (1 << level.folds + level.log_domain) * 2 * 22e-9 + (1 << level.log_domain) * 350e-9
        seconds += level.folds * 62e-9 * (1 << work)
    seconds += (shape.row_bits + 1) * 62e-9 * (1 << parameters.row_work)
    return seconds + len(parameters.queries) * 62e-9 * (1 << parameters.query_work)


PROVER_BASE = 190 << 20
"""Bytes of an interpreter with arrays and kernels loaded; measured."""


def prover_bytes(parameters: Parameters, shape: Shape, *, on_disk: bool = False) -> int:
    """About the memory that proving takes: code words and their trees, rows, the tree of fractions, work tables.

    ``on_disk``: the code words are in a file, but for one coset of the widest.
    """
    widths = [-(-count // 8) * 8 for count in (*shape.rows[:-1], shape.rows[-1] + MASK_ROWS)]
    codes = (8 * sum(widths) << parameters.log_domain) + sum(_level_bytes(level) for level in parameters.levels)
    if on_disk:
        codes = 8 * max(widths) << parameters.row_length.bit_length()
    trees = 64 * (len(shape.rows) << parameters.log_domain)
    trees += 64 * sum(1 << level.log_domain for level in parameters.levels)
    rows = 40 * sum(shape.rows) * parameters.row_length
    return PROVER_BASE + trees + codes + rows + (80 << shape.fractions) + (96 << shape.product_bits)


def _level_bytes(level: Level) -> int:
    """Of a level's code word: two columns for each place that is folded away."""
    return 16 << (level.folds + level.log_domain)


MOST_ROWS = 512
SECONDS_PER_BYTE = 0.4e-6
"""What a byte is worth to those who want a proof fast."""


def choose_parameters(
    program: Program, *, prefer: Preference = "fast", presets: Iterable[Parameters] = PRESETS
) -> Parameters:
    """The preset with the fewest bytes ("chain") or the least time ("fast") for a program, laid out with any columns.

    The program then has to be laid out again with the preset's ``log_columns``. Raises ``proof/parameters``.
    """
    fitting, sizes = [], sizes_of(program)
    for parameters in presets:
        shape = reshaped(program, parameters.log_columns)
        if parameters.name.startswith(prefer) and _is_possible(parameters, shape, sizes):
            size, seconds = proof_bytes(parameters, shape), prover_seconds(parameters, shape)
            cost = size if prefer == "chain" else seconds + SECONDS_PER_BYTE * size
            fitting.append((cost, parameters.name, parameters))
    if not fitting:
        raise ProofError("proof/parameters", "the program is too large for every preset", value=program.fractions)
    return min(fitting)[2]


def _is_possible(parameters: Parameters, shape: Shape, sizes: ProgramSizes) -> bool:
    return (
        pads_needed(shape, parameters.log_columns) <= parameters.pad_capacity
        and soundness_bits(parameters, replace(sizes, row_bits=shape.row_bits)) >= TARGET_BITS
        and sum(shape.rows) <= MOST_ROWS
    )


def require_fits(program: Program, parameters: Parameters) -> None:
    """Raises ``proof/parameters`` if a proof of this program under this preset would not be sound or not possible."""
    rows, bits = sum(oracle.rows for oracle in program.oracles), soundness_bits(parameters, sizes_of(program))
    if rows > MOST_ROWS or not fits(program, parameters):
        why, value = "the statement is too large for the preset", f"{parameters.name}, {rows} rows"
    elif bits < TARGET_BITS:
        why, value = "under this preset the proof would have too few bits", f"{parameters.name}, {bits:.2f} bits"
    else:
        return
    raise ProofError("proof/parameters", why, value=value, remedy=_remedy(program))


def _remedy(program: Program) -> str:
    try:
        return f"make the keys with --preset {choose_parameters(program).name}"
    except ProofError:
        return "state less: no preset has room for it"
