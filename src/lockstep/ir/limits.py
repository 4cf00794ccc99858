"""How much one step may open; the compiler splits what would open more (integer-graph.md, sections 3 and 5)."""

RUN_BYTES = 1536
"""Bytes of one operand that a MATMUL or CONV step sums over: 1,536 int8 products. Three leaves of calldata for each
operand keep a whole ResNet-50 dispute under 1.2 M gas (bench/dispute.py)."""

REDUCTION_BYTES = 4096
"""Bytes that a SUM, MAX or ARGMAX step reads."""

WINDOW_RANGES = 16
"""Separate ranges of rows that a step may open."""

WITNESS_BYTES = 16_384
"""Bytes of a whole witness; the contracts' bound."""

OPERANDS = 8
RANK = 6
SHIFT = 62
