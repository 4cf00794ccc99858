# pragma version ==0.4.3
# pragma optimize gas
# pragma experimental-codegen
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Which contract recomputes an operator
@dev Immutable: a job that was asked under one set of kernels is decided by it. Operator codes: integer-graph.md section 3.
"""

from .interfaces import ISteps

implements: ISteps

LINEAR: public(immutable(address))  # MATMUL, CONV
ELEMENTWISE: public(immutable(address))  # REQUANT to CONCAT, DIV, ACCUMULATE
WINDOW: public(immutable(address))  # MAXPOOL to ARGMAX
TREES: public(immutable(address))


@deploy
def __init__(linear: address, elementwise: address, window: address, trees: address):
    LINEAR = linear
    ELEMENTWISE = elementwise
    WINDOW = window
    TREES = trees


@external
@view
def kernel_of(opcode: uint256) -> address:
    assert opcode > 0 and opcode <= 16, "step/opcode"
    if opcode <= 2:
        return LINEAR
    if opcode >= 9 and opcode <= 13:
        return WINDOW
    if opcode == 16:
        return TREES
    return ELEMENTWISE
