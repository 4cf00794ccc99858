"""Where the demo plays: a private chain with the contracts, the cast with funded accounts, and what they did."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from lockstep.chain.account import Account, dev_account
from lockstep.chain.anvil import LocalChain, LocalChainOptions
from lockstep.chain.binding import Binding, Transaction
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.digit_consumer import DigitConsumer
from lockstep.chain.deployment import Deployment, deploy_all
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.receipt import Receipt
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.chain.trunk import TRUNK, TrunkTerms
from lockstep.cli.demo.chronicle import Chronicle, Entry
from lockstep.cli.demo.record import Step
from lockstep.types import Address, Amount

MILLIETHER: Final = 10**15
FEE: Final = Amount(10 * MILLIETHER)
BOND: Final = Amount(100 * MILLIETHER)
WINDOW_SECONDS: Final = 600
TERMS: Final = TrunkTerms(
    minimum_bond=BOND, challenge_bond=BOND, join_seconds=300, clock_seconds=1200, match_seconds=300
)
CAST: Final = ("publisher", "user", "honest server", "cheating server", "challenger")


@dataclass
class Stage:
    """The chain, the contracts, the cast; ``steps`` is all that happened so far."""

    rpc: Rpc
    deployment: Deployment
    chronicle: Chronicle
    names: dict[Address, str]
    steps: list[Step] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._senders = {name: Sender(self.rpc, account_of(name), MemoryOutbox()) for name in CAST}
        self._numbers = itertools.count()

    @property
    def arbiter(self) -> Arbiter:
        return self.deployment.contract(Arbiter)

    @property
    def bracket(self) -> Bracket:
        return self.deployment.contract(Bracket)

    @property
    def artifacts(self) -> Artifacts:
        return self.deployment.contract(Artifacts)

    def send(self, by: str, transaction: Transaction) -> Receipt:
        """Send for one of the cast."""
        return self._senders[by].send(transaction, key=f"demo/{next(self._numbers)}")

    def pass_time(self, seconds: int) -> None:
        """A window or a join period goes by; on this chain nobody has to wait for it."""
        self.rpc.call("evm_increaseTime", seconds)
        self.rpc.call("evm_mine")

    def note(self, part: str, names: Iterator[str] | None = None) -> list[Entry]:
        """Write down what the chain recorded since the last time; ``names`` say what each transaction was for."""
        entries = self.chronicle.poll()
        for entry in entries:
            name = next(names, entry.name) if names is not None else entry.name
            self.steps.append(Step(name, self.names.get(entry.sender, entry.sender), entry.gas, entry.seconds, part))
        return entries

    def note_work(self, name: str, by: str, started: float, part: str) -> None:
        """Write down work off the chain."""
        self.steps.append(Step(name, by, 0, time.monotonic() - started, part))
        self.chronicle.mark()


def account_of(name: str) -> Account:
    """The funded account of one of the cast."""
    return dev_account(CAST.index(name))


@contextmanager
def open_stage() -> Iterator[Stage]:
    """A new chain with everything deployed; it ends with the block."""
    contracts: list[type[Binding]] = [placement.contract for placement in TRUNK] + [DigitConsumer]
    started = time.monotonic()
    with LocalChain.start(LocalChainOptions()) as chain:
        rpc = Rpc(chain.url)
        chronicle = Chronicle(rpc, [contract.artifact() for contract in contracts])
        ready = time.monotonic()
        deployment = deploy_all(Sender(rpc, account_of("publisher"), MemoryOutbox()), TERMS)
        names = {account_of(name).address: name for name in CAST}
        stage = Stage(rpc, deployment, chronicle, names, [Step("start anvil", "user", 0, ready - started, "set-up")])
        stage.note("set-up")
        yield stage
