"""What a role is to the runner: chain events go in, keyed actions come out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from lockstep.chain.binding import LoggedEvent, Transaction
from lockstep.crypto.hashing import keccak256
from lockstep.errors import ChainError, RevertError
from lockstep.types import Digest

CONTENT_DIGITS = 16
"""Of a digest in a key: an account's own transactions only have to differ from each other."""


@dataclass(frozen=True, slots=True)
class Action:
    """A transaction to send. ``key`` names what it does, so that after a crash it is found and not sent again.

    ``job``: which job it is about, for the log.
    """

    key: str
    transaction: Transaction
    purpose: str
    job: Digest | None = None

    @classmethod
    def by_content(cls, name: str, transaction: Transaction, purpose: str) -> "Action":
        """For duties whose content hangs on a block: after a reorganisation it is another, to be sent as well."""
        return cls(f"{name}/{keccak256(transaction.data).hex()[:CONTENT_DIGITS]}", transaction, purpose)


def about(job: Digest, actions: Iterable[Action]) -> Iterator[Action]:
    """The same actions, with their job. A job that makes the node fail ends alone: others have clocks that run.

    So does one about which a contract will not say what was asked: what is known of it here is not news any more.
    """
    try:
        for action in actions:
            yield replace(action, job=job)
    except RevertError as error:
        structlog.get_logger().info("overtaken", job=job.hex(), error=str(error))
    except ChainError:
        raise
    except Exception as error:
        structlog.get_logger().error("job failed", job=job.hex(), error=str(error), exc_info=error)


class View(Protocol):
    """What the node knows of the chain, folded from events; the same events always give the same view."""

    def apply(self, logged: LoggedEvent) -> None: ...

    def clear(self) -> None: ...

    def forget_finished(self) -> None:
        """Lets go of what no role will ever act on again."""
        ...

    def count_states(self) -> Mapping[str, int]:
        """How many jobs were seen, by state, the forgotten ones too."""
        ...


class Role(Protocol):
    """One duty. ``decide`` changes nothing and sends nothing."""

    @property
    def name(self) -> str: ...

    def decide(self, now: int) -> Iterable[Action]: ...
