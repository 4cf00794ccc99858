"""Searches the presets of proofs: sizes of the codes with 100 bits, and little gas or little time. Prints literals."""

import itertools
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from lockstep.crypto.capped_merkle import cap_height
from lockstep.proof.parameters import Level, Parameters
from lockstep.proof.sizing import Shape, proof_bytes, prover_seconds
from lockstep.proof.soundness import TARGET_BITS, ProgramSizes, best_code, soundness_bits

FOLDS = (2, 3, 4, 5)
FINAL_BITS = range(3, 6)


def presets(b: int, log_domain: int, limits: tuple[int, int, int], rates: range) -> Iterator[Parameters]:
    """All that are sound. ``limits``: greatest work for rows and folds, for queries, greatest domain of a level."""
    work, query_work, most_domain = limits
    tail = 1 << (b - 1)
    row_length = (1 << b) + tail
    for count in (2, 3):
        for folds in itertools.product(FOLDS, repeat=count):
            if b + 1 - sum(folds) not in FINAL_BITS:
                continue
            for gains in itertools.combinations_with_replacement(rates, count):
                variables, levels = b + 1, []
                shapes = [(row_length / 2**log_domain, log_domain)]
                for fold, gain in zip(folds, gains, strict=True):
                    variables -= fold
                    levels.append(Level(fold, variables + gain))
                    shapes.append((2.0**-gain, variables + gain))
                if max(level.log_domain for level in levels) > most_domain:
                    continue
                codes = [best_code(rate, size, work) for rate, size in shapes]
                if any(code is None for code in codes):
                    continue
                queries = [math.ceil((TARGET_BITS - query_work) / code.query_bits(1)) for code in codes if code]
                works = [max(0, math.ceil(TARGET_BITS - code.gap_bits)) for code in codes if code]
                yield Parameters(
                    "", b, tail, log_domain, tuple(levels), tuple(queries), works[0], tuple(works[1:]), query_work
                )


CALLDATA, NODE, SYMBOL, QUERY, COEFFICIENT = 15.8, 150, 95, 2_300, 75
"""Gas of the contract: a byte, a node of a tree, a symbol of a leaf, a query, and each coefficient at its point."""


def gas(parameters: Parameters, shape: Shape) -> float:
    """About what bytes and openings cost on chain; the rest does not depend on the preset."""
    total = CALLDATA * proof_bytes(parameters, shape)
    sizes = (parameters.log_domain, *(level.log_domain for level in parameters.levels))
    symbols = (sum(shape.rows) + 4, *(2 << level.folds for level in parameters.levels))
    trees = (len(shape.rows), *(1 for _ in parameters.levels))
    for count, size, width, oracles in zip(parameters.queries, sizes, symbols, trees, strict=True):
        height = cap_height(count, size)
        total += oracles * NODE * (count * (size - height) + (1 << height))
        total += count * (SYMBOL * width + QUERY + (COEFFICIENT << parameters.final_bits))
    return total


def best(shape: Shape, candidates: Iterator[Parameters], seconds_per_gas: float) -> tuple[float, Parameters] | None:
    """The candidate with the least time, gas counted as time."""
    found = None
    for parameters in candidates:
        if parameters.tail < parameters.queries[0] + 2 or soundness_bits(parameters, ProgramSizes()) < TARGET_BITS:
            continue
        cost = prover_seconds(parameters, shape) + seconds_per_gas * gas(parameters, shape)
        if found is None or cost < found[0]:
            found = (cost, parameters)
    return found


@dataclass(frozen=True)
class Search:
    """A family of presets for programs of one shape; the greatest domain of a level; bits of work to choose from."""

    family: str
    shape: Shape
    log_domains: range
    work: int
    query_works: tuple[int, ...]
    seconds_per_gas: float
    rates: range
    most_domain: int = 19


def searches(b: int) -> tuple[Search, Search]:
    """What is searched for rows of 2^b words."""
    rows = {12: (16, 9), 13: (16, 9), 14: (32, 5), 15: (57, 2), 16: (57, 3)}[b]
    shape = Shape(rows, 16, 13)
    fast = Search("fast", shape, range(b + 3, b + 4), 12, (12,), 2.5e-8, range(3, 8))
    # A proof of a small model takes seconds whatever its code is, and one of many runs pays once for them all: a second
    # for 20,000 and for 10,000 gas. The shapes of LeNet-5, and of 64 runs of it.
    if b == 12:
        lenet = Shape((23, 29), 17, 12)
        return fast, Search("chain", lenet, range(b + 8, b + 10), 16, (22, 24), 5e-5, range(4, 16), most_domain=20)
    if b == 16:
        batch = Shape((2, 63), 22, 12)
        return fast, Search("chain", batch, range(b + 5, b + 7), 18, (22, 24), 1e-4, range(4, 14), most_domain=20)
    return fast, Search("chain", shape, range(b + 5, min(b + 8, 22) + 1), 16, (18, 20, 22), 6e-6, range(4, 13))


def main() -> int:
    for b in range(12, 17):
        for search in searches(b):
            found = None
            for domain, query_work in itertools.product(search.log_domains, search.query_works):
                candidates = presets(b, domain, (search.work, query_work, search.most_domain), search.rates)
                one = best(search.shape, candidates, search.seconds_per_gas)
                if one is not None and (found is None or one[0] < found[0]):
                    found = one
            assert found is not None
            p = found[1]
            size, seconds = proof_bytes(p, search.shape), prover_seconds(p, search.shape)
            print(
                f"{search.family}-{b}",
                p,
                f"{size} bytes, {seconds * 1000:.0f} ms, {soundness_bits(p):.2f} bits",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
