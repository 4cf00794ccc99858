"""What the chain says afterwards: who lost what and why, and whether every wei is where it should be."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from lockstep.chain.account import dev_account
from lockstep.chain.binding import View, find_events
from lockstep.chain.bindings.arbiter import Arbiter, Settled
from lockstep.chain.bindings.bracket import Bracket, Resolved
from lockstep.chain.bindings.committee import Committee, Concluded
from lockstep.chain.bindings.stake import Forfeited, Stake
from lockstep.chain.deployment import Deployment
from lockstep.chain.rpc import Rpc
from lockstep.cli.net.plan import NetPlan
from lockstep.features.inference.view import JobsView, JobView
from lockstep.types import ZERO_DIGEST, Address, Digest

DEV_ACCOUNTS: Final = 10


@dataclass(frozen=True, slots=True)
class Loss:
    """Money that a contract took from an account: ``what`` is "ticket", "silence", "bond" or "challenge"."""

    account: Address
    what: str
    wei: int
    block: int


class Creditor(Protocol):
    """A contract that owes credits."""

    @property
    def address(self) -> Address: ...

    def credit_of(self, account: Address) -> View[int]: ...


class Books:
    """The money of a network, from the block after ``first_block`` on."""

    def __init__(self, rpc: Rpc, deployment: Deployment, plan: NetPlan) -> None:
        self._rpc, self._deployment, self._plan = rpc, deployment, plan
        self._arbiter, self._bracket = deployment.contract(Arbiter), deployment.contract(Bracket)
        self._committee, self._stake = deployment.contract(Committee), deployment.contract(Stake)
        self.first_block = rpc.read_block_number()
        self._before = self._read_all(self.first_block)

    @property
    def _accounts(self) -> list[Address]:
        """Everybody who can have money here but the contracts."""
        return [*(node.address for node in self._plan.nodes), *(dev_account(n).address for n in range(DEV_ACCOUNTS))]

    @property
    def _contracts(self) -> list[Address]:
        return [contract.address for contract in self._deployment.contracts.values()]

    def losses(self, jobs: JobsView) -> list[Loss]:
        """All that contracts took from accounts, by the events."""
        return sorted([*self._tickets(), *self._bonds(jobs)], key=lambda loss: loss.block)

    def _tickets(self) -> Iterator[Loss]:
        ticket = self._rpc.read(self._stake.TICKET())
        logs = self._rpc.read_logs([self._stake.address], self.first_block + 1, self._rpc.read_block_number())
        for found in find_events(logs, [self._stake]):
            if isinstance(event := found.event, Forfeited):
                what = "ticket" if event.amount == ticket else "silence"
                yield Loss(event.operator, what, event.amount, found.log.block_number)

    def _bonds(self, jobs: JobsView) -> Iterator[Loss]:
        """Of claimants whose answer was not the final one, and of challengers whose claim did not stay alive."""
        bond = self._rpc.read(self._bracket.CHALLENGE_BOND())
        own = {self._committee.address, self._bracket.address}
        contracts = [self._arbiter, self._bracket]
        logs = self._rpc.read_logs(
            [contract.address for contract in contracts], self.first_block + 1, self._rpc.read_block_number()
        )
        for found in find_events(logs, contracts):
            event, block = found.event, found.log.block_number
            if not isinstance(event, Resolved | Settled) or (job := jobs.jobs.get(event.job_id)) is None:
                continue
            is_false = job.claimant not in (None, *own) and job.asserted_root not in (ZERO_DIGEST, job.output_root)
            if is_false and job.claimant is not None:
                yield Loss(job.claimant, "bond", job.job.bond, block)
            if isinstance(event, Resolved):
                for challenger in _losers(job, event.claim_id):
                    if challenger not in own:
                        yield Loss(challenger, "challenge", bond, block)

    # --- conservation

    def conservation(self) -> Mapping[str, int]:
        """What is too much or too little, in wei: of each contract, and of all accounts together. All must be 0.

        For when every job and question is over. What the chain burns of gas is told by its blocks.
        """
        newest = self._rpc.read_block_number()
        burnt, fees = self._burnt(newest), self._base_fees(newest)
        read, everybody = self._rpc.read, self._accounts + self._contracts
        stake = self._stake
        standing = read(stake.standing_of(self._plan.model_id)) + read(stake.standing_of(self._plan.proof_model_id))
        committee = self._committee.address
        at_trunk = read(self._arbiter.credit_of(committee)) + read(self._bracket.credit_of(committee))
        return {
            "Arbiter": self._surplus(self._arbiter, everybody),
            "Bracket": self._surplus(self._bracket, everybody) - burnt["Bracket"],
            "Committee": self._surplus(self._committee, everybody) + at_trunk - burnt["Committee"],
            "Stake": self._surplus(stake, everybody) + read(stake.lent()) - standing * read(stake.TICKET()),
            "all accounts": sum(self._read_all(newest).values()) + fees - sum(self._before.values()),
        }

    def _surplus(self, contract: Creditor, accounts: Sequence[Address]) -> int:
        """Its balance, less what it owes."""
        return self._rpc.read_balance(contract.address) - sum(
            self._rpc.read(contract.credit_of(account)) for account in accounts
        )

    def _burnt(self, newest: int) -> Counter[str]:
        contracts = [self._bracket, self._committee]
        logs = self._rpc.read_logs([contract.address for contract in contracts], self._deployment.first_block, newest)
        burnt: Counter[str] = Counter()
        for found in find_events(logs, contracts):
            if isinstance(event := found.event, Resolved):
                burnt["Bracket"] += event.burnt
            elif isinstance(event, Concluded):
                burnt["Committee"] += event.burnt
        return burnt

    def _base_fees(self, newest: int) -> int:
        """Wei that blocks have burnt since the start."""
        total = 0
        for number in range(self.first_block + 1, newest + 1):
            block = self._rpc.call("eth_getBlockByNumber", hex(number), False)
            total += int(block["gasUsed"], 16) * int(block["baseFeePerGas"], 16)
        return total

    def _read_all(self, block: int) -> dict[Address, int]:
        """The balances of everybody, the contracts, and who makes the blocks."""
        miner = Address(self._rpc.call("eth_getBlockByNumber", hex(block), False)["miner"])
        everybody = {account.lower(): account for account in [*self._accounts, *self._contracts, miner]}
        return {
            account: int(self._rpc.call("eth_getBalance", account, hex(block)), 16) for account in everybody.values()
        }


def _losers(job: JobView, winner: Digest) -> Iterator[Address]:
    """Challengers whose bond was not given back; who owns the claim that won has it back too."""
    owner = job.claims[winner].owner if winner in job.claims else None
    owners = {claim.owner for claim in job.claims.values()}
    for challenger in job.challengers:
        is_in_game = challenger in owners and challenger != owner
        never_opened = challenger not in job.opened
        if is_in_game or never_opened:
            yield challenger
