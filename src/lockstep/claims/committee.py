"""What a committee member binds itself to, and how it shows that it has the tiles (committee.md, section 4)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Protocol

from lockstep.crypto.hashing import keccak256, leaf_hash
from lockstep.crypto.merkle import MerkleTree, digest_tree, levels_for, pass_tree
from lockstep.errors import ProofError
from lockstep.ir.descriptor import encode_descriptor
from lockstep.ir.graph import Graph
from lockstep.types import Address, Digest

COMMITMENT_TAG: Final = b"lockstep/commitment/1"
STRIDE: Final = 16
"""Of every tensor one tile in so many is sampled, at least one."""
MINIMUM_NODE_LEVELS: Final = 4
OPENING_ROUND: Final = 3
"""``Committee.seed_of`` keeps the seed of the openings under it, those of draws under 0 to 2."""


def member_commitment(
    chain_id: int,
    committee: Address,
    *,
    question: Digest,
    member: Address,
    output_root: Digest,
    trace_root: Digest,
    keyed_root: Digest,
    salt: Digest,
) -> Digest:
    """``H(tag ‖ chain_id ‖ committee ‖ question ‖ member ‖ output_root ‖ trace_root ‖ keyed_root ‖ salt)``."""
    place = COMMITMENT_TAG + _word(chain_id) + _account(committee) + question + _account(member)
    return keccak256(place, output_root, trace_root, keyed_root, salt)


def seal(output_root: Digest, trace_root: Digest, salt: Digest) -> Digest:
    """What a planter puts into its question: ``H(output_root ‖ trace_root ‖ salt)``. Others put random words."""
    return keccak256(output_root, trace_root, salt)


def seed_of(beacon: Digest, question: Digest, number: int) -> Digest:
    """``H(beacon ‖ question ‖ round)``: the seed of a draw, or of the openings under ``OPENING_ROUND``."""
    return keccak256(beacon, question, _word(number))


def member_key(seed: Digest, member: Address) -> Digest:
    """K_i = ``H(seed ‖ member)`` with the seed of the round in which the member was drawn."""
    return keccak256(seed, _account(member))


def member_pick(opening_seed: Digest, member: Address) -> int:
    """Which tile the member has to open (see ``KeyedTiles.opening``), and whether: the top bits mod OPENING_ONE_IN."""
    return int.from_bytes(keccak256(opening_seed, _account(member)), "big")


def must_open(pick: int, opening_one_in: int) -> bool:
    """Whether the beacon asks for the tile; anybody else may ask for it by ``Committee.demand``."""
    return (pick >> 192) % opening_one_in == 0


class TileSource(Protocol):
    """What is asked of a trace; ``lockstep.exec.trace.Trace`` is one."""

    def digest_at(self, level: int, index: int) -> Digest: ...

    def leaf(self, pass_index: int, node: int, tile: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class TraceShape:
    """How large a trace is: passes, and the tiles of each node's tensor."""

    passes: int
    tiles: tuple[int, ...]

    @classmethod
    def of(cls, graph: Graph, passes: int) -> "TraceShape":
        return cls(passes, tuple(node.tiles for node in graph.nodes))

    @property
    def node_levels(self) -> int:
        return max(MINIMUM_NODE_LEVELS, levels_for(len(self.tiles)))

    @property
    def item_levels(self) -> int:
        return levels_for(self.passes) + self.node_levels

    def item(self, pass_index: int, node: int) -> int:
        """The place of a node in the trace."""
        return (pass_index << self.node_levels) + node


@dataclass(frozen=True, slots=True)
class Sample:
    """The sampled tiles of one tensor: ``residue + stride · number`` for ``number`` below ``count``."""

    stride: int
    residue: int
    count: int

    @classmethod
    def of(cls, seed: Digest, item: int, tiles: int) -> "Sample":
        stride = min(STRIDE, tiles)
        residue = int.from_bytes(keccak256(seed, _word(item)), "big") % stride
        return cls(stride, residue, -(-(tiles - residue) // stride))

    def tile(self, number: int) -> int:
        return self.residue + self.stride * number


@dataclass(frozen=True, slots=True)
class TileOpening:
    """One tile under a trace root and a keyed trace root; paths bottom up."""

    pass_index: int
    node: int
    tile: int
    data: bytes
    trace_path: tuple[Digest, ...]
    keyed_path: tuple[Digest, ...]


@dataclass(frozen=True)
class KeyedTiles:
    """The keyed tree of one member over the sampled tiles of its trace."""

    shape: TraceShape
    source: TileSource
    seed: Digest
    member: Address

    @cached_property
    def root(self) -> Digest:
        """F_i, which goes into the commitment."""
        return self._passes.root

    def opening(self, pick: int) -> TileOpening:
        """The tile that ``pick`` names: pass, node and number from its bits 0, 64 and 128 on."""
        shape = self.shape
        pass_index, node = pick % shape.passes, (pick >> 64) % len(shape.tiles)
        sample = self._sample(pass_index, node)
        number = (pick >> 128) % sample.count
        tile = sample.tile(number)
        keyed = (
            *self._tensor(pass_index, node).path(number),
            *self._nodes[pass_index].path(node),
            *self._passes.path(pass_index),
        )
        return TileOpening(
            pass_index=pass_index,
            node=node,
            tile=tile,
            data=self.source.leaf(pass_index, node, tile),
            trace_path=self._trace_path(pass_index, node, tile),
            keyed_path=keyed,
        )

    def _trace_path(self, pass_index: int, node: int, tile: int) -> tuple[Digest, ...]:
        below = levels_for(self.shape.tiles[node])
        index = (self.shape.item(pass_index, node) << below) + tile
        levels = self.shape.item_levels + below
        return tuple(self.source.digest_at(levels - height, (index >> height) ^ 1) for height in range(levels))

    def _sample(self, pass_index: int, node: int) -> Sample:
        return Sample.of(self.seed, self.shape.item(pass_index, node), self.shape.tiles[node])

    @cached_property
    def _key(self) -> Digest:
        return member_key(self.seed, self.member)

    def _tensor(self, pass_index: int, node: int) -> MerkleTree:
        item, sample = self.shape.item(pass_index, node), self._sample(pass_index, node)
        leaves = []
        for number in range(sample.count):
            tile = sample.tile(number)
            leaves.append(keyed_leaf(self._key, item, tile, self.source.leaf(pass_index, node, tile)))
        return digest_tree(leaves)

    @cached_property
    def _nodes(self) -> tuple[MerkleTree, ...]:
        nodes = range(len(self.shape.tiles))
        return tuple(
            digest_tree([self._tensor(number, node).root for node in nodes], MINIMUM_NODE_LEVELS)
            for number in range(self.shape.passes)
        )

    @cached_property
    def _passes(self) -> MerkleTree:
        return pass_tree([tree.root for tree in self._nodes], self.shape.node_levels)


def keyed_leaf(key: Digest, item: int, tile: int, data: bytes) -> Digest:
    """``H(key ‖ item ‖ tile ‖ data)``: the 512 bytes themselves, so that digests of a trace are not enough."""
    return keccak256(key, _word(item), _word(tile), data)


@dataclass(frozen=True, slots=True)
class DescriptorOpening:
    """A node's descriptor under a model's descriptors root, which says how many tiles the node has."""

    data: bytes
    path: tuple[Digest, ...]

    @classmethod
    def of(cls, graph: Graph, node: int) -> "DescriptorOpening":
        descriptors = [encode_descriptor(graph, number) for number in range(len(graph.nodes))]
        tree = digest_tree([leaf_hash(data) for data in descriptors])
        return cls(descriptors[node], tuple(tree.path(node)))


def _word(value: int) -> bytes:
    if not 0 <= value < 1 << 256:
        raise ProofError("committee/word", "the number has no 32 bytes", value=value)
    return value.to_bytes(32, "big")


def _account(address: Address) -> bytes:
    return bytes.fromhex(address[2:])
