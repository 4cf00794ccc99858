"""What a role is to the runner: chain events go in, keyed actions come out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from lockstep.chain.binding import LoggedEvent, Transaction


@dataclass(frozen=True, slots=True)
class Action:
    """A transaction to send. ``key`` names what it does, so that after a crash it is found and not sent again."""

    key: str
    transaction: Transaction
    purpose: str


class View(Protocol):
    """What the node knows of the chain, folded from events; the same events always give the same view."""

    def apply(self, logged: LoggedEvent) -> None: ...

    def clear(self) -> None: ...


class Role(Protocol):
    """One duty. ``decide`` changes nothing and sends nothing."""

    @property
    def name(self) -> str: ...

    def decide(self, now: int) -> Iterable[Action]: ...
