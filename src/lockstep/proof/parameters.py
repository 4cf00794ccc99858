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


def _preset(
    name: str,
    rows: tuple[int, int, int],
    levels: tuple[tuple[int, int], ...],
    queries: tuple[int, ...],
    work: tuple[int, int],
) -> Parameters:
    """``rows``: b, T, n_0; ``work``: before row and fold challenges, before queries."""
    folds = (work[0],) * len(levels)
    return Parameters(name, *rows, tuple(Level(*level) for level in levels), queries, work[0], folds, work[1])


PRESETS: tuple[Parameters, ...] = (
    _preset("fast-12", (12, 2048, 15), ((5, 11), (4, 9)), (83, 64, 38), (6, 8)),
    _preset("fast-13", (13, 4096, 16), ((4, 13), (3, 11), (2, 9)), (76, 60, 45, 45), (12, 12)),
    _preset("fast-14", (14, 8192, 17), ((5, 13), (3, 11), (2, 9)), (76, 60, 45, 45), (12, 12)),
    _preset("fast-15", (15, 16384, 18), ((5, 14), (3, 11), (3, 10)), (77, 61, 60, 36), (12, 12)),
    _preset("fast-16", (16, 32768, 19), ((5, 15), (4, 11), (3, 10)), (77, 61, 60, 36), (12, 12)),
    _preset("chain-12", (12, 2048, 21), ((4, 20), (4, 19)), (19, 15, 12), (16, 24)),
    _preset("chain-13", (13, 4096, 20), ((4, 19), (5, 17)), (26, 19, 14), (16, 20)),
    _preset("chain-14", (14, 8192, 21), ((4, 19), (4, 18), (4, 15)), (26, 21, 16, 14), (16, 20)),
    _preset("chain-15", (15, 16384, 22), ((4, 19), (4, 18), (4, 16)), (26, 24, 17, 14), (18, 20)),
    _preset("chain-16", (16, 32768, 22), ((5, 20), (4, 20), (4, 16)), (29, 20, 14, 13), (18, 24)),
)
"""The whitelist (found by tools/search_presets.py): "fast" spares time, "chain" bytes.

T is the most that h1 has room for: a longer tail hides more proofs, and the rate that is tested is that of h1 anyway.

Each has at least 100 bits of provable soundness (``lockstep bench soundness``).
"""
