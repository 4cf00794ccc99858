# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title A node's descriptor, field by field (integer-graph.md section 4)
"""

from . import calldata

KIND_INPUT: constant(uint256) = 1
KIND_WEIGHT: constant(uint256) = 2
KIND_TRACE: constant(uint256) = 3

SHAPE: constant(uint256) = 16
ATTRIBUTES: constant(uint256) = 24
OPERANDS: constant(uint256) = 40
OPERAND_FIELDS: constant(uint256) = 6
MAXIMUM_RANK: constant(uint256) = 6
MAXIMUM_SHIFT: constant(uint256) = 62


struct Node:
    at: uint256  # position of the descriptor in calldata
    opcode: uint256
    rank: uint256
    operands: uint256
    zero_point: int256
    multiplier: int256
    shift: uint256
    low: int256
    high: int256
    multiplier2: int256


struct Operand:
    kind: uint256
    index: uint256
    width: uint256
    zero_point: int256
    leaves: uint256
    levels: uint256


@internal
@view
def _field(at: uint256, field: uint256) -> uint256:
    return calldata._word(unsafe_add(at, unsafe_mul(field, 4))) >> 224


@internal
@view
def _signed(at: uint256, field: uint256) -> int256:
    return calldata._signed_word(unsafe_add(at, unsafe_mul(field, 4))) >> 224


@internal
@view
def _node() -> Node:
    at: uint256 = calldata._descriptor()
    node: Node = Node(
        at=at,
        opcode=self._field(at, 0),
        rank=self._field(at, 2),
        operands=self._field(at, 3),
        zero_point=self._signed(at, 7),
        multiplier=self._signed(at, 8),
        shift=self._field(at, 9),
        low=calldata._signed_word(at + 40) >> 192,
        high=calldata._signed_word(at + 48) >> 192,
        multiplier2=self._signed(at, 14),
    )
    assert node.rank > 0 and node.rank <= MAXIMUM_RANK and node.shift <= MAXIMUM_SHIFT, "descriptor/malformed"
    return node


@internal
@view
def _extent(node: Node, axis: uint256) -> int256:
    """
    @notice The output's size along an axis; no axis is 0.
    """
    extent: uint256 = self._field(node.at, SHAPE + axis)
    assert extent > 0, "descriptor/malformed"
    return convert(extent, int256)


@internal
@view
def _attribute(node: Node, number: uint256) -> int256:
    return self._signed(node.at, ATTRIBUTES + number)


@internal
@view
def _positive(node: Node, number: uint256) -> int256:
    """
    @notice An attribute that divides or counts.
    """
    value: int256 = self._signed(node.at, ATTRIBUTES + number)
    assert value > 0, "descriptor/malformed"
    return value


@internal
@view
def _operand(node: Node, number: uint256) -> Operand:
    assert number < node.operands and node.operands <= 8, "descriptor/malformed"
    first: uint256 = OPERANDS + OPERAND_FIELDS * number
    operand: Operand = Operand(
        kind=self._field(node.at, first),
        index=self._field(node.at, first + 1),
        width=self._field(node.at, first + 2),
        zero_point=self._signed(node.at, first + 3),
        leaves=self._field(node.at, first + 4),
        levels=self._field(node.at, first + 5),
    )
    assert operand.width in [8, 16, 32, 64], "descriptor/malformed"
    return operand
