"""How much one step may open; the compiler splits what would open more (integer-graph.md, sections 3 and 5)."""

from lockstep.crypto.hashing import LEAF_BYTES

RUN_BYTES = 1536
"""Bytes of one operand that a MATMUL or CONV step sums over: 1,536 int8 products. Three leaves of calldata for each
operand keep a whole ResNet-50 dispute under 1.2 M gas (bench/dispute.py)."""

REDUCTION_BYTES = 4096
"""Bytes that a SUM, MAX or ARGMAX step reads."""

WINDOW_RANGES = 16
"""Separate ranges of rows that a step may open."""

WITNESS_BYTES = 16_384
"""Bytes of a whole witness; the contracts' bound."""

OPENED_BYTES = WITNESS_BYTES * 3 // 4
"""Leaves that a step of a valid graph opens, in bytes; the rest of the witness is for paths."""

WINDOW_BYTES = WITNESS_BYTES // 2
"""Leaves of the image that the compiler lets a window step open, in bytes."""

FEATURE_BYTES = 4096
"""Bytes of a row of features: a TREES step opens the whole row once, which is cheaper than a path for each."""

TREE_DEPTH = 32
"""Nodes that a walk through a tree passes at most; a contract's loop needs a bound."""

TREE_TILES = 6
"""Tiles of nodes that a walk enters at most: 6 levels of a tree fit one tile, so 32 levels need no more."""

EDGES = 32_767
"""Edges of one feature: their numbers fit i16."""

OPERANDS = 8
RANK = 6
SHIFT = 62


def window_bytes(rows: int, span_bytes: int) -> int:
    """Bytes of the leaves that rows of a window open at most, each ``span_bytes`` long and anywhere."""
    return rows * (-(-span_bytes // LEAF_BYTES) + 1) * LEAF_BYTES
