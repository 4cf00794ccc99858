"""The node's memory across restarts: events that it has read, its cursor, its secret; one SQLite file."""

import secrets
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, Row, create_engine, delete, event, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from lockstep.chain.binding import Binding, Log, LoggedEvent, find_events
from lockstep.chain.cursor import Batch
from lockstep.chain.cursor_store import SqlCursorStore, save_checkpoints
from lockstep.chain.outbox import SqlOutbox
from lockstep.errors import StoreError
from lockstep.node.tables import EVENTS, SECRETS
from lockstep.types import Address, Digest

SECRET_BYTES = 32
PAGE_EVENTS = 1000
PROBE_MILLISECONDS = 1000
LEAST_FREE_BYTES = 16 << 20
"""Room for thousands of transactions, and for closing in good order."""


class Journal:
    """Opens (and, after an update, migrates) the database of one node."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self.engine = create_engine(f"sqlite:///{path}")
        event.listen(self.engine, "connect", _make_durable)
        _migrate(self.engine)
        self.outbox = SqlOutbox(self.engine)
        self.cursors = SqlCursorStore(self.engine)

    def close(self) -> None:
        """Everything into the one file, and lets go of it."""
        with self.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        self.engine.dispose()

    def record(self, cursor: str, batch: Batch) -> None:
        """Events and cursor in one transaction: a batch is either known and passed, or neither."""
        with self.engine.begin() as connection:
            if batch.rolled_back_to is not None:
                connection.execute(delete(EVENTS).where(EVENTS.c.block_number > batch.rolled_back_to))
            if batch.events:
                connection.execute(insert(EVENTS), [_row(logged.log) for logged in batch.events])
            save_checkpoints(connection, cursor, batch.checkpoints)

    def events(self, contracts: list[Binding]) -> Iterator[LoggedEvent]:
        """All events of some contracts, in the chain's order; a page of them in memory at a time."""
        query = select(EVENTS).order_by(EVENTS.c.block_number, EVENTS.c.log_index)
        with self.engine.connect().execution_options(yield_per=PAGE_EVENTS) as connection:
            for page in connection.execute(query).partitions():
                yield from find_events([_log(row) for row in page], contracts)

    def verify_writable(self) -> None:
        """Raises ``StoreError`` ``journal/unwritable``, also when the disk is about to be full."""
        remedy = "make room on the disk, and let the file and its folder belong to who runs the node"
        if (free := shutil.disk_usage(self._path.parent).free) < LEAST_FREE_BYTES:
            raise StoreError("journal/unwritable", "the disk is full", value=f"{free} bytes free", remedy=remedy)
        try:
            with self.engine.connect() as connection:
                connection.execute(text(f"PRAGMA busy_timeout = {PROBE_MILLISECONDS}"))
                connection.execute(text("BEGIN IMMEDIATE"))
                connection.execute(delete(SECRETS).where(SECRETS.c.name == ""))
                connection.rollback()
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", error))
            raise StoreError("journal/unwritable", cause, remedy=remedy) from error

    def secret(self, name: str) -> bytes:
        """32 random bytes, the same ever after: what salts are derived from, so that none can be lost."""
        with self.engine.begin() as connection:
            found = connection.execute(select(SECRETS.c.value).where(SECRETS.c.name == name)).scalar_one_or_none()
            if found is None:
                found = secrets.token_bytes(SECRET_BYTES)
                connection.execute(insert(SECRETS).values(name=name, value=found))
        return bytes(found)


def _log(row: Row[tuple[object, ...]]) -> Log:
    return Log(
        address=Address(row.address),
        topics=tuple(Digest(row.topics[at : at + 32]) for at in range(0, len(row.topics), 32)),
        data=row.data,
        block_number=row.block_number,
        block_hash=Digest(row.block_hash),
        transaction_hash=Digest(row.transaction_hash),
        log_index=row.log_index,
    )


def _row(log: Log) -> dict[str, object]:
    return {
        "block_number": log.block_number,
        "log_index": log.log_index,
        "block_hash": log.block_hash,
        "transaction_hash": log.transaction_hash,
        "address": log.address,
        "topics": b"".join(log.topics),
        "data": log.data,
    }


def _make_durable(connection: object, _record: object) -> None:
    """A commit is on disk when it returns, and readers do not wait for writers."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("lockstep.node") / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
