"""What stands beyond the extents of tensors, where axes are read whole: it cannot make up for a false answer."""

from dataclasses import replace

import numpy as np
import pytest

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.randomness import Randomness
from lockstep.crypto.vector_kernels import Words
from lockstep.ir.ops import Opcode
from lockstep.proof.arithmetise.arithmetisation import Arithmetisation, arithmetise
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.arithmetise.recipes import Counts
from lockstep.proof.arithmetise.witness import WitnessBuilder
from lockstep.proof.prover import products
from lockstep.proof.prover.factors import SectionSpace, factor_table
from lockstep.proof.prover.matrices import commit_oracle
from lockstep.proof.prover.places import BlockReader
from lockstep.proof.relations import Block, Expression, Index, Program, Role
from lockstep.proof.satisfied import find_violation
from lockstep.proof.statement import Statement
from tests.contracts.proof_cases import ACCEPTED
from tests.differential.judges import Judges
from tests.unit.proof.proving import SMALL, Proving, proving, signed
from tests.unit.proof.small_operators import graph_of, weights

WEIGHTS = np.array([[100, 3, -50, 8, 1, 90], [-90, 77, 20, 1, -4, -60], [5, -8, 120, 2, 3, 33]])
INPUT = [7, -9, 10, 1, -2, 11]
WITNESS = 1


def _dense(width: int) -> Arithmetisation:
    """Three outputs of a hidden input of ``width`` numbers: 5 and 6 have the same bits, and so the same layout."""
    attributes = (width, width, 0, width, 0, len(WEIGHTS), 1, 0)
    constants = (weights(WEIGHTS[:, :width].tolist()),)
    shape = (1, len(WEIGHTS))
    graph = graph_of(Opcode.MATMUL, [(1, width)], shape, attributes, constants=constants, multiplier=13, shift=8)
    return arithmetise(graph, statement=Visibility(inputs="hidden"), log_columns=SMALL.log_columns)


def _inputs(width: int) -> list[list[np.ndarray]]:
    return [[np.array(INPUT[:width]).reshape(1, width)]]


def _whole(program: Program) -> Program:
    """The program of somebody to whom every extent is the whole address space."""

    def wide(block: Block) -> Block:
        return replace(block, axes=tuple(replace(axis, extent=1 << axis.bits) for axis in block.axes))

    return replace(program, blocks=tuple(wide(block) for block in program.blocks))


def _wide_table(blocks: BlockReader, space: SectionSpace, expression: Expression, out: Words) -> None:
    """A factor with what lies beyond the extents of the indices of the cube."""

    def wide(index: Index) -> Index:
        return index if index.role is Role.OUTER else replace(index, extent=1 << index.bits)

    section = replace(space.section, indices=tuple(wide(index) for index in space.section.indices))
    reader = BlockReader(_whole(blocks.program), blocks.words)
    factor_table(reader, SectionSpace(section, space.outer), expression, out)


def _cheat() -> Proving:
    """The claim of five inputs with the answer of six: the sixth and its weights stand in the padding."""
    honest, wider = proving(_dense(5), _inputs(5)), proving(_dense(6), _inputs(6))
    program = honest.made.program
    assert [(block.offset, block.bits) for block in program.blocks] == [
        (block.offset, block.bits) for block in wider.made.program.blocks
    ]
    recipes, forced = honest.made.structure.recipes, {}
    for number, block in enumerate(program.blocks):
        if block.oracle == WITNESS and not isinstance(recipes[number], Counts):
            shape = tuple(slice(axis.extent) for axis in block.axes)
            words = wider.rows.reshape(-1)[block.offset : block.offset + (1 << block.bits)]
            forced[number] = signed(words.reshape([1 << axis.bits for axis in block.axes])[shape])
    rows, publics = WitnessBuilder(honest.made.structure).build(_inputs(5), forced)
    assert publics == wider.statement.publics and publics != honest.statement.publics
    in_padding = rows.reshape(-1) == 0
    rows.reshape(-1)[in_padding] = wider.rows.reshape(-1)[in_padding]
    committed = commit_oracle(wider.made.weight_rows(), SMALL, Randomness(b"w" * 32))
    assert find_violation(program, [wider.made.weight_rows(), rows], publics), "the claim is false"
    return Proving(honest.made, Statement(program, SMALL, (committed.commitment,), publics), committed, rows)


def test_padding_of_both_factors_adds_nothing_to_a_product(both: Judges, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = proving(_dense(5), _inputs(5))
    both.accept(honest.statement, honest.proof())
    cheat = _cheat()
    monkeypatch.setattr(products, "factor_table", _wide_table)
    assert both.refusal(cheat.statement, cheat.proof()) == "proof/final"


def test_padding_of_an_honest_run_may_be_refused_and_is_never_another_answer(both: Judges) -> None:
    """Words beyond the extents of blocks: whatever they are, both verifiers say the same."""
    case = proving(_dense(5), _inputs(5))
    chance, refused = np.random.default_rng(4), 0
    for block in case.made.program.blocks:
        addresses = np.arange(1 << block.bits).reshape([1 << axis.bits for axis in block.axes])
        inside = addresses[tuple(slice(axis.extent) for axis in block.axes)].reshape(-1)
        beyond = np.setdiff1d(addresses.reshape(-1), inside)
        if block.oracle == WITNESS and len(beyond):
            rows = case.rows.copy()
            rows.reshape(-1)[block.offset + beyond] = chance.integers(1, MODULUS, len(beyond), dtype=np.uint64)
            refused += both.verdict(case.statement, case.cheating(rows).proof()) != ACCEPTED
    assert refused
