"""The node's memory: what was recorded is read again, also by the next process, and a reorganisation takes it back."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_abi.abi import encode
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from lockstep.chain.binding import Log, find_events
from lockstep.chain.bindings.arbiter import Arbiter, Asserted, Finalised
from lockstep.chain.cursor import Batch, Checkpoint
from lockstep.crypto.hashing import keccak256
from lockstep.node.journal import Journal
from lockstep.types import Address, Digest

ARBITER = Arbiter(Address("0x5FbDB2315678afecb367f032d93F642f64180aa3"))
ELSEWHERE = Arbiter(Address("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"))
CLAIMANT = Address("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "node.sqlite"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    opened = Journal(path)
    yield opened
    opened.close()


def job(number: int) -> Digest:
    return keccak256(number.to_bytes(4, "big"))


def log_of(topics: tuple[Digest, ...], root: Digest, block: int, index: int) -> Log:
    """A log of the Arbiter as a chain gives it."""
    data = encode(["bytes32"], [root])
    return Log(ARBITER.address, topics, data, block, keccak256(b"block", bytes([block])), job(99), index)


def finalised(number: int, block: int, index: int = 0) -> Log:
    return log_of((Finalised.topic(), job(number)), job(1000 + number), block, index)


def asserted(number: int, block: int, index: int = 0) -> Log:
    claimant = Digest(encode(["address"], [CLAIMANT]))
    return log_of((Asserted.topic(), job(number), claimant), job(1000 + number), block, index)


def batch(*logs: Log, head: int, rolled_back_to: int | None = None) -> Batch:
    checkpoints = (Checkpoint(head, keccak256(b"block", bytes([head]))),)
    return Batch(find_events(logs, [ARBITER]), rolled_back_to, head, checkpoints, True)


def blocks(journal: Journal) -> list[tuple[int, int]]:
    return [(found.log.block_number, found.log.log_index) for found in journal.events([ARBITER])]


def test_recorded_events_are_decoded_again(journal: Journal) -> None:
    recorded = batch(asserted(1, 5), finalised(2, 5, 1), head=6)
    assert [type(found.event) for found in recorded.events] == [Asserted, Finalised]
    journal.record("node", recorded)
    assert tuple(journal.events([ARBITER])) == recorded.events
    assert recorded.events[0].event == Asserted(job(1), CLAIMANT, job(1001))


def test_events_come_in_the_order_of_the_chain(journal: Journal) -> None:
    journal.record("node", batch(finalised(1, 20), finalised(2, 3, 7), finalised(3, 3, 2), head=20))
    journal.record("node", batch(finalised(4, 4), head=21))
    assert blocks(journal) == [(3, 2), (3, 7), (4, 0), (20, 0)]


def test_events_of_other_contracts_are_left_out(journal: Journal) -> None:
    journal.record("node", batch(finalised(1, 5), head=5))
    assert tuple(journal.events([ELSEWHERE])) == ()
    assert tuple(journal.events([])) == ()


def test_next_process_reads_what_the_last_one_recorded(journal: Journal, path: Path) -> None:
    recorded = batch(asserted(1, 5), head=6)
    journal.record("node", recorded)
    journal.close()
    again = Journal(path)
    assert tuple(again.events([ARBITER])) == recorded.events
    assert again.cursors.load("node") == recorded.checkpoints
    again.close()


def test_rollback_forgets_what_came_after_the_block(journal: Journal) -> None:
    journal.record("node", batch(finalised(1, 5), finalised(2, 6), finalised(3, 7), head=7))
    journal.record("node", batch(finalised(4, 7), head=8, rolled_back_to=5))
    assert blocks(journal) == [(5, 0), (7, 0)]
    assert list(journal.events([ARBITER]))[1].event == Finalised(job(4), job(1004))


def test_rollback_without_new_events(journal: Journal) -> None:
    journal.record("node", batch(finalised(1, 5), finalised(2, 6), head=6))
    journal.record("node", batch(head=5, rolled_back_to=5))
    assert blocks(journal) == [(5, 0)]
    assert journal.cursors.load("node")[-1].number == 5


def test_batch_is_recorded_whole_or_not_at_all(journal: Journal) -> None:
    """The same event again is refused, and then neither the other events nor the cursor of the batch are there."""
    journal.record("node", batch(finalised(1, 5), head=5))
    with pytest.raises(IntegrityError):
        journal.record("node", batch(finalised(2, 6), finalised(1, 5), head=6, rolled_back_to=5))
    assert blocks(journal) == [(5, 0)]
    assert journal.cursors.load("node")[-1].number == 5


def test_cursors_are_apart(journal: Journal) -> None:
    journal.record("node", batch(head=5))
    journal.record("other", batch(head=9))
    assert [journal.cursors.load(name)[-1].number for name in ("node", "other")] == [5, 9]


def test_secret_stays(journal: Journal, path: Path) -> None:
    secret, other = journal.secret("salt"), journal.secret("other")
    assert len(secret) == 32
    assert secret != other
    assert journal.secret("salt") == secret
    journal.close()
    again = Journal(path)
    assert (again.secret("salt"), again.secret("other")) == (secret, other)
    again.close()


def test_secrets_of_two_nodes_differ(journal: Journal, tmp_path: Path) -> None:
    second = Journal(tmp_path / "second.sqlite")
    assert second.secret("salt") != journal.secret("salt")
    second.close()


def test_opening_again_migrates_nothing_twice(journal: Journal, path: Path) -> None:
    journal.record("node", batch(finalised(1, 5), head=5))
    tables = set(inspect(journal.engine).get_table_names())
    assert {"events", "secrets", "outbox", "checkpoints", "alembic_version"} == tables
    for _ in range(2):
        again = Journal(path)
        assert set(inspect(again.engine).get_table_names()) == tables
        assert blocks(again) == [(5, 0)]
        again.close()


def test_commits_are_on_disk(journal: Journal, path: Path) -> None:
    """Another process sees them while this one runs, and each is synchronised."""
    journal.record("node", batch(finalised(1, 5), head=5))
    other = sqlite3.connect(path)
    assert other.execute("SELECT count(*) FROM events").fetchone() == (1,)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    with journal.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
