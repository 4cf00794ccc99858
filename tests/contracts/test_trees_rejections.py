"""A forest that no compiler writes: the walk meets what is wrong and is refused, by kernel and mirror with one code."""

import numpy as np
import pytest
from numpy.typing import NDArray

from lockstep.codec import encode_values
from lockstep.dispute.step import evaluate_step
from lockstep.dispute.witness import weights_tree
from lockstep.errors import ProofError
from lockstep.exec.reference import evaluate_element
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.testing.step_cases import StepCase
from lockstep.testing.step_contracts import StepContracts, deploy_steps

FEATURES, DEPTH = 3, 5


@pytest.fixture(scope="module")
def contracts() -> StepContracts:
    return deploy_steps()


def one_tree(rows: list[list[int]], *, leaves: int = 4, dtype: DType = DType.I16, depth: int = DEPTH) -> StepCase:
    """One row of features 0, 10, 20; leaf ``k`` is worth ``100 + k``."""
    x = Operand(OperandKind.INPUT, 0, DType.I16, (1, FEATURES))
    nodes = Constant(dtype, np.array(rows))
    values = Constant(DType.I32, 100 + np.arange(leaves)[:, None])
    operands = (
        x,
        Operand(OperandKind.WEIGHT, 0, dtype, nodes.shape),
        Operand(OperandKind.WEIGHT, 1, DType.I32, values.shape),
    )
    attributes = (FEATURES, 1, len(rows), leaves, 1, depth, *[0] * 10)
    low, high = DType.I32.minimum, DType.I32.maximum
    node = Node("step", Opcode.TREES, operands, DType.I32, (1, 1, 1), low, high, attributes=attributes)
    specs = TensorSpec("x", DType.I16, (1, FEATURES), 1.0, 0), TensorSpec("y", DType.I32, (1, 1, 1), 1.0, 0)
    features: NDArray[np.int64] = np.array([[0, 10, 20]])
    return StepCase(Graph(specs[:1], specs[1:], (node,), (nodes, values)), ((features,),), 0, 0)


SOUND = [[1, 9, 2, 1], [2, 20, -3, -2], [0, 0, -1, -4]]
"""10 > 9, to node 1; 20 ≤ 20, to leaf 2."""


def test_the_threshold_itself_goes_left(contracts: StepContracts) -> None:
    case = one_tree(SOUND)
    assert evaluate_element(case.graph, 0, 0, case.inputs[0], case.node_values[0]) == 102
    assert evaluate_step(case.position, case.descriptor, case.witness) == 102
    assert contracts.evaluate(case.position, case.descriptor, case.witness) == 102


UNSOUND = {
    "a feature that does not exist": one_tree([[1, 9, 2, 1], [FEATURES, 20, -3, -2], SOUND[2]]),
    "a negative feature": one_tree([[1, 9, 2, 1], [-1, 20, -3, -2], SOUND[2]]),
    "a node of the tree after it": one_tree([[1, 9, 2, 3], SOUND[1], SOUND[2]]),
    "a leaf of the tree after it": one_tree(SOUND, leaves=2),
    "a walk in a circle": one_tree([[1, 9, 2, 1], [2, 20, 0, -2], SOUND[2]]),
    "a walk longer than the depth": one_tree(SOUND, depth=1),
    "a depth beyond the limit": one_tree(SOUND, depth=33),
    "nodes of 32 bits": one_tree(SOUND, dtype=DType.I32),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_forest_is_refused(contracts: StepContracts, name: str) -> None:
    case = UNSOUND[name]
    for evaluate in (evaluate_step, contracts.evaluate):
        with pytest.raises(ProofError) as caught:
            evaluate(case.position, case.descriptor, opened(case))
        assert caught.value.code == "descriptor/malformed"


def opened(case: StepCase) -> bytes:
    """The row of features, the tile of nodes and the tile of values: what a walk in one tile opens, however it ends."""
    tree = weights_tree(case.graph)
    row, nodes, values = (
        encode_values(tensor, width).ljust(512, b"\x00")
        for tensor, width in (
            (case.inputs[0][0], 16),
            *((constant.values, constant.dtype.width) for constant in case.graph.constants),
        )
    )
    paths = [
        b"".join(tree.node(tree.levels - height, (leaf >> height) ^ 1) for height in range(tree.levels))
        for leaf in range(2)
    ]
    return row + nodes + paths[0] + values + paths[1]


def test_the_opened_bytes_are_the_witness_of_a_sound_forest() -> None:
    case = one_tree(SOUND)
    assert opened(case) == case.witness
