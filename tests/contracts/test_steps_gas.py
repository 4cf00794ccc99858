"""What one step costs as a transaction, in trees as high as those of ResNet-50; and that kernels fit a contract."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from lockstep.dispute.step import Position
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.testing.step_cases import StepCase
from lockstep.testing.step_contracts import StepContracts, deploy_steps

TRANSACTION = 21_000
DEPLOYED_BYTES = 24_576
FILLING_NODES = 17
"""With the node under test more than 16: two 16-ary levels of nodes, as with up to 256 nodes."""
FILLING_BYTES = 4097 * 512
"""More than 4,096 weight leaves: four 16-ary levels, as with up to 32 MB of weights."""

I8, I16, I64 = DType.I8, DType.I16, DType.I64


@pytest.fixture(scope="module")
def contracts() -> StepContracts:
    return deploy_steps()


@dataclass(frozen=True)
class Step:
    """An operator over operands out of the trace (T) or the weights (W): letter, type, shape."""

    opcode: Opcode
    operands: tuple[tuple[str, DType, tuple[int, ...]], ...]
    shape: tuple[int, ...]
    attributes: dict[int, int]
    limit: int  # of gas; what was measured, rounded up


def convolution(size: int, channels: int, kernel: int, groups: int = 1) -> dict[int, int]:
    """Attributes of a stride-1 convolution or pool, the pad that keeps the size."""
    pad = kernel // 2
    depth = channels // groups
    numbers = (size, size, channels, kernel, kernel, depth, 1, 1, pad, pad, 1, 1, groups, kernel, depth)
    return dict(enumerate(numbers))


def vector(length: int, x: DType, w: DType) -> tuple[tuple[str, DType, tuple[int, ...]], ...]:
    return (("T", x, (300, length)), ("W", w, (100, length)), ("W", I64, (100, 2)))


def matmul(length: int) -> dict[int, int]:
    return {0: length, 1: length, 3: length, 5: 100, 6: 300}


IMAGE = ("T", I8, (1, 56, 56, 64))
VIEW = {0: 64, 1: 1, 6: 64, 7: 1}

STEPS = {
    "MATMUL 512 i8": Step(Opcode.MATMUL, vector(512, I8, I8), (300, 100), matmul(512), 155_000),
    "MATMUL 2048 i8": Step(Opcode.MATMUL, vector(2048, I8, I8), (300, 100), matmul(2048), 275_000),
    "MATMUL 512 i16 i8": Step(Opcode.MATMUL, vector(512, I16, I8), (300, 100), matmul(512), 175_000),
    "MATMUL 512 i16": Step(Opcode.MATMUL, vector(512, I16, I16), (300, 100), matmul(512), 195_000),
    "CONV 3x3x64": Step(
        Opcode.CONV,
        (IMAGE, ("W", I8, (64, 3, 3, 64)), ("W", I64, (64, 2))),
        (1, 56, 56, 64),
        convolution(56, 64, 3),
        265_000,
    ),
    "CONV 3x3x512": Step(
        Opcode.CONV,
        (("T", I8, (1, 28, 28, 512)), ("W", I8, (8, 3, 3, 512)), ("W", I64, (8, 2))),
        (1, 28, 28, 8),
        convolution(28, 512, 3),
        465_000,
    ),
    "CONV 3x3 depthwise": Step(
        Opcode.CONV,
        (IMAGE, ("W", I8, (64, 3, 3, 1)), ("W", I64, (64, 2))),
        (1, 56, 56, 64),
        convolution(56, 64, 3, 64),
        250_000,
    ),
    "REQUANT": Step(Opcode.REQUANT, (IMAGE, ("W", I64, (64, 2))), (3136, 64), {0: 64}, 115_000),
    "ADD": Step(Opcode.ADD, (IMAGE, IMAGE), (3136, 64), VIEW, 130_000),
    "MUL": Step(Opcode.MUL, (IMAGE, IMAGE), (3136, 64), VIEW, 130_000),
    "LUT i8": Step(Opcode.LUT, (IMAGE, ("W", I8, (256,))), (3136, 64), {}, 115_000),
    "LUT i16": Step(Opcode.LUT, (("T", I16, (3136, 64)), ("W", I16, (65536,))), (3136, 64), {}, 125_000),
    "COPY": Step(Opcode.COPY, (IMAGE,), (3136, 64), VIEW, 85_000),
    "CONCAT": Step(Opcode.CONCAT, (IMAGE, IMAGE), (3136, 128), {0: 64, 1: 64}, 85_000),
    "MAXPOOL 3x3": Step(Opcode.MAXPOOL, (IMAGE,), (1, 56, 56, 64), convolution(56, 64, 3), 175_000),
    "AVGPOOL 3x3": Step(Opcode.AVGPOOL, (IMAGE,), (1, 56, 56, 64), convolution(56, 64, 3) | {5: 0}, 175_000),
    "SUM 1024 i8": Step(Opcode.SUM, (("T", I8, (300, 1024)),), (300,), {0: 1024, 1: 1024}, 105_000),
    "MAX 1024 i8": Step(Opcode.MAX, (("T", I8, (300, 1024)),), (300,), {0: 1024, 1: 1024}, 105_000),
    "ARGMAX 1000 i8": Step(Opcode.ARGMAX, (("T", I8, (300, 1000)),), (300,), {0: 1000, 1: 1000}, 125_000),
    "DIV": Step(Opcode.DIV, (IMAGE, IMAGE), (3136, 64), VIEW, 130_000),
    "TREES 100 of depth 6": Step(
        Opcode.TREES,
        (("T", I16, (1, 30)), ("W", I16, (100 * 64, 4)), ("W", DType.I32, (100 * 64, 1))),
        (1, 1, 100),
        dict(enumerate((30, 100, 64, 64, 1, 6))),
        140_000,
    ),
    "TREES 100 of depth 18": Step(
        Opcode.TREES,
        (("T", I16, (1, 784)), ("W", I16, (100 * 1024, 4)), ("W", DType.I32, (100 * 1024, 10))),
        (1, 10, 100),
        dict(enumerate((784, 100, 1024, 1024, 10, 18))),
        290_000,
    ),
    "ACCUMULATE 4": Step(Opcode.ACCUMULATE, (IMAGE,) * 4, (3136, 64), {}, 220_000),
}


def build_case(step: Step) -> StepCase:
    """The operator at the end of a graph with many nodes and many weights."""
    generator = np.random.default_rng(7)
    specs = [TensorSpec("filling", I8, (1,), 1.0, 0)]
    inputs = [np.zeros(1, np.int64)]
    constants = [Constant(I8, np.zeros(FILLING_BYTES, np.int64))]
    operands = []
    copies = [copy_of(0, I8, (1,))] * FILLING_NODES
    for letter, dtype, shape in step.operands:
        values = generator.integers(dtype.minimum, dtype.maximum, shape, dtype=np.int64, endpoint=True)
        if letter == "W":
            operands.append(Operand(OperandKind.WEIGHT, len(constants), dtype, shape, 0))
            constants.append(Constant(dtype, values % 1000 if dtype is I64 else values))
            if step.opcode is Opcode.TREES and dtype is I16:
                constants[-1] = Constant(dtype, full_trees(step, values))
        else:
            operands.append(Operand(OperandKind.TRACE, len(copies), dtype, shape, 3))
            copies.append(copy_of(len(specs), dtype, shape))
            specs.append(TensorSpec("x", dtype, shape, 1.0, 3))
            inputs.append(values)
    attributes = tuple(step.attributes.get(number, 0) for number in range(16))
    dtype = DType.I32 if step.opcode is Opcode.ARGMAX else I8
    node = Node("step", step.opcode, tuple(operands), dtype, step.shape, -128, 127, 3, 5, 7, 9, attributes)
    graph = Graph(tuple(specs), (TensorSpec("y", dtype, step.shape, 1.0, 3),), (*copies, node), tuple(constants))
    return StepCase(graph, (tuple(inputs),), 0, node.elements // 2 + 1)


def full_trees(step: Step, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Trees of full tiles, six levels each; from a tile the walk goes on in the next one, wherever it leaves it."""
    trees, tree_nodes = (step.attributes[number] for number in (1, 2))
    table = values.reshape(trees, tree_nodes, 4).copy()
    table[..., 0] %= step.attributes[0]
    place = np.arange(tree_nodes)
    top, inside = place // 64 * 64, place % 64 + 1
    last = place // 64 == step.attributes[5] // 6 - 1
    for side in (2, 3):
        below = top + 2 * inside + side - 3
        table[..., side] = np.where(inside < 32, below, np.where(last, -1 - inside, top + 64))
    return table.reshape(-1, 4)


def copy_of(number: int, dtype: DType, shape: tuple[int, ...]) -> Node:
    operand = Operand(OperandKind.INPUT, number, dtype, shape, 0)
    return Node("copy", Opcode.COPY, (operand,), dtype, shape, dtype.minimum, dtype.maximum)


def transaction_gas(contracts: StepContracts, opcode: int, position: Position, node: bytes, witness: bytes) -> int:
    """Gas of the step alone as a transaction: the larger of execution with calldata, and the floor (EIP-7623)."""
    contracts.evaluate(position, node, witness)
    calldata = contracts.calldata(position, node, witness)
    zeros = calldata.count(0)
    tokens = zeros + 4 * (len(calldata) - zeros)
    return TRANSACTION + max(4 * tokens + contracts.gas(opcode), 10 * tokens)


@pytest.mark.parametrize("name", STEPS)
def test_step_fits_its_gas_limit(contracts: StepContracts, name: str) -> None:
    step = STEPS[name]
    case = build_case(step)
    gas = transaction_gas(contracts, step.opcode, case.position, case.descriptor, case.witness)
    assert gas <= step.limit


def test_kernels_fit_a_contract(contracts: StepContracts) -> None:
    for kernel in (*contracts.kernels.values(), contracts.router):
        assert len(kernel.bytecode) <= DEPLOYED_BYTES
