"""Gives every block its words, every side its fractions and every section its place in the product cube."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lockstep.proof.arithmetise.assembler import WEIGHTS, WITNESS, Assembler
from lockstep.proof.relations import ONES, Block, Oracle, Program


@dataclass(frozen=True, slots=True)
class Shape:
    """Rows of an oracle, and the bits of its largest block."""

    rows: int
    alignment: int


def place(assembler: Assembler, log_columns: int, oracles: Sequence[int] = (WEIGHTS, WITNESS)) -> Program:
    """Largest first: powers of two then leave no gaps. ``oracles``: which there are, the witness last."""
    numbers = {ONES: ONES, **{oracle: number for number, oracle in enumerate(oracles)}}
    blocks = [replace(block, oracle=numbers[block.oracle]) for block in assembler.blocks]
    placed: list[Oracle] = []
    for oracle in range(len(oracles)):
        shape = _place_blocks(blocks, oracle, log_columns)
        end = placed[-1].first_row + placed[-1].rows if placed else 0
        step = 1 << max(0, shape.alignment - log_columns)
        is_last = oracle == len(oracles) - 1
        placed.append(Oracle(-(-end // step) * step, shape.rows + is_last))
    return Program(
        log_columns=log_columns,
        oracles=tuple(placed),
        blocks=tuple(blocks),
        sides=tuple(
            replace(side, position=position)
            for side, position in zip(assembler.sides, _positions([side.bits for side in assembler.sides]), strict=True)
        ),
        sections=tuple(
            replace(section, position=position)
            for section, position in zip(
                assembler.sections, _positions([section.bits for section in assembler.sections]), strict=True
            )
        ),
        groups=tuple(assembler.groups),
        publics=tuple(assembler.publics),
    )


def _place_blocks(blocks: list[Block], oracle: int, log_columns: int) -> Shape:
    numbers = [number for number, block in enumerate(blocks) if block.oracle == oracle and block.oracle != ONES]
    offsets = _positions([blocks[number].bits for number in numbers])
    for number, offset in zip(numbers, offsets, strict=True):
        blocks[number] = replace(blocks[number], offset=offset)
    end = max((blocks[number].offset + (1 << blocks[number].bits) for number in numbers), default=1)
    return Shape(-(-end >> log_columns), max((blocks[number].bits for number in numbers), default=0))


def _positions(bits: Sequence[int]) -> list[int]:
    """Starts of aligned ranges of 2^bits, the largest first."""
    positions, at = [0] * len(bits), 0
    for number in sorted(range(len(bits)), key=lambda number: -bits[number]):
        positions[number] = at
        at += 1 << bits[number]
    return positions
