"""What is not the one witness of an element is refused, by kernels and Python mirror with the same code."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lockstep.dispute.fields import KIND_INPUT, KIND_TRACE, KIND_WEIGHT
from lockstep.dispute.step import Position, evaluate_step
from lockstep.dispute.witness import OpenedRange
from lockstep.errors import ProofError
from lockstep.ir.ops import Opcode
from lockstep.testing.step_cases import StepCase, step_cases
from lockstep.testing.step_contracts import StepContracts, deploy_steps

EXAMPLES = max(4, settings.default.max_examples // 25)
CODES = {KIND_INPUT: "opening/input", KIND_WEIGHT: "opening/weight", KIND_TRACE: "opening/trace"}
Evaluate = Callable[[Position, bytes, bytes], int]
Forge = Callable[[StepCase, st.DataObject], tuple[bytes, str]]


@pytest.fixture(scope="module")
def contracts() -> StepContracts:
    return deploy_steps()


def refusal(evaluate: Evaluate, position: Position, node: bytes, witness: bytes) -> str:
    """The code that a step is refused with."""
    with pytest.raises(ProofError) as caught:
        evaluate(position, node, witness)
    return caught.value.code


def outcome(evaluate: Evaluate, position: Position, node: bytes, witness: bytes) -> int | str:
    """The value of a step, or the code that it is refused with."""
    try:
        return evaluate(position, node, witness)
    except ProofError as error:
        return error.code


def opened_ranges(case: StepCase) -> tuple[OpenedRange, ...]:
    return case.evidence.ranges(case.pass_index, case.node_number, case.element)


def flipped(data: bytes, place: int, bits: int) -> bytes:
    return data[:place] + bytes([data[place] ^ bits]) + data[place + 1 :]


def join(ranges: tuple[OpenedRange, ...]) -> bytes:
    return b"".join(opened.leaves + opened.path for opened in ranges)


def forge_operand(case: StepCase, data: st.DataObject) -> tuple[bytes, str]:
    """One bit of one byte that the value depends on."""
    ranges = opened_ranges(case)
    number = data.draw(st.integers(0, len(ranges) - 1))
    chosen = ranges[number]
    size = chosen.operand.size
    start = chosen.first * size % 512
    place = data.draw(st.integers(start, start + (chosen.last - chosen.first + 1) * size - 1))
    forged = replace(chosen, leaves=flipped(chosen.leaves, place, 1 << data.draw(st.integers(0, 7))))
    return join((*ranges[:number], forged, *ranges[number + 1 :])), CODES[chosen.operand.kind]


def forge_padding(case: StepCase, data: st.DataObject) -> tuple[bytes, str]:
    """Garbage where the last leaf of a tensor is filled with zero bytes."""
    ranges = opened_ranges(case)
    number = data.draw(st.integers(0, len(ranges) - 1))
    chosen = ranges[number]
    end = len(case.evidence.tensor_bytes(case.pass_index, chosen.operand))
    filled = end - chosen.first * chosen.operand.size // 512 * 512
    assume(filled < len(chosen.leaves))
    place = data.draw(st.integers(filled, len(chosen.leaves) - 1))
    forged = replace(chosen, leaves=flipped(chosen.leaves, place, 1))
    return join((*ranges[:number], forged, *ranges[number + 1 :])), CODES[chosen.operand.kind]


def forge_sibling(case: StepCase, data: st.DataObject) -> tuple[bytes, str]:
    ranges = opened_ranges(case)
    with_path = [number for number, opened in enumerate(ranges) if opened.path]
    assume(with_path)
    number = data.draw(st.sampled_from(with_path))
    chosen = ranges[number]
    forged = replace(chosen, path=flipped(chosen.path, data.draw(st.integers(0, len(chosen.path) - 1)), 4))
    return join((*ranges[:number], forged, *ranges[number + 1 :])), CODES[chosen.operand.kind]


def truncate(case: StepCase, data: st.DataObject) -> tuple[bytes, str]:
    """Cut inside the last range: a byte, a digest or a leaf is missing."""
    witness = case.witness
    last = opened_ranges(case)[-1]
    return witness[: -data.draw(st.integers(1, len(last.leaves + last.path)))], "witness/length"


def add_trailing(case: StepCase, data: st.DataObject) -> tuple[bytes, str]:
    return case.witness + data.draw(st.sampled_from((b"\x00", bytes(32), b"\x01" * 512))), "witness/length"


@pytest.mark.parametrize("forge", [forge_operand, forge_padding, forge_sibling, truncate, add_trailing])
@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_forged_witness_is_refused(contracts: StepContracts, opcode: Opcode, forge: Forge) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=step_cases(opcode), data=st.data())
    def holds(case: StepCase, data: st.DataObject) -> None:
        witness, code = forge(case, data)
        assert refusal(evaluate_step, case.position, case.descriptor, witness) == code
        assert refusal(contracts.evaluate, case.position, case.descriptor, witness) == code

    holds()


@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_witness_of_another_element_or_pass_is_refused(contracts: StepContracts, opcode: Opcode) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=step_cases(opcode), data=st.data())
    def holds(case: StepCase, data: st.DataObject) -> None:
        other = replace(
            case,
            pass_index=data.draw(st.integers(0, len(case.inputs) - 1)),
            element=data.draw(st.integers(0, case.graph.nodes[-1].elements - 1)),
        )
        assume(other.witness != case.witness)
        code = refusal(evaluate_step, case.position, case.descriptor, other.witness)
        assert code in {*CODES.values(), "witness/length"}
        assert refusal(contracts.evaluate, case.position, case.descriptor, other.witness) == code

    holds()


@pytest.mark.parametrize("root", ["input_root", "weights_root", "trace_root"])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=step_cases(Opcode.MATMUL))
def test_other_root_is_refused(contracts: StepContracts, case: StepCase, root: str) -> None:
    kind = {"input_root": KIND_INPUT, "weights_root": KIND_WEIGHT, "trace_root": KIND_TRACE}[root]
    assume(kind in {opened.operand.kind for opened in opened_ranges(case)})
    position = replace(case.position, **{root: bytes(32)})
    assert refusal(evaluate_step, position, case.descriptor, case.witness) == CODES[kind]
    assert refusal(contracts.evaluate, position, case.descriptor, case.witness) == CODES[kind]


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=step_cases(Opcode.ADD))
def test_operand_of_the_trace_lies_before_the_node(contracts: StepContracts, case: StepCase) -> None:
    numbers = [operand.index for operand in case.graph.nodes[-1].operands if operand.kind == KIND_TRACE]
    assume(numbers)
    position = replace(case.position, node_index=max(numbers))
    assert refusal(evaluate_step, position, case.descriptor, case.witness) == "descriptor/malformed"
    assert refusal(contracts.evaluate, position, case.descriptor, case.witness) == "descriptor/malformed"


FIELD_VALUES = (0, 1, 5, 16, 2**16, 2**31 - 1, 2**31, 2**32 - 1)


@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_any_descriptor_gives_the_same_answer_in_both_languages(contracts: StepContracts, opcode: Opcode) -> None:
    """Field by field garbage: never a revert without a code, never two answers."""

    @settings(max_examples=4 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=step_cases(opcode), data=st.data())
    def holds(case: StepCase, data: st.DataObject) -> None:
        field = data.draw(st.one_of(st.integers(1, 57), st.integers(24, 45)))
        garbage = data.draw(st.sampled_from(FIELD_VALUES)).to_bytes(4, "big")
        descriptor = case.descriptor[: 4 * field] + garbage + case.descriptor[4 * field + 4 :]
        arguments = (case.position, descriptor, case.witness)
        assert outcome(contracts.evaluate, *arguments) == outcome(evaluate_step, *arguments)

    holds()


@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(case=step_cases(Opcode.COPY))
def test_operator_that_no_kernel_knows_is_refused(contracts: StepContracts, case: StepCase) -> None:
    for opcode in (0, 17, 2**32 - 1):
        descriptor = opcode.to_bytes(4, "big") + case.descriptor[4:]
        assert refusal(evaluate_step, case.position, descriptor, case.witness) == "step/opcode"
        assert refusal(contracts.evaluate, case.position, descriptor, case.witness) == "step/opcode"


def test_kernel_refuses_the_operators_of_others(contracts: StepContracts) -> None:
    zero = bytes(32)
    position = (0, 0, 0, zero, zero, zero, 0, 4, 0, 0)
    for opcode in Opcode:
        descriptor = int(opcode).to_bytes(4, "big") + bytes(4) + (1).to_bytes(4, "big") + bytes(500)
        for address, kernel in contracts.kernels.items():
            if address != contracts.router.kernel_of(opcode):
                with pytest.raises(Exception, match="step/opcode"):
                    kernel.evaluate(position, descriptor, b"")


@settings(max_examples=1, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(case=step_cases(Opcode.SUM))
def test_range_of_more_leaves_than_a_witness_holds_is_refused(contracts: StepContracts, case: StepCase) -> None:
    length, leaves = (24, 44)
    descriptor = bytearray(case.descriptor)
    descriptor[4 * length : 4 * length + 4] = (70_000).to_bytes(4, "big")
    descriptor[4 * leaves : 4 * leaves + 4] = (2_000).to_bytes(4, "big")
    assert refusal(evaluate_step, case.position, bytes(descriptor), case.witness) == "step/too-large"
    assert refusal(contracts.evaluate, case.position, bytes(descriptor), case.witness) == "step/too-large"
