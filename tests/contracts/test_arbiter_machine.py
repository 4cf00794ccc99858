"""Many jobs at once, answered, proved, cancelled and paid in any order: the Arbiter always holds what it owes."""

from typing import Any

import boa
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.contracts.bracket_machine.engine import revm_environment
from tests.contracts.bracket_machine.world import BOND, FEE, MINIMUM_BOND, WINDOW, ZERO_ADDRESS, Job, Status, code_of

RESPOND_SECONDS = 500
ROOTS = (bytes([1]) * 32, bytes([2]) * 32)
WHO = st.integers(0, 3)
WHICH = st.integers(0, 7)


class Jobs(RuleBasedStateMachine):
    """The model: status, claimant, answer and times of every job; what each account is owed."""

    arbiter: Any
    desk: str

    def __init__(self) -> None:
        super().__init__()
        self.rollback = boa.env.anchor()
        self.rollback.__enter__()
        self.people = [str(boa.env.generate_address(f"person {number}")) for number in range(4)]
        for person in self.people:
            boa.env.set_balance(person, 10**20)
        self.jobs: list[dict[str, Any]] = []
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

    @rule(who=WHO)
    def ask(self, who: int) -> None:
        job = Job(
            self.people[who], bytes(32), bytes(32), 1, FEE, BOND, WINDOW, self.now + RESPOND_SECONDS, 0, len(self.jobs)
        )
        self.arbiter.request(job, b"", value=FEE, sender=self.people[who])
        self.jobs.append({"job": job, "status": Status.OPEN})

    @precondition(lambda self: self.jobs)
    @rule(which=WHICH, who=WHO, root=st.sampled_from(ROOTS))
    def answer(self, which: int, who: int, root: bytes) -> None:
        entry = self.jobs[which % len(self.jobs)]
        is_late = self.now >= entry["job"].respond_by
        code = "job/status" if entry["status"] != Status.OPEN else "job/deadline" if is_late else None
        if self.tried(code, self.arbiter.assert_result, entry["job"], root, value=BOND, sender=self.people[who]):
            entry.update(status=Status.ASSERTED, claimant=self.people[who], root=root, at=self.now)

    @precondition(lambda self: self.jobs)
    @rule(which=WHICH, who=WHO, root=st.sampled_from(ROOTS))
    def settle(self, which: int, who: int, root: bytes) -> None:
        entry, prover = self.jobs[which % len(self.jobs)], self.people[who]
        job, status = entry["job"], entry["status"]
        code = None if status in (Status.OPEN, Status.ASSERTED) else "job/status"
        if status == Status.OPEN and self.now >= job.respond_by:
            code = "job/deadline"
        if not self.tried(code, self.arbiter.settle, job, root, prover, sender=self.desk):
            return
        if status == Status.OPEN:
            self.owed[prover] += FEE
        elif entry["root"] == root:
            self.owed[entry["claimant"]] += FEE + BOND
        else:
            self.owed[prover] += FEE + BOND // 2
            self.owed[job.requester] += BOND - BOND // 2
        entry.update(status=Status.FINAL, root=root)

    @precondition(lambda self: self.jobs)
    @rule(which=WHICH)
    def cancel(self, which: int) -> None:
        entry = self.jobs[which % len(self.jobs)]
        codes = {Status.VOID: "job/already-done", Status.ASSERTED: "job/status", Status.FINAL: "job/status"}
        code = codes.get(entry["status"])
        if code is None and self.now < entry["job"].respond_by:
            code = "job/deadline"
        if self.tried(code, self.arbiter.cancel, entry["job"]):
            self.owed[entry["job"].requester] += FEE
            entry["status"] = Status.VOID

    @precondition(lambda self: self.jobs)
    @rule(which=WHICH)
    def finalise(self, which: int) -> None:
        entry = self.jobs[which % len(self.jobs)]
        codes = {Status.FINAL: "job/already-done", Status.OPEN: "job/status", Status.VOID: "job/status"}
        code = codes.get(entry["status"])
        if code is None and self.now < entry["at"] + WINDOW:
            code = "job/window"
        if self.tried(code, self.arbiter.finalise, entry["job"]):
            self.owed[entry["claimant"]] += FEE + BOND
            entry["status"] = Status.FINAL

    @rule(who=WHO)
    def withdraw(self, who: int) -> None:
        person = self.people[who]
        before = boa.env.get_balance(person)
        if self.tried(None if self.owed[person] else "credit/none", self.arbiter.withdraw, sender=person):
            assert boa.env.get_balance(person) == before + self.owed[person]
            self.owed[person] = 0

    @rule(seconds=st.sampled_from([1, 100, RESPOND_SECONDS, WINDOW]))
    def wait(self, seconds: int) -> None:
        boa.env.evm.patch.timestamp += seconds

    @invariant()
    def it_holds_what_it_owes(self) -> None:
        held = sum(FEE for entry in self.jobs if entry["status"] in (Status.OPEN, Status.ASSERTED))
        held += sum(BOND for entry in self.jobs if entry["status"] == Status.ASSERTED)
        assert boa.env.get_balance(self.arbiter.address) == held + sum(self.owed.values())

    @invariant()
    def records_are_the_model(self) -> None:
        for entry in self.jobs:
            record = self.arbiter.record_of(self.arbiter.job_id_of(entry["job"]))
            assert record.status == entry["status"]
            assert record.output_root == entry.get("root", bytes(32))
        assert [self.arbiter.credit_of(person) for person in self.people] == [self.owed[p] for p in self.people]


@pytest.mark.usefixtures("revm")
def test_arbiter_conserves_money() -> None:
    with revm_environment():
        desk = str(boa.env.generate_address("desk"))
        Jobs.desk = desk
        Jobs.arbiter = code_of("Arbiter").deploy(ZERO_ADDRESS, desk, MINIMUM_BOND)
        run_state_machine_as_test(Jobs, settings=settings(max_examples=25, stateful_step_count=25, deadline=None))
