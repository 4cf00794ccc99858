"""Bonded proofs: honest, cheating, silent; and any order of calls conserves money and never proves what is false."""

from typing import Any

import boa
import pytest
from eth_abi.abi import encode
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from lockstep.crypto.hashing import keccak256
from tests.contracts.bracket_machine.engine import revm_environment
from tests.contracts.bracket_machine.world import ZERO_ADDRESS, Contracts, code_of

BOND, WINDOW, ANSWER_SECONDS = 10**17, 600, 300
STANDING, DOUBTED, PROVEN, REFUTED = 1, 2, 4, 8
PROGRAM, PARAMETERS, COMMITMENTS = b"program", b"parameters", bytes(60)
KEY = keccak256(b"lockstep/zk/1", PARAMETERS, COMMITMENTS, keccak256(b"lockstep/program/1", PROGRAM))
CONTEXT = bytes(32)


def deploy() -> tuple[Any, Any]:
    verifier = code_of("ControlledVerifier").deploy()
    verifier.set_verdict(True)
    return verifier, code_of("ProofBonds").deploy(verifier.address, BOND, WINDOW, ANSWER_SECONDS)


def claim(bonds: Any, claimant: str, publics: bytes) -> bytes:
    proof_hash = keccak256(proof_of(publics))
    return bytes(bonds.claim(KEY, keccak256(publics), CONTEXT, proof_hash, "", value=BOND, sender=claimant))


def proof_of(publics: bytes) -> bytes:
    """What the controlled verifier takes for a proof."""
    return keccak256(publics, CONTEXT)


def answer(bonds: Any, claim_id: bytes, publics: bytes, proof: bytes, **changes: Any) -> None:
    given = {
        "program": PROGRAM,
        "parameters": PARAMETERS,
        "commitments": COMMITMENTS,
        "publics": publics,
        "context": CONTEXT,
    } | changes
    bonds.answer(claim_id, *given.values(), proof)


@pytest.fixture
def bonds(trunk: Contracts) -> Any:
    return deploy()[1]


def statement(bonds: Any, publics: bytes) -> bytes:
    return bytes(bonds.statement_of(KEY, keccak256(publics), CONTEXT))


def test_honest_claim_that_nobody_doubts_is_proven_after_its_window(bonds: Any, people: dict[str, str]) -> None:
    name = claim(bonds, people["claimant"], b"x")
    with boa.reverts("bond/window"):
        bonds.finalise(name)
    boa.env.evm.patch.timestamp += WINDOW
    bonds.finalise(name, sender=people["stranger"])
    assert bonds.is_proven(statement(bonds, b"x"), people["claimant"])
    assert not bonds.is_proven(statement(bonds, b"x"), people["stranger"])
    assert bonds.credit_of(people["claimant"]) == BOND
    with boa.reverts("bond/status"):
        bonds.finalise(name)


def test_doubt_is_answered_with_the_proof_and_pays_for_it(bonds: Any, people: dict[str, str]) -> None:
    name = claim(bonds, people["claimant"], b"x")
    bonds.doubt(name, value=BOND, sender=people["challenger"])
    answer(bonds, name, b"x", proof_of(b"x"))
    assert bonds.is_proven(statement(bonds, b"x"), people["claimant"])
    assert not bonds.is_proven(statement(bonds, b"x"), people["stranger"])
    assert (bonds.credit_of(people["claimant"]), bonds.credit_of(people["challenger"])) == (2 * BOND, 0)


def test_cheating_claim_has_no_answer_and_loses_its_bond(bonds: Any, people: dict[str, str]) -> None:
    name = claim(bonds, people["claimant"], b"false")
    bonds.doubt(name, value=BOND, sender=people["challenger"])
    with boa.reverts("proof/final"):
        answer(bonds, name, b"false", proof_of(b"x"))
    with boa.reverts("bond/statement"):
        answer(bonds, name, b"x", proof_of(b"x"))
    for part in ("program", "parameters", "commitments", "context"):
        with boa.reverts("bond/statement"):
            answer(bonds, name, b"false", proof_of(b"false"), **{part: bytes([1]) * 32})
    boa.env.evm.patch.timestamp += ANSWER_SECONDS
    with boa.reverts("bond/deadline"):
        answer(bonds, name, b"false", proof_of(b"false"))
    bonds.finalise(name)
    assert not bonds.is_proven(statement(bonds, b"false"), people["claimant"])
    assert bonds.credit_of(people["challenger"]) == 2 * BOND


@pytest.mark.usefixtures("trunk")
def test_verifier_that_says_no_is_heard(people: dict[str, str]) -> None:
    verifier, bonds = deploy()
    name = claim(bonds, people["claimant"], b"x")
    bonds.doubt(name, value=BOND, sender=people["challenger"])
    verifier.say_no()
    with boa.reverts("bond/proof"):
        answer(bonds, name, b"x", proof_of(b"x"))


def test_doubts_that_are_late_or_cheap_are_refused(bonds: Any, people: dict[str, str]) -> None:
    name = claim(bonds, people["claimant"], b"x")
    with boa.reverts("bond/value"):
        bonds.doubt(name, value=BOND - 1, sender=people["challenger"])
    with boa.reverts("bond/already-done"):
        claim(bonds, people["claimant"], b"x")
    with boa.reverts("bond/deadline"):
        bonds.doubt(name, value=BOND, sender=people["challenger"])
        bonds.finalise(name)
    with boa.reverts("bond/status"):
        bonds.doubt(name, value=BOND, sender=people["stranger"])


def test_silence_of_all_ends_too(bonds: Any, people: dict[str, str]) -> None:
    """Nobody but a stranger calls, and everybody can fetch what is theirs."""
    names = [claim(bonds, people["claimant"], word) for word in (b"a", b"b")]
    bonds.doubt(names[1], value=BOND, sender=people["challenger"])
    boa.env.evm.patch.timestamp += WINDOW
    for name in names:
        bonds.finalise(name, sender=people["stranger"])
    for role in ("claimant", "challenger"):
        bonds.withdraw(sender=people[role])
    assert boa.env.get_balance(bonds.address) == 0


def test_undisputed_claim_is_cheap(bonds: Any, people: dict[str, str]) -> None:
    claim(bonds, people["claimant"], b"x")
    made = bonds._computation.get_gas_used()
    boa.env.evm.patch.timestamp += WINDOW
    bonds.finalise(keccak256(encode(["bytes32", "address"], [statement(bonds, b"x"), people["claimant"]])))
    decided = bonds._computation.get_gas_used()
    assert made < 55_000
    assert decided < 55_000


class Bonds(RuleBasedStateMachine):
    """Statements are small numbers; the even ones are true: only they have proofs."""

    bonds: Any

    def __init__(self) -> None:
        super().__init__()
        self.rollback = boa.env.anchor()
        self.rollback.__enter__()
        self.people = [str(boa.env.generate_address(f"bonded {number}")) for number in range(3)]
        for person in self.people:
            boa.env.set_balance(person, 10**20)
        self.claims: dict[bytes, dict[str, Any]] = {}
        self.owed = dict.fromkeys(self.people, 0)
        self.unanswered: set[int] = set()

    def teardown(self) -> None:
        self.rollback.__exit__(None, None, None)

    @property
    def now(self) -> int:
        return int(boa.env.evm.patch.timestamp)

    def pick(self, which: int) -> tuple[bytes, dict[str, Any]]:
        return list(self.claims.items())[which % len(self.claims)]

    def tried(self, code: str | None, call: Any, *arguments: Any, **options: Any) -> bool:
        if code is None:
            call(*arguments, **options)
            return True
        with boa.reverts(code):
            call(*arguments, **options)
        return False

    @rule(who=st.integers(0, 2), number=st.integers(0, 3))
    def stand(self, who: int, number: int) -> None:
        person = self.people[who]
        known = any(c["claimant"] == person and c["number"] == number for c in self.claims.values())
        if known:
            with boa.reverts("bond/already-done"):
                claim(self.bonds, person, bytes([number]))
            return
        name = claim(self.bonds, person, bytes([number]))
        self.claims[name] = {"claimant": person, "number": number, "status": STANDING, "since": self.now}

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 9), who=st.integers(0, 2))
    def doubt(self, which: int, who: int) -> None:
        name, held = self.pick(which)
        code = "bond/status" if held["status"] != STANDING else None
        if code is None and self.now >= held["since"] + WINDOW:
            code = "bond/window"
        if self.tried(code, self.bonds.doubt, name, value=BOND, sender=self.people[who]):
            held.update(status=DOUBTED, challenger=self.people[who], since=self.now)

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 9))
    def answer(self, which: int) -> None:
        name, held = self.pick(which)
        publics = bytes([held["number"]])
        code = "bond/status" if held["status"] != DOUBTED else None
        if code is None and self.now >= held["since"] + ANSWER_SECONDS:
            code = "bond/deadline"
        is_true = held["number"] % 2 == 0
        if code is None and not is_true:
            code = "proof/final"
        if self.tried(code, answer, self.bonds, name, publics, proof_of(publics if is_true else b"other")):
            held["status"] = PROVEN
            self.owed[held["claimant"]] += 2 * BOND

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 9))
    def finalise(self, which: int) -> None:
        name, held = self.pick(which)
        limits = {STANDING: (WINDOW, "bond/window"), DOUBTED: (ANSWER_SECONDS, "bond/deadline")}
        seconds, late = limits.get(held["status"], (0, ""))
        code = "bond/status" if held["status"] not in limits else late if self.now < held["since"] + seconds else None
        if not self.tried(code, self.bonds.finalise, name):
            return
        if held["status"] == STANDING:
            held["status"] = PROVEN
            self.owed[held["claimant"]] += BOND
        else:
            held["status"] = REFUTED
            self.owed[held["challenger"]] += 2 * BOND

    @rule(who=st.integers(0, 2))
    def withdraw(self, who: int) -> None:
        person = self.people[who]
        if self.tried(None if self.owed[person] else "credit/none", self.bonds.withdraw, sender=person):
            self.owed[person] = 0

    @rule(seconds=st.sampled_from([1, ANSWER_SECONDS, WINDOW]))
    def wait(self, seconds: int) -> None:
        boa.env.evm.patch.timestamp += seconds

    @invariant()
    def it_holds_what_it_owes(self) -> None:
        shares = {STANDING: BOND, DOUBTED: 2 * BOND}
        held = sum(shares.get(entry["status"], 0) for entry in self.claims.values())
        assert boa.env.get_balance(self.bonds.address) == held + sum(self.owed.values())

    @invariant()
    def only_claims_that_stood_are_proven(self) -> None:
        for name, entry in self.claims.items():
            stated = statement(self.bonds, bytes([entry["number"]]))
            assert self.bonds.is_proven(stated, entry["claimant"]) == (entry["status"] == PROVEN)
            record = self.bonds.claim_of(name)
            assert (record.status, record.claimant, record.since) == (
                entry["status"],
                entry["claimant"],
                entry["since"],
            )
            assert record.challenger == entry.get("challenger", ZERO_ADDRESS)


@pytest.mark.usefixtures("revm")
def test_bonds_conserve_money() -> None:
    with revm_environment():
        Bonds.bonds = deploy()[1]
        run_state_machine_as_test(Bonds, settings=settings(max_examples=25, stateful_step_count=25, deadline=None))
