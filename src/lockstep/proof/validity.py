"""The rules that a program must keep before a proof of it means anything (proof.md, section 3).

A program names the model that it belongs to only through its digest, so one from a stranger may be anything: what is
refused here is what verifier and prover would otherwise read outside of its place, or read twice.
"""

import itertools
from collections.abc import Iterator, Sequence

from lockstep.errors import ProofError
from lockstep.proof.relations import (
    ONES,
    POWERS,
    Axis,
    Block,
    Clamped,
    Expression,
    Index,
    Map,
    Program,
    Role,
    Term,
)

MOST_BITS = 32
"""Variables of an axis, a side, a section or a row number."""

MOST_FRACTIONS = 24
MOST_ROWS = 4096
MOST_RECORDS = 4096
MOST_LIMB_BITS = 63
"""Bits of all limbs of an axis that is summed with powers: every weight is then a residue as it is."""


def verify_program(program: Program) -> None:
    """Raises ``ProofError`` ``proof/program`` with the first rule that is broken."""
    fault = next(_faults(program), None)
    if fault is not None:
        raise ProofError("proof/program", fault)


def _faults(program: Program) -> Iterator[str]:
    lists = (program.blocks, program.sides, program.sections, program.groups, program.publics)
    if not 3 <= program.log_columns <= MOST_BITS // 2 or any(len(records) > MOST_RECORDS for records in lists):
        yield "it is too large"
        return
    yield from _oracle_faults(program)
    yield from _block_faults(program)
    yield from _side_faults(program)
    yield from _section_faults(program)
    yield from _group_faults(program)
    if program.fractions > MOST_FRACTIONS or program.product_bits > MOST_FRACTIONS:
        yield "it has too many look-ups or products"


def _oracle_faults(program: Program) -> Iterator[str]:
    end = 0
    for oracle in program.oracles:
        if oracle.first_row < end or oracle.rows < 1:
            yield "two oracles have one row, or one has none"
        end = oracle.first_row + oracle.rows
    if not program.oracles or end > MOST_ROWS:
        yield "it has no oracle, or too many rows"


def _block_faults(program: Program) -> Iterator[str]:
    taken: list[tuple[int, int]] = []
    for number, block in enumerate(program.blocks):
        if (not block.axes and block.bits) or any(not _is_axis(axis.extent, axis.bits) for axis in block.axes):
            yield f"block {number} has an axis without a place for all its values"
        elif block.oracle != ONES:
            yield from _place_faults(program, number, block, taken)
    ends = sorted(taken)
    if any(first[1] > second[0] for first, second in itertools.pairwise(ends)):
        yield "two blocks share words"


def _is_axis(extent: int, bits: int) -> bool:
    return bits <= MOST_BITS and 1 <= extent <= 1 << bits


def _place_faults(program: Program, number: int, block: Block, taken: list[tuple[int, int]]) -> Iterator[str]:
    if block.oracle >= len(program.oracles) or block.bits > MOST_BITS:
        yield f"block {number} is in no oracle"
        return
    oracle = program.oracles[block.oracle]
    is_witness = block.oracle == len(program.oracles) - 1
    start = block.offset + (oracle.first_row << program.log_columns)
    end = start + (1 << block.bits)
    if end > (oracle.first_row + oracle.rows - is_witness) << program.log_columns:
        yield f"block {number} reaches beyond its oracle's rows"
    if start % (1 << block.bits):
        yield f"block {number} is not aligned"
    taken.append((start, end))


def _index_faults(what: str, indices: Sequence[Index], roles: set[Role]) -> Iterator[str]:
    for index in indices:
        if index.role not in roles or not _is_axis(index.extent, index.bits):
            yield f"{what} has an index of a wrong kind or size"


def _is_covered(indices: Sequence[Index], bits: int) -> bool:
    """Whether the indices' bits are the local point's, each once."""
    places = sorted((index.inner, index.inner + index.bits) for index in indices)
    edges = [0, *(end for _, end in places)]
    return all(start == end for (start, _), end in zip(places, edges, strict=False)) and edges[-1] == bits


def _is_row_major(indices: Sequence[Index]) -> bool:
    """Whether the last of the indices that cover a local point has its lowest bits."""
    starts = [index.inner for index in indices if index.bits]
    return starts == sorted(starts, reverse=True)


def _expression_faults(what: str, program: Program, expression: Expression, indices: Sequence[Index]) -> Iterator[str]:
    if expression.strides and len(expression.strides) != len(indices):
        yield f"{what} has not one stride for each index"
    for term in expression.terms:
        if term.block >= len(program.blocks) or len(term.maps) != len(program.blocks[term.block].axes):
            yield f"{what} reads a block that is not there, or not all its axes"
            continue
        used = [number for place in term.maps for number in place.indices]
        if len(used) != len(set(used)) or any(number >= len(indices) for number in used):
            yield f"{what} uses an index twice, or one that is not there"
        if not _has_only_limbs(term, program.blocks[term.block]):
            yield f"{what} sums an axis with powers that are not those of its limbs"


def _has_only_limbs(term: Term, block: Block) -> bool:
    """Whether each axis that is summed with powers may be."""
    pairs = zip(term.maps, block.axes, strict=True)
    summed = [(place, axis) for place, axis in pairs if POWERS in (place.first, place.second)]
    return all(block.oracle != ONES and _is_of_limbs(place, axis) for place, axis in summed)


def _is_of_limbs(place: Map, axis: Axis) -> bool:
    is_full = axis.extent == 1 << axis.bits
    is_small = place.stride >= 1 and place.stride * axis.extent <= MOST_LIMB_BITS
    return is_full and is_small and place == Map(POWERS, place.stride)


def _side_faults(program: Program) -> Iterator[str]:
    taken = []
    for number, side in enumerate(program.sides):
        what = f"look-up side {number}"
        yield from _index_faults(what, side.indices, {Role.INNER})
        if side.bits > MOST_BITS or not _is_covered(side.indices, side.bits) or side.position % (1 << side.bits):
            yield f"{what} does not fill its place"
            continue
        if not _is_row_major(side.indices):
            yield f"{what} has indices that are not row-major"
        for column in side.columns:
            if isinstance(column, Expression):
                yield from _expression_faults(what, program, column, side.indices)
            elif not _is_clamp(column, side.bits) or side.multiplicity is None:
                yield f"{what} has a public column that is no table's"
        if side.multiplicity is not None and not _counts(program, side.multiplicity, side.indices):
            yield f"{what} is counted by a block of another shape"
        taken.append((side.position, side.position + (1 << side.bits)))
    taken.sort()
    if any(first[1] > second[0] for first, second in itertools.pairwise(taken)):
        yield "two look-up sides share a place"


def _is_clamp(column: Clamped, bits: int) -> bool:
    return column.low <= column.high <= 1 << bits


def _counts(program: Program, number: int, indices: Sequence[Index]) -> bool:
    if number >= len(program.blocks):
        return False
    shape = [axis.bits for axis in program.blocks[number].axes]
    return program.blocks[number].oracle != ONES and shape == [index.bits for index in indices]


def _section_faults(program: Program) -> Iterator[str]:
    taken = []
    for number, section in enumerate(program.sections):
        what = f"section {number}"
        yield from _index_faults(what, section.indices, set(Role))
        inner = [index for index in section.indices if index.role in (Role.INNER, Role.BOTH)]
        if section.bits > MOST_BITS or not _is_covered(inner, section.bits) or section.position % (1 << section.bits):
            yield f"{what} does not fill its place"
            continue
        if section.group >= len(program.groups):
            yield f"{what} is in no group"
        for factor in (section.left, section.right):
            if factor.strides:
                yield f"{what} has strides"
            yield from _expression_faults(what, program, factor, section.indices)
        taken.append((section.position, section.position + (1 << section.bits)))
    taken.sort()
    if any(first[1] > second[0] for first, second in itertools.pairwise(taken)):
        yield "two sections share a place"


def _group_faults(program: Program) -> Iterator[str]:
    shown = []
    for number, group in enumerate(program.groups):
        what = f"group {number}"
        yield from _index_faults(what, group.indices, {Role.OUTER, Role.SUMMED})
        if group.result.strides:
            yield f"{what} has strides"
        yield from _expression_faults(what, program, group.result, group.indices)
        if group.public is not None:
            shown.append(group.public)
    if sorted(shown) != list(range(len(program.publics))):
        yield "its public tensors are not each in one group"
