"""The operators of the integer graph and what each takes (docs/specs/integer-graph.md, section 3)."""

from dataclasses import dataclass
from enum import IntEnum


class Opcode(IntEnum):
    """Operator codes; the number is what a descriptor holds."""

    MATMUL = 1
    CONV = 2
    REQUANT = 3
    ADD = 4
    MUL = 5
    LUT = 6
    COPY = 7
    CONCAT = 8
    MAXPOOL = 9
    AVGPOOL = 10
    SUM = 11
    MAX = 12
    ARGMAX = 13
    DIV = 14
    ACCUMULATE = 15
    TREES = 16


class OperandKind(IntEnum):
    """Where an operand comes from; the number is what a descriptor holds."""

    INPUT = 1
    WEIGHT = 2
    TRACE = 3


@dataclass(frozen=True, slots=True)
class Signature:
    """How many operands an operator takes and what its attributes a0, a1, … are called ("" where unused)."""

    fewest: int
    most: int
    attributes: tuple[str, ...]


_WINDOW = (
    "height", "width", "channels", "kernel_height", "kernel_width", "",
    "stride_height", "stride_width", "pad_top", "pad_left", "dilation_height", "dilation_width",
)  # fmt: skip
_VIEWS = (*(f"a_stride_{d}" for d in range(6)), *(f"b_stride_{d}" for d in range(6)), "a_offset", "b_offset")
_RUN = ("length", "row_stride", "row_offset")

SIGNATURES: dict[Opcode, Signature] = {
    Opcode.MATMUL: Signature(
        2,
        3,
        ("length", "x_stride", "x_offset", "w_stride", "w_offset", "columns", "rows", "w_batch_stride"),
    ),
    Opcode.CONV: Signature(
        2, 3, (*_WINDOW[:5], "group_channels", *_WINDOW[6:], "groups", "kernel_rows", "channel_range")
    ),
    Opcode.REQUANT: Signature(1, 2, ("channels",)),
    Opcode.ADD: Signature(2, 2, _VIEWS),
    Opcode.MUL: Signature(2, 2, _VIEWS),
    Opcode.LUT: Signature(2, 2, ()),
    Opcode.COPY: Signature(1, 1, (*_VIEWS[:6], *("",) * 6, "a_offset")),
    Opcode.CONCAT: Signature(1, 8, tuple(f"extent_{k}" for k in range(8))),
    Opcode.MAXPOOL: Signature(1, 1, _WINDOW),
    Opcode.AVGPOOL: Signature(1, 1, (*_WINDOW[:5], "count_padding", *_WINDOW[6:])),
    Opcode.SUM: Signature(1, 1, _RUN),
    Opcode.MAX: Signature(1, 1, _RUN),
    Opcode.ARGMAX: Signature(1, 1, _RUN),
    Opcode.DIV: Signature(2, 2, _VIEWS),
    Opcode.ACCUMULATE: Signature(1, 8, ("channels", "has_table")),
    Opcode.TREES: Signature(3, 3, ("features", "trees", "tree_nodes", "tree_leaves", "outputs", "depth")),
}
