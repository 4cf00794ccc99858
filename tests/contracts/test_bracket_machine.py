"""Any number of claims, honest and lying, in any order, with silence, haste and theft: what must hold at every moment.

The machine plays one job. A friend of the truth joins and moves in time, and may take nearly all of it; everybody else
does what hypothesis likes. Each rule knows which code a refused call has to carry.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boa
import pytest
from boa.util.abi import Address
from eth_utils import keccak
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from lockstep.types import Digest
from tests.contracts.bracket_machine.alphabet import Alphabet, Shape
from tests.contracts.bracket_machine.claims import Claim, Lie, honest_claim, lying_claim
from tests.contracts.bracket_machine.engine import revm_environment
from tests.contracts.bracket_machine.world import (
    BOND,
    CHALLENGE_BOND,
    FEE,
    JOIN_SECONDS,
    WINDOW,
    ZERO_ADDRESS,
    Contracts,
    Status,
    World,
    deploy,
)

MODELS = (
    Alphabet((Shape(8200, 8), Shape(700, 16), Shape(256, 16), Shape(10, 32)), 2, 2),
    Alphabet((Shape(600, 8), Shape(520, 8)), 1, 1),
    Alphabet((Shape(3, 64),), 1, 3),
)
ROLES = ("requester", "friend", "claimant", "liar one", "liar two", "liar three")


@dataclass
class Commitment:
    """A challenge bond, and what became of it."""

    owner: str
    claim: Claim
    salt: bytes
    order: int
    used: bool = False


@contextlib.contextmanager
def refused(code: str | None) -> Iterator[None]:
    """The call is refused with this code, or is not."""
    if code is None:
        yield
    else:
        with boa.reverts(code):
            yield


Place = tuple[Lie, int]
LIES = st.tuples(st.sampled_from(Lie), st.integers(0, 2**16))


WHICH = st.integers(0, 63)


class Dispute(RuleBasedStateMachine):
    """One job from the assertion to the end. All share one deployment; each runs in its own snapshot."""

    contracts: Contracts

    def __init__(self) -> None:
        super().__init__()
        self.rollback = boa.env.anchor()
        self.rollback.__enter__()
        self.people = {role: Address(keccak(text=role)[12:]) for role in ROLES}
        self.commitments: list[Commitment] = []
        self.orders: dict[Digest, int] = {}
        self.owners: dict[Digest, str] = {}
        self.dead: set[Digest] = set()
        self.deadline: int | None = None
        self.defended = False
        self.resolved = False
        self.burnt = 0
        self.held = 0
        self.old_calls: list[tuple[str, tuple[Any, ...]]] = []
        self.world: World

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.reach_the_end()
        finally:
            self.rollback.__exit__(None, None, None)

    # --- the beginning

    @initialize(
        model=st.sampled_from(MODELS),
        answer=st.none() | LIES,
        has_friend=st.sampled_from([True, True, True, False]),
        crowd=st.lists(st.tuples(st.sampled_from(ROLES[2:]), st.none() | LIES), max_size=5),
    )
    def a_claimant_answers(
        self, model: Alphabet, answer: Place | None, has_friend: bool, crowd: list[tuple[str, Place | None]]
    ) -> None:
        self.world = World.begin(self.contracts, model, self.people["requester"])
        self.truth = honest_claim(model)
        self.truth_id = self.world.know(self.truth)
        self.has_friend = has_friend
        self.answer = self.claim_at(answer)
        self.world.assert_result(self.people["claimant"], self.answer)
        self.asserted_at = self.now
        for role, place in crowd:
            self.challenge(role, place)
            self.join_with(self.commitments[-1])
        if len(crowd) > 1:
            self.defend_with(self.answer)

    def claim_at(self, place: Place | None) -> Claim:
        return self.truth if place is None else lying_claim(self.world.model, *place)

    @property
    def now(self) -> int:
        return int(boa.env.evm.patch.timestamp)

    @property
    def bracket(self) -> Any:
        return self.world.contracts.bracket

    @property
    def is_joining(self) -> bool:
        return self.deadline is not None and self.now < self.deadline and not self.resolved

    # --- joining

    @rule(role=st.sampled_from(ROLES[1:]), place=st.none() | LIES)
    def challenge(self, role: str, place: Place | None) -> None:
        self.commit(role, self.claim_at(place), len(self.commitments).to_bytes(32, "big"))

    def commit(self, role: str, claim: Claim, salt: bytes) -> Commitment | None:
        code = None
        if self.deadline is None:
            if self.world.status != Status.ASSERTED:
                code = "job/status"
            elif self.now >= self.asserted_at + WINDOW:
                code = "job/window"
        elif not self.is_joining:
            code = "bracket/closed"
        with refused(code):
            self.world.challenge(self.people[role], claim, salt)
        if code is not None:
            return None
        if self.deadline is None:
            self.deadline = self.now + JOIN_SECONDS
        self.held += 1
        made = Commitment(role, claim, salt, len(self.commitments) + 1)
        self.commitments.append(made)
        return made

    @precondition(lambda self: self.commitments)
    @rule(which=WHICH)
    def join(self, which: int) -> None:
        self.join_with(self.commitments[which % len(self.commitments)])

    def join_with(self, made: Commitment) -> None:
        name = self.world.id_of(made.claim)
        code = self.refusal_of(name, made.order)
        if code is None or code in ("bracket/alive", "bracket/already-done"):
            code = "bracket/already-done" if made.used else code
        code = code if self.is_joining else "bracket/closed"
        with refused(code):
            self.world.join(self.people[made.owner], made.claim, made.salt)
        if code is None:
            made.used = True
            self.entered(name, made.owner, made.order)

    @rule(role=st.sampled_from(ROLES[1:]), which=WHICH)
    def defend(self, role: str, which: int) -> None:
        code = "bracket/closed" if not self.is_joining else "bracket/already-done" if self.defended else None
        if code is None and role != "claimant":
            code = "bracket/claimant"
        claim = [self.answer, self.truth][which % 2]
        self.defend_with(claim, role, code)

    def defend_with(self, claim: Claim, role: str = "claimant", code: str | None = None) -> None:
        if claim.output.root != self.answer.output.root:
            claim = self.answer
        name = self.world.id_of(claim)
        code = code or self.refusal_of(name, 0)
        with refused(code):
            self.world.defend(self.people[role], claim)
        if code is None:
            self.defended = True
            self.entered(name, role, 0)

    def refusal_of(self, name: Digest, order: int) -> str | None:
        if name in self.dead:
            return "bracket/alive"
        return "bracket/already-done" if name in self.orders and self.orders[name] <= order else None

    def entered(self, name: Digest, role: str, order: int) -> None:
        if name in self.orders:
            self.held -= 1
        self.orders[name], self.owners[name] = order, role

    @precondition(lambda self: self.commitments)
    @rule(which=WHICH)
    def reclaim(self, which: int) -> None:
        made = self.commitments[which % len(self.commitments)]
        name = self.world.id_of(made.claim)
        code = None
        if self.resolved:
            code = "bracket/closed"
        elif name not in self.orders or name in self.dead:
            code = "bracket/alive"
        elif made.used:
            code = "bracket/already-done"
        with refused(code):
            self.world.reclaim(self.people[made.owner], made.claim, made.salt)
        if code is None:
            made.used = True
            self.held -= 1

    # --- playing

    @rule()
    def everybody_plays(self) -> None:
        for match_id in list(self.world.duels):
            while match_id in self.world.duels and self.move(match_id):
                pass

    @precondition(lambda self: hasattr(self, "world") and self.world.duels)
    @rule(which=WHICH, moves=st.integers(1, 12))
    def play(self, which: int, moves: int) -> None:
        match_id = list(self.world.duels)[which % len(self.world.duels)]
        for _ in range(moves):
            if match_id not in self.world.duels or not self.move(match_id):
                break

    def move(self, match_id: bytes) -> bool:
        duel = self.world.duels[match_id]
        call = self.world.call_for(match_id)
        if call is None:
            return False
        expired = self.now - duel.state.moved_at >= self.bracket.claim_of(duel.mover).clock
        waiter = self.bracket.claim_of(duel.waiter).clock
        with refused("bracket/clock" if expired else None):
            self.world.move(match_id)
        if not expired:
            self.old_calls.append(call)
            assert self.bracket.claim_of(duel.waiter).clock >= waiter
            self.note_decision(match_id, duel)
        return not expired

    def note_decision(self, match_id: bytes, duel: Any) -> None:
        if match_id not in self.world.duels:
            self.dead |= {duel.mover, duel.waiter} - {self.world.survivors[-1]}

    @precondition(lambda self: hasattr(self, "world") and self.world.duels)
    @rule(which=WHICH)
    def timeout(self, which: int) -> None:
        self.time_out(list(self.world.duels)[which % len(self.world.duels)])

    def time_out(self, match_id: bytes) -> None:
        duel = self.world.duels[match_id]
        expired = self.now - duel.state.moved_at >= self.bracket.claim_of(duel.mover).clock
        waiter = self.bracket.claim_of(duel.waiter).clock
        with refused(None if expired else "bracket/clock"):
            self.world.timeout(match_id)
        if expired:
            assert self.world.survivors[-1] == duel.waiter
            assert self.bracket.claim_of(duel.waiter).clock >= waiter
            self.note_decision(match_id, duel)

    @precondition(lambda self: self.old_calls)
    @rule(which=WHICH)
    def an_old_move_moves_nothing(self, which: int) -> None:
        name, arguments = self.old_calls[which % len(self.old_calls)]
        state = next(a for a in arguments if hasattr(a, "claim_a"))
        over = {state.claim_a, state.claim_b} & self.dead
        with boa.reverts("bracket/already-done" if over else "bracket/state"):
            getattr(self.bracket, name)(*arguments)

    # --- time, and the friend who uses it

    @rule(seconds=st.integers(0, 300) | st.sampled_from([JOIN_SECONDS, WINDOW, 1_499, 1_500]))
    def pass_time(self, seconds: int) -> None:
        self.the_friend_acts(before=self.now + seconds)
        self.world.pass_time(seconds)

    def the_friend_acts(self, before: int) -> None:
        """What the friend does so that nothing of its is too late at ``before``."""
        if self.resolved or not self.has_friend:
            return
        wrong = self.answer.output.root != self.truth.output.root
        if self.deadline is None and wrong and self.asserted_at <= self.now < self.asserted_at + WINDOW <= before:
            self.commit("friend", self.truth, bytes(32))
        if self.is_joining and before >= (self.deadline or 0) and self.truth_id not in self.orders:
            if self.answer is self.truth and not self.defended:
                self.defend_with(self.truth)
            else:
                own = [c for c in self.commitments if c.claim is self.truth and c.owner == "friend" and not c.used]
                made = own[0] if own else self.commit("friend", self.truth, b"\xff" * 32)
                assert made is not None
                self.join_with(made)
        for match_id in list(self.world.duels):
            while match_id in self.world.duels and self.world.duels[match_id].mover == self.truth_id:
                state = self.world.duels[match_id].state
                if before - state.moved_at < self.bracket.claim_of(self.truth_id).clock:
                    break
                assert self.move(match_id), "the true claim can always be opened"

    # --- the end

    @rule()
    def resolve(self) -> None:
        alive = [name for name in self.orders if name not in self.dead]
        code = None
        if self.deadline is None:
            code = "bracket/closed"
        elif self.resolved:
            code = "bracket/already-done"
        elif self.now < self.deadline:
            code = "bracket/clock"
        elif len(alive) > 1:
            code = "bracket/alive"
        with refused(code):
            self.world.resolve()
        if code is None:
            self.resolved = True
            self.check_the_payout(alive)

    def check_the_payout(self, alive: list[Digest]) -> None:
        (event,) = (e for e in self.bracket.get_logs() if type(e).__name__ == "Resolved")
        pool = BOND + self.held * CHALLENGE_BOND
        self.burnt = event.burnt
        if not alive:
            assert (self.world.status, self.burnt) == (Status.VOID, pool)
            return
        assert self.world.status == Status.FINAL
        winner = alive[0]
        own = BOND if self.orders[winner] == 0 else CHALLENGE_BOND
        upheld = self.world.output_roots[winner] == self.answer.output.root
        back = own + (BOND if upheld and self.orders[winner] else 0)
        assert event.reward == (pool - back) // 2
        assert event.reward + event.burnt + back == pool
        assert event.owner == self.people[self.owners[winner]]

    @rule()
    def finalise(self) -> None:
        code = None
        if self.world.status == Status.FINAL:
            code = "job/already-done"
        elif self.world.status != Status.ASSERTED:
            code = "job/status"
        elif self.now < self.asserted_at + WINDOW:
            code = "job/window"
        with refused(code):
            self.world.contracts.arbiter.finalise(self.world.job)

    @rule(role=st.sampled_from(ROLES))
    def withdraw(self, role: str) -> None:
        account = self.people[role]
        for contract in (self.bracket, self.world.contracts.arbiter):
            owed = contract.credit_of(account)
            before = boa.env.get_balance(account)
            with refused(None if owed else "credit/none"):
                contract.withdraw(sender=account)
            assert boa.env.get_balance(account) == before + owed

    def reach_the_end(self) -> None:
        """Calls that anybody can make, and time: they must be enough."""
        for _ in range(200):
            if self.world.status in (Status.FINAL, Status.VOID):
                break
            self.pass_time(500)
            for match_id in list(self.world.duels):
                duel = self.world.duels.get(match_id)
                if duel and self.now - duel.state.moved_at >= self.bracket.claim_of(duel.mover).clock:
                    self.time_out(match_id)
            if self.world.status == Status.ASSERTED and self.now >= self.asserted_at + WINDOW:
                self.finalise()
            if self.deadline is not None and self.now >= self.deadline and not self.world.duels and not self.resolved:
                self.resolve()
        assert self.world.status in (Status.FINAL, Status.VOID)
        if self.truth_id in self.orders and self.has_friend:
            assert self.world.contracts.arbiter.record_of(self.world.job_id).output_root == self.truth.output.root
        for role in ROLES:
            self.withdraw(role)
        assert boa.env.get_balance(self.world.contracts.arbiter.address) == 0
        assert boa.env.get_balance(self.bracket.address) == self.burnt

    # --- at every moment

    @invariant()
    def money_in_is_money_out_or_owed_or_burnt(self) -> None:
        if not hasattr(self, "world"):
            return
        accounts = [*self.people.values(), ZERO_ADDRESS]
        arbiter, bracket = self.world.contracts.arbiter, self.bracket
        open_fee = FEE if self.world.status in (Status.OPEN, Status.ASSERTED, Status.DISPUTED) else 0
        open_bond = BOND if self.world.status == Status.ASSERTED else 0
        owed = sum(arbiter.credit_of(account) for account in accounts)
        assert boa.env.get_balance(arbiter.address) == open_fee + open_bond + owed
        pool = BOND + self.held * CHALLENGE_BOND if self.deadline is not None and not self.resolved else 0
        owed = sum(bracket.credit_of(account) for account in accounts)
        assert boa.env.get_balance(bracket.address) == pool + owed + self.burnt

    @invariant()
    def every_claim_that_is_alive_waits_or_plays_once(self) -> None:
        if not hasattr(self, "world"):
            return
        tournament = self.bracket.tournament_of(self.world.job_id)
        alive = {name for name in self.orders if self.bracket.claim_of(name).alive}
        assert alive == set(self.orders) - self.dead
        assert tournament.alive == len(alive)
        playing = [side for duel in self.world.duels.values() for side in (duel.mover, duel.waiter)]
        waiting = [] if tournament.waiting == bytes(32) else [tournament.waiting]
        assert sorted(playing + waiting) == sorted(alive)

    @invariant()
    def the_true_claim_is_never_eliminated(self) -> None:
        if hasattr(self, "world") and self.has_friend:
            assert self.truth_id not in self.dead


@pytest.mark.filterwarnings("ignore")
def test_the_truth_survives_and_the_money_adds_up() -> None:

    steps = 40 if settings.default.max_examples <= 100 else 80
    with revm_environment():
        Dispute.contracts = deploy()
        run_state_machine_as_test(Dispute, settings=settings(settings.default, stateful_step_count=steps))
