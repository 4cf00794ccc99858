"""Reads the messages of steps P2 and P3 from a proof."""

from lockstep.crypto.goldilocks import ZERO, Element
from lockstep.errors import ProofError
from lockstep.proof.relations import Program
from lockstep.proof.verifier.channel import ProofReader
from lockstep.proof.verifier.messages import Layer, LogUpMessages, ProductMessages, Round

TAU_BITS = 7


def read_logup(reader: ProofReader, program: Program) -> LogUpMessages:
    """Step P2."""
    alpha, beta = reader.challenges(2)
    (root,) = reader.elements(1)
    if root == ZERO:
        raise ProofError("proof/denominator", "a denominator of the look-ups is 0")
    layers = tuple(_read_layer(reader, number) for number in range(program.fractions))
    return LogUpMessages(alpha, beta, root, layers)


def _read_layer(reader: ProofReader, number: int) -> Layer:
    combiner = reader.challenge()
    rounds = tuple(_read_round(reader, 2) for _ in range(number))
    children = reader.elements(4)
    selector: Element = reader.challenge()
    return Layer(combiner, rounds, (children[0], children[1], children[2], children[3]), selector)


def _read_round(reader: ProofReader, count: int, work: int = 0) -> Round:
    sent = reader.elements(count)
    reader.work(work)
    return Round(sent, reader.challenge())


def read_products(reader: ProofReader, program: Program) -> ProductMessages:
    """Step P3."""
    outer = reader.challenges(program.outer_bits)
    gamma = reader.challenge()
    tau = reader.challenges(TAU_BITS)
    (claim,) = reader.elements(1)
    rounds = tuple(_read_round(reader, 3) for _ in range(program.product_bits))
    left, right = reader.elements(2)
    return ProductMessages(outer, gamma, tau, claim, rounds, left, right)


def read_batch_rounds(reader: ProofReader, rows: int, columns: int, row_work: int) -> tuple[Round, ...]:
    """The rounds of step P4: rows (with work), then columns."""
    of_rows = tuple(_read_round(reader, 2, row_work) for _ in range(rows))
    return of_rows + tuple(_read_round(reader, 2) for _ in range(columns))
