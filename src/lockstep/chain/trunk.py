"""The order in which the trunk's contracts are created, and what each is told about the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lockstep.chain.binding import Binding, Transaction
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.availability import Availability
from lockstep.chain.bindings.beacon import Beacon
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.committee import Committee, Parameters
from lockstep.chain.bindings.proof_bonds import ProofBonds
from lockstep.chain.bindings.proof_desk import ProofDesk
from lockstep.chain.bindings.proof_keys import ProofKeys
from lockstep.chain.bindings.referee import Referee
from lockstep.chain.bindings.stake import Stake
from lockstep.chain.bindings.steps import Steps
from lockstep.chain.bindings.steps_elementwise import StepsElementwise
from lockstep.chain.bindings.steps_linear import StepsLinear
from lockstep.chain.bindings.steps_trees import StepsTrees
from lockstep.chain.bindings.steps_window import StepsWindow
from lockstep.chain.proof_verifier import ProofVerifier
from lockstep.claims.economics import LOCAL_COMMITTEE_TERMS, DeployedCommitteeTerms
from lockstep.proof.parameters import PRESETS
from lockstep.types import Address, Amount

MILLIETHER: Final = 10**15
LEAST_GAS_PRICE: Final = 10**7
"""Wei, at which an answer of ``Availability`` is paid for at least: what tips and data cost beside a base fee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkTerms:
    """The immutable parameters of disputes and committees (dispute.md, sections 2 and 3; committee.md, section 1)."""

    minimum_bond: Amount
    challenge_bond: Amount
    join_seconds: int
    clock_seconds: int
    match_seconds: int
    committee: DeployedCommitteeTerms = LOCAL_COMMITTEE_TERMS

    @property
    def ticket(self) -> Amount:
        """A group's one ticket covers every bond that it can be asked for."""
        return max(self.committee.ticket, self.minimum_bond, self.challenge_bond)


# For a local chain: bonds above the gas of a dispute, clocks that a person can watch.
LOCAL_TERMS: Final = TrunkTerms(
    minimum_bond=Amount(10 * MILLIETHER),
    challenge_bond=LOCAL_COMMITTEE_TERMS.ticket,
    join_seconds=60,
    clock_seconds=600,
    match_seconds=60,
)


Addresses = Mapping[type[Binding], Address]


def _committee_parameters(terms: DeployedCommitteeTerms) -> Parameters:
    return Parameters(
        beacon_blocks=terms.beacon_blocks,
        beacon_seconds=terms.beacon_seconds,
        commit_seconds=terms.commit_seconds,
        reveal_seconds=terms.reveal_seconds,
        appeal_seconds=terms.appeal_seconds,
        opening_seconds=terms.opening_seconds,
        opening_one_in=terms.opening_one_in,
        opening_deposit=terms.opening_deposit,
        silence_basis_points=terms.silence_basis_points,
    )


@dataclass(frozen=True, slots=True)
class Placement:
    """One contract, and its creation when the addresses of all are known."""

    contract: type[Binding]
    create: Callable[[Addresses, TrunkTerms], Transaction]

    @property
    def name(self) -> str:
        """As in the contract's file name."""
        return self.contract.__name__


# Arbiter and Bracket, Arbiter and ProofDesk, Stake and Committee name each other, so addresses are predicted from the
# order of this table.
TRUNK: Final = (
    Placement(Artifacts, lambda _at, _terms: Artifacts.deploy()),
    Placement(StepsLinear, lambda _at, _terms: StepsLinear.deploy()),
    Placement(StepsElementwise, lambda _at, _terms: StepsElementwise.deploy()),
    Placement(StepsWindow, lambda _at, _terms: StepsWindow.deploy()),
    Placement(StepsTrees, lambda _at, _terms: StepsTrees.deploy()),
    Placement(
        Steps,
        lambda at, _terms: Steps.deploy(at[StepsLinear], at[StepsElementwise], at[StepsWindow], at[StepsTrees]),
    ),
    Placement(Arbiter, lambda at, terms: Arbiter.deploy(at[Bracket], at[ProofDesk], terms.minimum_bond)),
    Placement(
        Bracket,
        lambda at, terms: Bracket.deploy(
            at[Arbiter],
            at[Artifacts],
            at[Steps],
            terms.challenge_bond,
            terms.join_seconds,
            terms.clock_seconds,
            terms.match_seconds,
        ),
    ),
    Placement(ProofKeys, lambda _at, _terms: ProofKeys.deploy([preset.encode() for preset in PRESETS])),
    Placement(ProofVerifier, lambda at, _terms: ProofVerifier.deploy(at[ProofKeys])),
    Placement(ProofDesk, lambda at, _terms: ProofDesk.deploy(at[Arbiter], at[ProofVerifier])),
    Placement(
        ProofBonds,
        lambda at, terms: ProofBonds.deploy(
            at[ProofVerifier], terms.challenge_bond, terms.clock_seconds, terms.clock_seconds
        ),
    ),
    Placement(Beacon, lambda _at, _terms: Beacon.deploy()),
    Placement(Referee, lambda at, _terms: Referee.deploy(at[Arbiter], at[Bracket], at[Artifacts])),
    Placement(
        Stake,
        lambda at, terms: Stake.deploy(
            at[Committee],
            terms.ticket,
            terms.committee.cap_basis_points,
            terms.committee.cap_floor,
            terms.committee.unbonding_seconds,
        ),
    ),
    Placement(
        Committee,
        lambda at, terms: Committee.deploy(
            at[Arbiter],
            at[Bracket],
            at[Referee],
            at[Stake],
            at[Beacon],
            _committee_parameters(terms.committee),
        ),
    ),
    Placement(
        Availability,
        lambda _at, terms: Availability.deploy(terms.clock_seconds, terms.minimum_bond, LEAST_GAS_PRICE),
    ),
)
