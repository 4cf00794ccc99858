"""The order in which the trunk's contracts are created, and what each is told about the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lockstep.chain.binding import Binding, Transaction
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.proof_bonds import ProofBonds
from lockstep.chain.bindings.proof_desk import ProofDesk
from lockstep.chain.bindings.proof_verifier import ProofVerifier
from lockstep.chain.bindings.steps import Steps
from lockstep.chain.bindings.steps_elementwise import StepsElementwise
from lockstep.chain.bindings.steps_linear import StepsLinear
from lockstep.chain.bindings.steps_trees import StepsTrees
from lockstep.chain.bindings.steps_window import StepsWindow
from lockstep.chain.proof_engine import ProofEngine
from lockstep.proof.parameters import PRESETS
from lockstep.types import Address, Amount

MILLIETHER: Final = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkTerms:
    """The immutable parameters of the dispute (docs/specs/dispute.md, sections 2 and 3)."""

    minimum_bond: Amount
    challenge_bond: Amount
    join_seconds: int
    clock_seconds: int
    match_seconds: int


# For a local chain: bonds above the gas of a dispute, clocks that a person can watch.
LOCAL_TERMS: Final = TrunkTerms(
    minimum_bond=Amount(10 * MILLIETHER),
    challenge_bond=Amount(10 * MILLIETHER),
    join_seconds=60,
    clock_seconds=600,
    match_seconds=60,
)


Addresses = Mapping[type[Binding], Address]


@dataclass(frozen=True, slots=True)
class Placement:
    """One contract, and its creation when the addresses of all are known."""

    contract: type[Binding]
    create: Callable[[Addresses, TrunkTerms], Transaction]

    @property
    def name(self) -> str:
        """As in the contract's file name."""
        return self.contract.__name__


# Arbiter and Bracket, Arbiter and ProofDesk name each other, so addresses are predicted from the order of this table.
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
    Placement(ProofEngine, lambda _at, _terms: ProofEngine.deploy()),
    Placement(
        ProofVerifier,
        lambda at, _terms: ProofVerifier.deploy(at[ProofEngine], [preset.encode() for preset in PRESETS]),
    ),
    Placement(ProofDesk, lambda at, _terms: ProofDesk.deploy(at[Arbiter], at[ProofVerifier])),
    Placement(
        ProofBonds,
        lambda at, terms: ProofBonds.deploy(
            at[ProofVerifier], terms.challenge_bond, terms.clock_seconds, terms.clock_seconds
        ),
    ),
)
