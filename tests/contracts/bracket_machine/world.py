"""Deployed contracts, one job, and the matches as the events tell them."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import boa
from eth_utils import keccak, to_checksum_address
from rlp import encode

from lockstep.claims.ids import claim_id, commitment
from lockstep.types import Address, Digest
from tests.contracts.bracket_machine.alphabet import Alphabet
from tests.contracts.bracket_machine.claims import Claim
from tests.contracts.bracket_machine.moves import Call, Duel, next_call

ROOT = Path(__file__).parents[3]
FIXTURES = Path(__file__).parents[1] / "fixtures"

JOIN_SECONDS, CLOCK_SECONDS, MATCH_SECONDS, WINDOW = 1_000, 1_500, 400, 600
CHALLENGE_BOND, MINIMUM_BOND, BOND, FEE = 10**17, 10**16, 3 * 10**17, 10**16
ZERO_ADDRESS = "0x" + "00" * 20


class Job(NamedTuple):
    """``IArbiter.Job`` in the order of its fields."""

    requester: str
    model_id: bytes
    input_root: bytes
    passes: int
    fee: int
    bond: int
    window: int
    respond_by: int
    callback_gas: int
    nonce: int


class Status:
    """As in ``IArbiter``."""

    OPEN, ASSERTED, DISPUTED, FINAL, VOID = 1, 2, 4, 8, 16


@dataclass
class Contracts:
    """One deployment."""

    artifacts: Any
    arbiter: Any
    bracket: Any
    steps: Any


SOURCES = {path.stem: path for folder in (ROOT / "contracts", FIXTURES) for path in folder.rglob("*.vy")}


@cache
def code_of(name: str) -> Any:
    """A compiled contract; compiling is what takes time here."""
    return boa.load_partial(str(SOURCES[name]))


def deploy(**overrides: int) -> Contracts:
    """All contracts with the toy kernel; the Arbiter names the Bracket that comes after it."""
    times = {"join": JOIN_SECONDS, "clock": CLOCK_SECONDS, "match": MATCH_SECONDS} | overrides
    artifacts, steps = code_of("Artifacts").deploy(), code_of("AlphabetSteps").deploy()
    arbiter = code_of("Arbiter").deploy(following_address(), ZERO_ADDRESS, MINIMUM_BOND)
    bracket = code_of("Bracket").deploy(
        arbiter.address, artifacts.address, steps.address, CHALLENGE_BOND, times["join"], times["clock"], times["match"]
    )
    return Contracts(artifacts, arbiter, bracket, steps)


def following_address() -> str:
    """Where the contract after the next one will be."""
    sender = str(boa.env.eoa)
    return following(sender, boa.env.evm.evm.basic(sender).nonce + 1)


def following(deployer: str, nonce: int) -> str:
    """Where CREATE puts what an account sends with this nonce."""
    return to_checksum_address(keccak(encode([bytes.fromhex(deployer[2:]), nonce]))[12:])


@dataclass
class World:
    """A job about an alphabet, and everything that happened to it."""

    contracts: Contracts
    model: Alphabet
    job: Job
    job_id: Digest
    claims: dict[Digest, Claim] = field(default_factory=dict)
    output_roots: dict[Digest, Digest] = field(default_factory=dict)
    kids: dict[Digest, list[Digest]] = field(default_factory=dict)
    duels: dict[bytes, Duel] = field(default_factory=dict)
    survivors: list[bytes] = field(default_factory=list)

    @classmethod
    def begin(cls, contracts: Contracts, model: Alphabet, requester: str, **terms: Any) -> "World":
        """Registers the model, and asks."""
        if contracts.artifacts.header_of(model.model_id) == bytes(32):
            contracts.artifacts.register_model(model.header, model.descriptors.root, bytes(32), bytes(32))
        now = boa.env.evm.patch.timestamp
        job = Job(requester, model.model_id, model.input_root, model.passes, FEE, BOND, WINDOW, now + 500, 0, 1)
        job = job._replace(**terms)
        boa.env.set_balance(requester, 10**20)
        job_id = contracts.arbiter.request(job, b"", value=job.fee, sender=requester)
        return cls(contracts, model, job, Digest(job_id))

    def id_of(self, claim: Claim) -> Digest:
        return claim_id(self.job_id, claim.output.root, claim.trace.root)

    def know(self, claim: Claim) -> Digest:
        """Remember a claim, so that moves can be made for it."""
        name = self.id_of(claim)
        self.claims[name] = claim
        self.output_roots[name] = claim.output.root
        return name

    def assert_result(self, claimant: str, claim: Claim) -> None:
        boa.env.set_balance(claimant, 10**20)
        self.contracts.arbiter.assert_result(self.job, claim.output.root, value=self.job.bond, sender=claimant)

    def commitment(self, challenger: str, claim: Claim, salt: bytes = bytes(32)) -> Digest:
        return commitment(self.job_id, self.id_of(claim), Address(challenger), Digest(salt))

    def challenge(self, challenger: str, claim: Claim, salt: bytes = bytes(32)) -> None:
        boa.env.set_balance(challenger, 10**20)
        hidden = self.commitment(challenger, claim, salt)
        self.contracts.bracket.challenge(self.job, hidden, value=CHALLENGE_BOND, sender=challenger)

    def join(self, challenger: str, claim: Claim, salt: bytes = bytes(32)) -> None:
        self.know(claim)
        self.contracts.bracket.join(
            self.job, claim.output.root, claim.trace.root, claim.trace.kids(0, 0), salt, sender=challenger
        )
        self.learn()

    def defend(self, claimant: str, claim: Claim) -> None:
        self.know(claim)
        self.contracts.bracket.defend(self.job, claim.trace.root, claim.trace.kids(0, 0), sender=claimant)
        self.learn()

    def reclaim(self, challenger: str, claim: Claim, salt: bytes = bytes(32)) -> None:
        self.contracts.bracket.reclaim(self.job_id, claim.output.root, claim.trace.root, salt, sender=challenger)

    def call_for(self, match_id: bytes) -> Call | None:
        """What the mover can do."""
        duel = self.duels[match_id]
        return next_call(duel, self.job, self.claims[duel.mover], self.output_roots)

    def move(self, match_id: bytes, sender: str | None = None) -> bool:
        """Make the mover's move, if it has one."""
        call = self.call_for(match_id)
        if call is None:
            return False
        getattr(self.contracts.bracket, call[0])(*call[1], sender=sender or boa.env.eoa)
        self.learn()
        return True

    def timeout(self, match_id: bytes) -> None:
        self.contracts.bracket.timeout(self.duels[match_id].state)
        self.learn()

    def resolve(self) -> None:
        """Resolve for whichever claim is alive."""
        alive = [claim for name, claim in self.claims.items() if self.contracts.bracket.claim_of(name).alive]
        roots = (alive[0].output.root, alive[0].trace.root) if alive else (bytes(32), bytes(32))
        self.contracts.bracket.resolve(self.job, *roots)

    def play(self) -> None:
        """Play every match that can be played to its end; matches whose mover cannot move stay."""
        while any(self.move(match_id) for match_id in list(self.duels) if match_id in self.duels):
            pass

    def learn(self) -> None:
        """Read the events of the last call."""
        for event in self.contracts.bracket.get_logs():
            match type(event).__name__:
                case "Joined":
                    self.kids[event.claim_id] = event.kids
                case "Started":
                    self.duels[event.match_id] = Duel(event.state, self.kids[event.state.claim_b])
                case "Moved":
                    self.duels[event.match_id] = Duel(event.state, event.kids)
                case "Revealed":
                    self.duels[event.match_id] = Duel(event.state, [], event.tile)
                case "Decided":
                    del self.duels[event.match_id]
                    self.survivors.append(event.survivor)

    @property
    def status(self) -> int:
        return int(self.contracts.arbiter.record_of(self.job_id).status)

    def credits(self, account: str) -> int:
        """What both contracts owe an account."""
        return int(self.contracts.arbiter.credit_of(account) + self.contracts.bracket.credit_of(account))

    def pass_time(self, seconds: int) -> None:
        boa.env.evm.patch.timestamp += seconds
        boa.env.evm.patch.block_number += 1
