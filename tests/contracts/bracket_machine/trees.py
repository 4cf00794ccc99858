"""Trees of 16-ary groups that can be sparse, and can hold digests that nothing is known to hash to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from lockstep.crypto.hashing import node_hash
from lockstep.types import ZERO_DIGEST, Digest

FAN_OUT = 16


class NoPreimageError(Exception):
    """Nobody knows what is below this digest."""


def fold16(kids: Sequence[Digest]) -> Digest:
    """The digest four levels above 16 others."""
    row = list(kids)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def siblings(kids: Sequence[Digest], index: int) -> list[Digest]:
    """The four siblings of a grandchild, bottom up."""
    row, result = list(kids), []
    while len(row) > 1:
        result.append(row[index ^ 1])
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
        index //= 2
    return result


@dataclass(frozen=True)
class SparseTree:
    """Leaves by index over a padding. ``forged`` replaces nodes by (groups from the top, index)."""

    levels: int
    leaves: Mapping[int, Digest]
    padding: Digest
    forged: Mapping[tuple[int, int], Digest] = field(default_factory=dict)

    @property
    def groups(self) -> int:
        return self.levels // 4

    @cached_property
    def _paddings(self) -> list[Digest]:
        result = [self.padding]
        for _ in range(self.groups):
            result.append(fold16([result[-1]] * FAN_OUT))
        return result[::-1]

    @cached_property
    def _occupied(self) -> set[tuple[int, int]]:
        places = {(self.groups, index) for index in self.leaves} | set(self.forged)
        return {(up, index >> 4 * (depth - up)) for depth, index in places for up in range(depth + 1)}

    @cached_property
    def _known(self) -> dict[tuple[int, int], Digest]:
        return {}

    def digest(self, depth: int, index: int) -> Digest:
        """The digest ``depth`` groups below the root."""
        place = (depth, index)
        if place in self.forged:
            return self.forged[place]
        if place not in self._occupied:
            return self._paddings[depth]
        if depth == self.groups:
            return self.leaves.get(index, self.padding)
        if place not in self._known:
            self._known[place] = fold16(self.kids(depth, index))
        return self._known[place]

    def kids(self, depth: int, index: int) -> list[Digest]:
        """The 16 grandchildren of a node. Raises ``NoPreimageError`` for a forged one."""
        if (depth, index) in self.forged:
            raise NoPreimageError
        return [self.digest(depth + 1, FAN_OUT * index + child) for child in range(FAN_OUT)]

    @property
    def root(self) -> Digest:
        return self.digest(0, 0)

    def path(self, index: int) -> list[Digest]:
        """Siblings of a leaf, bottom up."""
        result: list[Digest] = []
        for depth in range(self.groups - 1, -1, -1):
            result += siblings(
                self.kids(depth, index >> 4 * (self.groups - depth)), (index >> 4 * (self.groups - depth - 1)) % FAN_OUT
            )
        return result


def descent(mine: Sequence[Digest], theirs: Sequence[Digest]) -> tuple[int, Digest, Digest, list[Digest], list[Digest]]:
    """The struct of a move: the first child that differs, and the paths to it."""
    index = next(i for i in range(FAN_OUT) if mine[i] != theirs[i])
    my_path, their_path = siblings(mine, index), siblings(theirs, index)
    shown = [ZERO_DIGEST if index >> level & 1 else their_path[level] for level in range(4)]
    return index, mine[index], theirs[index], my_path, shown
