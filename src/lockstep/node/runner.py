"""The loop of a node: read the chain, let every role decide, send what it decided, begin again."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import structlog

from lockstep.chain.binding import Binding
from lockstep.chain.cursor import Cursor
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.errors import AccountError, ChainError, RevertError
from lockstep.node.health import Pulse
from lockstep.node.journal import Journal
from lockstep.node.metrics import ChainMetrics, Metrics
from lockstep.node.role import Action, Role, View

CURSOR: Final = "node"
OVERTAKEN: Final = ("already-done", "/state", "/stage", "/delivered", "/status", "/same")
"""How a contract says that somebody else was faster: what was wanted has happened, or the state has moved on."""
RECEIPT_GONE: Final = "chain/receipt-gone"
"""A reorganisation took a transaction out of its block, and another one has its nonce now."""
FLIGHT: Final = 16
"""Transactions that wait for a block together; nodes keep at least so many for one account."""
BALANCE_SECONDS: Final = 30.0
MOST_EXPLAINED: Final = 10_000


class Runner:
    """One account's roles on one chain. ``step`` may be called again after any crash: the journal knows the rest."""

    def __init__(
        self,
        rpc: Rpc,
        sender: Sender,
        journal: Journal,
        *,
        contracts: Sequence[Binding],
        view: View,
        roles: Sequence[Role],
        first_block: int = 0,
        confirmations: int = 0,
        checkpoint: Callable[[str], None] = lambda _: None,
        metrics: ChainMetrics | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        self._rpc, self._sender, self._journal = rpc, sender, journal
        self._contracts, self._view, self._roles = list(contracts), view, list(roles)
        self._checkpoint, self._confirmations = checkpoint, confirmations
        self._cursor = Cursor(
            rpc, contracts, journal.cursors, name=CURSOR, first_block=first_block, confirmations=confirmations
        )
        self._metrics = metrics or Metrics().chain("main")
        self._pulse = pulse or Pulse()
        self._balance_read_at = -BALANCE_SECONDS
        self._log = structlog.get_logger().bind(account=sender.address)
        self._stopped = threading.Event()
        self._explained: set[tuple[str, str]] = set()
        self._replay()

    def stop(self) -> None:
        """Lets ``run`` return after what it has in hand; fit for a signal handler."""
        self._stopped.set()

    def close(self) -> None:
        """Everything is on disk, and the journal's file is let go."""
        self._journal.close()

    def run(self, *, poll_seconds: float, steps: int = 0) -> int:
        """Steps until stopped, or ``steps`` times; how many it took. A chain that cannot be reached is waited for."""
        taken, is_resumed = 0, False
        while not self._stopped.is_set() and (taken < steps or not steps):
            taken += 1
            try:
                if not is_resumed:
                    self._sender.resume()
                    self._sender.wait_unfinished()
                    is_resumed = True
                has_acted = self.step()
            except ChainError as error:
                self._log.warning("chain", error=str(error))
                self._metrics.failed(error.code)
                has_acted = is_resumed = False
            self._pulse.beat()
            if not has_acted and taken != steps:
                self._stopped.wait(poll_seconds)
        return taken

    def step(self) -> bool:
        """Reads what is new and carries out what the roles decide; whether anything was sent."""
        self._read()
        now = self._rpc.read_block().timestamp
        has_acted = False
        for role in self._roles:
            decisions = iter(role.decide(now))
            while flight := self._take_off(role, decisions):
                for action in flight:
                    has_acted |= self._land(role, action)
                self._pulse.beat()
        self._view.forget_finished()
        self._report(has_acted)
        return has_acted

    def _read(self) -> None:
        while not self._stopped.is_set():
            batch = self._cursor.poll()
            self._pulse.head = batch.head
            if not batch.is_new:
                return
            self._checkpoint("read")
            self._journal.record(CURSOR, batch)
            self._checkpoint("recorded")
            self._pulse.beat()
            if batch.rolled_back_to is not None:
                self._log.warning("reorganised", back_to=batch.rolled_back_to)
                self._replay()
                continue
            for logged in batch.events:
                self._view.apply(logged)

    def _replay(self) -> None:
        self._view.clear()
        for number, logged in enumerate(self._journal.events(self._contracts)):
            self._view.apply(logged)
            if number % 1000 == 0:
                self._view.forget_finished()

    def _take_off(self, role: Role, decisions: Iterator[Action]) -> list[Action]:
        """Sends the next decisions without waiting for a block; those that are on their way or done."""
        flight: list[Action] = []
        while len(flight) < FLIGHT and not self._stopped.is_set():
            action = next(decisions, None)
            if action is None:
                break
            if self._send(role, action):
                flight.append(action)
        return flight

    def _send(self, role: Role, action: Action) -> bool:
        try:
            if self._sender.find(action.key) is not None:
                return False
            self._checkpoint(f"before {action.purpose}")
            self._sender.submit(action.transaction, key=action.key)
            self._checkpoint(f"sent {action.purpose}")
        except (RevertError, AccountError) as error:
            self._explain(role, action, error)
            return False
        return True

    def _land(self, role: Role, action: Action) -> bool:
        try:
            receipt = self._sender.wait(action.key)
        except (RevertError, AccountError) as error:
            self._explain(role, action, error)
            return False
        except ChainError as error:
            if error.code != RECEIPT_GONE:
                raise
            # Decided by the chain's state, so it is decided, tried and estimated again if it is still to be done.
            self._log_of(role, action).warning("taken back", error=str(error))
            self._sender.give_up(action.key)
            return True
        self._checkpoint(f"after {action.purpose}")
        self._log_of(role, action).info("done", gas=receipt.gas_used, block=receipt.block_number)
        self._metrics.ended(role.name, action.purpose, "done", receipt)
        return True

    def _explain(self, role: Role, action: Action, error: ChainError) -> None:
        """Once for each action and cause: what reverted in a block is found again at every step."""
        if (action.key, error.code) in self._explained:
            return
        if len(self._explained) >= MOST_EXPLAINED:
            self._explained.clear()
        self._explained.add((action.key, error.code))
        log = self._log_of(role, action)
        if isinstance(error, AccountError):
            log.error("account", error=str(error))
            outcome = "failed"
        elif any(mark in error.code for mark in OVERTAKEN):
            log.info("overtaken", error=str(error))
            outcome = "overtaken"
        else:
            log.warning("reverted", error=str(error))
            outcome = "reverted"
        self._metrics.ended(role.name, action.purpose, outcome)

    def _log_of(self, role: Role, action: Action) -> structlog.typing.FilteringBoundLogger:
        log = self._log.bind(role=role.name, action=action.purpose, key=action.key)
        bound: structlog.typing.FilteringBoundLogger = log if action.job is None else log.bind(job=action.job.hex())
        return bound

    def _report(self, has_acted: bool) -> None:
        newest = self._rpc.read_block_number()
        lag = max(0, newest - self._confirmations - self._pulse.head)
        self._metrics.stepped(lag_blocks=lag, states=self._view.count_states())
        if has_acted or time.monotonic() - self._balance_read_at > BALANCE_SECONDS:
            self._metrics.funded(self._sender.address, self._rpc.read_balance(self._sender.address))
            self._balance_read_at = time.monotonic()
