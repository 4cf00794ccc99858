"""The contract says of every proof what the Python verifier says, with the same code."""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lockstep.crypto.goldilocks import MODULUS, ONE, add
from lockstep.crypto.hashing import keccak256
from lockstep.crypto.randomness import Randomness
from lockstep.proof.program_bytes import program_digest
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.relations import ONES, POWERS, Axis, Block, Expression, Map, Program, Term
from lockstep.proof.statement import Statement
from lockstep.types import Digest
from tests.contracts.bracket_machine.engine import revm_environment
from tests.contracts.proof_cases import (
    ACCEPTED,
    arguments,
    contract_verdict,
    deploy_verifier,
    honest_proof,
    python_verdict,
)
from tests.unit.proof.tiny import PROGRAM, TINY, E, satisfying_words


@pytest.fixture(scope="module")
def contract() -> Iterator[Any]:
    with revm_environment():
        yield deploy_verifier(TINY)


def agreed(contract: Any, statement: Statement, proof: bytes) -> str:
    """The verdict of both."""
    expected = python_verdict(statement, proof)
    assert contract_verdict(contract, arguments(statement, proof)) == expected
    return expected


def test_an_honest_proof_is_accepted(contract: Any) -> None:
    honest = honest_proof()
    assert agreed(contract, honest.statement, honest.proof) == ACCEPTED


def test_a_changed_byte_in_any_region_is_refused_with_the_same_code(contract: Any) -> None:
    honest, chance, codes = honest_proof(), random.Random(1), set()
    for start, count in honest.regions:
        changed = bytearray(honest.proof)
        changed[start + chance.randrange(count)] ^= 1 << chance.randrange(8)
        codes.add(agreed(contract, honest.statement, bytes(changed)))
    assert ACCEPTED not in codes
    assert {"proof/work", "proof/opening"} <= codes


def test_words_that_are_not_reduced_are_refused(contract: Any) -> None:
    honest = honest_proof()
    for start, count in honest.regions:
        if count % 8 == 0 and count > 8:
            changed = honest.proof[:start] + MODULUS.to_bytes(8, "big") + honest.proof[start + 8 :]
            assert agreed(contract, honest.statement, changed) == "proof/element"


def test_a_proof_that_is_cut_or_has_more_has_the_wrong_length(contract: Any) -> None:
    honest = honest_proof()
    for start, count in honest.regions[::9]:
        assert agreed(contract, honest.statement, honest.proof[: start + count - 1]) == "proof/length"
    assert agreed(contract, honest.statement, honest.proof + b"\x00") == "proof/length"


def test_a_denominator_of_zero_is_refused(contract: Any) -> None:
    honest = honest_proof()
    start, count = honest.regions[1]
    changed = honest.proof[:start] + bytes(count) + honest.proof[start + count :]
    assert agreed(contract, honest.statement, changed) == "proof/denominator"


def test_another_final_vector_is_refused(contract: Any) -> None:
    honest = honest_proof()
    start, count = max(honest.regions, key=lambda region: region[1])
    assert count == 16 << TINY.final_bits
    for place in range(start, start + count, 16 * 5):
        word = (int.from_bytes(honest.proof[place : place + 8], "big") + 1) % MODULUS
        changed = honest.proof[:place] + word.to_bytes(8, "big") + honest.proof[place + 8 :]
        # Places are drawn after the vector: with work to spare, others than were opened.
        assert agreed(contract, honest.statement, changed) in ("proof/final", "proof/work", "proof/opening")


def test_another_statement_is_not_proved(contract: Any) -> None:
    honest = honest_proof()
    statement, (commitment,) = honest.statement, honest.statement.commitments
    first, second = commitment.out_of_domain
    others = [
        replace(statement, context=Digest(b"\x01" * 32)),
        replace(statement, publics=((12, -5), statement.publics[1])),
        replace(statement, commitments=(replace(commitment, out_of_domain=(add(first, ONE), second)),)),
        replace(statement, commitments=(replace(commitment, root=bytes(26)),)),
        replace(statement, commitments=(replace(commitment, rows=2),)),
        replace(statement, commitments=()),
        replace(statement, publics=statement.publics[:1]),
    ]
    codes = {agreed(contract, other, honest.proof) for other in others}
    assert {"proof/parameters", "proof/public"} <= codes
    assert ACCEPTED not in codes


def test_public_tensors_of_another_size_are_refused(contract: Any) -> None:
    """By both, though the contract meets the tensor's shape only after the messages, which break first."""
    honest = honest_proof()
    statement = replace(honest.statement, publics=((11, -5, 0), honest.statement.publics[1]))
    assert python_verdict(statement, honest.proof) == "proof/public"
    assert contract_verdict(contract, arguments(statement, honest.proof)) != ACCEPTED


def test_a_preset_that_is_not_listed_is_refused(contract: Any) -> None:
    honest = honest_proof()
    easier = replace(TINY, queries=(1, 1, 1))
    assert agreed(contract, replace(honest.statement, parameters=easier), honest.proof) == "proof/parameters"


def test_a_key_names_preset_commitments_and_program(contract: Any) -> None:
    honest = honest_proof()
    program, parameters, commitments = arguments(honest.statement, honest.proof)[:3]
    digest = program_digest(honest.statement.program)
    assert contract.key_of(program, parameters, commitments) == keccak256(
        b"lockstep/zk/1", parameters, commitments, digest
    )


def with_result(*maps: Map, block: Block = PROGRAM.blocks[E]) -> Program:
    """The tiny program with another block and other maps for the result of its element-wise product."""
    groups = list(PROGRAM.groups)
    groups[2] = replace(groups[2], result=Expression((Term(1, len(PROGRAM.blocks), maps),)))
    return replace(PROGRAM, blocks=(*PROGRAM.blocks, block), groups=tuple(groups))


NO_LIMBS = {
    "more bits than a residue": with_result(Map(POWERS, 16), Map(0)),
    "an axis that is not full": with_result(
        Map(POWERS, 2), Map(0), block=replace(PROGRAM.blocks[E], axes=(Axis(3, 2), Axis(5, 3)))
    ),
    "the tensor of ones": with_result(Map(POWERS, 2), block=Block(ONES, 0, (Axis(4, 2),))),
}


@pytest.mark.parametrize("name", NO_LIMBS)
def test_powers_of_what_are_no_limbs_are_refused(contract: Any, name: str) -> None:
    """By both, and by the contract where it meets them: in a proof that is made as if they were."""
    words = satisfying_words()
    rows = [np.array(words.rows(oracle), dtype=np.uint64) for oracle in (0, 1)]
    weights = commit_oracle(rows[0], TINY, Randomness(b"m" * 32))
    statement = Statement(NO_LIMBS[name], TINY, (weights.commitment,), words.publics)
    proof = prove(statement, [weights], rows[1][:-1], randomness=Randomness(b"w" * 32), check=False)
    assert python_verdict(statement, proof) == "proof/program"
    assert contract_verdict(contract, arguments(statement, proof)) == "proof/parameters"


@pytest.mark.parametrize(("place", "most"), [(0, 16_384), (1, 64), (2, 480), (3, 16_384), (5, 131_072)])
def test_what_is_longer_than_the_contract_has_room_for_is_refused(contract: Any, place: int, most: int) -> None:
    call = list(arguments(honest_proof().statement, honest_proof().proof))
    call[place] = bytes(most + 1)
    assert contract_verdict(contract, tuple(call)) == "proof/length"
