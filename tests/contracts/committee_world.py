"""A committee on the real trunk: operators with stakes, one question, and what its members know."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import boa

from lockstep.claims.committee import (
    KeyedTiles,
    TraceShape,
    member_commitment,
    member_pick,
    must_open,
    seed_of,
)
from lockstep.types import Address, Digest
from tests.contracts.bracket_machine.alphabet import Alphabet, Shape
from tests.contracts.bracket_machine.claims import Claim, Lie, honest_claim, lying_claim
from tests.contracts.bracket_machine.world import Contracts, Job, World, code_of, following_address

MODEL = Alphabet((Shape(9_000, 8), Shape(600, 8), Shape(500, 8)), 1, 1)
TRUE, FALSE, OTHER = honest_claim(MODEL), lying_claim(MODEL, Lie.LETTER, 1), lying_claim(MODEL, Lie.LETTER, 2)

TICKET, PAY, OPENING_DEPOSIT = 10**18, 10**16, 10**15
CAP_FLOOR, UNBONDING, SILENCE = 2, 5_000, TICKET * 750 // 10_000
BEACON_BLOCKS, BEACON_SECONDS, COMMIT, REVEAL, APPEAL, OPENING = 2, 50, 100, 100, 300, 60
OPENING_ONE_IN = 10
RICH = 10**20


class Stage:
    """As in ``ICommittee``."""

    DRAWING, ANSWERING, SETTLED, LIT, DONE = 1, 2, 4, 8, 16


class Question(NamedTuple):
    """``ICommittee.Question`` in the order of its fields."""

    job: Job
    requester: str
    size: int
    one_in: int
    pay: int
    seal: bytes
    nonce: int


@dataclass
class Deployed:
    """The trunk and what is added to it."""

    trunk: Contracts
    beacon: Any
    referee: Any
    stake: Any
    committee: Any


def deploy_committee(trunk: Contracts, **changes: int) -> Deployed:
    """Stake and Committee on a trunk; Stake names the Committee that comes after it."""
    beacon = code_of("ControlledBeacon").deploy()
    referee = code_of("Referee").deploy(trunk.arbiter.address, trunk.bracket.address, trunk.artifacts.address)
    ticket, floor = changes.get("ticket", TICKET), changes.get("cap_floor", CAP_FLOOR)
    stake = code_of("Stake").deploy(following_address(), ticket, 500, floor, UNBONDING)
    for _ in range(changes.get("between", 0)):
        code_of("ControlledBeacon").deploy()
    parameters = {
        "beacon_blocks": BEACON_BLOCKS,
        "beacon_seconds": BEACON_SECONDS,
        "commit_seconds": COMMIT,
        "reveal_seconds": REVEAL,
        "appeal_seconds": APPEAL,
        "opening_seconds": OPENING,
        "opening_one_in": OPENING_ONE_IN,
        "opening_deposit": OPENING_DEPOSIT,
        "silence_basis_points": 750,
    }
    given = tuple(changes.get(name, value) for name, value in parameters.items())
    committee = code_of("Committee").deploy(
        trunk.arbiter.address, trunk.bracket.address, referee.address, stake.address, beacon.address, given
    )
    return Deployed(trunk, beacon, referee, stake, committee)


def now() -> int:
    return int(boa.env.evm.patch.timestamp)


def pass_time(seconds: int, blocks: int = 1) -> None:
    boa.env.evm.patch.timestamp += seconds
    boa.env.evm.patch.block_number += blocks


def person(name: str) -> str:
    account = str(boa.env.generate_address(name))
    boa.env.set_balance(account, RICH)
    return account


def answer(claim: Claim) -> tuple[bytes, bytes]:
    return claim.output.root, claim.trace.root


class ClaimTiles:
    """A claim of the alphabet as a source of tiles."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim

    def leaf(self, pass_index: int, node: int, tile: int) -> bytes:
        return self.claim.tile(self.claim.alphabet.item(pass_index, node), tile)

    def digest_at(self, level: int, index: int) -> Digest:
        """Between the groups of 16 too."""
        top = self.claim.trace.levels
        if level <= top:
            return _digest_in(self.claim.trace, level, index)
        below = level - top
        return _digest_in(self.claim.tensor(index >> below), below, index & ((1 << below) - 1))


def _digest_in(tree: Any, level: int, index: int) -> Digest:
    from lockstep.crypto.hashing import node_hash

    if level % 4 == 0:
        return Digest(tree.digest(level // 4, index))
    return node_hash(_digest_in(tree, level + 1, 2 * index), _digest_in(tree, level + 1, 2 * index + 1))


OPERATORS = 16


def staked(everything: Deployed, operators: int = OPERATORS) -> Deployed:
    for number in range(operators):
        operator = person(f"operator {number}")
        everything.stake.stake(MODEL.model_id, 1, 0, value=TICKET, sender=operator)
    pass_time(1)
    return everything


@dataclass
class Panel:
    """One question from its beginning."""

    deployed: Deployed
    question: Question
    question_id: Digest
    answers: list[tuple[bytes, bytes]] = field(default_factory=list)
    burnt: int = 0

    @classmethod
    def convene(
        cls,
        deployed: Deployed,
        asker: str,
        *,
        size: int = 5,
        seal: bytes = b"\x05" * 32,
        through: Any = None,
        **terms: Any,
    ) -> "Panel":
        committee = deployed.committee
        pay = terms.pop("pay", PAY)
        job = Job(
            committee.address, MODEL.model_id, MODEL.input_root, MODEL.passes, size * pay, TICKET, APPEAL,
            now() + 4 * (BEACON_SECONDS + COMMIT + REVEAL) + 1_000, 0, 0,
        )  # fmt: skip
        question = Question(job._replace(**terms), asker, size, 1, pay, seal, now())
        if through is None:
            name = committee.convene(question, b"", value=size * pay, sender=asker)
        else:
            name = through.ask(question, value=size * pay)
        return cls(deployed, question, Digest(name))

    @classmethod
    def watch(cls, deployed: Deployed, job: Job, funder: str, *, size: int = 3, one_in: int = 1) -> "Panel":
        question = Question(job, funder, size, one_in, PAY, bytes(32), now())
        name = deployed.committee.watch(question, value=size * PAY, sender=funder)
        return cls(deployed, question, Digest(name))

    @property
    def committee(self) -> Any:
        return self.deployed.committee

    @property
    def job(self) -> Job:
        return Job(*self.committee.job_of(self.question))

    @property
    def job_id(self) -> Digest:
        return Digest(self.deployed.trunk.arbiter.job_id_of(self.job))

    @property
    def progress(self) -> Any:
        return self.committee.progress_of(self.question_id)

    def seats(self) -> list[str]:
        """Operators by seat."""
        return [str(self.seat(number).operator) for number in range(self.progress.seats)]

    def seat(self, number: int) -> Any:
        return self.committee.seat_of(self.question_id, number)

    def draw(self) -> list[str]:
        pass_time(10, BEACON_BLOCKS + 1)
        self.committee.draw(self.question, b"")
        self.note()
        return self.seats()

    def keyed(self, number: int, claim: Claim) -> KeyedTiles:
        seat = self.seat(number)
        seed = Digest(self.committee.seed_of(self.question_id, seat.round))
        return KeyedTiles(shape_of(claim), ClaimTiles(claim), seed, Address(str(seat.operator)))

    def commitment(self, number: int, claim: Claim, *, salt: int = 0, member: str = "", keyed: bytes = b"") -> Digest:
        return member_commitment(
            1,
            Address(str(self.committee.address)),
            question=self.question_id,
            member=Address(member or str(self.seat(number).operator)),
            output_root=claim.output.root,
            trace_root=claim.trace.root,
            keyed_root=Digest(keyed or self.keyed(number, claim).root),
            salt=Digest(salt.to_bytes(32, "big")),
        )

    def commit(self, number: int, claim: Claim, **options: Any) -> None:
        sender = str(self.seat(number).operator)
        self.committee.commit(self.question_id, number, self.commitment(number, claim, **options), sender=sender)

    def reveal(self, number: int, claim: Claim, *, salt: int = 0, sender: str = "", keyed: bytes = b"") -> None:
        given = (*answer(claim), keyed or self.keyed(number, claim).root, salt.to_bytes(32, "big"))
        self.committee.reveal(self.question_id, number, *given, sender=sender or str(self.seat(number).operator))
        if answer(claim) not in self.answers:
            self.answers.append(answer(claim))

    def answer_with(self, claims: list[Claim | None], first: int = 0) -> None:
        """Seats commit and reveal; ``None`` keeps silent."""
        for number, claim in enumerate(claims, first):
            if claim is not None:
                self.commit(number, claim)
        if None in claims:
            pass_time(COMMIT)
        for number, claim in enumerate(claims, first):
            if claim is not None:
                self.reveal(number, claim)

    def settle(self) -> None:
        self.committee.settle(self.question, self.answers)
        self.note()

    def light(self, *asked: int) -> None:
        """The second beacon, with a word that asks exactly these seats for a tile."""
        seats = self.seats()
        number = self.progress.beacon_block
        for attempt in range(1, 10**6):
            word = Digest(attempt.to_bytes(32, "big"))
            seed = seed_of(word, self.question_id, 3)
            picks = [member_pick(seed, Address(seat)) for seat in seats]
            if {seat for seat, pick in enumerate(picks) if must_open(pick, OPENING_ONE_IN)} == set(asked):
                break
        self.deployed.beacon.set_value(number, word)
        pass_time(1, BEACON_BLOCKS + 1)
        self.committee.light(self.question_id, b"")

    def opening(self, number: int, claim: Claim) -> tuple[Any, ...]:
        """What ``open_tile`` takes."""
        keyed = self.keyed(number, claim)
        seed = Digest(self.committee.seed_of(self.question_id, 3))
        shown = keyed.opening(member_pick(seed, keyed.member))
        descriptor = MODEL.descriptor(shown.node)
        path = MODEL.descriptors.path(shown.node)
        return shown.data, descriptor, path, list(shown.trace_path), list(shown.keyed_path)

    def open_tile(self, number: int, claim: Claim, shown: tuple[Any, ...] | None = None) -> None:
        self.committee.open_tile(self.question, number, answer(claim), shown or self.opening(number, claim))

    def finalise(self) -> None:
        """Nobody appeals."""
        pass_time(APPEAL)
        self.deployed.trunk.arbiter.finalise(self.job)

    def conclude(self) -> None:
        self.committee.conclude(self.question, self.answers)
        self.note()

    def note(self) -> None:
        """What the last call burnt."""
        named = [event for event in self.committee.get_logs() if type(event).__name__ == "Concluded"]
        self.burnt += sum(event.burnt for event in named)

    def world(self) -> World:
        """The game about the committee's answer."""
        return World(self.deployed.trunk, MODEL, self.job, self.job_id)

    def join(self, world: World, claim: Claim) -> None:
        """A group's claim enters the game."""
        world.know(claim)
        group = self.answers.index(answer(claim))
        self.committee.join(self.question, group, answer(claim), claim.trace.kids(0, 0))
        # The events are the Bracket's, in a call to the Committee.
        learn(world, self.committee)

    def gained(self, account: str) -> int:
        """What an account has beside what it began with."""
        owed = self.committee.credit_of(account) + self.deployed.stake.credit_of(account)
        return int(boa.env.get_balance(account) + owed - RICH)


def learn(world: World, caller: Any) -> None:
    """Read the Bracket's events of a call to another contract."""
    bracket = world.contracts.bracket
    logs = [event for event in caller.get_logs() if str(event.address) == str(bracket.address)]
    original = bracket.get_logs
    bracket.get_logs = lambda: logs
    try:
        world.learn()
    finally:
        bracket.get_logs = original


def shape_of(claim: Claim) -> TraceShape:
    model = claim.alphabet
    return TraceShape(model.passes, tuple(shape.tiles for shape in model.shapes))


def gains(panel: Panel) -> list[int]:
    """What each seat has gained, its stake being still there."""
    stake = panel.deployed.stake
    return [panel.gained(seat) + TICKET * int(stake.tickets_of(MODEL.model_id, seat)) for seat in panel.seats()]


def assert_nothing_is_missing(panel: Panel) -> None:
    """Every wei in the two contracts is somebody's, or burnt in the open."""
    committee, stake, trunk = panel.committee, panel.deployed.stake, panel.deployed.trunk
    owed_here = sum(committee.credit_of(who) for who in {*panel.seats(), panel.question.requester})
    held = boa.env.get_balance(committee.address) + trunk.arbiter.credit_of(committee.address)
    burnt = held + trunk.bracket.credit_of(committee.address) - owed_here
    assert burnt == panel.burnt
    standing = TICKET * int(stake.standing_of(MODEL.model_id))
    owed = sum(stake.credit_of(seat) for seat in panel.seats())
    assert boa.env.get_balance(stake.address) == standing + owed
    assert stake.lent() == 0
