# pragma version ==0.4.3
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title The node whose tensor is disputed: its descriptor, and what a kernel is asked about it
@dev dispute.md section 4, `enter` and `settle`. All places are derived from the state, none is given.
"""
from ..interfaces import IArbiter
from ..interfaces import IArtifacts
from ..interfaces import IBracket
from ..interfaces import IStep
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
@pure
def _width(descriptor: Bytes[512]) -> uint256:
    width: uint256 = self._field(descriptor, 1)
    assert width in WIDTHS, "descriptor/malformed"
    return width


@internal
@pure
def _end(state: IBracket.Match, descriptor: Bytes[512]) -> uint256:
    """
    @notice How many bytes of the disputed tile (or of tiles after it) belong to the tensor.
    """
    end: uint256 = self._field(descriptor, 6) * (self._width(descriptor) // 8)
    start: uint256 = tiles.TILE_BYTES * state.position
    return end - start if end > start else 0


@internal
@pure
def _position(
    job: IArbiter.Job,
    model: IArtifacts.Model,
    state: IBracket.Match,
    first_byte: uint256,
    width: uint256,
) -> IStep.Position:
    """
    @notice Where the element is that starts at `first_byte` of the disputed tile.
    """
    node_levels: uint256 = model_header._node_levels(model.header)
    return IStep.Position(
        pass_index=state.item >> node_levels,
        node_index=state.item & ((1 << node_levels) - 1),
        element=(tiles.TILE_BYTES * state.position + first_byte) // (width // 8),
        input_root=job.input_root,
        weights_root=model.weights_root,
        # The mover's, which alone it knows in full. Before the disputed item, and a kernel opens nothing else, both are equal.
        trace_root=state.trace_a if state.turn == 0 else state.trace_b,
        pass_levels=model_header._levels(job.passes),
        node_levels=node_levels,
        input_levels=model_header._levels(model_header._inputs(model.header)),
        weight_levels=model_header._levels(model_header._weight_leaves(model.header)),
    )
