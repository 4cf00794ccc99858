"""A trace that differs from an honest one in a single element, at the cost of one path of hashes."""

from dataclasses import dataclass

import numpy as np

from lockstep.codec import decode_values, encode_values
from lockstep.crypto.hashing import LEAF_BYTES, leaf_hash, node_hash
from lockstep.crypto.merkle import levels_for
from lockstep.dispute.witness import MINIMUM_NODE_LEVELS, TraceSource
from lockstep.ir.graph import Graph
from lockstep.types import Digest


@dataclass(frozen=True)
class ForgedTrace:
    """``honest`` with other bytes in one node; nothing after it follows from them, so it is the first difference."""

    honest: TraceSource
    pass_index: int
    node_number: int
    data: bytes
    changed: dict[tuple[int, int], Digest]

    @property
    def root(self) -> Digest:
        """The root that the forger commits to."""
        return self.changed[0, 0]

    def digest_at(self, level: int, index: int) -> Digest:
        """As in the honest trace, but on the way to the changed element."""
        return self.changed.get((level, index)) or self.honest.digest_at(level, index)

    def tensor_bytes(self, pass_index: int, node_number: int) -> bytes:
        """As in the honest trace, but of the changed node."""
        if (pass_index, node_number) == (self.pass_index, self.node_number):
            return self.data
        return self.honest.tensor_bytes(pass_index, node_number)


def forge(honest: TraceSource, graph: Graph, place: tuple[int, int, int], *, passes: int = 1) -> ForgedTrace:
    """Change the element at ``place`` (pass, node, element) by one."""
    pass_index, node_number, element = place
    node = graph.nodes[node_number]
    data = bytearray(honest.tensor_bytes(pass_index, node_number))
    span = slice(element * node.dtype.size, (element + 1) * node.dtype.size)
    value = int(decode_values(bytes(data[span]), node.dtype.width)[0])
    other = value + 1 if value < node.dtype.maximum else value - 1
    data[span] = encode_values(np.array([other]), node.dtype.width)
    node_levels = max(MINIMUM_NODE_LEVELS, levels_for(len(graph.nodes)))
    tensor_levels = levels_for(node.tiles)
    tile = span.start // LEAF_BYTES
    level = levels_for(passes) + node_levels + tensor_levels
    index = (((pass_index << node_levels) + node_number) << tensor_levels) + tile
    digest = leaf_hash(bytes(data[tile * LEAF_BYTES : (tile + 1) * LEAF_BYTES]))
    changed = {(level, index): digest}
    while level:
        sibling = honest.digest_at(level, index ^ 1)
        digest = node_hash(sibling, digest) if index % 2 else node_hash(digest, sibling)
        level, index = level - 1, index // 2
        changed[level, index] = digest
    return ForgedTrace(honest, pass_index, node_number, bytes(data), changed)
