# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Which of two tiles of one tensor is right
@dev dispute.md section 4, `settle`: a byte after the tensor's end has to be zero, any other is recomputed by the kernel.
"""
from ..interfaces import IArbiter
from ..interfaces import IArtifacts
from ..interfaces import IBracket
from ..interfaces import IStep
from ..interfaces import ISteps
from . import merkle
from . import model_header
from . import tiles

WIDTHS: constant(uint256[4]) = [8, 16, 32, 64]


@internal
@pure
def _field(descriptor: Bytes[512], field: uint256) -> uint256:
    return extract32(descriptor, 4 * field, output_type=uint256) >> 224


@internal
@pure
def _require_descriptor(
    model: IArtifacts.Model,
    node: uint256,
    descriptor: Bytes[512],
    path: DynArray[bytes32, 32],
):
    """
    @notice The descriptor is that of this node of the model.
    """
    assert len(descriptor) == 512, "descriptor/path"
    assert len(path) == model_header._levels(model_header._nodes(model.header)), "descriptor/path"
    assert (
        merkle._root_from_path(merkle._leaf(descriptor), node, path) == model.descriptors_root
    ), "descriptor/path"


@internal
def _compare(
    match_id: bytes32,
    steps: ISteps,
    job: IArbiter.Job,
    model: IArtifacts.Model,
    state: IBracket.Match,
    tile_a: Bytes[512],
    tile_b: Bytes[512],
    descriptor: Bytes[512],
    witness: Bytes[16384],
) -> (bool, bool):
    """
    @notice Whether each side's tile is right at the first byte in which they differ.
    """
    width: uint256 = self._field(descriptor, 1)
    assert width in WIDTHS, "descriptor/malformed"
    size: uint256 = width // 8
    tile_start: uint256 = tiles.TILE_BYTES * state.position
    end: uint256 = self._field(descriptor, 6) * size
    first: uint256 = tiles._first_difference(tile_a, tile_b)
    if tile_start + first >= end:
        # The end itself may lie before the first difference.
        padding: uint256 = end - tile_start if end > tile_start else 0
        return tiles._is_zero_from(tile_a, padding), tiles._is_zero_from(tile_b, padding)
    first -= first % size
    at: IStep.Position = self._position(job, model, state, (tile_start + first) // size)
    kernel: address = staticcall steps.kernel_of(self._field(descriptor, 0))
    value: int256 = staticcall IStep(kernel).evaluate(at, descriptor, witness)
    zero_code: int256 = convert(1 << (width - 1), int256)
    claimed_a: int256 = convert(tiles._code(tile_a, first, width), int256) - zero_code
    claimed_b: int256 = convert(tiles._code(tile_b, first, width), int256) - zero_code
    log IBracket.Recomputed(
        match_id=match_id,
        item=state.item,
        element=at.element,
        value=value,
        claimed_a=claimed_a,
        claimed_b=claimed_b,
    )
    return claimed_a == value, claimed_b == value


@internal
@pure
def _position(
    job: IArbiter.Job, model: IArtifacts.Model, state: IBracket.Match, element: uint256
) -> IStep.Position:
    node_levels: uint256 = model_header._node_levels(model.header)
    return IStep.Position(
        pass_index=state.item >> node_levels,
        node_index=state.item & ((1 << node_levels) - 1),
        element=element,
        input_root=job.input_root,
        weights_root=model.weights_root,
        # The mover's, which alone it knows in full. Before the disputed item, and a kernel opens nothing else, both are equal.
        trace_root=state.trace_a if state.turn == 0 else state.trace_b,
        pass_levels=model_header._levels(job.passes),
        node_levels=node_levels,
        input_levels=model_header._levels(model_header._inputs(model.header)),
        weight_levels=model_header._levels(model_header._weight_leaves(model.header)),
    )
