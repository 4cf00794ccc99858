"""How large the code is and how often it is asked: the whitelisted presets (proof.md, sections 2 and 8)."""

import struct
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """One round of folding: ``folds`` variables go, then the rest is encoded on ``2^log_domain`` points."""

    folds: int
    log_domain: int


@dataclass(frozen=True, slots=True)
class Parameters:
    """Sizes in log2; ``queries[i]`` is asked of the i-th oracle (0: the matrices), work in leading zero bits."""

    name: str
    log_columns: int
    """b: a row holds 2^b words of data."""
    tail: int
    """T: random coefficients of a row after the data; a power of two, at most 2^(b-1)."""
    log_domain: int
    levels: tuple[Level, ...]
    queries: tuple[int, ...]
    row_work: int
    """Before every row challenge and before ε."""
    fold_work: tuple[int, ...]
    """Before every fold challenge, for each level."""
    query_work: int
    """Before every draw of query places."""

    @property
    def row_length(self) -> int:
        """K: coefficients of a row."""
        return (1 << self.log_columns) + self.tail

    @property
    def pad_capacity(self) -> int:
        """Pads of two words that the pad row has room for."""
        return 1 << (self.log_columns - 3)

    @property
    def final_bits(self) -> int:
        """Variables that are left after all folds."""
        return self.log_columns + 1 - sum(level.folds for level in self.levels)

    def encode(self) -> bytes:
        """Canonical bytes, without the name."""
        levels = b"".join(struct.pack(">BB", level.folds, level.log_domain) for level in self.levels)
        head = struct.pack(">BIBB", self.log_columns, self.tail, self.log_domain, len(self.levels))
        works = bytes((self.row_work, *self.fold_work, self.query_work))
        return head + levels + bytes(self.queries) + works


PRESETS: tuple[Parameters, ...] = ()
"""The whitelist; each has at least 100 bits of provable soundness (``lockstep bench soundness``)."""
