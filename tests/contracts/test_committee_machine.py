"""Any order of questions, lies, silence and games: money is conserved to the wei, and who is honest never loses.

Four operators are honest: after every step they do what a member's node does, in time. Five do what hypothesis likes.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boa
import pytest
from eth_utils import keccak, to_checksum_address
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from lockstep.claims.committee import seal
from lockstep.types import Digest
from tests.contracts.bracket_machine.claims import Claim
from tests.contracts.bracket_machine.engine import revm_environment
from tests.contracts.bracket_machine.world import CHALLENGE_BOND, JOIN_SECONDS, Status, World, deploy
from tests.contracts.committee_world import (
    APPEAL,
    BEACON_BLOCKS,
    BEACON_SECONDS,
    COMMIT,
    FALSE,
    MODEL,
    OPENING,
    OPENING_DEPOSIT,
    OTHER,
    PAY,
    REVEAL,
    RICH,
    TICKET,
    TRUE,
    Deployed,
    Panel,
    Stage,
    answer,
    deploy_committee,
    now,
    pass_time,
)

HONEST, OTHERS = range(4), range(4, 9)
CLAIMS = (TRUE, FALSE, OTHER)
SALT = Digest(bytes(32))
WHICH = st.integers(0, 5)
# Numbers, because a claim is long to print.
SOME_CLAIMS = st.lists(st.sampled_from((0, 1, 2, 0, 1, 2, None)), min_size=5, max_size=5)
STEP = OPENING - 5  # shorter than every clock, so that who is awake is in time


def account(name: str) -> str:
    made = to_checksum_address(keccak(text=name)[12:])
    boa.env.set_balance(made, RICH)
    return str(made)


@dataclass
class Asked:
    """A question and what the machine knows of it."""

    panel: Panel
    is_watch: bool
    world: World | None = None
    chosen: dict[int, Claim] = field(default_factory=dict)
    joined: set[int] = field(default_factory=set)
    silent: set[int] = field(default_factory=set)
    expected: int | None = None
    strangers: list[tuple[Claim, bytes]] = field(default_factory=list)
    reclaimed: set[int] = field(default_factory=set)

    @property
    def stage(self) -> int:
        return int(self.panel.progress.stage)

    @property
    def status(self) -> int:
        return int(self.panel.deployed.trunk.arbiter.record_of(self.panel.job_id).status)

    def game(self) -> World:
        if self.world is None:
            self.world = self.panel.world()
        return self.world


class Committees(RuleBasedStateMachine):
    """All share one deployment; each runs in its own snapshot."""

    deployed: Deployed

    def __init__(self) -> None:
        super().__init__()
        self.rollback = boa.env.anchor()
        self.rollback.__enter__()
        self.operators = [account(f"operator {number}") for number in range(9)]
        self.requester, self.claimant, self.demander = (account(name) for name in ("asks", "claims", "demands"))
        self.stranger = account("stranger")
        for operator in self.operators:
            self.stake.stake(MODEL.model_id, 2, 0, value=2 * TICKET, sender=operator)
        pass_time(1)
        self.asked: list[Asked] = []

    def teardown(self) -> None:
        try:
            self.reach_the_end()
        finally:
            self.rollback.__exit__(None, None, None)

    @property
    def stake(self) -> Any:
        return self.deployed.stake

    @property
    def committee(self) -> Any:
        return self.deployed.committee

    def open_ones(self, *stages: int) -> list[Asked]:
        return [asked for asked in self.asked if asked.stage in stages]

    # --- questions

    @precondition(lambda self: len(self.asked) < 3)
    @rule(size=st.integers(3, 6), expected=st.integers(0, 2))
    def convene(self, size: int, expected: int) -> None:
        sealed = seal(*map(Digest, answer(CLAIMS[expected])), SALT)
        panel = Panel.convene(self.deployed, self.requester, size=size, seal=sealed)
        self.asked.append(Asked(panel, is_watch=False, expected=expected))
        pass_time(1)

    @precondition(lambda self: len(self.asked) < 3)
    @rule(size=st.integers(1, 4), claim=st.integers(0, 2))
    def watch(self, size: int, claim: int) -> None:
        nonce = len(self.asked)
        world = World.begin(self.deployed.trunk, MODEL, self.requester, window=1_000, nonce=nonce, respond_by=now() + 9)
        world.assert_result(self.claimant, CLAIMS[claim])
        panel = Panel.watch(self.deployed, world.job, self.requester, size=size)
        self.asked.append(Asked(panel, is_watch=True, world=world))
        pass_time(1)

    @precondition(lambda self: len(self.asked) < 3 and any(asked.is_watch for asked in self.asked))
    @rule(which=WHICH, size=st.integers(1, 4))
    def watch_again(self, which: int, size: int) -> None:
        """Another question about a claim that is watched already: one game, two purses."""
        watched = [asked for asked in self.asked if asked.is_watch and asked.status == Status.ASSERTED]
        if watched:
            first = watched[which % len(watched)]
            try:
                panel = Panel.watch(self.deployed, first.panel.job, self.requester, size=size)
            except boa.BoaError as error:
                assert "committee/deadline" in str(error)
                return
            self.asked.append(Asked(panel, is_watch=True, world=first.world))
            pass_time(1)

    @precondition(lambda self: self.open_ones(Stage.DRAWING))
    @rule(which=WHICH, claims=SOME_CLAIMS, silent=st.none() | WHICH)
    def draw(self, which: int, claims: list[int | None], silent: int | None) -> None:
        asked = self.open_ones(Stage.DRAWING)[which % len(self.open_ones(Stage.DRAWING))]
        asked.panel.draw()
        if asked.stage == Stage.ANSWERING:
            self.others_commit(asked, claims, silent)
        self.honest_ones_act()

    def others_commit(self, asked: Asked, claims: list[int | None], silent: int | None) -> None:
        """``None`` never commits; one commits and keeps silent."""
        for number, claim in zip(self.seats_of(asked, OTHERS), claims, strict=False):
            if claim is not None:
                asked.panel.commit(number, CLAIMS[claim])
                asked.chosen[number] = CLAIMS[claim]
            if silent == number % 6:
                asked.silent.add(number)

    @precondition(lambda self: self.open_ones(Stage.ANSWERING))
    @rule(which=WHICH)
    def others_reveal(self, which: int) -> None:
        asked = self.open_ones(Stage.ANSWERING)[which % len(self.open_ones(Stage.ANSWERING))]
        for number in self.seats_of(asked, OTHERS):
            if number in asked.chosen and number not in asked.silent and self.can_reveal(asked, number):
                asked.panel.reveal(number, asked.chosen[number])
        self.honest_ones_act()

    @precondition(lambda self: self.open_ones(Stage.ANSWERING))
    @rule(which=WHICH)
    def settle(self, which: int) -> None:
        asked = self.open_ones(Stage.ANSWERING)[which % len(self.open_ones(Stage.ANSWERING))]
        progress = asked.panel.progress
        is_complete = progress.revealed - progress.kept == progress.seats - progress.round_start
        if is_complete or now() >= progress.since + COMMIT + REVEAL:
            asked.panel.settle()
        else:
            with boa.reverts("committee/clock"):
                asked.panel.settle()
        self.honest_ones_act()

    # --- the game

    @precondition(lambda self: self.open_ones(Stage.SETTLED, Stage.LIT))
    @rule(which=WHICH, group=WHICH)
    def appeal(self, which: int, group: int) -> None:
        settled = self.open_ones(Stage.SETTLED, Stage.LIT)
        asked = settled[which % len(settled)]
        if asked.panel.answers:
            self.try_to_appeal(asked, group % len(asked.panel.answers))
        self.honest_ones_act()

    def try_to_appeal(self, asked: Asked, group: int) -> None:
        record = self.deployed.trunk.arbiter.record_of(asked.panel.job_id)
        progress = asked.panel.progress
        is_own = progress.asserted == group + 1 or progress.challenged >> group & 1
        agrees = asked.is_watch and asked.panel.answers[group][0] == bytes(record.output_root)
        if not is_own and not agrees and self.is_open(asked) and not self.has_bond_elsewhere(asked, group):
            self.committee.appeal(asked.panel.question, group, asked.panel.answers[group])

    def has_bond_elsewhere(self, asked: Asked, group: int) -> bool:
        """Whether another question about the same claim has put up the bond for the same answer."""
        wanted = asked.panel.answers[group]
        others = [one for one in self.asked if one is not asked and one.panel.job_id == asked.panel.job_id]
        return any(
            one.panel.progress.challenged >> one.panel.answers.index(wanted) & 1
            for one in others
            if wanted in one.panel.answers
        )

    def try_to_stand(self, asked: Asked) -> None:
        """Honest watchers stand for a true claim that is disputed and that nobody defends."""
        record = self.deployed.trunk.arbiter.record_of(asked.panel.job_id)
        group = asked.panel.answers.index(answer(TRUE))
        if not asked.is_watch or answer(TRUE)[0] != bytes(record.output_root) or not self.is_joining(asked):
            return
        members = [seat for seat, claim in asked.chosen.items() if claim is TRUE and asked.panel.seat(seat).group]
        standing = self.deployed.trunk.bracket.claim_of(asked.game().id_of(TRUE))
        is_bonded = asked.panel.progress.challenged >> group & 1 or self.has_bond_elsewhere(asked, group)
        if standing.owner == NOBODY and not is_bonded:
            member = asked.panel.seats()[members[0]]
            self.committee.appeal(asked.panel.question, group, answer(TRUE), sender=member)

    def is_open(self, asked: Asked) -> bool:
        """Whether a challenge can still be made."""
        trunk = self.deployed.trunk
        record = trunk.arbiter.record_of(asked.panel.job_id)
        if record.status == Status.DISPUTED:
            return self.is_joining(asked)
        return bool(record.status == Status.ASSERTED and now() < record.asserted_at + asked.panel.job.window)

    def is_joining(self, asked: Asked) -> bool:
        opened = self.deployed.trunk.bracket.tournament_of(asked.panel.job_id).opened
        return bool(opened and now() < opened + JOIN_SECONDS and asked.status == Status.DISPUTED)

    @precondition(lambda self: self.open_ones(Stage.SETTLED, Stage.LIT))
    @rule(which=WHICH)
    def others_join(self, which: int) -> None:
        settled = self.open_ones(Stage.SETTLED, Stage.LIT)
        self.join_all(settled[which % len(settled)], (FALSE, OTHER))
        self.honest_ones_act()

    def join_all(self, asked: Asked, claims: tuple[Claim, ...]) -> None:
        """Bring the groups with these claims into the game, where they have a bond in it; or fetch the bond."""
        for claim in claims:
            if answer(claim) not in asked.panel.answers or not self.is_joining(asked):
                continue
            group = asked.panel.answers.index(answer(claim))
            progress = asked.panel.progress
            is_asserted, has_bond = progress.asserted == group + 1, progress.challenged >> group & 1
            standing = self.deployed.trunk.bracket.claim_of(asked.game().id_of(claim))
            is_free = standing.owner == NOBODY or (is_asserted and standing.alive)
            if group in asked.joined | asked.reclaimed or not (is_asserted or has_bond):
                continue
            if is_free:
                asked.panel.join(asked.game(), claim)
                asked.joined.add(group)
            elif standing.alive:
                self.committee.reclaim(asked.panel.question, group, answer(claim))
                asked.reclaimed.add(group)

    @precondition(lambda self: self.open_ones(Stage.SETTLED, Stage.LIT))
    @rule(which=WHICH, claim=st.integers(0, 2))
    def a_stranger_challenges(self, which: int, claim: int) -> None:
        settled = self.open_ones(Stage.SETTLED, Stage.LIT)
        asked = settled[which % len(settled)]
        if self.is_open(asked):
            salt = sum(len(one.strangers) for one in self.asked).to_bytes(32, "big")
            asked.game().challenge(self.stranger, CLAIMS[claim], salt)
            boa.env.set_balance(self.stranger, RICH)
            asked.strangers.append((CLAIMS[claim], salt))

    @precondition(lambda self: any(asked.strangers for asked in self.asked))
    @rule(which=WHICH, number=WHICH)
    def a_stranger_joins(self, which: int, number: int) -> None:
        """Later than it committed: it may take a claim over from a group."""
        known = [asked for asked in self.asked if asked.strangers]
        asked = known[which % len(known)]
        claim, salt = asked.strangers[number % len(asked.strangers)]
        if self.is_joining(asked):
            try:
                asked.game().join(self.stranger, claim, salt)
            except boa.BoaError as error:
                assert "bracket/a" in str(error)  # already-done, or the claim is not alive
        self.honest_ones_act()

    @precondition(lambda self: self.open_ones(Stage.SETTLED, Stage.LIT))
    @rule(which=WHICH)
    def expose(self, which: int) -> None:
        settled = self.open_ones(Stage.SETTLED, Stage.LIT)
        asked = settled[which % len(settled)]
        if asked.expected is None or asked.panel.progress.planted or not self.is_open(asked):
            return
        expected = answer(CLAIMS[asked.expected])
        self.committee.expose(asked.panel.question, expected, SALT, value=CHALLENGE_BOND, sender=self.requester)
        if expected not in asked.panel.answers:
            asked.panel.answers.append(expected)

    @precondition(lambda self: self.open_ones(Stage.SETTLED, Stage.LIT))
    @rule(which=WHICH)
    def prove(self, which: int) -> None:
        settled = self.open_ones(Stage.SETTLED, Stage.LIT)
        asked = settled[which % len(settled)]
        if asked.status == Status.ASSERTED:
            desk = self.deployed.trunk.arbiter.DESK()
            self.deployed.trunk.arbiter.settle(asked.panel.job, TRUE.output.root, self.stranger, sender=desk)

    # --- tiles

    @precondition(lambda self: self.open_ones(Stage.SETTLED))
    @rule(which=WHICH)
    def light(self, which: int) -> None:
        settled = self.open_ones(Stage.SETTLED)
        asked = settled[which % len(settled)]
        if now() < asked.panel.progress.since + BEACON_SECONDS:
            boa.env.evm.patch.block_number += BEACON_BLOCKS + 1
            self.committee.light(asked.panel.question_id, b"")
        self.honest_ones_act()

    @precondition(lambda self: self.open_ones(Stage.LIT))
    @rule(which=WHICH, seat=WHICH)
    def demand(self, which: int, seat: int) -> None:
        lit = self.open_ones(Stage.LIT)
        asked = lit[which % len(lit)]
        seats = asked.panel.progress.seats
        if seats and now() < asked.panel.progress.since + OPENING and asked.panel.seat(seat % seats).group:
            try:
                self.committee.demand(
                    asked.panel.question_id, seat % seats, value=OPENING_DEPOSIT, sender=self.demander
                )
            except boa.BoaError as error:
                assert "committee/already-done" in str(error)
        self.honest_ones_act()

    # --- time, and who is honest

    @rule(steps=st.integers(1, 4))
    def wait(self, steps: int) -> None:
        for _ in range(steps):
            pass_time(STEP, 1)
            self.honest_ones_act()

    def seats_of(self, asked: Asked, group: range) -> list[int]:
        """Seats of this round that these operators sit in."""
        names = {self.operators[number] for number in group}
        seats = asked.panel.seats()
        return [seat for seat in range(asked.panel.progress.round_start, len(seats)) if seats[seat] in names]

    def can_reveal(self, asked: Asked, seat: int) -> bool:
        progress = asked.panel.progress
        end = progress.since + COMMIT
        everybody = progress.committed == progress.seats - progress.round_start
        return bool(
            asked.stage == Stage.ANSWERING
            and (everybody or now() >= end)
            and now() < end + REVEAL
            and not asked.panel.seat(seat).group
        )

    def honest_ones_act(self) -> None:
        for asked in self.asked:
            if asked.stage == Stage.ANSWERING:
                for seat in self.seats_of(asked, HONEST):
                    if seat not in asked.chosen and now() < asked.panel.progress.since + COMMIT:
                        asked.panel.commit(seat, TRUE)
                        asked.chosen[seat] = TRUE
                    if self.can_reveal(asked, seat):
                        asked.panel.reveal(seat, TRUE)
                self.settle_in_time(asked)
            if asked.stage in (Stage.SETTLED, Stage.LIT) and answer(TRUE) in asked.panel.answers:
                self.try_to_appeal(asked, asked.panel.answers.index(answer(TRUE)))
                self.try_to_stand(asked)
                self.join_all(asked, (TRUE,))
            if asked.world is not None and asked.status == Status.DISPUTED:
                asked.world.play()
            if asked.stage == Stage.LIT and now() < asked.panel.progress.since + 2 * OPENING:
                self.open_tiles(asked)

    def settle_in_time(self, asked: Asked) -> None:
        """A watcher's challenge has to come within the claim's window."""
        if asked.is_watch and now() >= asked.panel.progress.since + COMMIT + REVEAL:
            asked.panel.settle()

    def open_tiles(self, asked: Asked) -> None:
        honest = {self.operators[number] for number in HONEST}
        for seat, operator in enumerate(asked.panel.seats()):
            if operator in honest and asked.panel.seat(seat).group and not asked.panel.seat(seat).opened:
                try:
                    asked.panel.open_tile(seat, TRUE)
                except boa.BoaError as error:
                    assert "committee/member" in str(error)  # nobody asked

    # --- the end

    def reach_the_end(self) -> None:
        for asked in self.asked:
            for _ in range(12):
                if asked.stage == Stage.DRAWING:
                    asked.panel.draw()
                if asked.stage == Stage.ANSWERING:
                    self.wait(-(-(COMMIT + REVEAL) // STEP))
                    if asked.stage == Stage.ANSWERING:
                        asked.panel.settle()
                if asked.stage in (Stage.SETTLED, Stage.LIT, Stage.DONE):
                    break
            self.honest_ones_act()
        self.wait(1_100 // STEP + 1)
        for asked in self.asked:
            if asked.status == Status.DISPUTED:
                asked.game().resolve()
            elif asked.status == Status.ASSERTED:
                self.deployed.trunk.arbiter.finalise(asked.panel.job)
            if asked.stage != Stage.DONE:
                asked.panel.conclude()
        self.everything_is_paid()

    def everything_is_paid(self) -> None:
        people = [*self.operators, self.requester, self.claimant, self.demander]
        owed = sum(self.committee.credit_of(person) for person in people)
        burnt = sum(asked.panel.burnt for asked in self.asked)
        assert self.held() == owed + burnt
        assert self.stake.lent() == 0
        for number in HONEST:
            operator = self.operators[number]
            worth = TICKET * self.stake.tickets_of(MODEL.model_id, operator)
            owed = self.committee.credit_of(operator) + self.stake.credit_of(operator)
            assert boa.env.get_balance(operator) + worth + owed >= RICH
        locked = [self.stake.ticket_of(MODEL.model_id, place).locked for place in range(18)]
        assert not any(locked)
        for asked in self.asked:
            final = self.deployed.trunk.arbiter.record_of(asked.panel.job_id)
            sat = {self.operators[number] for number in HONEST} & set(asked.panel.seats())
            if answer(TRUE) in asked.panel.answers and sat and final.status == Status.FINAL:
                assert bytes(final.output_root) == TRUE.output.root

    def held(self) -> int:
        trunk, address = self.deployed.trunk, self.committee.address
        credits = trunk.arbiter.credit_of(address) + trunk.bracket.credit_of(address)  # noqa: A001
        return int(boa.env.get_balance(address) + credits)

    @invariant()
    def stakes_are_there(self) -> None:
        owed = sum(self.stake.credit_of(operator) for operator in self.operators)
        standing = TICKET * self.stake.standing_of(MODEL.model_id)
        assert boa.env.get_balance(self.stake.address) + self.stake.lent() == standing + owed

    @invariant()
    def the_committee_holds_what_it_owes(self) -> None:
        owed = sum(self.committee.credit_of(person) for person in [*self.operators, self.requester, self.demander])
        burnt = sum(asked.panel.burnt for asked in self.asked)
        pots = sum(
            asked.panel.question.size * PAY
            for asked in self.asked
            if asked.stage in (Stage.DRAWING, Stage.ANSWERING) or (asked.is_watch and asked.stage != Stage.DONE)
        )
        assert self.held() >= owed + burnt + pots
        if not self.open_ones(Stage.SETTLED, Stage.LIT):
            assert self.held() == owed + burnt + pots


# A long run: LOCKSTEP_COMMITTEE_EXAMPLES=500.
EXAMPLES = int(os.environ.get("LOCKSTEP_COMMITTEE_EXAMPLES", "6"))
NOBODY = "0x" + "00" * 20


@pytest.fixture(scope="module")
def revm_only() -> Iterator[None]:
    with revm_environment():
        yield


@pytest.mark.usefixtures("revm_only")
def test_committees_conserve_money_and_honest_members_never_lose() -> None:
    assert CHALLENGE_BOND <= TICKET and APPEAL > STEP
    trunk = deploy()
    trunk.artifacts.register_model(MODEL.header, MODEL.descriptors.root, bytes(32), bytes(32))
    Committees.deployed = deploy_committee(trunk)
    # A failure here is read from its steps; making them fewer takes minutes.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    profile = settings(max_examples=EXAMPLES, stateful_step_count=25, deadline=None, phases=phases)
    run_state_machine_as_test(Committees, settings=profile)
