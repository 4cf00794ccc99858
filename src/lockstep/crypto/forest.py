"""Which digest folds into which, for many trees at once: the plan that the hashing kernels follow without thinking."""

from dataclasses import dataclass
from itertools import accumulate, repeat

import numpy as np
from numpy.typing import NDArray

from lockstep.crypto.hashing import ZERO_LEAF, node_hash
from lockstep.crypto.merkle import levels_for
from lockstep.errors import ProofError
from lockstep.types import ZERO_DIGEST, Digest

Rows = NDArray[np.int32]
"""Numbers of rows of the array that holds all digests."""

HIGHEST = 64
"""Levels for which the digests of padding are kept; no tree here has more."""


def _padding_chain(padding: Digest) -> list[Digest]:
    return list(accumulate(repeat(padding, HIGHEST + 1), lambda below, _: node_hash(below, below)))


_PADDINGS = np.frombuffer(b"".join(_padding_chain(ZERO_LEAF) + _padding_chain(ZERO_DIGEST)), np.uint64).reshape(-1, 4)
_LEAF_PADDING = np.arange(HIGHEST + 1, dtype=np.int32)
_DIGEST_PADDING = _LEAF_PADDING + HIGHEST + 1


@dataclass(frozen=True, eq=False)
class TreeRows:
    """Where the digests of one tree are: rows a level, leaves first, and of the padding at each height."""

    levels: int
    rows: tuple[Rows, ...]
    paddings: Rows

    @property
    def root(self) -> int:
        return int(self.rows[-1][0])

    def row(self, level: int, index: int) -> int:
        """The row of the digest at ``level`` (0 is the root). Raises ``ProofError`` ``tree/position``."""
        if not 0 <= level <= self.levels or not 0 <= index < 1 << level:
            raise ProofError("tree/position", "no such node", value=(level, index))
        rows = self.rows[self.levels - level]
        return int(rows[index] if index < len(rows) else self.paddings[self.levels - level])


@dataclass(frozen=True, eq=False)
class Forest:
    """``jobs``: (left, right, out) rows, one round after another; ``blank``: the rows of padding are set."""

    widths: NDArray[np.uint8]
    first_leaf: int
    jobs: NDArray[np.int32]
    rounds: NDArray[np.int64]
    blank: NDArray[np.uint64]


class ForestBuilder:
    """Collects trees. ``widths``: for every leaf of the forest, how its bytes are to be read (see ``kernels``)."""

    def __init__(self, widths: NDArray[np.uint8]) -> None:
        self._widths = widths
        self._first_leaf = len(_PADDINGS)
        self._size = self._first_leaf + len(widths)
        self._rounds: list[list[NDArray[np.int32]]] = []

    def tensor_tree(self, first_leaf: int, leaves: int) -> TreeRows:
        """The tree over consecutive leaves of the forest."""
        rows = np.arange(leaves, dtype=np.int32) + np.int32(self._first_leaf + first_leaf)
        return self._tree(rows, _LEAF_PADDING, levels_for(leaves), first_round=0)

    def digest_tree(self, roots: list[TreeRows], minimum_levels: int = 0) -> TreeRows:
        """The tree over the roots of other trees, padded with zero digests."""
        rows = np.array([tree.root for tree in roots], dtype=np.int32)
        return self._tree(rows, _DIGEST_PADDING, max(minimum_levels, levels_for(len(roots))), len(self._rounds))

    def _tree(self, rows: Rows, paddings: Rows, levels: int, first_round: int) -> TreeRows:
        stored = [rows]
        for height in range(levels):
            if len(rows) % 2:
                rows = np.append(rows, paddings[height])
            above = np.arange(self._size, self._size + len(rows) // 2, dtype=np.int32)
            self._size += len(above)
            while len(self._rounds) <= first_round + height:
                self._rounds.append([])
            self._rounds[first_round + height].append(np.stack([rows[0::2], rows[1::2], above], axis=1))
            rows = above
            stored.append(rows)
        return TreeRows(levels=levels, rows=tuple(stored), paddings=paddings)

    def build(self) -> Forest:
        rounds = [np.concatenate(jobs) for jobs in self._rounds]
        blank = np.zeros((self._size, 4), np.uint64)
        blank[: len(_PADDINGS)] = _PADDINGS
        return Forest(
            widths=self._widths,
            first_leaf=self._first_leaf,
            jobs=np.concatenate([np.empty((0, 3), np.int32), *rounds]),
            rounds=np.cumsum([0, *(len(jobs) for jobs in rounds)], dtype=np.int64),
            blank=blank,
        )
