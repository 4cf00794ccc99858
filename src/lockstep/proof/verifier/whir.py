"""Step P6: WHIR. h is what it is claimed to be, and close to a codeword, level after level."""

from dataclasses import dataclass, field

from lockstep.crypto.goldilocks import MODULUS, ONE, ZERO, Element, add, multilinear, multiply, root_of_unity
from lockstep.errors import ProofError
from lockstep.proof.statement import Statement
from lockstep.proof.verifier.batch import quadratic_claim
from lockstep.proof.verifier.channel import ProofReader
from lockstep.proof.verifier.final_weights import (
    FinalVector,
    PointWeight,
    PowerWeight,
    opening_value,
    point_value,
    power_value,
)
from lockstep.proof.verifier.masked_opening import MaskedClaim, read_matrix_openings
from lockstep.proof.verifier.messages import Point, Round
from lockstep.proof.verifier.openings import read_openings


@dataclass(slots=True)
class Code:
    """The oracle that the next queries go to; ``fold`` is empty for the matrices of the statement."""

    root: bytes
    log_domain: int
    folds: int = 0
    fold: Point = ()
    """The last fold challenges, lowest variable first."""


@dataclass(slots=True)
class Claims:
    """``⟨all weights, h folded⟩ = value``; ``next_factor`` is the next power of ξ."""

    value: Element
    points: list[PointWeight] = field(default_factory=list)
    powers: list[PowerWeight] = field(default_factory=list)
    batching: Element = ONE
    factor: Element = ONE

    def start(self, batching: Element) -> None:
        """A new ξ."""
        self.batching, self.factor = batching, ONE

    def next(self, value: Element) -> Element:
        """Take a claim in: its power of ξ."""
        self.factor = multiply(self.factor, self.batching)
        self.value = add(self.value, multiply(self.factor, value))
        return self.factor


def check_whir(reader: ProofReader, statement: Statement, witness_root: bytes, masked: MaskedClaim) -> None:
    """Step P6; raises ``proof/final`` when the end does not fit the beginning."""
    parameters = statement.parameters
    variables = parameters.log_columns + 1
    claims, code = Claims(masked.value), Code(witness_root, parameters.log_domain)
    challenges: list[Element] = []
    for number, level in enumerate(parameters.levels):
        # 1. The next oracle, and its value outside its domain.
        root = reader.root()
        point = reader.challenges(variables)
        (at_point,) = reader.elements(1)
        # 2. Queries to the oracle before it.
        values = _query(reader, statement, code, masked, number)
        # 3. All of these become claims on h, with powers of ξ.
        claims.start(reader.challenge())
        claims.points.append(PointWeight(claims.next(at_point), point))
        for base, answers in values:
            for part, answer in enumerate(answers, start=1 if number == 0 else 0):
                claims.powers.append(PowerWeight(claims.next(answer), base, variables, part))
        # 4. Folding.
        fold = []
        for _ in range(level.folds):
            sent = reader.elements(2)
            reader.work(parameters.fold_work[number])
            entry = Round(sent, reader.challenge())
            claims.value = quadratic_claim(claims.value, entry)
            fold.append(entry.challenge)
        challenges += fold
        variables -= level.folds
        code = Code(root, level.log_domain, level.folds, tuple(reversed(fold)))
    # 5. The final vector answers the last queries and all claims.
    vector = reader.elements(1 << variables)
    final = FinalVector(vector, variables, (ZERO,) * variables + tuple(reversed(challenges)))
    for base, (answer,) in _query(reader, statement, code, masked, len(parameters.levels)):
        if final.horner(base) != answer:
            raise ProofError("proof/final", "the final vector does not answer a query")
    if _total(claims, masked, statement, final) != claims.value:
        raise ProofError("proof/final", "the final check fails")


def _query(
    reader: ProofReader, statement: Statement, code: Code, masked: MaskedClaim, number: int
) -> list[tuple[int, tuple[Element, ...]]]:
    """Work, places x, openings: at each x the values of h1 and h2 (matrices), or the value of h folded."""
    parameters = statement.parameters
    reader.work(parameters.query_work)
    places = reader.transcript.indices(parameters.queries[number], code.log_domain)
    root = root_of_unity(code.log_domain)
    bases = [pow(root, place, MODULUS) for place in places]
    if number == 0:
        pairs = read_matrix_openings(reader, statement, code.root, masked, places)
        return list(zip(bases, pairs, strict=True))
    leaves = read_openings(reader, code.root, 2 << code.folds, code.log_domain, places)
    folded = [(multilinear(list(zip(leaf[::2], leaf[1::2], strict=True)), list(code.fold)),) for leaf in leaves]
    return list(zip(bases, folded, strict=True))


def _total(claims: Claims, masked: MaskedClaim, statement: Statement, final: FinalVector) -> Element:
    total = opening_value(masked.batch, statement.parameters, final)
    for point in claims.points:
        total = add(total, point_value(point, final))
    for weight in claims.powers:
        total = add(total, power_value(weight, final))
    return total
