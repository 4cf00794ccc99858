"""Names of jobs, claims and models: what the contracts hash, and different for everything that is different."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from lockstep.chain.bindings import shared
from lockstep.claims.ids import JOB_TYPE, claim_id, commitment, job_id
from lockstep.claims.job import Job
from lockstep.claims.model import ModelCommitment, commit_model, weight_bytes
from lockstep.codec import encode_values
from lockstep.crypto.hashing import LEAF_BYTES
from lockstep.crypto.merkle import digest_tree, tensor_root
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.types import ZERO_DIGEST, Address, Amount, Digest

VECTORS = json.loads((Path(__file__).resolve().parents[3] / "vectors" / "hashing.json").read_text())
ARBITER = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")
SENDER = Address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
ONE, TWO, THREE = (Digest(bytes([number]) * 32) for number in (1, 2, 3))
JOB = Job(
    requester=SENDER,
    model_id=ONE,
    input_root=TWO,
    passes=3,
    fee=Amount(10**16),
    bond=Amount(10**18),
    window=3600,
    respond_by=1_800_000_000,
    callback_gas=200_000,
    nonce=7,
)


def word(value: int | str | bytes) -> bytes:
    """A value as the ABI has it, written by hand."""
    if isinstance(value, bytes):
        return value
    return (int(value, 16) if isinstance(value, str) else value).to_bytes(32, "big")


def test_job_id_is_the_hash_of_twelve_words() -> None:
    words = [31337, ARBITER, *(getattr(JOB, field.name) for field in fields(JOB))]
    encoded = b"".join(word(value) for value in words)
    assert encoded == encode(
        ["uint256", "address", JOB_TYPE],
        [31337, ARBITER, tuple(getattr(JOB, field.name) for field in fields(JOB))],
    )
    assert job_id(31337, ARBITER, JOB) == keccak(encoded)


def test_job_has_the_fields_of_the_contract() -> None:
    assert [field.name for field in fields(Job)] == [field.name for field in fields(shared.Job)]


@pytest.mark.parametrize("name", [field.name for field in fields(Job)])
def test_job_id_depends_on_every_term(name: str) -> None:
    value = getattr(JOB, name)
    other: Any = value + 1 if isinstance(value, int) else ARBITER if isinstance(value, str) else THREE
    assert job_id(31337, ARBITER, replace(JOB, **{name: other})) != job_id(31337, ARBITER, JOB)


def test_job_id_depends_on_chain_and_arbiter() -> None:
    assert len({job_id(1, ARBITER, JOB), job_id(2, ARBITER, JOB), job_id(1, SENDER, JOB)}) == 3


def test_claim_id_and_commitment_are_packed() -> None:
    assert claim_id(ONE, TWO, THREE) == keccak(ONE + TWO + THREE)
    assert commitment(ONE, TWO, SENDER, THREE) == keccak(ONE + TWO + bytes.fromhex(SENDER[2:]) + THREE)


def test_claim_and_commitment_depend_on_every_part() -> None:
    assert len({claim_id(ONE, TWO, THREE), claim_id(TWO, ONE, THREE), claim_id(ONE, THREE, TWO)}) == 3
    made = {
        commitment(ONE, TWO, SENDER, THREE),
        commitment(TWO, TWO, SENDER, THREE),
        commitment(ONE, ONE, SENDER, THREE),
        commitment(ONE, TWO, ARBITER, THREE),
        commitment(ONE, TWO, SENDER, TWO),
    }
    assert len(made) == 5


def small_graph() -> Graph:
    """Two look-ups of one input: two nodes, a constant of two leaves and one of one."""
    random = np.random.default_rng(3)
    tables = tuple(
        Constant(dtype, random.integers(dtype.minimum, dtype.maximum, 256).astype(dtype.numpy))
        for dtype in (DType.I32, DType.I8)
    )
    x = Operand(OperandKind.INPUT, 0, DType.I8, (2, 5))
    wide = Operand(OperandKind.WEIGHT, 0, DType.I32, (256,))
    narrow = Operand(OperandKind.WEIGHT, 1, DType.I8, (256,))
    low, high = DType.I32.minimum, DType.I32.maximum
    nodes = (
        Node("first", Opcode.LUT, (x, wide), DType.I32, (2, 5), low, high),
        Node("second", Opcode.LUT, (x, narrow), DType.I8, (2, 5), low=-128, high=127),
    )
    spec = TensorSpec("x", DType.I8, (2, 5), 1.0, 0)
    return Graph((spec,), (TensorSpec("y", DType.I8, (2, 5), 1.0, 0),), nodes, tables)


def with_node(graph: Graph, **changes: object) -> Graph:
    return replace(graph, nodes=(replace(graph.nodes[0], **changes), *graph.nodes[1:]))  # type: ignore[arg-type]


def with_weight(graph: Graph, constant: int, element: int) -> Graph:
    values = graph.constants[constant].values.copy()
    values[element] ^= 1
    constants = list(graph.constants)
    constants[constant] = Constant(constants[constant].dtype, values)
    return replace(graph, constants=tuple(constants))


def test_model_id_is_what_the_specification_says() -> None:
    graph = small_graph()
    model = commit_model(graph)
    header = bytes.fromhex("0001 00000002 0001 0001 0000000000000003").ljust(32, b"\x00")
    assert model.header == header
    assert model.weights_root == tensor_root(weight_bytes(graph))
    first, second = (keccak(b"\x00" + encode_descriptor(graph, number)) for number in range(2))
    assert model.descriptors_root == digest_tree([Digest(first), Digest(second)]).root
    graph_root = keccak(header + model.descriptors_root)
    assert model.model_id == keccak(b"lockstep/model/1" + graph_root + model.weights_root + ZERO_DIGEST)


def test_graph_root_is_the_node_of_the_vectors() -> None:
    node = {name: bytes.fromhex(value) for name, value in VECTORS["node"].items()}
    model = ModelCommitment(node["left"], Digest(node["right"]), ZERO_DIGEST, ZERO_DIGEST)
    assert model.graph_root == node["digest"]


def test_every_constant_starts_on_a_leaf() -> None:
    graph = small_graph()
    data = weight_bytes(graph)
    assert len(data) == 3 * LEAF_BYTES
    assert data[: 2 * LEAF_BYTES] == encode_values(graph.constants[0].values, 32)
    assert data[2 * LEAF_BYTES :] == encode_values(graph.constants[1].values, 8).ljust(LEAF_BYTES, b"\x00")


def test_graph_without_constants_has_one_zero_leaf() -> None:
    graph = replace(small_graph(), nodes=(), constants=())
    assert weight_bytes(graph) == bytes(LEAF_BYTES)
    assert graph.weight_leaves == 1


@pytest.mark.parametrize(("constant", "element"), [(0, 0), (0, 127), (0, 128), (0, 255), (1, 0), (1, 255)])
def test_any_weight_changes_the_weights_root_only(constant: int, element: int) -> None:
    graph = small_graph()
    before, after = commit_model(graph), commit_model(with_weight(graph, constant, element))
    assert after.weights_root != before.weights_root
    assert (after.header, after.descriptors_root) == (before.header, before.descriptors_root)
    assert after.model_id != before.model_id


CHANGES: dict[str, Callable[[Graph], Graph]] = {
    "opcode": lambda graph: with_node(graph, opcode=Opcode.MUL),
    "dtype": lambda graph: with_node(graph, dtype=DType.I64),
    "shape": lambda graph: with_node(graph, shape=(5, 2)),
    "low": lambda graph: with_node(graph, low=-5),
    "high": lambda graph: with_node(graph, high=5),
    "zero point": lambda graph: with_node(graph, zero_point=1),
    "multiplier": lambda graph: with_node(graph, multiplier=2),
    "second multiplier": lambda graph: with_node(graph, multiplier2=2),
    "shift": lambda graph: with_node(graph, shift=1),
    "attribute": lambda graph: with_node(graph, attributes=(0,) * 15 + (1,)),
    "operand": lambda graph: with_node(graph, operands=graph.nodes[0].operands[::-1]),
    "operand's zero point": lambda graph: with_node(
        graph, operands=(replace(graph.nodes[0].operands[0], zero_point=1), graph.nodes[0].operands[1])
    ),
    "order": lambda graph: replace(graph, nodes=graph.nodes[::-1]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_descriptor_field_changes_the_descriptors_root(change: str) -> None:
    graph = small_graph()
    before, after = commit_model(graph), commit_model(CHANGES[change](graph))
    assert after.descriptors_root != before.descriptors_root
    assert after.weights_root == before.weights_root
    assert after.model_id != before.model_id


def test_names_are_not_part_of_the_model() -> None:
    graph = small_graph()
    assert commit_model(replace(with_node(graph, name="other"), source="elsewhere")) == commit_model(graph)


def test_inputs_outputs_and_second_commitment_change_the_id() -> None:
    graph = small_graph()
    ids = {
        commit_model(graph).model_id,
        commit_model(replace(graph, inputs=graph.inputs * 2)).model_id,
        commit_model(replace(graph, outputs=graph.outputs * 2)).model_id,
        commit_model(graph, zk_commitment=ONE).model_id,
    }
    assert len(ids) == 4
