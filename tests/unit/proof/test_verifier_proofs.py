"""A proof is accepted as it is, and refused with any change: bytes, lengths, statement, words that break a relation."""

import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pytest

from lockstep.crypto.goldilocks import MODULUS, ONE, add
from lockstep.crypto.randomness import Randomness
from lockstep.errors import ProofError
from lockstep.proof.parameters import PRESETS
from lockstep.proof.prover.matrices import CommittedOracle, commit_oracle
from lockstep.proof.prover.prove import prove
from lockstep.proof.relations import ONES
from lockstep.proof.sizing import proof_bytes, shape_of
from lockstep.proof.statement import Statement
from lockstep.proof.verifier import verify_proof
from lockstep.proof.verifier.channel import ProofReader
from lockstep.types import Digest
from tests.unit.proof.tiny import PROGRAM, RUBBISH, TINY, Words, satisfying_words


def _rows(words: Words, oracle: int) -> np.ndarray:
    return np.array(words.rows(oracle), dtype=np.uint64)


@dataclass(frozen=True)
class Honest:
    statement: Statement
    weights: CommittedOracle
    proof: bytes
    regions: tuple[tuple[int, int], ...]


def _prove(words: Words, weights: CommittedOracle, statement: Statement, seed: bytes = b"w") -> bytes:
    return prove(statement, [weights], _rows(words, 1)[:-1], randomness=Randomness(seed * 32), check=False)


@pytest.fixture(scope="module")
def honest() -> Honest:
    words = satisfying_words()
    weights = commit_oracle(_rows(words, 0), TINY, Randomness(b"m" * 32))
    statement = Statement(PROGRAM, TINY, (weights.commitment,), words.publics)
    proof = _prove(words, weights, statement)
    regions: list[tuple[int, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        take = ProofReader.take

        def recorded(reader: ProofReader, count: int) -> bytes:
            regions.append((reader.place, count))
            return take(reader, count)

        patch.setattr(ProofReader, "take", recorded)
        verify_proof(statement, proof, presets=(TINY,))
    return Honest(statement, weights, proof, tuple(regions))


def _refusal(statement: Statement, proof: bytes) -> str:
    with pytest.raises(ProofError) as refusal:
        verify_proof(statement, proof, presets=(TINY,))
    return refusal.value.code


def test_the_regions_are_the_whole_proof(honest: Honest) -> None:
    ends = [start + count for start, count in honest.regions]
    assert [0, *ends[:-1]] == [start for start, _ in honest.regions]
    assert ends[-1] == len(honest.proof) == proof_bytes(TINY, shape_of(PROGRAM), PROGRAM.row_bits)


def test_a_changed_byte_anywhere_is_refused(honest: Honest) -> None:
    chance = random.Random(1)
    for start, count in honest.regions:
        changed = bytearray(honest.proof)
        changed[start + chance.randrange(count)] ^= 1 << chance.randrange(8)
        assert _refusal(honest.statement, bytes(changed)).startswith("proof/")


def test_every_element_matters(honest: Honest) -> None:
    for start, count in honest.regions:
        if count % 16 or count > 64:
            continue
        for place in range(start, start + count, 16):
            word = int.from_bytes(honest.proof[place : place + 8], "big")
            other = ((word + 1) % MODULUS).to_bytes(8, "big")
            changed = honest.proof[:place] + other + honest.proof[place + 8 :]
            assert _refusal(honest.statement, changed).startswith("proof/")


def test_a_proof_that_is_cut_has_the_wrong_length(honest: Honest) -> None:
    for start, count in honest.regions[::7]:
        assert _refusal(honest.statement, honest.proof[: start + count - 1]) == "proof/length"
    assert _refusal(honest.statement, b"") == "proof/length"


def test_bytes_after_the_end_are_refused(honest: Honest) -> None:
    assert _refusal(honest.statement, honest.proof + b"\x00") == "proof/length"


def test_words_that_are_not_reduced_are_refused(honest: Honest) -> None:
    root, first_element = honest.regions[:2]
    assert (root[1], first_element[1]) == (26, 16)
    changed = bytearray(honest.proof)
    changed[first_element[0] : first_element[0] + 8] = MODULUS.to_bytes(8, "big")
    assert _refusal(honest.statement, bytes(changed)) == "proof/element"
    for word in _leaf_words(honest):
        changed = bytearray(honest.proof)
        changed[word : word + 8] = (2**64 - 1).to_bytes(8, "big")
        assert _refusal(honest.statement, bytes(changed)) == "proof/element"


def _leaf_words(honest: Honest) -> Iterator[int]:
    """Where leaves have their first words: a leaf comes right before its siblings."""
    for (start, count), (_, following) in zip(honest.regions, honest.regions[1:], strict=False):
        if count % 8 == 0 and count > 26 and following == 26:
            yield start


def test_a_denominator_of_zero_is_refused(honest: Honest) -> None:
    start, count = honest.regions[1]
    changed = honest.proof[:start] + bytes(count) + honest.proof[start + count :]
    assert _refusal(honest.statement, changed) == "proof/denominator"


def test_a_nonce_without_work_is_refused(honest: Honest) -> None:
    start, count = next(region for region in honest.regions if region[1] == 8)
    codes = set()
    for nonce in range(40):
        changed = honest.proof[:start] + nonce.to_bytes(count, "big") + honest.proof[start + count :]
        if changed != honest.proof:
            codes.add(_refusal(honest.statement, changed))
    assert "proof/work" in codes


def test_another_statement_is_not_proved(honest: Honest) -> None:
    statement, (commitment,) = honest.statement, honest.statement.commitments
    first, second = commitment.out_of_domain
    publics = ((12, -5), statement.publics[1])
    others = [
        replace(statement, publics=publics),
        replace(statement, context=Digest(bytes(31) + b"\x01")),
        replace(statement, commitments=(replace(commitment, out_of_domain=(add(first, ONE), second)),)),
        replace(statement, commitments=(replace(commitment, root=bytes(26)),)),
        replace(statement, program=replace(PROGRAM, groups=PROGRAM.groups[:3])),
    ]
    for other in others:
        assert _refusal(other, honest.proof).startswith("proof/")


def test_presets_that_are_not_listed_are_refused(honest: Honest) -> None:
    with pytest.raises(ProofError, match="proof/parameters"):
        verify_proof(honest.statement, honest.proof)
    with pytest.raises(ProofError, match="proof/parameters"):
        verify_proof(replace(honest.statement, parameters=PRESETS[0]), honest.proof)


def test_public_tensors_of_another_size_are_refused(honest: Honest) -> None:
    for publics in ((), ((11,), (0,)), ((11, 1 << 63), honest.statement.publics[1])):
        assert _refusal(replace(honest.statement, publics=publics), honest.proof) == "proof/public"


@pytest.mark.parametrize("block", [n for n, b in enumerate(PROGRAM.blocks) if b.oracle != ONES])
def test_a_word_that_breaks_a_relation_is_not_proved(honest: Honest, block: int) -> None:
    words = satisfying_words()
    place = max(words.values[block])
    words.values[block][place] += 1
    weights = honest.weights
    if PROGRAM.blocks[block].oracle == 0:
        # A prover who knows other weights than the committed ones.
        other = commit_oracle(_rows(words, 0), TINY, Randomness(b"m" * 32))
        weights = replace(other, commitment=weights.commitment)
    proof = _prove(words, weights, honest.statement)
    assert _refusal(honest.statement, proof).startswith("proof/")


def test_words_beyond_the_extents_of_what_is_only_looked_up_do_not_matter(honest: Honest) -> None:
    words = satisfying_words()
    rows = _rows(words, 1)[:-1]
    rows[rows == RUBBISH] = 12345
    proof = prove(honest.statement, [honest.weights], rows, randomness=Randomness(b"x" * 32))
    verify_proof(honest.statement, proof, presets=(TINY,))


def test_two_proofs_of_one_statement_share_no_message(honest: Honest) -> None:
    other = _prove(satisfying_words(), honest.weights, honest.statement, b"o")
    verify_proof(honest.statement, other, presets=(TINY,))
    sent = [region for region in honest.regions if region[1] % 16 == 0 and region[1] <= 64]
    assert all(honest.proof[start : start + count] != other[start : start + count] for start, count in sent)


def test_a_verifier_needs_no_arrays_no_compiler_and_no_prover() -> None:
    listing = "import sys, lockstep.proof.verifier; print(*sys.modules, sep=chr(10))"
    loaded = subprocess.run([sys.executable, "-c", listing], check=True, capture_output=True, text=True).stdout.split()
    assert "lockstep.proof.verifier.whir" in loaded
    unwanted = ("numpy", "numba", "lockstep.proof.prover", "lockstep.exec", "lockstep.ir")
    assert [module for module in loaded if module.startswith(unwanted)] == []
