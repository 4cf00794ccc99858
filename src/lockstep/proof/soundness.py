"""How sure a proof is: the error of every step, in bits (docs/concepts/proofs.md; Johnson bound, no conjecture).

Codes are Reed-Solomon codes of rate ρ on n points. With multiplicity m: words closer than δ = 1 − √ρ·(1 + 1/2m) to
the code have at most L = (m + ½)/√ρ codewords that near, and a random combination of words is near only if all of them
are, but for a share of ``a/|E|`` of the challenges (BCHKS25, theorem 4.2, as in ethereum/soundcalc). Rounds are counted
round by round: every step alone has to be below 2^-100, work included.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lockstep.crypto.goldilocks import MODULUS
from lockstep.proof.parameters import Parameters
from lockstep.proof.relations import Program

TARGET_BITS = 100
FIELD_BITS = 2 * math.log2(MODULUS)
DIGEST_BITS = 26 * 8
MOST_MULTIPLICITY = 200


@dataclass(frozen=True, slots=True)
class Code:
    """A Reed-Solomon code, used up to the radius that ``multiplicity`` gives."""

    rate: float
    log_domain: int
    multiplicity: int

    @property
    def radius(self) -> float:
        """δ."""
        return 1 - math.sqrt(self.rate) * (1 + 1 / (2 * self.multiplicity))

    @property
    def list_size(self) -> float:
        """L."""
        return (self.multiplicity + 0.5) / math.sqrt(self.rate)

    @property
    def gap_bits(self) -> float:
        """Bits of ``a/|E|``: a combination looks near although its words are not."""
        shifted = self.multiplicity + 0.5
        slope = (2 * shifted**5 + 3 * shifted * self.radius * self.rate) / (3 * self.rate**1.5)
        return FIELD_BITS - math.log2(slope * 2**self.log_domain + shifted / math.sqrt(self.rate))

    def query_bits(self, queries: int) -> float:
        """Bits of ``(1 − δ)^queries``."""
        return -queries * math.log2(1 - self.radius)


@lru_cache(maxsize=4096)
def best_code(rate: float, log_domain: int, work: int) -> Code | None:
    """The code with the greatest radius whose combinations are safe with this work."""
    codes = (Code(rate, log_domain, m) for m in range(1, MOST_MULTIPLICITY))
    safe = [code for code in codes if code.gap_bits + work >= TARGET_BITS]
    return safe[-1] if safe else None


@dataclass(frozen=True, slots=True)
class ProgramSizes:
    """What of a program matters. The defaults are above every program that fits 2^24 words."""

    layers: int = 20
    """M: layers of the tree of fractions."""
    fractions: int = 1 << 20
    """Look-ups and table rows: fractions whose numerator may be something else than 0."""
    columns: int = 3
    product_bits: int = 24
    outer_bits: int = 24
    row_bits: int = 9
    groups: int = 256


def sizes_of(program: Program) -> ProgramSizes:
    """What of a program matters, counted.

    As no denominator is 0, places beyond an extent add nothing to the sum of fractions, whatever their denominators
    are: only places inside extents raise its degree in α and β.
    """
    return ProgramSizes(
        layers=program.fractions,
        fractions=1 + sum(math.prod(index.extent for index in side.indices) for side in program.sides),
        columns=max((len(side.columns) for side in program.sides), default=1),
        product_bits=program.product_bits,
        outer_bits=max(1, program.outer_bits),
        row_bits=program.row_bits,
        groups=max(1, len(program.groups)),
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One step and its bits, work included."""

    name: str
    bits: float


def codes_of(parameters: Parameters) -> tuple[Code, ...]:
    """The codes of the matrices and of each level. Raises ``ValueError`` if a combination is not safe."""
    tested_length = 3 << (parameters.log_columns - 1)  # what the weights of h1 reach; a row may claim no more
    shapes = [(tested_length / 2**parameters.log_domain, parameters.log_domain, parameters.row_work)]
    variables = parameters.log_columns + 1
    for level, work in zip(parameters.levels, parameters.fold_work, strict=True):
        variables -= level.folds
        shapes.append((2.0 ** (variables - level.log_domain), level.log_domain, work))
    codes = [best_code(*shape) for shape in shapes]
    if any(code is None for code in codes):
        raise ValueError(f"{parameters.name}: a fold is not safe with its work")
    return tuple(code for code in codes if code is not None)


def soundness_table(parameters: Parameters, sizes: ProgramSizes = ProgramSizes()) -> tuple[Step, ...]:
    """Every step of a proof and its bits."""
    codes = codes_of(parameters)
    return (*_statement_steps(parameters, sizes, codes[0]), *_opening_steps(parameters, codes))


def soundness_bits(parameters: Parameters, sizes: ProgramSizes = ProgramSizes()) -> float:
    """The bits of the weakest step."""
    return min(step.bits for step in soundness_table(parameters, sizes))


def _statement_steps(parameters: Parameters, sizes: ProgramSizes, matrix: Code) -> Iterator[Step]:
    """Steps P2 to P5: polynomials of low degree at random points, for each message that the witness may have."""

    def polynomial(name: str, degree: float) -> Step:
        return Step(name, FIELD_BITS - math.log2(matrix.list_size * degree))

    constraints = sizes.layers + 8
    degree = parameters.row_length + sizes.row_bits
    coincidence = FIELD_BITS + 1 - math.log2(matrix.list_size**2 * degree)
    yield polynomial("look-ups: alpha, beta", sizes.columns * sizes.fractions)
    yield polynomial("look-ups: lambda, mu", 1)
    yield polynomial("look-ups: rounds", 3)
    yield polynomial("products: outer point", sizes.outer_bits)
    yield polynomial("products: gamma", sizes.groups)
    yield polynomial("products: tau", 7)
    yield polynomial("products: rounds", 3)
    yield polynomial("batch: zeta", constraints)
    yield polynomial("batch: rounds", 2)
    yield Step("committed matrix: two values", 2 * coincidence)
    yield Step("row combination", matrix.gap_bits + parameters.row_work)
    yield Step("masks: epsilon", matrix.gap_bits + parameters.row_work)
    yield Step("no pad or slot is multiplied by 0", FIELD_BITS - math.log2(matrix.list_size * 2**7))


def _opening_steps(parameters: Parameters, codes: tuple[Code, ...]) -> Iterator[Step]:
    """Step P6."""
    variables = parameters.log_columns + 1
    for number, code in enumerate(codes[1:], start=1):
        level, queries = parameters.levels[number - 1], parameters.queries[number - 1]
        name = f"level {number}"
        ambiguity = math.log2(code.list_size**2 * variables)
        yield Step(f"{name}: out of domain", FIELD_BITS + 1 - ambiguity)
        yield Step(f"{name}: queries", codes[number - 1].query_bits(queries) + parameters.query_work)
        claims = 1 + queries * (2 if number == 1 else 1)
        yield Step(f"{name}: xi", FIELD_BITS - math.log2(code.list_size * claims))
        yield Step(f"{name}: rounds", FIELD_BITS - math.log2(code.list_size * 2))
        yield Step(f"{name}: folds", code.gap_bits + parameters.fold_work[number - 1])
        variables -= level.folds
    yield Step("last level: queries", codes[-1].query_bits(parameters.queries[-1]) + parameters.query_work)
    yield Step("Merkle trees", DIGEST_BITS / 2)
