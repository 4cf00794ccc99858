"""What committees cost and pay: the terms that the incentive simulation passes and that contracts are deployed with."""

from dataclasses import dataclass
from typing import Final

from lockstep.types import Amount

MILLIETHER: Final = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitteeTerms:
    """Money in units of c, the cost of one inference; shares and rates are probabilities (docs/specs/committee.md)."""

    ticket: float = 40.0
    """S: what a member has at stake in one job, and loses with a claim that is not the final one."""
    fee_per_member: float = 1.5
    """f: paid to each member whose claim is the final one."""
    nonreveal_penalty: float = 3.0
    """Taken from a drawn member that does not reveal: 2f."""
    winners_share: float = 0.5
    """ρ: of what losers forfeit, to the members who were right; the rest is burnt."""
    audit_share: float = 0.05
    """a: of jobs that are planted. S ≥ c/a − f must hold."""
    size: int = 5
    """n: members of a committee."""
    watcher_rate: float = 0.005
    """α: the chance of each watcher to be drawn for an optimistic claim."""
    watcher_pay: float = 1.2
    """r_w: paid to a duty watcher."""
    watcher_stake: float = 40.0
    """S_w: the same ticket. S_w ≥ r_w (1 − x) / x must hold."""
    opening_rate: float = 0.1
    """x: the chance that a member who revealed has to open a tile under its keyed trace root."""
    asserter_bond: float = 40.0
    """B_a: of an optimistic claim."""
    challenger_bond: float = 15.0
    """B_c: of a challenge in the Bracket; a group that appeals puts it up from its tickets."""

    @property
    def majority(self) -> int:
        """t: equal claims that a committee needs."""
        return -(-2 * self.size // 3)


DEFAULT_COMMITTEE_TERMS: Final = CommitteeTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedCommitteeTerms:
    """The immutable parameters of ``Stake`` and ``Committee``: wei, seconds, blocks, basis points."""

    ticket: Amount
    """S; never below the bonds of Arbiter and Bracket, which a group puts up from it."""
    cap_basis_points: int
    """Of a model's tickets, how many one operator may have."""
    cap_floor: int
    """Tickets that an operator may have whatever its share."""
    unbonding_seconds: int
    """Longer than any draw can take."""
    silence_basis_points: int
    """Of the ticket: what a member that does not reveal forfeits (2f)."""
    opening_one_in: int
    """1/x: of members who revealed, one in so many has to open a tile, by the second beacon."""
    opening_deposit: Amount
    """What it costs to demand a tile of any other member; paid to the member when it opens it."""
    beacon_blocks: int
    """Blocks from what fixes a question to the block whose beacon answers it: more than a reorganisation undoes."""
    beacon_seconds: int
    """In which a beacon should be shown."""
    commit_seconds: int
    reveal_seconds: int
    appeal_seconds: int
    """W_q: the least window of a committee's answer."""
    opening_seconds: int
    """For demands, and again for openings."""


# As DEFAULT_COMMITTEE_TERMS with c = 0.25 milliether, in clocks that a person can watch; S and B_c are 50 c, not 40 and
# 15: a crowd of false claims is to be borne at ten times the gas price too (row T7).
LOCAL_COMMITTEE_TERMS: Final = DeployedCommitteeTerms(
    ticket=Amount(25 * MILLIETHER // 2),
    cap_basis_points=500,
    cap_floor=64,
    unbonding_seconds=600,
    silence_basis_points=600,
    opening_one_in=10,
    opening_deposit=Amount(MILLIETHER),
    beacon_blocks=2,
    beacon_seconds=20,
    commit_seconds=30,
    reveal_seconds=30,
    appeal_seconds=30,
    opening_seconds=10,
)
