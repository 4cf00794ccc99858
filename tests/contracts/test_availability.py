"""Demands for what is under a root: whoever has the bytes can always answer, whoever has not never can."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import boa
import numpy as np
import pytest
from eth_abi.abi import encode

from lockstep.crypto.hashing import LEAF_BYTES, leaf_hash, node_hash
from lockstep.crypto.merkle import MerkleTree, digest_tree, tensor_tree
from lockstep.types import Digest
from tests.contracts.bracket_machine.world import ZERO_ADDRESS, code_of

ANSWER_SECONDS, MINIMUM_PLEDGE, FLOOR = 600, 10**16, 10**7
RANDOM = np.random.default_rng(9)
DATA = RANDOM.bytes(20 * LEAF_BYTES)
TENSORS = [RANDOM.bytes(20 * LEAF_BYTES), RANDOM.bytes(100), RANDOM.bytes(3 * LEAF_BYTES)]


class Demand(NamedTuple):
    """``Availability.Demand`` in the order of its fields."""

    root: bytes
    position: int
    levels: int
    demander: str
    pledger: str
    payment: int
    deadline: int
    number: int


@pytest.fixture(scope="module")
def deployed_availability(revm: Any) -> Any:
    return code_of("Availability").deploy(ANSWER_SECONDS, MINIMUM_PLEDGE, FLOOR)


@pytest.fixture
def availability(deployed_availability: Any) -> Iterator[Any]:
    with boa.env.anchor():
        yield deployed_availability


def person(name: str) -> str:
    account = str(boa.env.generate_address(name))
    boa.env.set_balance(account, 10**20)
    return account


def demanded(availability: Any, root: bytes, position: int, levels: int, pledger: str = ZERO_ADDRESS) -> Demand:
    demander, price = person("demander"), availability.price(levels)
    number, now = availability.count(), int(boa.env.evm.patch.timestamp)
    availability.demand(root, position, levels, pledger, value=price, sender=demander)
    return Demand(root, position, levels, demander, pledger, price, now + ANSWER_SECONDS, number)


def leaf_of(data: bytes, index: int) -> bytes:
    return data[index * LEAF_BYTES : (index + 1) * LEAF_BYTES].ljust(LEAF_BYTES, b"\x00")


def test_who_shows_the_leaf_is_paid(availability: Any) -> None:
    tree, host = tensor_tree(DATA), person("host")
    demand = demanded(availability, tree.root, 17, tree.levels)
    availability.answer(demand, leaf_of(DATA, 17), tree.path(17), sender=host)
    assert availability.credit_of(host) == demand.payment
    assert availability.is_available(tree.root)
    with boa.reverts("demand/already-done"):
        availability.answer(demand, leaf_of(DATA, 17), tree.path(17), sender=host)


def test_nothing_else_is_an_answer(availability: Any) -> None:
    tree = tensor_tree(DATA)
    demand = demanded(availability, tree.root, 17, tree.levels)
    wrong = bytes([DATA[17 * LEAF_BYTES] ^ 1]) + leaf_of(DATA, 17)[1:]
    above = tree.path(17)[1:]
    children = tree.node(tree.levels, 16) + tree.node(tree.levels, 17)
    for data, path in (
        (wrong, tree.path(17)),
        (leaf_of(DATA, 16), tree.path(16)),
        (b"", tree.path(17)),
        (b"", above),
        (children, above),  # the inner node above it is no answer
        (leaf_of(DATA, 17), [*tree.path(17), bytes(32)]),
    ):
        with boa.reverts("demand/path"):
            availability.answer(demand, data, path)
    with boa.reverts("tile/preimage"):
        availability.answer(demand, wrong[:-1], tree.path(17))
    with boa.reverts("demand/unknown"):
        availability.answer(demand._replace(position=16), leaf_of(DATA, 16), tree.path(16))


def siblings(tree: MerkleTree, level: int, index: int) -> list[bytes]:
    return [tree.node(level - height, (index >> height) ^ 1) for height in range(level)]


def test_a_demand_for_what_is_no_leaf_has_an_answer_too(availability: Any) -> None:
    trees = [tensor_tree(data) for data in TENSORS]
    inputs = digest_tree([tree.root for tree in trees])
    first, levels = trees[0], inputs.levels + trees[0].levels

    def answer(position: int, depth: int, data: bytes, path: list[bytes]) -> None:
        availability.answer(demanded(availability, inputs.root, position, depth), data, path)

    # A leaf of the first tensor, and the padding of its tree.
    answer(19, levels, leaf_of(TENSORS[0], 19), first.path(19) + inputs.path(0))
    answer(200, levels, bytes(LEAF_BYTES), first.path(200) + inputs.path(0))
    # The second tensor is one leaf: nothing is below it.
    answer(1 << first.levels, levels, leaf_of(TENSORS[1], 0), inputs.path(1))
    # There is no fourth input.
    answer(3, inputs.levels, b"", inputs.path(3))
    answer((3 << 8) + 77, levels, b"", inputs.path(3))
    # The root of the first tensor is no leaf, nor is what is in the middle of its tree.
    answer(0, inputs.levels, first.node(1, 0) + first.node(1, 1), inputs.path(0))
    middle = first.node(4, 2) + first.node(4, 3)
    answer(1, inputs.levels + 3, middle, siblings(first, 3, 1) + inputs.path(0))


def test_silence_marks_the_root_and_pays_the_demander(availability: Any) -> None:
    tree, host, late = tensor_tree(DATA), person("host"), person("late")
    availability.pledge(tree.root, value=MINIMUM_PLEDGE, sender=host)
    demand = demanded(availability, tree.root, 3, tree.levels, host)
    with boa.reverts("demand/deadline"):
        availability.expire(demand)
    boa.env.evm.patch.timestamp += ANSWER_SECONDS
    availability.expire(demand, sender=late)
    assert not availability.is_available(tree.root)
    assert availability.credit_of(demand.demander) == 2 * demand.payment
    assert availability.pledge_of(tree.root, host)[:2] == (MINIMUM_PLEDGE - demand.payment, 0)
    with boa.reverts("demand/already-done"):
        availability.expire(demand)
    availability.answer(demand, leaf_of(DATA, 3), tree.path(3), sender=late)
    assert availability.is_available(tree.root) and availability.credit_of(late) == 0


def test_a_pledge_stands_until_it_has_left_and_nothing_is_open(availability: Any) -> None:
    tree, host = tensor_tree(DATA), person("host")
    for value in (0, MINIMUM_PLEDGE - 1):
        with boa.reverts("pledge/value"):
            availability.pledge(tree.root, value=value, sender=host)
    for call in (availability.leave, availability.take_back):
        with boa.reverts("pledge/none"):
            call(tree.root, sender=host)
    with boa.reverts("pledge/none"):
        demanded(availability, tree.root, 0, tree.levels, host)
    availability.pledge(tree.root, value=MINIMUM_PLEDGE, sender=host)
    with boa.reverts("pledge/stands"):
        availability.take_back(tree.root, sender=host)
    availability.leave(tree.root, sender=host)
    with boa.reverts("pledge/already-done"):
        availability.leave(tree.root, sender=host)
    boa.env.evm.patch.timestamp += ANSWER_SECONDS - 1
    demand = demanded(availability, tree.root, 0, tree.levels, host)
    boa.env.evm.patch.timestamp += 1
    with boa.reverts("pledge/none"):
        demanded(availability, tree.root, 0, tree.levels, host)
    with boa.reverts("pledge/reserved"):
        availability.take_back(tree.root, sender=host)
    availability.answer(demand, leaf_of(DATA, 0), tree.path(0), sender=host)
    availability.take_back(tree.root, sender=host)
    assert availability.credit_of(host) == MINIMUM_PLEDGE + demand.payment


def test_a_demand_costs_the_gas_of_its_answer_and_a_fifth(availability: Any) -> None:
    price, demander = availability.price(4), person("demander")
    with boa.reverts("demand/value"):
        availability.demand(bytes(32), 0, 4, ZERO_ADDRESS, value=price - 1, sender=demander)
    availability.demand(bytes(32), 0, 4, ZERO_ADDRESS, value=price + 7, sender=demander)
    assert availability.credit_of(demander) == 7
    for position, levels in ((16, 4), (0, 65), (1, 0)):
        with boa.reverts("demand/position"):
            availability.demand(bytes(32), position, levels, ZERO_ADDRESS, value=10**18, sender=demander)


def test_what_stands_for_one_demand_is_not_taken_by_another(revm: Any) -> None:
    availability = code_of("Availability").deploy(ANSWER_SECONDS, 1, FLOOR)
    tree, host = tensor_tree(DATA), person("host")
    price = availability.price(tree.levels)
    availability.pledge(tree.root, value=2 * price - 1, sender=host)
    first = demanded(availability, tree.root, 0, tree.levels, host)
    with boa.reverts("pledge/reserved"):
        demanded(availability, tree.root, 1, tree.levels, host)
    boa.env.evm.patch.timestamp += ANSWER_SECONDS
    availability.expire(first)
    assert availability.credit_of(first.demander) == 2 * price
    assert availability.pledge_of(tree.root, host)[:2] == (price - 1, 0)


def test_terms_that_would_give_no_time_are_refused(revm: Any) -> None:
    with boa.reverts("demand/seconds"):
        code_of("Availability").deploy(0, MINIMUM_PLEDGE, FLOOR)


@pytest.mark.parametrize("levels", [0, 8, 64])
def test_the_price_covers_the_gas_of_the_dearest_answer(availability: Any, levels: int) -> None:
    data, path, root = RANDOM.bytes(LEAF_BYTES), [RANDOM.bytes(32) for _ in range(levels)], b""
    digest, position, host = leaf_hash(data), (1 << levels) - 1, person("host")
    for sibling in path:
        digest = node_hash(Digest(sibling), digest)
    root = bytes(digest)
    availability.pledge(root, value=10**18, sender=host)
    demand = demanded(availability, root, position, levels, host)
    demanded(availability, root, position, levels, host)  # its reserve stays: no refund of gas
    availability.answer(demand, data, path, sender=host)
    call_data = encode(
        ["(bytes32,uint256,uint256,address,address,uint256,uint256,uint256)", "bytes", "bytes32[]"],
        [demand, data, path],
    )
    tokens = sum(1 if byte == 0 else 4 for byte in call_data) + 16
    gas = max(availability._computation.net_gas_used, 21_000 + 10 * tokens)  # EIP-7623: data has a least price
    paid = availability.price(levels) * 100 // 120 // FLOOR
    assert 0.8 * paid <= gas <= paid
