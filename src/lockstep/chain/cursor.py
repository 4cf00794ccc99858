"""Reads contract events once and in order, also when the chain reorganises or this process ends in between.

`poll` reads and changes nothing; `commit` remembers. A crash between them delivers the same batch again. After a
reorganisation the batch says how far back the reader must undo what it did.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from lockstep.chain.binding import Binding, Log, LoggedEvent, find_events
from lockstep.chain.refusal import RefusedError
from lockstep.chain.rpc import Rpc
from lockstep.errors import ChainError
from lockstep.types import Digest

KEPT_BLOCKS: Final = 64  # a reorganisation deeper than two epochs of Ethereum does not happen
RANGE_BLOCKS: Final = 2_000  # public nodes refuse longer ranges of eth_getLogs
MAXIMUM_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A block that was read, by number and hash. The number before the first block has no hash."""

    number: int
    hash: Digest | None


class CursorStore(Protocol):
    """Where a cursor stands; the oldest checkpoint first. ``save`` is all or nothing."""

    def load(self, name: str) -> tuple[Checkpoint, ...]:
        """Empty for a cursor that has not read yet."""
        ...

    def save(self, name: str, checkpoints: tuple[Checkpoint, ...]) -> None:
        """Replace all checkpoints of this name."""


@dataclass(frozen=True, slots=True)
class Batch:
    """New events up to block ``head``. First undo whatever came from blocks after ``rolled_back_to``, if it is set.

    Commit every batch that is new, also one without events: the next poll starts where the commit stands.
    """

    events: tuple[LoggedEvent, ...]
    rolled_back_to: int | None
    head: int
    checkpoints: tuple[Checkpoint, ...]
    is_new: bool


class Cursor:
    """Follows some contracts. ``confirmations`` blocks on top of a block are awaited before it is read."""

    def __init__(
        self,
        rpc: Rpc,
        contracts: Sequence[Binding],
        store: CursorStore,
        *,
        name: str = "events",
        confirmations: int = 0,
        first_block: int = 0,
        range_blocks: int = RANGE_BLOCKS,
    ) -> None:
        self._rpc = rpc
        self._contracts = tuple(contracts)
        self._addresses = [contract.address for contract in contracts]
        self._store = store
        self._name = name
        self._confirmations = confirmations
        self._before_first = Checkpoint(first_block - 1, None)
        self._range_blocks = range_blocks

    def poll(self) -> Batch:
        """What happened since the last commit, at most one range of blocks of it."""
        known = self._store.load(self._name) or (self._before_first,)
        for _ in range(MAXIMUM_TRIES):
            kept = self._still_true(known)
            rolled_back_to = None if kept == known else kept[-1].number
            batch = self._read_after(kept, rolled_back_to)
            if batch is not None:
                return batch
        raise ChainError("chain/unsettled", "the chain reorganised at every attempt to read it", remedy="try again")

    def commit(self, batch: Batch) -> None:
        """The batch has been dealt with."""
        self._store.save(self._name, batch.checkpoints)

    def _still_true(self, known: tuple[Checkpoint, ...]) -> tuple[Checkpoint, ...]:
        """The checkpoints that the chain still has."""
        for count in range(len(known), 0, -1):
            checkpoint = known[count - 1]
            if checkpoint.hash is None:
                return known[:count]
            block = self._rpc.find_block(checkpoint.number)
            if block is not None and block.hash == checkpoint.hash:
                return known[:count]
        raise ChainError(
            "chain/reorganised",
            "the chain no longer has any block that was read",
            value=f"blocks {known[0].number} to {known[-1].number}",
            remedy="is it another chain? Start with a fresh data directory",
        )

    def _read_after(self, kept: tuple[Checkpoint, ...], rolled_back_to: int | None) -> Batch | None:
        """One range of blocks; None if the chain changed while it was read."""
        first = kept[-1].number + 1
        newest = self._rpc.read_block_number() - self._confirmations
        if newest < first:
            return Batch((), rolled_back_to, kept[-1].number, kept, rolled_back_to is not None)
        end, logs = self._read_logs(first, min(newest, first + self._range_blocks - 1))
        again = self._rpc.find_block(end.number)
        is_same_chain = kept[-1].hash is None or self._still_true(kept) == kept
        if again is None or again.hash != end.hash or not is_same_chain:
            return None
        added = {log.block_number: Checkpoint(log.block_number, log.block_hash) for log in logs}
        added[end.number] = end
        checkpoints = (*kept, *(added[number] for number in sorted(added)))
        events = find_events(logs, self._contracts)
        return Batch(events, rolled_back_to, end.number, _newest(checkpoints), True)

    def _read_logs(self, first: int, last: int) -> tuple[Checkpoint, tuple[Log, ...]]:
        """The logs with the head of the last block as it was before; a range that a node finds too long is halved."""
        while True:
            head = self._rpc.read_block(last)
            try:
                return Checkpoint(last, head.hash), self._rpc.read_logs(self._addresses, first, last)
            except RefusedError:
                if last == first:
                    raise
                last = first + (last - first) // 2
                self._range_blocks = last - first + 1


def _newest(checkpoints: tuple[Checkpoint, ...]) -> tuple[Checkpoint, ...]:
    """Those within the kept distance, and always one before it, so that there is something to go back to."""
    horizon = checkpoints[-1].number - KEPT_BLOCKS
    older = [checkpoint for checkpoint in checkpoints if checkpoint.number <= horizon]
    return (*older[-1:], *(checkpoint for checkpoint in checkpoints if checkpoint.number > horizon))
