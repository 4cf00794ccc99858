"""The loop of a node: read the chain, let every role decide, send what it decided, begin again."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from lockstep.chain.binding import Binding
from lockstep.chain.cursor import Cursor
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.errors import AccountError, ChainError, RevertError
from lockstep.node.journal import Journal
from lockstep.node.role import Action, Role, View

CURSOR: Final = "node"
OVERTAKEN: Final = ("already-done", "/state", "/delivered", "/status", "/same")
"""How a contract says that somebody else was faster: what was wanted has happened, or the state has moved on."""


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
    ) -> None:
        self._rpc, self._sender, self._journal = rpc, sender, journal
        self._contracts, self._view, self._roles = list(contracts), view, list(roles)
        self._checkpoint = checkpoint
        self._cursor = Cursor(
            rpc, contracts, journal.cursors, name=CURSOR, first_block=first_block, confirmations=confirmations
        )
        self._log = structlog.get_logger().bind(account=sender.address)
        self._is_stopped = False
        self._replay()

    def stop(self) -> None:
        """Lets ``run`` return after the step that it is in; fit for a signal handler."""
        self._is_stopped = True

    def run(self, *, poll_seconds: float, steps: int = 0) -> int:
        """Steps until stopped, or ``steps`` times; how many it took. A chain that cannot be reached is waited for."""
        self._sender.resume()
        taken = 0
        while not self._is_stopped and (taken < steps or not steps):
            taken += 1
            try:
                has_acted = self.step()
            except ChainError as error:
                self._log.warning("chain", error=str(error))
                has_acted = False
            if not has_acted and not self._is_stopped and taken != steps:
                time.sleep(poll_seconds)
        return taken

    def step(self) -> bool:
        """Reads what is new and carries out what the roles decide; whether anything was sent."""
        self._read()
        now = self._rpc.read_block().timestamp
        has_acted = False
        for role in self._roles:
            for action in role.decide(now):
                has_acted |= self._carry_out(role, action)
        return has_acted

    def _read(self) -> None:
        while True:
            batch = self._cursor.poll()
            if not batch.is_new:
                return
            self._checkpoint("read")
            self._journal.record(CURSOR, batch)
            self._checkpoint("recorded")
            if batch.rolled_back_to is not None:
                self._log.warning("reorganised", back_to=batch.rolled_back_to)
                self._replay()
                continue
            for logged in batch.events:
                self._view.apply(logged)

    def _replay(self) -> None:
        self._view.clear()
        for logged in self._journal.events(self._contracts):
            self._view.apply(logged)

    def _carry_out(self, role: Role, action: Action) -> bool:
        log = self._log.bind(role=role.name, action=action.purpose, key=action.key)
        try:
            if self._sender.find(action.key) is not None:
                return False
            self._checkpoint(f"before {action.purpose}")
            self._sender.submit(action.transaction, key=action.key)
            self._checkpoint(f"sent {action.purpose}")
            receipt = self._sender.wait(action.key)
            self._checkpoint(f"after {action.purpose}")
        except RevertError as error:
            is_overtaken = any(mark in error.code for mark in OVERTAKEN)
            (log.info if is_overtaken else log.warning)("overtaken" if is_overtaken else "reverted", error=str(error))
            return False
        except AccountError as error:
            log.error("account", error=str(error))
            return False
        log.info("done", gas=receipt.gas_used, block=receipt.block_number)
        return True
