"""What a transaction offers for its place in a block, and how the offer grows while it waits."""

from dataclasses import dataclass
from typing import Final

from lockstep.chain.rpc import Rpc
from lockstep.errors import ChainError
from lockstep.types import Amount

GWEI: Final = 10**9
DEFAULT_MAX_FEE: Final = Amount(500 * GWEI)
TRANSACTION_GAS_CAP: Final = 16_777_216  # EIP-7825
GAS_MARGIN_PERCENT: Final = 20  # state may change between the estimate and the block
BUMP_PERCENT: Final = 25  # nodes ask for 10 % (geth, anvil) or 12.5 %


@dataclass(frozen=True, slots=True)
class Fees:
    """Wei for a unit of gas, as in EIP-1559."""

    max_fee: int
    priority_fee: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLimits:
    """What the account's owner allows."""

    max_fee: Amount = DEFAULT_MAX_FEE
    max_priority_fee: Amount = DEFAULT_MAX_FEE
    gas: int = TRANSACTION_GAS_CAP

    def price(self, rpc: Rpc) -> Fees:
        """Twice the base fee leaves room for six full blocks in a row."""
        base = rpc.read_block().base_fee
        tip = min(int(rpc.call("eth_maxPriorityFeePerGas"), 16), self.max_priority_fee)
        if base + tip > self.max_fee:
            raise ChainError(
                "chain/fee-cap",
                "the chain asks more for gas than is allowed",
                value=f"{(base + tip) / GWEI:.3f} gwei > {self.max_fee / GWEI:.3f} gwei",
                remedy="wait, or raise the limit",
            )
        return Fees(min(2 * base + tip, self.max_fee), tip)

    def bumped(self, old: Fees, current: Fees) -> Fees | None:
        """An offer that replaces ``old`` in the pool, or None when the limit leaves no room for one."""
        max_fee = max(current.max_fee, _raised(old.max_fee))
        priority_fee = max(current.priority_fee, _raised(old.priority_fee))
        is_allowed = max_fee <= self.max_fee and priority_fee <= self.max_priority_fee
        return Fees(max_fee, min(priority_fee, max_fee)) if is_allowed else None

    def gas_for(self, estimate: int) -> int:
        """The estimate with a margin, within what one transaction may use."""
        if estimate > self.gas:
            raise ChainError("chain/gas-cap", "the transaction needs more gas than one may use", value=estimate)
        return min(self.gas, estimate * (100 + GAS_MARGIN_PERCENT) // 100)


def _raised(fee: int) -> int:
    return fee * (100 + BUMP_PERCENT) // 100 + 1
