# pragma version ==0.4.3
# pragma optimize gas
# pragma nonreentrancy on
# SPDX-License-Identifier: AGPL-3.0-only
"""
@title ProofDesk
@notice Settles a job of the Arbiter at once, by a proof that its model gives this output for its input.
@dev proof.md section 7. The desk binds four things that a proof alone does not: the key to the job's model, the public
     tensors to the roots that the job and the chain know, the width of the output to the model's graph, and the proof to
     the chain, the job and who hands it in (so nobody can take it from a waiting transaction and be paid).
     For models with one input and one output tensor, one pass, at most 1,024 input values and 512 bytes of output.
@custom:kill None: it holds no money and has no state.
"""
from .interfaces import IArbiter
from .interfaces import IProofVerifier
from .modules import merkle
from .modules import model_header
from .modules import numbers_of_tensors
from .modules import tensor_roots

MODEL_TAG: constant(Bytes[16]) = b"lockstep/model/1"
WIDTH_FIELD: constant(uint256) = 4  # bytes before field 1 of a descriptor

ARBITER: public(immutable(address))
VERIFIER: public(immutable(address))


# What a model's id is made of, and the descriptor of its last node.
struct ProvenModel:
    header: bytes32
    descriptors_root: bytes32
    weights_root: bytes32
    descriptor: Bytes[512]
    path: DynArray[bytes32, 64]


# What its proofs are checked with.
struct ProofKey:
    program: Bytes[16384]
    parameters: Bytes[64]
    commitments: Bytes[480]


event Proved:
    job_id: indexed(bytes32)
    prover: indexed(address)
    output_root: bytes32


@deploy
def __init__(arbiter: address, verifier: address):
    """
    @param arbiter Where the Arbiter is: it names this desk.
    @param verifier The ProofVerifier.
    """
    ARBITER = arbiter
    VERIFIER = verifier


@external
def prove(
    job: IArbiter.Job,
    model: ProvenModel,
    key: ProofKey,
    input_data: Bytes[8192],
    input_width: uint256,
    output_data: Bytes[512],
    proof: Bytes[131072],
):
    """
    @notice Settle a job. `input_data` and `output_data` are the tensors' bytes as a job's roots commit to them.
    @dev A wrong `input_width` gives another count of numbers than the program's, which the verifier refuses.
    """
    # 1. The key and the last node are those of the job's model.
    output_width: uint256 = self._check_model(job, model, key)
    # 2. The bytes are those of the job, and of the root that is settled.
    assert tensor_roots._root(input_data) == job.input_root, "desk/input"
    output_root: bytes32 = tensor_roots._leaf(output_data)
    # 3. The proof holds for the numbers in these bytes, for this job and this prover.
    job_id: bytes32 = staticcall IArbiter(ARBITER).job_id_of(job)
    holds: bool = staticcall IProofVerifier(VERIFIER).verify(
        key.program,
        key.parameters,
        key.commitments,
        concat(
            numbers_of_tensors._numbers(input_data, input_width),
            numbers_of_tensors._few_numbers(output_data, output_width),
        ),
        self._context(job_id, msg.sender),
        proof,
    )
    assert holds, "desk/proof"
    log Proved(job_id=job_id, prover=msg.sender, output_root=output_root)
    extcall IArbiter(ARBITER).settle(job, output_root, msg.sender)


@external
@view
@reentrant
def context_of(job: IArbiter.Job, prover: address) -> bytes32:
    """
    @notice What a prover has to bind its proof to.
    """
    return self._context(staticcall IArbiter(ARBITER).job_id_of(job), prover)


@internal
@view
def _context(job_id: bytes32, prover: address) -> bytes32:
    return keccak256(abi_encode(chain.id, self, job_id, prover))


@internal
@view
def _check_model(job: IArbiter.Job, model: ProvenModel, key: ProofKey) -> uint256:
    """
    @return Bits of an output value.
    """
    assert model_header._inputs(model.header) == 1, "desk/shape"
    assert model_header._outputs(model.header) == 1, "desk/shape"
    assert job.passes == 1, "desk/shape"
    commitment: bytes32 = staticcall IProofVerifier(VERIFIER).key_of(
        key.program, key.parameters, key.commitments
    )
    graph_root: bytes32 = keccak256(concat(model.header, model.descriptors_root))
    model_id: bytes32 = keccak256(concat(MODEL_TAG, graph_root, model.weights_root, commitment))
    assert model_id == job.model_id, "desk/model"
    nodes: uint256 = model_header._nodes(model.header)
    assert len(model.path) == model_header._levels(nodes), "desk/descriptor"
    leaf: bytes32 = merkle._leaf(model.descriptor)
    assert (
        merkle._root_from_path(leaf, nodes - 1, model.path) == model.descriptors_root
    ), "desk/descriptor"
    word: uint256 = extract32(model.descriptor, 0, output_type=uint256)
    return (word >> (256 - 8 * (WIDTH_FIELD + 4))) & (2**32 - 1)
