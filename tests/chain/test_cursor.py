"""The cursor delivers every event once and in order, through reorganisations, crashes and restarts."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from chain_world import KEPT, QUICK
from fixture_chain.bindings.shapes import Counted, Shapes
from sqlalchemy import create_engine

from lockstep.chain.account import dev_account
from lockstep.chain.anvil import LocalChain
from lockstep.chain.binding import Log
from lockstep.chain.cursor import KEPT_BLOCKS, Batch, Cursor, CursorStore
from lockstep.chain.cursor_store import MemoryCursorStore, SqlCursorStore
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.errors import ChainError
from lockstep.types import Address


class World:
    """A chain of its own, because reorganisations disturb others, with one contract that counts."""

    def __init__(self, chain: LocalChain, store: CursorStore) -> None:
        self.rpc = Rpc(chain.url)
        self.sender = Sender(self.rpc, dev_account(), MemoryOutbox(), patience=QUICK)
        created = self.sender.send(Shapes.deploy(self.sender.address, KEPT), key="shapes").contract_address
        assert created is not None
        self.shapes = Shapes(created)
        self.store = store
        self.sent = 0

    def cursor(self, *, confirmations: int = 0, range_blocks: int = 1000) -> Cursor:
        return Cursor(
            self.rpc, [self.shapes], self.store, confirmations=confirmations, range_blocks=range_blocks, first_block=1
        )

    def count(self) -> int:
        """One event, in one block; its number."""
        self.sent += 1
        return self.sender.send(self.shapes.increment(1, 0), key=f"count {self.sent}").block_number

    def mine(self, blocks: int) -> None:
        self.rpc.call("anvil_mine", hex(blocks))

    def reorganise(self, depth: int) -> None:
        """The last blocks are replaced by empty ones."""
        self.rpc.call("anvil_reorg", depth, [])


@pytest.fixture(params=["memory", "sql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    store = (
        MemoryCursorStore() if request.param == "memory" else SqlCursorStore(create_engine(f"sqlite:///{tmp_path}/c"))
    )
    with LocalChain.start() as chain:
        yield World(chain, store)


def counts(batch: Batch) -> list[int]:
    events = [logged.event for logged in batch.events]
    return [event.count for event in events if isinstance(event, Counted)]


def drain(cursor: Cursor) -> list[int]:
    seen = []
    while (batch := cursor.poll()).is_new:
        cursor.commit(batch)
        seen += counts(batch)
    return seen


def test_events_come_once_and_in_order_across_a_restart(world: World) -> None:
    for _ in range(3):
        world.count()
    assert drain(world.cursor()) == [1, 2, 3]
    world.count()
    restarted = world.cursor()
    assert drain(restarted) == [4]
    assert restarted.poll().is_new is False


def test_batch_that_was_not_committed_comes_again(world: World) -> None:
    world.count()
    first = world.cursor().poll()
    assert world.cursor().poll() == first
    assert counts(first) == [1]


def test_reorganisation_tells_how_far_to_go_back(world: World) -> None:
    safe_block = world.count()
    cursor = world.cursor()
    cursor.commit(cursor.poll())
    world.count()
    world.count()
    batch = cursor.poll()
    assert (counts(batch), batch.rolled_back_to) == ([2, 3], None)
    cursor.commit(batch)
    world.reorganise(2)
    batch = world.cursor().poll()
    assert (counts(batch), batch.rolled_back_to) == ([], safe_block)
    assert world.cursor().poll() == batch
    cursor.commit(batch)
    world.count()
    again = cursor.poll()
    assert (counts(again), again.rolled_back_to) == ([2], None)


def test_reorganisation_while_reading_delivers_nothing_that_is_gone(world: World) -> None:
    class Shaken(Rpc):
        is_shaken = False

        def read_logs(
            self, addresses: Sequence[Address], first_block: int, last_block: int, topics: Sequence[object] = ()
        ) -> tuple[Log, ...]:
            logs = super().read_logs(addresses, first_block, last_block, topics)
            if not self.is_shaken:
                self.is_shaken = True
                world.reorganise(1)
            return logs

    world.count()
    world.count()
    batch = Cursor(Shaken(world.rpc.url), [world.shapes], world.store, first_block=1).poll()
    assert (counts(batch), batch.rolled_back_to) == ([1], None)


def test_chain_that_became_shorter_is_a_reorganisation(world: World) -> None:
    snapshot = world.rpc.call("evm_snapshot")
    cursor = world.cursor()
    cursor.commit(cursor.poll())
    head = world.rpc.read_block_number()
    world.count()
    cursor.commit(cursor.poll())
    world.rpc.call("evm_revert", snapshot)
    batch = cursor.poll()
    assert (batch.rolled_back_to, batch.head, counts(batch)) == (head, head, [])


def test_reorganisation_of_everything_that_was_read_is_refused(world: World) -> None:
    snapshot = world.rpc.call("evm_snapshot")
    world.mine(KEPT_BLOCKS + 10)
    cursor = world.cursor()
    cursor.commit(cursor.poll())
    world.mine(KEPT_BLOCKS + 10)
    cursor.commit(cursor.poll())
    world.rpc.call("evm_revert", snapshot)
    with pytest.raises(ChainError, match="chain/reorganised"):
        cursor.poll()


def test_block_is_read_when_it_is_confirmed(world: World) -> None:
    cursor = world.cursor(confirmations=3)
    world.count()
    world.mine(2)
    assert drain(cursor) == []
    world.mine(1)
    assert drain(cursor) == [1]


def test_long_history_is_read_in_ranges(world: World) -> None:
    for _ in range(3):
        world.count()
        world.mine(9)
    assert drain(world.cursor(range_blocks=7)) == [1, 2, 3]
    assert len(world.store.load("events")) <= KEPT_BLOCKS + 1


def test_range_that_the_node_finds_too_long_is_halved(world: World) -> None:
    class Strict(Rpc):
        def call(self, method: str, *parameters: object) -> object:
            query = parameters[0] if parameters else None
            if (
                isinstance(query, dict)
                and int(query.get("toBlock", "0"), 16) - int(query.get("fromBlock", "0"), 16) > 5
            ):
                return super().call("eth_getLogs", {"fromBlock": "nonsense"})
            return super().call(method, *parameters)

    world.count()
    world.mine(20)
    world.rpc = Strict(world.rpc.url)
    assert drain(world.cursor()) == [1]
