"""A proof says what it was made for and nothing else; every field of the statement moves the first challenge."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from lockstep.crypto.goldilocks import ONE, add
from lockstep.crypto.randomness import Randomness
from lockstep.proof.arithmetise.recipes import Counts
from lockstep.proof.arithmetise.words import block_words
from lockstep.proof.parameters import Level
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.statement import Statement, start_transcript
from lockstep.types import Digest
from tests.differential.judges import Judges
from tests.unit.proof.proving import INPUT, SMALL, WEIGHTS, Proving, dense, proving

OTHER = Digest(bytes(31) + b"\x01")


@pytest.fixture(scope="module")
def honest() -> Proving:
    return dense()


def _others(statement: Statement) -> Iterator[tuple[str, Statement]]:
    """The statement with one field changed, for every field that is absorbed."""
    program, parameters, (commitment,) = statement.program, statement.parameters, statement.commitments
    first, second = commitment.out_of_domain
    yield "context", replace(statement, context=OTHER)
    yield "root", replace(statement, commitments=(replace(commitment, root=bytes(26)),))
    yield "rows", replace(statement, commitments=(replace(commitment, rows=commitment.rows + 1),))
    yield "first value", replace(statement, commitments=(replace(commitment, out_of_domain=(add(first, ONE), second)),))
    yield (
        "second value",
        replace(statement, commitments=(replace(commitment, out_of_domain=(first, add(second, ONE))),)),
    )
    yield "no commitment", replace(statement, commitments=())
    for number, values in enumerate(statement.publics):
        for place in range(len(values)):
            wrong = (*values[:place], values[place] + 1, *values[place + 1 :])
            publics = (*statement.publics[:number], wrong, *statement.publics[number + 1 :])
            yield f"public {number}.{place}", replace(statement, publics=publics)
    for name in ("oracles", "blocks", "sides", "sections", "groups", "publics"):
        shorter = replace(program, **{name: getattr(program, name)[:-1]})
        yield name, replace(statement, program=shorter)
    yield "program's columns", replace(statement, program=replace(program, log_columns=13))
    side = program.sides[0]
    sides = (replace(side, tag=side.tag + 1), *program.sides[1:])
    yield "tag", replace(statement, program=replace(program, sides=sides))
    for name, value in (
        ("log_columns", 13),
        ("tail", 512),
        ("log_domain", 15),
        ("levels", (Level(4, 12), Level(4, 11))),
        ("queries", (12, 10, 9)),
        ("row_work", 1),
        ("fold_work", (0, 1)),
        ("query_work", 1),
    ):
        yield name, replace(statement, parameters=replace(parameters, **{name: value}))


def test_every_field_moves_the_first_challenge(honest: Proving) -> None:
    fields = [("none", honest.statement), *_others(honest.statement)]
    challenges = {start_transcript(statement).challenge() for _, statement in fields}
    assert len(challenges) == len(fields) > 20


def test_a_proof_is_of_no_other_statement(both: Judges, honest: Proving) -> None:
    proof = honest.proof()
    both.accept(honest.statement, proof)
    for _, other in _others(honest.statement):
        both.refusal(other, proof)


def test_another_models_weights_are_not_those_committed_to(both: Judges, honest: Proving) -> None:
    """Both ways: the other matrix under this commitment, and this proof under the other model's key."""
    other = dense(((100, 3), (-90, 78)))
    assert other.statement.program == honest.statement.program
    weights = replace(other.weights, commitment=honest.weights.commitment)
    cheat = replace(other, weights=weights, statement=replace(other.statement, commitments=(weights.commitment,)))
    both.refusal(cheat.statement, cheat.proof())
    same_publics = replace(honest.statement, commitments=other.statement.commitments)
    both.refusal(same_publics, honest.proof())


def test_the_same_weights_committed_anew_are_another_key(both: Judges, honest: Proving) -> None:
    anew = commit_oracle(honest.made.weight_rows(), SMALL, Randomness(b"v" * 32))
    assert anew.commitment.root != honest.weights.commitment.root
    proof = honest.proof()
    both.refusal(replace(honest.statement, commitments=(anew.commitment,)), proof)


def test_tails_belong_to_the_commitment(both: Judges, honest: Proving) -> None:
    """The right weights under other tails do not open the commitment."""
    anew = commit_oracle(honest.made.weight_rows(), SMALL, Randomness(b"v" * 32))
    cheat = replace(honest, weights=replace(anew, commitment=honest.weights.commitment))
    both.refusal(cheat.statement, cheat.proof())


def test_counts_of_a_table_are_those_of_its_look_ups(both: Judges, honest: Proving) -> None:
    """One more here and one less there, or p − 1 where nobody looked: refused."""
    program, tried = honest.statement.program, 0
    for number, recipe in enumerate(honest.made.structure.recipes):
        if not isinstance(recipe, Counts):
            continue
        counts = block_words(program, number, honest.rows)
        block = program.blocks[number]
        used = int(np.flatnonzero(counts.reshape(-1))[0])
        unused = int(np.flatnonzero(counts.reshape(-1) == 0)[0])
        for changes in (((used, -1), (unused, 1)), ((unused, -1),), ((used, 1),)):
            rows = honest.rows.astype(object)
            for place, step in changes:
                rows.reshape(-1)[block.offset + place] += step
            cheat = honest.cheating(np.array(rows % (2**64 - 2**32 + 1), dtype=np.uint64))
            both.refusal(cheat.statement, cheat.proof())
            tried += 1
    assert tried >= 3


def test_a_run_of_another_input_is_not_of_this_one(both: Judges, honest: Proving) -> None:
    """The whole witness of another run, consistent in itself, under these public numbers."""
    other = dense(WEIGHTS, [INPUT[0] + 9, INPUT[1]])
    assert other.statement.publics != honest.statement.publics
    cheat = honest.cheating(other.rows)
    both.refusal(cheat.statement, cheat.proof())
    assert proving(other.made, [[np.array([[16, -9]])]]).statement.publics == other.statement.publics
