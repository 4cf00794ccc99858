"""Honest, changed and forged proofs in a seeded row: both verifiers give each the same verdict, with the same code.

``LOCKSTEP_HYPOTHESIS=fuzz`` (``./run fuzz``) takes a thousand; ``LOCKSTEP_FUZZ_SEED`` starts elsewhere.
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from lockstep.crypto.goldilocks import MODULUS, ONE, add
from lockstep.crypto.randomness import Randomness
from lockstep.crypto.transcript import NONCE_BYTES
from lockstep.proof.prover import prove
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.prover.matrices import CommittedOracle, commit_oracle
from lockstep.proof.statement import Statement
from lockstep.proof.verifier import verify_proof
from lockstep.proof.verifier.channel import ProofReader
from lockstep.types import Digest
from tests.contracts.proof_cases import ACCEPTED
from tests.differential.judges import Judges, judges
from tests.unit.proof import tiny
from tests.unit.proof.proving import SMALL, dense

PROOFS = 1000 if os.environ.get("LOCKSTEP_HYPOTHESIS") == "fuzz" else 100
SEED = os.environ.get("LOCKSTEP_FUZZ_SEED", "1")
NUMBERS = (0, 1, MODULUS - 1, MODULUS, MODULUS + 1, 2**63, 2**64 - 1)

Chance = random.Random
Proved = tuple[Statement, bytes]


@dataclass(frozen=True, eq=False)
class Case:
    """A statement, an honest proof of it, where a verifier reads what, and what a prover needs for other proofs."""

    statement: Statement
    weights: CommittedOracle
    rows: np.ndarray
    proof: bytes
    regions: tuple[tuple[int, int], ...]

    def prove(self, rows: np.ndarray, weights: CommittedOracle | None = None) -> bytes:
        oracle = weights or self.weights
        return prove.prove(self.statement, [oracle], rows, randomness=Randomness(), check=False)


def case_of(statement: Statement, weights: CommittedOracle, rows: np.ndarray) -> Case:
    proof = prove.prove(statement, [weights], rows, randomness=Randomness(b"h" * 32))
    regions: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        take = ProofReader.take

        def recorded(reader: ProofReader, count: int) -> bytes:
            regions.append((reader.place, count))
            return take(reader, count)

        patch.setattr(ProofReader, "take", recorded)
        verify_proof(statement, proof, presets=(statement.parameters,))
    return Case(statement, weights, rows, proof, tuple(regions))


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    """A program that has one of everything, with work; a model, and the same model on another input."""
    words = tiny.satisfying_words()
    weights, witness = (np.array(words.rows(oracle), dtype=np.uint64) for oracle in (0, 1))
    committed = commit_oracle(weights, tiny.TINY, Randomness(b"m" * 32))
    statement = Statement(tiny.PROGRAM, tiny.TINY, (committed.commitment,), words.publics)
    models = [dense(), dense(inputs=[-128, 127])]
    return [
        case_of(statement, committed, witness[:-1]),
        *(case_of(model.statement, model.weights, model.rows) for model in models),
    ]


@pytest.fixture(scope="module")
def all_presets() -> Iterator[Judges]:
    with judges(tiny.TINY, SMALL) as asked:
        yield asked


def honest(case: Case, chance: Chance, _: list[Case]) -> Proved:
    """Under fresh randomness and for a context of its own."""
    statement = replace(case.statement, context=Digest(chance.randbytes(32)))
    return statement, replace(case, statement=statement).prove(case.rows)


def _region(case: Case, chance: Chance) -> tuple[int, int]:
    """Every kind of message, leaf and digest as often as any other: most regions are siblings."""
    length = chance.choice(sorted({count for _, count in case.regions}))
    return chance.choice([region for region in case.regions if region[1] == length])


def changed_region(case: Case, chance: Chance, _: list[Case]) -> Proved:
    """A bit, a number of note, or one more, in any place that a verifier reads."""
    start, count = _region(case, chance)
    data = bytearray(case.proof[start : start + count])
    at = chance.randrange(0, max(1, count - 7), 8)
    match chance.randrange(4):
        case 0:
            data[chance.randrange(count)] ^= 1 << chance.randrange(8)
        case 1:
            data[at : at + 8] = chance.choice(NUMBERS).to_bytes(8, "big")
        case 2:
            data[at : at + 8] = ((int.from_bytes(data[at : at + 8], "big") + 1) % MODULUS).to_bytes(8, "big")
        case _:
            data[:] = bytes(count)
    return case.statement, case.proof[:start] + bytes(data[:count]) + case.proof[start + count :]


def exchanged_regions(case: Case, chance: Chance, _: list[Case]) -> Proved:
    """Two of one length: nonces, roots, siblings, leaves, messages."""
    one = _region(case, chance)
    other = chance.choice([region for region in case.regions if region[1] == one[1]])
    data = bytearray(case.proof)
    for (start, count), (source, _) in ((one, other), (other, one)):
        data[start : start + count] = case.proof[source : source + count]
    return case.statement, bytes(data)


def other_length(case: Case, chance: Chance, _: list[Case]) -> Proved:
    """Cut, longer, or with a region more or less: a final vector that is longer, a leaf that is shorter."""
    start, count = _region(case, chance)
    size = chance.choice((1, 8, 16, 26, count))
    match chance.randrange(4):
        case 0:
            proof = case.proof[: start + chance.randrange(count)]
        case 1:
            proof = case.proof + chance.randbytes(size)
        case 2:
            proof = case.proof[:start] + case.proof[start + size :]
        case _:
            proof = case.proof[:start] + case.proof[start : start + size] + case.proof[start:]
    return case.statement, proof


def other_statement(case: Case, chance: Chance, cases: list[Case]) -> Proved:
    """One field of what the proof is about."""
    statement, (commitment,) = case.statement, case.statement.commitments
    first, second = commitment.out_of_domain
    tensor = chance.randrange(len(statement.publics))
    values = list(statement.publics[tensor])
    values[chance.randrange(len(values))] += chance.choice((1, -1, 256, 2**40))
    publics = (*statement.publics[:tensor], tuple(values), *statement.publics[tensor + 1 :])
    root = bytearray(commitment.root)
    root[chance.randrange(26)] ^= 1 << chance.randrange(8)
    program = statement.program
    others = (
        replace(statement, publics=publics),
        replace(statement, publics=statement.publics[:-1]),
        replace(statement, publics=statement.publics[::-1]),
        replace(statement, context=Digest(chance.randbytes(32))),
        replace(statement, commitments=(replace(commitment, root=bytes(root)),)),
        replace(statement, commitments=(replace(commitment, rows=commitment.rows + 1),)),
        replace(statement, commitments=(replace(commitment, out_of_domain=(first, add(second, ONE))),)),
        replace(statement, commitments=(replace(commitment, out_of_domain=(second, first)),)),
        replace(statement, commitments=()),
        replace(statement, commitments=(commitment, commitment)),
        replace(statement, commitments=chance.choice(cases).statement.commitments),
        replace(statement, parameters=SMALL if statement.parameters is tiny.TINY else tiny.TINY),
        replace(statement, parameters=replace(statement.parameters, queries=(1,) * len(statement.parameters.queries))),
        replace(statement, program=replace(program, groups=(*program.groups[:-1], program.groups[0]))),
        replace(statement, program=chance.choice(cases).statement.program),
    )
    return chance.choice(others), case.proof


def other_proof(case: Case, chance: Chance, cases: list[Case]) -> Proved:
    """An honest proof of something else."""
    return case.statement, chance.choice([other for other in cases if other is not case]).proof


def false_witness(case: Case, chance: Chance, _: list[Case]) -> Proved:
    """A word that a relation reads is another; all else follows from it."""
    program = case.statement.program
    block = chance.choice([b for b in program.blocks if b.oracle == len(program.oracles) - 1])
    place = 0
    for axis in block.axes:
        place = (place << axis.bits) + chance.randrange(axis.extent)
    rows = case.rows.copy()
    word = int(rows.reshape(-1)[block.offset + place])
    wrong = chance.choice(((word + 1) % MODULUS, (word - 1) % MODULUS, chance.randrange(MODULUS)))
    rows.reshape(-1)[block.offset + place] = wrong
    return case.statement, case.prove(rows)


def false_weights(case: Case, chance: Chance, _: list[Case]) -> Proved:
    """Another matrix under this commitment."""
    words = case.weights.rows[:, : 1 << case.statement.parameters.log_columns].copy()
    block = next(block for block in case.statement.program.blocks if block.oracle == 0)
    at = block.offset + chance.randrange(block.axes[-1].extent)
    words.reshape(-1)[at] = (int(words.reshape(-1)[at]) + 1) % MODULUS
    other = commit_oracle(words, case.statement.parameters, Randomness(b"m" * 32))
    return case.statement, case.prove(case.rows, replace(other, commitment=case.weights.commitment))


def lie(case: Case, chance: Chance, _: list[Case]) -> Proved:
    """A prover that says one message wrongly and goes on honestly from there (another nonce would be no lie)."""
    said = [0, chance.randrange(50)]

    class Liar(ProverChannel):
        def _say(self, data: bytes) -> None:
            if len(data) > NONCE_BYTES:
                said[0] += 1
                if said[0] - 1 == said[1]:
                    data = bytes([*data[:-1], data[-1] ^ 1])
            super()._say(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prove, "ProverChannel", Liar)
        return case.statement, case.prove(case.rows)


KINDS: tuple[tuple[int, Callable[[Case, Chance, list[Case]], Proved]], ...] = (
    (1, honest),
    (6, changed_region),
    (2, exchanged_regions),
    (2, other_length),
    (3, other_statement),
    (1, other_proof),
    (2, false_witness),
    (1, false_weights),
    (2, lie),
)


def test_both_verifiers_say_the_same_of_every_proof(all_presets: Judges, cases: list[Case]) -> None:
    kinds = [kind for weight, kind in KINDS for _ in range(weight)]
    tally: Counter[tuple[str, str]] = Counter()
    for number in range(PROOFS):
        chance = Chance(f"{SEED}/{number}")
        kind, case = kinds[number % len(kinds)], chance.choice(cases)
        statement, proof = kind(case, chance, cases)
        verdict = all_presets.verdict(statement, proof)
        tally[kind.__name__, verdict] += 1
        is_true = kind is honest or (statement, proof) == (case.statement, case.proof)
        assert (verdict == ACCEPTED) == is_true, (number, kind.__name__)
    for (kind_name, verdict), count in sorted(tally.items()):
        sys.stdout.write(f"{count:5} {kind_name}: {verdict}\n")  # seen with -s
    codes = {verdict for _, verdict in tally}
    assert {ACCEPTED, "proof/final", "proof/opening", "proof/length", "proof/element", "proof/work"} <= codes
