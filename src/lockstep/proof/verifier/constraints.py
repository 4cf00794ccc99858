"""Linear constraints on the committed words and pads: what steps P2 and P3 leave to prove.

The list of a proof, in order: ``logup_constraints`` (``verifier.logup``), ``product_constraints``
(``verifier.products``), ``out_of_domain_constraints`` (here); ``all_constraints`` (``verifier.statement_constraints``)
is the three after each other. Both sides call these with the same messages. A prover writes a term's functional out as
``coefficient · w_1 ⊗ … ⊗ w_d`` on the words of the block, ``w`` from ``weights.axis_weights`` (last axis lowest).
"""

from dataclasses import dataclass, field

from lockstep.crypto.goldilocks import ZERO, Element, add
from lockstep.proof.statement import Statement, out_of_domain_points
from lockstep.proof.weights import AxisWeight, Point


@dataclass(frozen=True, slots=True)
class FunctionalTerm:
    """``coefficient · ⟨w_1 ⊗ … ⊗ w_d, Z|block⟩``, one weight for each axis of the block (never the tensor of ones)."""

    coefficient: Element
    block: int
    axes: tuple[AxisWeight, ...]


@dataclass(frozen=True, slots=True)
class OutOfDomainTerm:
    """``Σ_i eq(row_point, i)·Σ_{j<K} point^j·Z[row i of oracle, j]``, over the rows and the whole length K."""

    oracle: int
    point: Element
    row_point: Point


@dataclass(frozen=True, slots=True)
class Constraint:
    """``Σ terms + Σ_t pads[t]·pad_t + out_of_domain = value``."""

    terms: tuple[FunctionalTerm, ...]
    pads: dict[int, Element]
    value: Element
    out_of_domain: OutOfDomainTerm | None = None


@dataclass(slots=True)
class Functional:
    """A sum of terms that grows: words, pads and a constant."""

    terms: list[FunctionalTerm] = field(default_factory=list)
    pads: dict[int, Element] = field(default_factory=dict)
    constant: Element = ZERO

    def add_pad(self, number: int, coefficient: Element) -> None:
        """Add ``coefficient · pad``."""
        self.pads[number] = add(self.pads.get(number, ZERO), coefficient)


def out_of_domain_constraints(statement: Statement) -> list[Constraint]:
    """Two for each commitment: the committed rows are the one message with these values."""
    constraints = []
    for number, commitment in enumerate(statement.commitments):
        points = out_of_domain_points(commitment.root, commitment.rows)
        for (point, row_point), value in zip(points, commitment.out_of_domain, strict=True):
            constraints.append(Constraint((), {}, value, OutOfDomainTerm(number, point, tuple(row_point))))
    return constraints
