"""Stakes: tickets come, are drawn by hash, and leave; nobody who knows the beacon moves a draw by coming or leaving."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import boa
import pytest
from eth_abi.abi import encode

from lockstep.crypto.hashing import keccak256
from lockstep.types import Digest
from tests.contracts.bracket_machine.world import code_of
from tests.contracts.committee_world import TICKET, UNBONDING, pass_time, person

MODEL, OTHER_MODEL = b"\x01" * 32, b"\x02" * 32
SEED = Digest(b"\x07" * 32)
CAP_FLOOR = 3


@pytest.fixture(scope="module")
def deployed_stake(revm: Any) -> Any:
    committee = person("committee")
    return code_of("Stake").deploy(committee, TICKET, 2_500, CAP_FLOOR, UNBONDING)


@pytest.fixture
def stake(deployed_stake: Any) -> Iterator[Any]:
    with boa.env.anchor():
        yield deployed_stake


def staked(stake: Any, name: str, count: int = 1, price_gwei: int = 0) -> str:
    operator = person(name)
    stake.stake(MODEL, count, price_gwei, value=count * TICKET, sender=operator)
    return operator


def draw(stake: Any, count: int, **changes: Any) -> list[tuple[int, str]]:
    """(ticket, operator) of each seat."""
    now = int(boa.env.evm.patch.timestamp)
    terms = {"seed": SEED, "places": stake.places_of(MODEL), "at": now, "price": 0, "excluded": []} | changes
    words = stake.draw(
        MODEL, terms["seed"], count, terms["places"], terms["at"], terms["price"], terms["excluded"],
        sender=stake.COMMITTEE(),
    )  # fmt: skip
    return [(word >> 160, f"{word & (2**160 - 1):040x}") for word in words]


def release(stake: Any, tickets: list[int], forfeits: list[int], lent: int = 0, value: int = 0) -> None:
    stake.release(MODEL, tickets, forfeits, lent, value=value, sender=stake.COMMITTEE())


def bare(operator: str) -> str:
    return operator[2:].lower()


def test_a_ticket_costs_what_it_is_worth(stake: Any) -> None:
    operator = person("operator")
    for value in (0, TICKET - 1, TICKET + 1):
        with boa.reverts("stake/value"):
            stake.stake(MODEL, 1, 0, value=value, sender=operator)
    for count in (0, 33):
        with boa.reverts("stake/count"):
            stake.stake(MODEL, count, 0, value=count * TICKET, sender=operator)
    with boa.reverts("stake/price"):
        stake.stake(MODEL, 1, 2**31, value=TICKET, sender=operator)


def test_an_operator_has_at_most_its_share(stake: Any) -> None:
    operator = staked(stake, "operator", CAP_FLOOR)
    with boa.reverts("stake/cap"):
        stake.stake(MODEL, 1, 0, value=TICKET, sender=operator)
    for number in range(4):
        staked(stake, f"other {number}", CAP_FLOOR)
    stake.stake(MODEL, 1, 0, value=TICKET, sender=operator)  # 4 of 16
    with boa.reverts("stake/cap"):
        stake.stake(MODEL, 1, 0, value=TICKET, sender=operator)
    stake.stake(OTHER_MODEL, CAP_FLOOR, 0, value=CAP_FLOOR * TICKET, sender=operator)


def test_a_ticket_leaves_after_the_unbonding_time(stake: Any) -> None:
    operator = staked(stake, "operator")
    with boa.reverts("stake/unbonding"):
        stake.unstake(MODEL, 0, sender=operator)
    with boa.reverts("stake/operator"):
        stake.leave(MODEL, 0, sender=person("thief"))
    stake.leave(MODEL, 0, sender=operator)
    with boa.reverts("stake/already-done"):
        stake.leave(MODEL, 0, sender=operator)
    pass_time(UNBONDING - 1)
    with boa.reverts("stake/unbonding"):
        stake.unstake(MODEL, 0, sender=operator)
    pass_time(1)
    stake.unstake(MODEL, 0, sender=operator)
    with boa.reverts("stake/operator"):
        stake.unstake(MODEL, 0, sender=operator)
    assert stake.credit_of(operator) == TICKET
    stake.withdraw(sender=operator)
    assert boa.env.get_balance(stake.address) == 0


def test_a_free_place_is_taken_again(stake: Any) -> None:
    first = staked(stake, "first", 2)
    stake.leave(MODEL, 0, sender=first)
    pass_time(UNBONDING)
    stake.unstake(MODEL, 0, sender=first)
    second = staked(stake, "second", 2)
    assert [str(stake.ticket_of(MODEL, place).operator) for place in range(3)] == [second, first, second]
    assert (stake.places_of(MODEL), stake.standing_of(MODEL)) == (3, 3)


def test_a_draw_is_by_hash_without_replacement(stake: Any) -> None:
    operators = [staked(stake, f"operator {number}", 1 + number % 2) for number in range(6)]
    pass_time(1)
    tickets = [bare(str(stake.ticket_of(MODEL, place).operator)) for place in range(9)]
    expected: list[tuple[int, str]] = []
    for attempt in range(256):
        place = int.from_bytes(keccak256(encode(["bytes32", "uint256"], [SEED, attempt])), "big") % 9
        if tickets[place] not in [operator for _, operator in expected]:
            expected.append((place, tickets[place]))
        if len(expected) == 4:
            break
    assert draw(stake, 4) == expected
    rest = draw(stake, 4, excluded=[f"0x{operator}" for _, operator in expected])
    assert len(rest) == len(operators) - 4


def test_more_tickets_are_drawn_more_often(stake: Any) -> None:
    large, small = staked(stake, "large", 3), staked(stake, "small", 1)
    pass_time(1)
    seen: Counter[str] = Counter()
    for number in range(200):
        with boa.env.anchor():
            seen[draw(stake, 1, seed=keccak256(number.to_bytes(4, "big")))[0][1]] += 1
    assert 120 < seen[bare(large)] < 180
    assert seen[bare(small)] == 200 - seen[bare(large)]


@pytest.mark.parametrize("move", ["come", "leave"])
def test_nobody_moves_a_draw_after_its_question(stake: Any, move: str) -> None:
    operators = [staked(stake, f"operator {number}") for number in range(8)]
    pass_time(1)
    places, at = stake.places_of(MODEL), int(boa.env.evm.patch.timestamp)
    with boa.env.anchor():
        before = draw(stake, 4, places=places, at=at)
    if move == "come":
        staked(stake, "late", 2)
    else:
        for place, operator in enumerate(operators):
            stake.leave(MODEL, place, sender=operator)
    pass_time(1)
    assert draw(stake, 4, places=places, at=at) == before


def test_who_left_or_came_since_is_not_drawn(stake: Any) -> None:
    operator = staked(stake, "operator")
    assert draw(stake, 1) == []  # in the same second
    pass_time(1)
    stake.leave(MODEL, 0, sender=operator)
    pass_time(1)
    assert draw(stake, 1) == []


def test_a_locked_ticket_is_drawn_once_and_stays(stake: Any) -> None:
    operator = staked(stake, "operator")
    pass_time(1)
    stake.leave(MODEL, 0, sender=operator)
    assert draw(stake, 1) == [(0, bare(operator))]
    assert draw(stake, 1) == []
    pass_time(UNBONDING)
    with boa.reverts("stake/locked"):
        stake.unstake(MODEL, 0, sender=operator)
    release(stake, [0], [0])
    stake.unstake(MODEL, 0, sender=operator)


def test_a_question_that_pays_less_than_the_price_finds_nobody(stake: Any) -> None:
    cheap, dear = staked(stake, "cheap", price_gwei=5), staked(stake, "dear", price_gwei=7)
    pass_time(1)
    assert draw(stake, 2, price=4) == []
    with boa.env.anchor():
        assert draw(stake, 2, price=6) == [(0, bare(cheap))]
    assert {operator for _, operator in draw(stake, 2, price=7)} == {bare(cheap), bare(dear)}


def test_a_ticket_that_forfeits_is_closed_and_its_rest_credited(stake: Any) -> None:
    operator, other = staked(stake, "operator"), staked(stake, "other")
    pass_time(1)
    draw(stake, 2)
    committee = stake.COMMITTEE()
    before = boa.env.get_balance(committee)
    stake.lend(TICKET, sender=committee)
    release(stake, [0, 1], [TICKET // 4, 0], lent=TICKET, value=TICKET)
    assert stake.credit_of(operator) == TICKET - TICKET // 4
    assert boa.env.get_balance(committee) == before + TICKET // 4
    assert str(stake.ticket_of(MODEL, 0).operator) == "0x" + "00" * 20
    assert str(stake.ticket_of(MODEL, 1).operator) == other
    assert not stake.ticket_of(MODEL, 1).locked
    assert stake.lent() == 0


def test_what_was_lent_comes_back(stake: Any) -> None:
    staked(stake, "operator")
    pass_time(1)
    draw(stake, 1)
    stake.lend(TICKET // 2, sender=stake.COMMITTEE())
    with boa.reverts("stake/value"):
        release(stake, [0], [TICKET // 4], lent=TICKET // 2)


def test_only_the_committee_draws_lends_and_releases(stake: Any) -> None:
    thief = person("thief")
    with boa.reverts("only/committee"):
        stake.draw(MODEL, SEED, 1, 1, 1, 0, [], sender=thief)
    with boa.reverts("only/committee"):
        stake.lend(1, sender=thief)
    with boa.reverts("only/committee"):
        stake.release(MODEL, [], [], 0, sender=thief)


@pytest.mark.parametrize(
    ("code", "terms"),
    [("stake/ticket", (0, 500, 1)), ("stake/cap", (TICKET, 10_001, 1)), ("stake/cap", (TICKET, 500, 0))],
)
def test_terms_that_could_not_work_are_refused(revm: Any, code: str, terms: tuple[int, int, int]) -> None:
    with boa.env.anchor(), boa.reverts(code):
        code_of("Stake").deploy(person("committee"), *terms, UNBONDING)
