# pragma version ==0.4.3
# pragma optimize gas
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title Artifacts
@notice What a model id stands for, and who says what it was made from.
@dev dispute.md section 1. Invariants:
     1. A model id names one (header, descriptors root, weights root, zk commitment); nobody can change what it names.
     2. A record is bound to its publisher and written once.
     3. No money, no administrator, no external call.
@custom:kill None: the registry only grows, and nothing that it says can be withdrawn.
"""
from .interfaces import IArtifacts
from .modules import model_header

implements: IArtifacts

MODEL_TAG: constant(Bytes[16]) = b"lockstep/model/1"

_models: HashMap[bytes32, IArtifacts.Model]
# keccak256 of what a publisher said, by H(artifact root, publisher).
record_of: public(HashMap[bytes32, bytes32])


@external
def register_model(
    header: bytes32, descriptors_root: bytes32, weights_root: bytes32, zk_commitment: bytes32
) -> bytes32:
    """
    @notice Store what a model id stands for; it is the same whoever calls.
    """
    graph_root: bytes32 = keccak256(concat(header, descriptors_root))
    model_id: bytes32 = keccak256(concat(MODEL_TAG, graph_root, weights_root, zk_commitment))
    assert self._models[model_id].header == empty(bytes32), "model/already-done"
    assert model_header._is_valid(header), "model/header"
    self._models[model_id] = IArtifacts.Model(
        header=header, descriptors_root=descriptors_root, weights_root=weights_root
    )
    log IArtifacts.ModelRegistered(
        model_id=model_id,
        publisher=msg.sender,
        header=header,
        descriptors_root=descriptors_root,
        weights_root=weights_root,
        zk_commitment=zk_commitment,
    )
    return model_id


@external
def register(
    artifact_root: bytes32,
    kind: IArtifacts.Kind,
    parents: DynArray[bytes32, 64],
    terms: bytes32,
    uri: String[256],
) -> bytes32:
    """
    @notice Say, once, what an artifact is, what it was made from and under which terms it may be used.
    """
    record_id: bytes32 = keccak256(concat(artifact_root, convert(msg.sender, bytes32)))
    assert self.record_of[record_id] == empty(bytes32), "artifact/already-done"
    bits: uint256 = convert(kind, uint256)
    # Flags can be combined; an artifact is one thing.
    assert bits != 0 and bits & (bits - 1) == 0, "artifact/kind"
    self.record_of[record_id] = keccak256(abi_encode(kind, parents, terms, uri))
    log IArtifacts.ArtifactRegistered(
        artifact_root=artifact_root,
        publisher=msg.sender,
        kind=kind,
        parents=parents,
        terms=terms,
        uri=uri,
    )
    return record_id


@external
@view
def model_of(model_id: bytes32) -> IArtifacts.Model:
    return self._models[model_id]


@external
@view
def header_of(model_id: bytes32) -> bytes32:
    """
    @notice Only the header: what a pairing needs, one storage word.
    """
    return self._models[model_id].header
