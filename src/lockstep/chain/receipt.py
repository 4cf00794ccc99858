"""What became of a sent transaction."""

from dataclasses import dataclass

from lockstep.chain.binding import Binding, Log, LoggedEvent, find_events
from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that a block has taken and that did not revert."""

    key: str
    transaction_hash: Digest
    block_number: int
    block_hash: Digest
    gas_used: int
    gas_price: Amount
    contract_address: Address | None
    logs: tuple[Log, ...]

    @property
    def fee(self) -> Amount:
        """What it cost, in wei."""
        return Amount(self.gas_used * self.gas_price)

    def events(self, *contracts: Binding) -> tuple[LoggedEvent, ...]:
        """The events of these contracts, in order."""
        return find_events(self.logs, contracts)
