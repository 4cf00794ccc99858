"""Settling a job by proof: what the ProofDesk is handed."""

from math import prod

import numpy as np

from lockstep.chain.binding import Transaction
from lockstep.chain.bindings.proof_desk import ProofDesk, ProofKey, ProvenModel
from lockstep.chain.bindings.shared import Job
from lockstep.claims.model import commit_model
from lockstep.codec import encode_values
from lockstep.crypto.hashing import leaf_hash
from lockstep.crypto.merkle import digest_tree
from lockstep.errors import ProofError
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.graph import Graph
from lockstep.proof.files import KeyFile, ProofFile
from lockstep.proof.program_bytes import encode_program
from lockstep.types import Digest

LARGEST_OUTPUT_BYTES, MOST_NUMBERS = 512, 1024
"""What ProofDesk takes."""


def require_fits_desk(graph: Graph, key: KeyFile) -> None:
    """Raises ``ProofError`` ``desk/shape`` for a model and key whose jobs the desk cannot settle."""
    last = graph.nodes[-1]
    is_single = len(graph.inputs) == len(graph.outputs) == key.passes == 1
    shows_all = set(key.shows.values()) == {"public"}
    is_small = prod(graph.inputs[0].shape) <= MOST_NUMBERS and last.elements * last.dtype.size <= LARGEST_OUTPUT_BYTES
    if is_single and is_small and shows_all:
        return
    raise ProofError(
        "desk/shape",
        "the desk settles one pass of models with one input and one output, both public",
        value=f"{len(graph.inputs)} inputs, {len(graph.outputs)} outputs, {key.passes} passes",
        remedy=f"at most {MOST_NUMBERS} input values and {LARGEST_OUTPUT_BYTES} bytes of output",
    )


def build_settlement(desk: ProofDesk, job: Job, graph: Graph, input_data: bytes, file: ProofFile) -> Transaction:
    """The call that settles ``job`` with a proof whose context is the desk's for this job and sender."""
    commitment = commit_model(graph, zk_commitment=file.key.digest)
    descriptors = [encode_descriptor(graph, number) for number in range(len(graph.nodes))]
    tree = digest_tree([leaf_hash(descriptor) for descriptor in descriptors])
    last = len(descriptors) - 1
    model = ProvenModel(
        Digest(commitment.header),
        commitment.descriptors_root,
        commitment.weights_root,
        descriptors[last],
        tuple(tree.path(last)),
    )
    key = ProofKey(
        encode_program(file.key.program),
        file.key.parameters.encode(),
        b"".join(one.encode() for one in file.key.commitments),
    )
    output = encode_values(np.array(file.publics[-1], dtype=np.int64), graph.nodes[last].dtype.width)
    return desk.prove(job, model, key, input_data, graph.inputs[0].dtype.width, output, file.proof)
