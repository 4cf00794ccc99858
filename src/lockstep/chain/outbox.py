"""What was signed, written down before it is sent, so that after a crash it is found again and never sent twice."""

import threading
from dataclasses import dataclass, replace
from typing import Final, Protocol

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Engine,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Row

from lockstep.types import Address, Digest

METADATA: Final = MetaData()

OUTBOX: Final = Table(
    "outbox",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("chain_id", BigInteger, nullable=False),
    Column("account", String(42), nullable=False),
    Column("key", String(200), nullable=False, index=True),
    Column("nonce", BigInteger, nullable=False),
    Column("intent", LargeBinary(32), nullable=False),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("raw", LargeBinary, nullable=False),
    Column("max_fee", BigInteger, nullable=False),
    Column("priority_fee", BigInteger, nullable=False),
    Column("gas", BigInteger, nullable=False),
    Column("is_done", Boolean, nullable=False, default=False),
    Index("outbox_unfinished", "chain_id", "account", "is_done"),
)


@dataclass(frozen=True, slots=True)
class Lane:
    """Whose nonces: one account on one chain."""

    chain_id: int
    account: Address


@dataclass(frozen=True, slots=True)
class Envelope:
    """One signed attempt. Attempts with the same key have the same nonce, unless that nonce was lost to another."""

    key: str
    nonce: int
    intent: Digest
    hash: Digest
    raw: bytes
    max_fee: int
    priority_fee: int
    gas: int
    is_done: bool = False


class Outbox(Protocol):
    """The journal of a sender. ``record`` returns when the envelope would survive a power cut."""

    def record(self, lane: Lane, envelope: Envelope) -> None:
        """Write an attempt down, before it is sent."""

    def attempts(self, lane: Lane, key: str) -> tuple[Envelope, ...]:
        """All attempts of a key, the oldest first."""
        ...

    def unfinished(self, lane: Lane) -> tuple[Envelope, ...]:
        """All attempts without a receipt, the oldest first."""
        ...

    def finish(self, lane: Lane, key: str) -> None:
        """The chain has given a receipt for one of the attempts."""

    def discard(self, lane: Lane, transaction_hash: Digest) -> None:
        """This attempt was refused by the chain and can never be taken."""


class MemoryOutbox:
    """For tests and one-off commands on a local chain."""

    def __init__(self) -> None:
        self._envelopes: list[tuple[Lane, Envelope]] = []
        self._lock = threading.Lock()

    def record(self, lane: Lane, envelope: Envelope) -> None:
        with self._lock:
            self._envelopes.append((lane, envelope))

    def attempts(self, lane: Lane, key: str) -> tuple[Envelope, ...]:
        return tuple(envelope for envelope in self._of(lane) if envelope.key == key)

    def unfinished(self, lane: Lane) -> tuple[Envelope, ...]:
        return tuple(envelope for envelope in self._of(lane) if not envelope.is_done)

    def finish(self, lane: Lane, key: str) -> None:
        with self._lock:
            self._envelopes = [
                (owner, replace(envelope, is_done=True) if (owner, envelope.key) == (lane, key) else envelope)
                for owner, envelope in self._envelopes
            ]

    def discard(self, lane: Lane, transaction_hash: Digest) -> None:
        with self._lock:
            self._envelopes = [
                (owner, envelope)
                for owner, envelope in self._envelopes
                if (owner, envelope.hash) != (lane, transaction_hash)
            ]

    def _of(self, lane: Lane) -> list[Envelope]:
        with self._lock:
            return [envelope for owner, envelope in self._envelopes if owner == lane]


class SqlOutbox:
    """In a database; the table is made if it is not there."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        METADATA.create_all(engine, tables=[OUTBOX])

    def record(self, lane: Lane, envelope: Envelope) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                insert(OUTBOX).values(
                    chain_id=lane.chain_id,
                    account=lane.account,
                    key=envelope.key,
                    nonce=envelope.nonce,
                    intent=envelope.intent,
                    hash=envelope.hash,
                    raw=envelope.raw,
                    max_fee=envelope.max_fee,
                    priority_fee=envelope.priority_fee,
                    gas=envelope.gas,
                    is_done=False,
                )
            )

    def attempts(self, lane: Lane, key: str) -> tuple[Envelope, ...]:
        return self._select(lane, OUTBOX.c.key == key)

    def unfinished(self, lane: Lane) -> tuple[Envelope, ...]:
        return self._select(lane, OUTBOX.c.is_done.is_(False))

    def finish(self, lane: Lane, key: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(OUTBOX).where(*_of(lane), OUTBOX.c.key == key).values(is_done=True))

    def discard(self, lane: Lane, transaction_hash: Digest) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(OUTBOX).where(*_of(lane), OUTBOX.c.hash == transaction_hash))

    def _select(self, lane: Lane, condition: ColumnElement[bool]) -> tuple[Envelope, ...]:
        query = select(OUTBOX).where(*_of(lane), condition).order_by(OUTBOX.c.sequence)
        with self._engine.connect() as connection:
            return tuple(_envelope(row) for row in connection.execute(query))


def _of(lane: Lane) -> tuple[ColumnElement[bool], ...]:
    return OUTBOX.c.chain_id == lane.chain_id, OUTBOX.c.account == lane.account


def _envelope(row: Row[tuple[object, ...]]) -> Envelope:
    return Envelope(
        row.key,
        row.nonce,
        Digest(row.intent),
        Digest(row.hash),
        row.raw,
        row.max_fee,
        row.priority_fee,
        row.gas,
        row.is_done,
    )
