"""Every preset on the list has 100 bits, step by step, and leaves room for what hides the weights."""

from dataclasses import replace

import pytest

from lockstep.errors import ProofError
from lockstep.proof.parameters import PRESETS, Parameters
from lockstep.proof.relations import Expression, Index, Oracle, Program, Role, Side
from lockstep.proof.sizing import Shape, choose_parameters, proof_bytes
from lockstep.proof.soundness import TARGET_BITS, ProgramSizes, sizes_of, soundness_bits, soundness_table

BY_PRESET = pytest.mark.parametrize("parameters", PRESETS, ids=lambda parameters: parameters.name)


@BY_PRESET
def test_every_step_of_a_preset_has_the_target_bits(parameters: Parameters) -> None:
    assert [step for step in soundness_table(parameters) if step.bits < TARGET_BITS] == []


@BY_PRESET
def test_a_query_less_anywhere_misses_the_target(parameters: Parameters) -> None:
    for place in range(len(parameters.queries)):
        fewer = tuple(count - (number == place) for number, count in enumerate(parameters.queries))
        assert soundness_bits(replace(parameters, queries=fewer)) < TARGET_BITS


@BY_PRESET
def test_a_tail_hides_more_than_one_proof_opens(parameters: Parameters) -> None:
    tail = parameters.tail
    assert tail & (tail - 1) == 0
    assert parameters.queries[0] + 2 <= tail <= 1 << (parameters.log_columns - 1)


@BY_PRESET
def test_sizes_of_a_preset_fit_together(parameters: Parameters) -> None:
    assert len(parameters.levels) == len(parameters.fold_work) == len(parameters.queries) - 1
    assert 0 <= parameters.final_bits <= parameters.log_columns - 3
    assert parameters.row_length <= 1 << parameters.log_domain
    variables = parameters.log_columns + 1
    for level in parameters.levels:
        variables -= level.folds
        assert variables < level.log_domain


def test_the_whitelist_has_no_two_presets_of_one_name_or_content() -> None:
    assert len({parameters.name for parameters in PRESETS}) == len(PRESETS)
    assert len({parameters.encode() for parameters in PRESETS}) == len(PRESETS)


def test_more_look_ups_are_less_sure() -> None:
    small, large = (soundness_bits(PRESETS[0], ProgramSizes(layers=m, fractions=1 << m)) for m in (16, 26))
    assert small >= TARGET_BITS > large


def _program(weight_rows: int, witness_rows: int) -> Program:
    oracles = (Oracle(0, weight_rows), Oracle(weight_rows, witness_rows))
    return Program(12, oracles, (), (), (), ())


@pytest.mark.parametrize("prefer", ["fast", "chain"])
def test_the_cheapest_preset_of_a_family_is_chosen(prefer: str) -> None:
    assert choose_parameters(_program(2, 3), prefer=prefer).name == f"{prefer}-12"
    assert choose_parameters(_program(512, 10), prefer=prefer).name > f"{prefer}-12"


def test_a_program_beyond_every_preset_is_refused() -> None:
    with pytest.raises(ProofError, match="proof/parameters"):
        choose_parameters(_program(1 << 15, 3))


def test_a_proof_for_the_chain_is_shorter() -> None:
    shape = Shape((16, 9), 16, 13)
    by_name = {parameters.name: proof_bytes(parameters, shape) for parameters in PRESETS}
    assert all(by_name[f"chain-{b}"] < by_name[f"fast-{b}"] for b in range(12, 17))


def test_fractions_are_counted_and_not_rounded_up_to_the_tree() -> None:
    look_up = Side(0, 1, (Index(Role.INNER, 5, 3), Index(Role.INNER, 3, 2)), (Expression(), Expression()))
    table = Side(32, 1, (Index(Role.INNER, 9, 4),), (Expression(), Expression()), 0)
    sizes = sizes_of(Program(12, (Oracle(0, 2), Oracle(2, 3)), (), (look_up, table), (), ()))
    assert (sizes.fractions, sizes.layers, sizes.columns) == (5 * 3 + 9 + 1, 6, 2)


@pytest.mark.parametrize(("fractions", "is_possible"), [(2_063_105, True), (1 << 22, False)])
def test_sixty_four_runs_of_lenet_are_sure_enough(fractions: int, *, is_possible: bool) -> None:
    """They are 2,063,105 fractions of two columns in a tree of 2^22."""
    sizes = ProgramSizes(layers=22, fractions=fractions, columns=2)
    by_name = {parameters.name: parameters for parameters in PRESETS}
    assert (soundness_bits(by_name["chain-16"], sizes) >= TARGET_BITS) is is_possible
