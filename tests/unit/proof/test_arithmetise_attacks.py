"""What a cheating prover may put into a witness, operator by operator: the brute-force checker finds it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from lockstep.errors import ProofError
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph
from lockstep.ir.ops import Opcode
from lockstep.proof.arithmetise.arithmetisation import Arithmetisation, arithmetise
from lockstep.proof.arithmetise.compile import Tables
from lockstep.proof.arithmetise.recipes import Bits, Excess, Gathered, IsPositive, Leaf, Limbs, NodeValue, Peak
from lockstep.proof.arithmetise.witness import WitnessBuilder
from lockstep.proof.arithmetise.words import block_words
from lockstep.proof.satisfied import find_violation
from lockstep.testing.step_cases import StepCase, step_cases
from tests.unit.exec.test_fast_path_equals_reference import valid_graph
from tests.unit.proof.small_operators import graph_of

LOG_COLUMNS = 10
WITNESS = 1


@pytest.mark.parametrize("opcode", list(Opcode), ids=lambda opcode: opcode.name.lower())
def test_no_word_of_a_witness_can_be_changed(opcode: Opcode) -> None:
    changed = 0

    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
    @given(step_cases(opcode))
    def check(case: StepCase) -> None:
        nonlocal changed
        assume(all(node.elements <= 400 for node in case.graph.nodes))
        assume(max(np.size(values) for tensors in case.inputs for values in tensors) <= 2000)
        graph = valid_graph(case)
        try:
            made = arithmetise(graph, passes=len(case.inputs), log_columns=LOG_COLUMNS)
            weights = made.weight_rows()
        except ProofError:
            return
        rows, publics = made.witness(case.inputs)
        assert find_violation(made.program, [weights, rows], publics) is None
        random = np.random.default_rng(0)
        for number, block in enumerate(made.program.blocks):
            recipe = made.structure.recipes[number]
            if block.oracle != WITNESS or (opcode is Opcode.MAX and isinstance(recipe, Peak) and recipe.is_position):
                continue  # among equals, MAX may point at any
            address = sum(
                int(random.integers(axis.extent)) << sum(below.bits for below in block.axes[place + 1 :])
                for place, axis in enumerate(block.axes)
            )
            cheating = rows.copy()
            cheating.reshape(-1)[block.offset + address] += np.uint64(1)
            assert find_violation(made.program, [weights, cheating], publics) is not None, (number, recipe)
            changed += 1

    check()
    assert changed


@dataclass(frozen=True)
class Cheat:
    """A program, its weights, and honest inputs to cheat on."""

    made: Arithmetisation
    inputs: list[list[np.ndarray]]

    def violation(self, forced: dict[int, np.ndarray]) -> str | None:
        builder = WitnessBuilder(self.made.structure)
        rows, publics = builder.build(self.inputs, forced)
        return find_violation(self.made.program, [self.made.weight_rows(), rows], publics)

    def honest(self) -> "Words":
        rows, _ = self.made.witness(self.inputs)
        return Words(self.made, rows)


@dataclass(frozen=True)
class Words:
    made: Arithmetisation
    rows: np.ndarray

    def blocks(self, kind: type) -> Iterator[tuple[int, np.ndarray, object]]:
        for number, recipe in enumerate(self.made.structure.recipes):
            if isinstance(recipe, kind) and self.made.program.blocks[number].oracle == WITNESS:
                yield number, block_words(self.made.program, number, self.rows).astype(np.int64), recipe


def cheat(graph: Graph, *inputs: list[int], tables: Tables | None = None) -> Cheat:
    tensors = [np.array(values).reshape(spec.shape) for values, spec in zip(inputs, graph.inputs, strict=True)]
    found = Cheat(arithmetise(graph, log_columns=LOG_COLUMNS, tables=tables), [tensors])
    assert found.violation({}) is None
    return found


BY_TABLE, BY_EXCESS = Tables(limb_bits=8, clamp_bits=14), Tables(limb_bits=8, clamp_bits=0)


def requantised(tables: Tables) -> Cheat:
    """``(300·acc + 2^11) >> 12`` with a clamp that is reached by the first of two results."""
    weights = Constant(DType.I8, np.array([[100, 3], [-90, 77]]))
    graph = graph_of(
        Opcode.MATMUL,
        [(1, 2)],
        (1, 2),
        (2, 2, 0, 2, 0, 2, 1, 0),
        constants=(weights,),
        multiplier=300,
        shift=12,
        low=-50,
        high=50,
    )
    return cheat(graph, [7, 9], tables=tables)


@pytest.mark.parametrize("tables", [BY_TABLE, BY_EXCESS], ids=["table", "excess"])
@pytest.mark.parametrize("step", [1, -1])
def test_a_quotient_is_not_moved_against_its_rest(step: int, tables: Tables) -> None:
    """(q + 1, rest − 2^s) and (q − 1, rest + 2^s) satisfy the equation and nothing else."""
    case = requantised(tables)
    words, moved = case.honest(), np.array([0, step])
    ((number, limbs, recipe),) = list(words.blocks(Limbs))
    highest = np.arange(recipe.count)[:, None] == recipe.count - 1
    forced = {number: limbs - highest * moved * (1 << recipe.width)}
    quotients = [(n, w) for n, w, r in words.blocks(Bits) if r.count is None]
    results = [(n, w) for n, w, _ in words.blocks(NodeValue)]
    forced |= {n: w + moved for n, w in quotients + results}
    violation = case.violation(forced)
    assert violation is not None and "look-up" in violation


def test_a_clamp_is_not_left_out() -> None:
    """The excess is moved into the result: everything holds but the range of the result."""
    case = requantised(BY_EXCESS)
    words = case.honest()
    above = next((n, w) for n, w, r in words.blocks(Excess) if not r.below)
    ((result, value, _),) = list(words.blocks(NodeValue))
    assert value.tolist() == [50, 5] and above[1].tolist() == [3, 0]
    violation = case.violation({above[0]: above[1] * 0, result: value + above[1]})
    assert violation is not None and "look-up" in violation


def test_a_clamp_is_not_reached_early() -> None:
    """A result below its end leaves no excess."""
    case = requantised(BY_EXCESS)
    words = case.honest()
    above = next((n, w) for n, w, r in words.blocks(Excess) if not r.below)
    ((result, value, _),) = list(words.blocks(NodeValue))
    violation = case.violation({above[0]: above[1] + [0, 2], result: value - [0, 2]})
    assert violation is not None and "group" in violation


def test_the_second_of_equals_is_no_argmax() -> None:
    case = cheat(graph_of(Opcode.ARGMAX, [(5,)], (1,), (5, 5, 0), dtype=DType.I32), [1, 9, 3, 9, 2])
    number, words = next((n, w) for n, w, recipe in case.honest().blocks(Peak) if recipe.is_position)
    assert words.reshape(-1).tolist() == [1]
    assert case.violation({number: words + 2}) is not None


def test_a_smaller_value_is_no_maximum() -> None:
    case = cheat(graph_of(Opcode.MAX, [(5,)], (1,), (5, 5, 0)), [1, 9, 3, 7, 2])
    peaks = {recipe.is_position: (number, words) for number, words, recipe in case.honest().blocks(Peak)}
    forced = {peaks[True][0]: peaks[True][1] * 0 + 3, peaks[False][0]: peaks[False][1] * 0 + 7}
    violation = case.violation(forced)
    assert violation is not None and "look-up" in violation


def test_a_value_outside_the_run_is_no_maximum() -> None:
    """The tensor holds a greater value after the run."""
    case = cheat(graph_of(Opcode.MAX, [(6,)], (1,), (4, 4, 0)), [1, 2, 3, 4, 5, 6])
    peaks = {recipe.is_position: (number, words) for number, words, recipe in case.honest().blocks(Peak)}
    forced = {peaks[True][0]: peaks[True][1] * 0 + 5, peaks[False][0]: peaks[False][1] * 0 + 6}
    assert case.violation(forced) is not None


def test_the_flag_of_a_division_cannot_be_lowered() -> None:
    """With flag 0 the quotient would be 0, although the divisor is positive."""
    case = cheat(graph_of(Opcode.DIV, [(1,), (1,)], (1,), (1, 0, 0, 0, 0, 0, 1), multiplier=10), [50], [7])
    words = case.honest()
    ((flag, value, _),) = list(words.blocks(IsPositive))
    assert case.violation({flag: value * 0}) is not None


def test_division_by_nothing_gives_the_zero_point() -> None:
    for divisor in (0, -3):
        case = cheat(graph_of(Opcode.DIV, [(1,), (1,)], (1,), (1, 0, 0, 0, 0, 0, 1), multiplier=10), [50], [divisor])
        ((flag, value, _),) = list(case.honest().blocks(IsPositive))
        assert value.reshape(-1).tolist() == [0]
        with np.errstate(divide="ignore"):
            assert case.violation({flag: value * 0 + 1}) is not None


def test_another_leaf_is_not_reached() -> None:
    nodes = Constant(DType.I16, np.array([[0, 5, 1, -1], [1, -2, -2, -3]]))
    values = Constant(DType.I8, np.array([[10], [20], [30]]))
    graph = graph_of(Opcode.TREES, [(1, 2)], (1, 1, 1), (2, 1, 2, 3, 1, 2), constants=(nodes, values))
    case = cheat(graph, [4, 3])
    words = case.honest()
    ((leaf, value, _),) = list(words.blocks(Leaf))
    ((result, y, _),) = list(words.blocks(NodeValue))
    assert value.reshape(-1).tolist() == [2] and y.reshape(-1).tolist() == [30]
    for other, word in ((0, 10), (1, 20)):
        violation = case.violation({leaf: value * 0 + other, result: y * 0 + word})
        assert violation is not None and "look-up" in violation


def test_a_gathered_value_is_that_of_its_address() -> None:
    """Reading across rows is a gather; another value of the tensor under the same address is refused."""
    case = cheat(graph_of(Opcode.COPY, [(2, 3)], (4,), (1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)), [1, 2, 3, 4, 5, 6])
    ((number, words, _),) = list(case.honest().blocks(Gathered))
    assert words.tolist() == [2, 3, 4, 5]
    assert case.violation({number: np.array([2, 3, 5, 5])}) is not None
