"""Where cursors remember their place: in memory for tests, in a database for everything else."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
)

from lockstep.chain.cursor import Checkpoint
from lockstep.types import Digest

METADATA: Final = MetaData()

CHECKPOINTS: Final = Table(
    "checkpoints",
    METADATA,
    Column("cursor", String(100), primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("hash", LargeBinary(32), nullable=True),
)


class MemoryCursorStore:
    """Forgets when the process ends."""

    def __init__(self) -> None:
        self._checkpoints: dict[str, tuple[Checkpoint, ...]] = {}

    def load(self, name: str) -> tuple[Checkpoint, ...]:
        return self._checkpoints.get(name, ())

    def save(self, name: str, checkpoints: tuple[Checkpoint, ...]) -> None:
        self._checkpoints[name] = checkpoints


class SqlCursorStore:
    """In a database; the table is made if it is not there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        METADATA.create_all(engine, tables=[CHECKPOINTS])

    def load(self, name: str) -> tuple[Checkpoint, ...]:
        query = select(CHECKPOINTS).where(CHECKPOINTS.c.cursor == name).order_by(CHECKPOINTS.c.number)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return tuple(Checkpoint(row.number, None if row.hash is None else Digest(row.hash)) for row in rows)

    def save(self, name: str, checkpoints: tuple[Checkpoint, ...]) -> None:
        with self._engine.begin() as connection:
            save_checkpoints(connection, name, checkpoints)


def save_checkpoints(connection: Connection, name: str, checkpoints: tuple[Checkpoint, ...]) -> None:
    """As part of the caller's own transaction: then what it did for a batch and the commit of the batch are one."""
    connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.cursor == name))
    rows = [{"cursor": name, "number": item.number, "hash": item.hash} for item in checkpoints]
    connection.execute(insert(CHECKPOINTS), rows)
