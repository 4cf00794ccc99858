"""Commitments of committee members and their keyed trees: exact bytes; what one member has does not help another."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.claims.committee import (
    DescriptorOpening,
    KeyedTiles,
    Sample,
    TraceShape,
    keyed_leaf,
    member_commitment,
    member_key,
    member_pick,
    must_open,
    seal,
    seed_of,
)
from lockstep.claims.model import commit_model
from lockstep.crypto.hashing import LEAF_BYTES, leaf_hash
from lockstep.crypto.merkle import MerkleTree, digest_tree, levels_for, pass_tree, root_from_path, tensor_tree
from lockstep.exec.trace import Trace
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind
from lockstep.types import Address, Digest

VECTORS = json.loads((Path(__file__).resolve().parents[3] / "vectors" / "committee.json").read_text())
ONE, TWO, THREE, FOUR, FIVE = (Digest(bytes([number]) * 32) for number in range(1, 6))
COMMITTEE = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")
MEMBER = Address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
OTHER = Address("0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
BINDING = {
    "question": ONE,
    "member": MEMBER,
    "output_root": TWO,
    "trace_root": THREE,
    "keyed_root": FOUR,
    "salt": FIVE,
}


@dataclass(frozen=True)
class Tensors:
    """A trace that is given by its bytes, by pass and node; the reference to look tiles and digests up in."""

    data: tuple[tuple[bytes, ...], ...]

    @property
    def shape(self) -> TraceShape:
        return TraceShape(len(self.data), tuple(-(-len(data) // LEAF_BYTES) for data in self.data[0]))

    def leaf(self, pass_index: int, node: int, tile: int) -> bytes:
        return self.data[pass_index][node][tile * LEAF_BYTES :][:LEAF_BYTES].ljust(LEAF_BYTES, b"\x00")

    def tensor(self, pass_index: int, node: int) -> MerkleTree:
        data = self.data[pass_index][node]
        return tensor_tree(data.ljust(-(-len(data) // LEAF_BYTES) * LEAF_BYTES, b"\x00"))

    def nodes(self, pass_index: int) -> MerkleTree:
        roots = [self.tensor(pass_index, node).root for node in range(len(self.data[0]))]
        return digest_tree(roots, minimum_levels=4)

    def passes(self) -> MerkleTree:
        return pass_tree([self.nodes(number).root for number in range(len(self.data))], self.shape.node_levels)

    def digest_at(self, level: int, index: int) -> Digest:
        pass_levels, node_levels = levels_for(self.shape.passes), self.shape.node_levels
        if level <= pass_levels:
            return self.passes().node(level, index)
        level -= pass_levels
        pass_index, place = index >> level, index & ((1 << level) - 1)
        if level <= node_levels:
            return self.nodes(pass_index).node(level, place)
        level -= node_levels
        return self.tensor(pass_index, place >> level).node(level, place & ((1 << level) - 1))


def tensors(sizes: tuple[int, ...], passes: int, seed: int = 1) -> Tensors:
    generator = np.random.default_rng(seed)
    return Tensors(tuple(tuple(generator.bytes(size) for size in sizes) for _ in range(passes)))


def keyed(source: Tensors, *, seed: Digest = ONE, member: Address = MEMBER) -> KeyedTiles:
    return KeyedTiles(source.shape, source, seed, member)


def test_commitment_is_the_committed_bytes() -> None:
    assert member_commitment(31_337, COMMITTEE, **BINDING).hex() == VECTORS["commitment"]


@pytest.mark.parametrize("changed", sorted(BINDING))
def test_commitment_binds_every_part(changed: str) -> None:
    other = BINDING | {changed: OTHER if changed == "member" else Digest(b"\x06" * 32)}
    assert member_commitment(31_337, COMMITTEE, **other) != member_commitment(31_337, COMMITTEE, **BINDING)


def test_commitment_binds_chain_and_contract() -> None:
    mine = member_commitment(1, COMMITTEE, **BINDING)
    assert member_commitment(2, COMMITTEE, **BINDING) != mine
    assert member_commitment(1, OTHER, **BINDING) != mine


def test_seeds_keys_picks_and_seals_are_the_committed_ones() -> None:
    seed = seed_of(ONE, TWO, 1)
    assert seed.hex() == VECTORS["seed"]
    assert member_key(seed, MEMBER).hex() == VECTORS["key"]
    assert member_pick(seed, MEMBER) == VECTORS["pick"]
    assert seal(ONE, TWO, THREE).hex() == VECTORS["seal"]
    assert keyed_leaf(ONE, 3, 4, bytes(512)).hex() == VECTORS["leaf"]


@pytest.mark.parametrize("entry", VECTORS["roots"])
def test_keyed_roots_are_the_committed_ones(entry: dict[str, object]) -> None:
    source = tensors(tuple(entry["sizes"]), int(str(entry["passes"])))  # type: ignore[arg-type]
    assert keyed(source).root.hex() == entry["root"]


def test_a_member_is_asked_once_in_so_many_times() -> None:
    asked = sum(must_open(member_pick(seed_of(ONE, TWO, number), MEMBER), 10) for number in range(2_000))
    assert 150 < asked < 250


@given(item=st.integers(0, 2**40), tiles=st.integers(1, 10**6), seed=st.binary(min_size=32, max_size=32))
@settings(max_examples=50)
def test_a_sample_is_inside_the_tensor_and_a_sixteenth(item: int, tiles: int, seed: bytes) -> None:
    sample = Sample.of(Digest(seed), item, tiles)
    assert sample.count == len(range(sample.residue, tiles, sample.stride)) >= 1
    assert sample.tile(sample.count - 1) < tiles <= sample.tile(sample.count - 1) + sample.stride
    assert sample.stride == min(16, tiles)


SIZES = st.lists(st.sampled_from([1, 511, 512, 513, 8_000, 9_000, 20_000]), min_size=1, max_size=4).map(tuple)


@given(sizes=SIZES, passes=st.sampled_from([1, 2, 3]), pick=st.integers(0, 2**256 - 1))
@settings(max_examples=10, deadline=None)
def test_every_opening_verifies_under_both_roots(sizes: tuple[int, ...], passes: int, pick: int) -> None:
    source = tensors(sizes, passes)
    mine = keyed(source)
    shown = mine.opening(pick)
    shape = source.shape
    item, tiles = shape.item(shown.pass_index, shown.node), shape.tiles[shown.node]
    sample = Sample.of(ONE, item, tiles)
    number = (pick >> 128) % sample.count
    assert (shown.pass_index, shown.node) == (pick % passes, (pick >> 64) % len(sizes))
    assert shown.tile == sample.tile(number)
    below = levels_for(tiles)
    trace_root = source.passes().root
    assert root_from_path(leaf_hash(shown.data), (item << below) + shown.tile, shown.trace_path) == trace_root
    leaf = keyed_leaf(member_key(ONE, MEMBER), item, shown.tile, shown.data)
    assert root_from_path(leaf, (item << levels_for(sample.count)) + number, shown.keyed_path) == mine.root


def test_a_keyed_root_is_of_one_seed_member_and_every_sampled_tile() -> None:
    source = tensors((20_000, 600), 2)
    root = keyed(source).root
    assert keyed(source, seed=TWO).root != root
    assert keyed(source, member=OTHER).root != root
    sample = Sample.of(ONE, 0, source.shape.tiles[0])
    for number in range(sample.count):
        data = bytearray(source.data[0][0])
        data[sample.tile(number) * LEAF_BYTES] ^= 1
        changed = Tensors(((bytes(data), source.data[0][1]), source.data[1]))
        assert keyed(changed).root != root


def test_an_executed_trace_is_a_source_of_tiles() -> None:
    operand = Operand(OperandKind.INPUT, 0, DType.I8, (1_300,))
    node = Node("y", Opcode.COPY, (operand,), DType.I8, (1_300,), -128, 127)
    spec = TensorSpec("x", DType.I8, (1_300,), 1.0, 0)
    graph = Graph(inputs=(spec,), outputs=(spec,), nodes=(node,), constants=())
    values = np.arange(1_300, dtype=np.int64) % 100
    trace = Trace.of(graph, [([values], [values])])
    mine = KeyedTiles(TraceShape.of(graph, 1), trace, ONE, MEMBER)
    shown = mine.opening(12_345 << 128)
    index = shown.tile
    assert root_from_path(leaf_hash(shown.data), index, shown.trace_path) == trace.root
    descriptor = DescriptorOpening.of(graph, 0)
    assert root_from_path(leaf_hash(descriptor.data), 0, descriptor.path) == commit_model(graph).descriptors_root
