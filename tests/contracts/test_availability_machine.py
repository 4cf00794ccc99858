"""Demands, answers, silence and pledges in any order: the contract always holds exactly what it owes."""

from typing import Any

import boa
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from lockstep.crypto.merkle import tensor_tree
from tests.contracts.bracket_machine.engine import revm_environment
from tests.contracts.bracket_machine.world import ZERO_ADDRESS, code_of
from tests.contracts.test_availability import ANSWER_SECONDS, FLOOR, Demand, leaf_of

PLEDGE = 10**12
DATA = [bytes([number + 1]) * 700 for number in range(2)]
TREES = [tensor_tree(data) for data in DATA]
WHO, ROOT, WHICH = st.integers(0, 2), st.integers(0, 1), st.integers(0, 5)
OPEN, ANSWERED, UNANSWERED = 1, 2, 4


class Demands(RuleBasedStateMachine):
    """The model: every demand's state, every pledge, what each account is owed."""

    contract: Any

    def __init__(self) -> None:
        super().__init__()
        self.rollback = boa.env.anchor()
        self.rollback.__enter__()
        self.people = [str(boa.env.generate_address(f"person {number}")) for number in range(3)]
        for person in self.people:
            boa.env.set_balance(person, 10**20)
        self.demands: list[tuple[Demand, int]] = []
        self.states: list[int] = []
        self.pledges: dict[tuple[int, str], list[int]] = {}
        self.owed = dict.fromkeys(self.people, 0)

    def teardown(self) -> None:
        self.rollback.__exit__(None, None, None)

    @property
    def now(self) -> int:
        return int(boa.env.evm.patch.timestamp)

    def tried(self, code: str | None, call: Any, *arguments: Any, **options: Any) -> bool:
        """The call does what the model says; True if it went through."""
        if code is None:
            call(*arguments, **options)
            return True
        with boa.reverts(code):
            call(*arguments, **options)
        return False

    def reserved(self, root: int, pledger: str) -> int:
        made = zip(self.demands, self.states, strict=True)
        return sum(d.payment for (d, at), state in made if state == OPEN and (at, d.pledger) == (root, pledger))

    @rule(root=ROOT, who=WHO, pledger=st.none() | WHO, extra=st.sampled_from([0, 5]))
    def demand(self, root: int, who: int, pledger: int | None, extra: int) -> None:
        levels, against = TREES[root].levels, ZERO_ADDRESS if pledger is None else self.people[pledger]
        price, code = self.contract.price(levels), None
        if pledger is not None:
            amount, leaves_at = self.pledges.get((root, against), [0, 0])
            if amount == 0 or (leaves_at and self.now >= leaves_at):
                code = "pledge/none"
            elif amount - self.reserved(root, against) < price:
                code = "pledge/reserved"
        call = (TREES[root].root, 1, levels, against)
        if self.tried(code, self.contract.demand, *call, value=price + extra, sender=self.people[who]):
            number = len(self.demands)
            made = Demand(*call[:3], self.people[who], against, price, self.now + ANSWER_SECONDS, number)
            self.demands.append((made, root))
            self.states.append(OPEN)
            self.owed[self.people[who]] += extra

    @precondition(lambda self: self.demands)
    @rule(which=WHICH, who=WHO, is_right=st.booleans())
    def answer(self, which: int, who: int, is_right: bool) -> None:
        which %= len(self.demands)
        demand, root = self.demands[which]
        code = "demand/already-done" if self.states[which] == ANSWERED else None if is_right else "demand/path"
        path = TREES[root].path(1 if is_right else 0)
        if self.tried(code, self.contract.answer, demand, leaf_of(DATA[root], 1), path, sender=self.people[who]):
            self.owed[self.people[who]] += demand.payment if self.states[which] == OPEN else 0
            self.states[which] = ANSWERED

    @precondition(lambda self: self.demands)
    @rule(which=WHICH)
    def expire(self, which: int) -> None:
        which %= len(self.demands)
        demand, root = self.demands[which]
        code = "demand/deadline" if self.now < demand.deadline else None
        if self.tried("demand/already-done" if self.states[which] != OPEN else code, self.contract.expire, demand):
            compensation = 0 if demand.pledger == ZERO_ADDRESS else demand.payment
            if compensation:
                self.pledges[root, demand.pledger][0] -= compensation
            self.owed[demand.demander] += demand.payment + compensation
            self.states[which] = UNANSWERED

    @rule(root=ROOT, who=WHO, parts=st.integers(1, 3))
    def pledge(self, root: int, who: int, parts: int) -> None:
        person = self.people[who]
        amount = self.pledges.get((root, person), [0, 0])[0] + parts * PLEDGE
        self.contract.pledge(TREES[root].root, value=parts * PLEDGE, sender=person)
        self.pledges[root, person] = [amount, 0]

    @rule(root=ROOT, who=WHO)
    def leave(self, root: int, who: int) -> None:
        person = self.people[who]
        amount, leaves_at = self.pledges.get((root, person), [0, 0])
        code = "pledge/none" if amount == 0 else "pledge/already-done" if leaves_at else None
        if self.tried(code, self.contract.leave, TREES[root].root, sender=person):
            self.pledges[root, person][1] = self.now + ANSWER_SECONDS

    @rule(root=ROOT, who=WHO)
    def take_back(self, root: int, who: int) -> None:
        person = self.people[who]
        amount, leaves_at = self.pledges.get((root, person), [0, 0])
        code = "pledge/none" if amount == 0 else None
        if code is None and (not leaves_at or self.now < leaves_at):
            code = "pledge/stands"
        if code is None and self.reserved(root, person):
            code = "pledge/reserved"
        if self.tried(code, self.contract.take_back, TREES[root].root, sender=person):
            self.owed[person] += amount
            self.pledges[root, person] = [0, 0]

    @rule(who=WHO)
    def withdraw(self, who: int) -> None:
        person = self.people[who]
        before = boa.env.get_balance(person)
        if self.tried(None if self.owed[person] else "credit/none", self.contract.withdraw, sender=person):
            assert boa.env.get_balance(person) == before + self.owed[person]
            self.owed[person] = 0

    @rule(seconds=st.sampled_from([1, ANSWER_SECONDS - 1, ANSWER_SECONDS]))
    def wait(self, seconds: int) -> None:
        boa.env.evm.patch.timestamp += seconds

    @invariant()
    def it_holds_what_it_owes(self) -> None:
        made = zip(self.demands, self.states, strict=True)
        held = sum(demand.payment for (demand, _), state in made if state == OPEN)
        held += sum(amount for amount, _ in self.pledges.values())
        assert boa.env.get_balance(self.contract.address) == held + sum(self.owed.values())

    @invariant()
    def the_chain_is_the_model(self) -> None:
        for (demand, _), state in zip(self.demands, self.states, strict=True):
            assert self.contract.status_of(self.contract.demand_id_of(demand)) == state
        for number, tree in enumerate(TREES):
            silent = sum(
                root == number and state == UNANSWERED
                for (_, root), state in zip(self.demands, self.states, strict=True)
            )
            assert self.contract.is_available(tree.root) == (silent == 0)
        for (number, person), (amount, leaves_at) in self.pledges.items():
            found = self.contract.pledge_of(TREES[number].root, person)
            assert tuple(found) == (amount, self.reserved(number, person), leaves_at)
        assert [self.contract.credit_of(person) for person in self.people] == [self.owed[p] for p in self.people]


@pytest.mark.usefixtures("revm")
def test_availability_conserves_money() -> None:
    with revm_environment():
        Demands.contract = code_of("Availability").deploy(ANSWER_SECONDS, PLEDGE, FLOOR)
        run_state_machine_as_test(Demands, settings=settings(max_examples=25, stateful_step_count=30, deadline=None))
