"""Jobs settled by proof: what the desk binds a proof to, who is paid, what nobody else may do."""

import struct
from dataclasses import dataclass
from typing import Any

import boa
import numpy as np
import pytest
from eth_abi.abi import encode

from lockstep.claims.model import commit_model
from lockstep.codec import encode_values
from lockstep.crypto.hashing import keccak256, leaf_hash
from lockstep.crypto.merkle import digest_tree, tensor_root
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.graph import Graph
from lockstep.testing.product_graphs import ConvShape, conv_graph
from tests.contracts.bracket_machine.world import (
    BOND,
    FEE,
    MINIMUM_BOND,
    WINDOW,
    ZERO_ADDRESS,
    Contracts,
    Job,
    Status,
    code_of,
    following_address,
)

PROGRAM, PARAMETERS, COMMITMENTS = b"program", b"parameters", bytes(60)
KEY_DIGEST = keccak256(b"lockstep/zk/1", PARAMETERS, COMMITMENTS, keccak256(b"lockstep/program/1", PROGRAM))
OUTSIDE = 7


@dataclass
class Desk:
    """Arbiter and desk of their own, a model, and a job about it."""

    arbiter: Any
    desk: Any
    verifier: Any
    graph: Graph
    job: Job
    input_data: bytes
    output_data: bytes

    @property
    def model(self) -> tuple[Any, ...]:
        made = commit_model(self.graph, zk_commitment=KEY_DIGEST)
        descriptors = [encode_descriptor(self.graph, number) for number in range(len(self.graph.nodes))]
        tree = digest_tree([leaf_hash(descriptor) for descriptor in descriptors])
        last = len(descriptors) - 1
        return made.header, made.descriptors_root, made.weights_root, descriptors[last], tree.path(last)

    def proof(self, prover: str, *, output: bytes | None = None, job: Job | None = None) -> bytes:
        """What the controlled verifier takes for a proof of exactly this."""
        spec_in, spec_out = self.graph.inputs[0], self.graph.nodes[-1]
        publics = numbers(self.input_data, spec_in.dtype.width)
        publics += numbers(self.output_data if output is None else output, spec_out.dtype.width)
        return keccak256(publics, self.desk.context_of(job or self.job, prover))

    def prove(self, prover: str, **changes: Any) -> None:
        """Hand a proof in, or something that differs from one."""
        given = {
            "job": self.job,
            "model": self.model,
            "key": (PROGRAM, PARAMETERS, COMMITMENTS),
            "input_data": self.input_data,
            "input_width": self.graph.inputs[0].dtype.width,
            "output_data": self.output_data,
            "proof": self.proof(prover),
        } | changes
        self.desk.prove(*given.values(), sender=prover)

    @property
    def record(self) -> Any:
        return self.arbiter.record_of(self.arbiter.job_id_of(self.job))


def numbers(data: bytes, width: int) -> bytes:
    """As the statement lists them (proof.md, P0), behind their count."""
    codes = np.frombuffer(data, f">u{width // 8}").astype(object)
    values = [int(code) - (1 << (width - 1)) for code in codes]
    return struct.pack(">I", len(values)) + struct.pack(f">{len(values)}q", *values)


@pytest.fixture
def desk(trunk: Contracts, people: dict[str, str]) -> Desk:
    shape = ConvShape(28, 28, 1, 2, kernel=(14, 14))
    graph = conv_graph(shape, np.zeros(shape.weights, np.int64))
    verifier = code_of("ControlledVerifier").deploy()
    verifier.set_verdict(True)
    arbiter = code_of("Arbiter").deploy(ZERO_ADDRESS, following_address(), MINIMUM_BOND)
    made = code_of("ProofDesk").deploy(arbiter.address, verifier.address)
    assert arbiter.DESK() == made.address
    rng = np.random.default_rng(3)
    spec, last = graph.inputs[0], graph.nodes[-1]
    low, high = spec.dtype.minimum, spec.dtype.maximum
    input_data = encode_values(rng.integers(low, high + 1, spec.shape), spec.dtype.width)
    output_data = encode_values(rng.integers(last.dtype.minimum, last.dtype.maximum + 1, last.shape), last.dtype.width)
    model_id = commit_model(graph, zk_commitment=KEY_DIGEST).model_id
    now = int(boa.env.evm.patch.timestamp)
    job = Job(people["requester"], model_id, tensor_root(input_data), 1, FEE, BOND, WINDOW, now + 500, 0, 1)
    arbiter.request(job, b"", value=FEE, sender=people["requester"])
    return Desk(arbiter, made, verifier, graph, job, input_data, output_data)


def test_proof_settles_an_open_job_at_once_and_pays_its_prover(desk: Desk, people: dict[str, str]) -> None:
    desk.prove(people["stranger"])
    assert tuple(desk.record)[:2] == (Status.FINAL, people["stranger"])
    assert desk.record.output_root == tensor_root(desk.output_data)
    assert desk.arbiter.credit_of(people["stranger"]) == FEE


def test_proof_of_what_was_asserted_pays_the_claimant(desk: Desk, people: dict[str, str]) -> None:
    root = tensor_root(desk.output_data)
    desk.arbiter.assert_result(desk.job, root, value=BOND, sender=people["claimant"])
    desk.prove(people["stranger"])
    assert desk.record.status == Status.FINAL
    assert desk.arbiter.credit_of(people["claimant"]) == FEE + BOND
    assert desk.arbiter.credit_of(people["stranger"]) == 0


def test_proof_against_what_was_asserted_takes_the_bond(desk: Desk, people: dict[str, str]) -> None:
    desk.arbiter.assert_result(desk.job, bytes([1]) * 32, value=BOND, sender=people["claimant"])
    desk.prove(people["stranger"])
    assert (desk.record.status, desk.record.output_root) == (Status.FINAL, tensor_root(desk.output_data))
    owed = [desk.arbiter.credit_of(people[role]) for role in ("claimant", "stranger", "requester")]
    assert owed == [0, FEE + BOND // 2, BOND - BOND // 2]
    assert boa.env.get_balance(desk.arbiter.address) == sum(owed)


def test_silent_prover_leaves_the_job_to_others(desk: Desk, people: dict[str, str]) -> None:
    boa.env.evm.patch.timestamp += 500
    with boa.reverts("job/deadline"):
        desk.prove(people["stranger"])
    desk.arbiter.cancel(desk.job)
    assert desk.arbiter.credit_of(people["requester"]) == FEE


def test_proof_that_does_not_hold_changes_nothing(desk: Desk, people: dict[str, str]) -> None:
    desk.verifier.set_verdict(False)
    with boa.reverts("proof/final"):
        desk.prove(people["stranger"])
    assert desk.record.status == Status.OPEN


def test_proof_cannot_be_taken_by_another(desk: Desk, people: dict[str, str]) -> None:
    with boa.reverts("proof/final"):
        desk.prove(people["stranger"], proof=desk.proof(people["claimant"]))


def test_proof_of_another_job_is_refused(desk: Desk, people: dict[str, str]) -> None:
    other = desk.job._replace(nonce=2)
    desk.arbiter.request(other, b"", value=FEE, sender=people["requester"])
    with boa.reverts("proof/final"):
        desk.prove(people["stranger"], proof=desk.proof(people["stranger"], job=other))


def test_other_output_needs_another_proof(desk: Desk, people: dict[str, str]) -> None:
    changed = bytes([desk.output_data[0] ^ 1]) + desk.output_data[1:]
    with boa.reverts("proof/final"):
        desk.prove(people["stranger"], output_data=changed)


@pytest.mark.parametrize("place", range(5))
def test_any_other_model_is_refused(desk: Desk, people: dict[str, str], place: int) -> None:
    header, descriptors, weights, descriptor, path = desk.model
    header = header[:5] + bytes([header[5] ^ 1]) + header[6:] if place == 0 else header
    descriptors = bytes([1]) * 32 if place == 1 else descriptors
    weights = bytes([1]) * 32 if place == 2 else weights
    descriptor = descriptor[:7] + bytes([16]) + descriptor[8:] if place == 3 else descriptor
    path = [*path, bytes(32)] if place == 4 else path
    codes = ("desk/model", "desk/model", "desk/model", "desk/descriptor", "desk/descriptor")
    with boa.reverts(codes[place]):
        desk.prove(people["stranger"], model=(header, descriptors, weights, descriptor, path))


@pytest.mark.parametrize("place", range(3))
def test_any_other_key_is_refused(desk: Desk, people: dict[str, str], place: int) -> None:
    key = [PROGRAM, PARAMETERS, COMMITMENTS]
    key[place] = key[place] + b"\x00"
    with boa.reverts("desk/model"):
        desk.prove(people["stranger"], key=tuple(key))


def test_other_input_is_refused(desk: Desk, people: dict[str, str]) -> None:
    with boa.reverts("desk/input"):
        desk.prove(people["stranger"], input_data=desk.input_data[:-1] + bytes([desk.input_data[-1] ^ 1]))


@pytest.mark.parametrize(("width", "code"), [(OUTSIDE, "desk/width"), (0, "desk/width"), (32, "proof/final")])
def test_other_width_is_refused(desk: Desk, people: dict[str, str], width: int, code: str) -> None:
    with boa.reverts(code):
        desk.prove(people["stranger"], input_width=width)


def test_part_of_a_number_is_refused(desk: Desk, people: dict[str, str]) -> None:
    short = desk.input_data[:-1]
    job = desk.job._replace(input_root=tensor_root(short))
    desk.arbiter.request(job, b"", value=FEE, sender=people["requester"])
    with boa.reverts("desk/numbers"):
        desk.prove(people["stranger"], job=job, input_data=short, input_width=16)


def test_verifier_that_says_no_is_heard(desk: Desk, people: dict[str, str]) -> None:
    desk.verifier.say_no()
    with boa.reverts("desk/proof"):
        desk.prove(people["stranger"])


def test_batch_is_refused(desk: Desk, people: dict[str, str]) -> None:
    job = desk.job._replace(passes=2)
    desk.arbiter.request(job, b"", value=FEE, sender=people["requester"])
    with boa.reverts("desk/shape"):
        desk.prove(people["stranger"], job=job)


def test_job_with_a_bond_that_nobody_has_is_for_provers_alone(desk: Desk, people: dict[str, str]) -> None:
    proved, left = (desk.job._replace(bond=2**256 - 1, nonce=number) for number in (3, 4))
    for job in (proved, left):
        desk.arbiter.request(job, b"", value=FEE, sender=people["requester"])
        with boa.reverts("job/value"):
            desk.arbiter.assert_result(job, bytes([1]) * 32, value=BOND, sender=people["claimant"])
    desk.prove(people["stranger"], job=proved, proof=desk.proof(people["stranger"], job=proved))
    assert desk.arbiter.credit_of(people["stranger"]) == FEE
    boa.env.evm.patch.timestamp += 500
    desk.arbiter.cancel(left)
    assert desk.arbiter.credit_of(people["requester"]) == FEE


def test_job_is_settled_once_and_by_the_desk_alone(desk: Desk, people: dict[str, str]) -> None:
    with boa.reverts("only/desk"):
        desk.arbiter.settle(desk.job, bytes([1]) * 32, people["stranger"], sender=people["stranger"])
    desk.prove(people["stranger"])
    with boa.reverts("job/status"):
        desk.prove(people["stranger"])


def test_unknown_job_is_refused(desk: Desk, people: dict[str, str]) -> None:
    job = desk.job._replace(nonce=9)
    with boa.reverts("job/unknown"):
        desk.prove(people["stranger"], job=job, proof=desk.proof(people["stranger"], job=job))


def test_context_names_chain_desk_job_and_prover(desk: Desk, people: dict[str, str]) -> None:
    job_id = desk.arbiter.job_id_of(desk.job)
    kinds = ["uint256", "address", "bytes32", "address"]
    expected = keccak256(encode(kinds, [1, desk.desk.address, job_id, people["stranger"]]))
    assert desk.desk.context_of(desk.job, people["stranger"]) == expected
