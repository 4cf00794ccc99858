"""The name of a model: roots over its graph and its weights (integer-graph.md, section 4)."""

from dataclasses import dataclass

from lockstep.codec import encode_values
from lockstep.crypto.hashing import LEAF_BYTES, keccak256, leaf_hash, node_hash
from lockstep.crypto.kernels import tensor_root
from lockstep.crypto.merkle import digest_tree
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.graph import Graph
from lockstep.types import ZERO_DIGEST, Digest

MODEL_TAG = b"lockstep/model/1"


@dataclass(frozen=True, slots=True)
class ModelCommitment:
    """What ``Artifacts.register_model`` takes, and the id that it gives."""

    header: bytes
    descriptors_root: Digest
    weights_root: Digest
    zk_commitment: Digest

    @property
    def graph_root(self) -> Digest:
        return node_hash(Digest(self.header), self.descriptors_root)

    @property
    def model_id(self) -> Digest:
        return keccak256(MODEL_TAG, self.graph_root, self.weights_root, self.zk_commitment)


def weight_bytes(graph: Graph) -> bytes:
    """The constants one after another, each filled to whole leaves."""
    parts = []
    for constant in graph.constants:
        data = encode_values(constant.values, constant.dtype.width)
        parts.append(data.ljust(constant.leaves * LEAF_BYTES, b"\x00"))
    return b"".join(parts) or bytes(LEAF_BYTES)


def commit_model(graph: Graph, *, zk_commitment: Digest = ZERO_DIGEST) -> ModelCommitment:
    """The commitment to a graph and its weights."""
    descriptors = [leaf_hash(encode_descriptor(graph, number)) for number in range(len(graph.nodes))]
    return ModelCommitment(
        header=graph.header(),
        descriptors_root=digest_tree(descriptors).root,
        weights_root=tensor_root(weight_bytes(graph)),
        zk_commitment=zk_commitment,
    )
