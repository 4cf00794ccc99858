"""The sender executes a key at most once, whatever crashes, drops or interferes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from chain_world import QUICK, Crash, CrashingRpc, CuttingProxy
from eth_account import Account as EthAccount
from fixture_chain.bindings.shapes import Shapes
from sqlalchemy import create_engine

from lockstep.chain.account import Account, dev_account
from lockstep.chain.anvil import LocalChain
from lockstep.chain.binding import Transaction
from lockstep.chain.fees import GWEI, FeeLimits
from lockstep.chain.outbox import MemoryOutbox, Outbox, SqlOutbox
from lockstep.chain.rpc import PENDING, Rpc
from lockstep.chain.sender import Patience, Sender
from lockstep.errors import AccountError, ChainError, RevertError
from lockstep.types import ZERO_DIGEST, Address, Amount

SINK = Address("0x00000000000000000000000000000000DeaDBeef")
TO_SINK = Transaction(SINK, b"", Amount(1))


@pytest.fixture(params=["memory", "sql"])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Outbox:
    return MemoryOutbox() if request.param == "memory" else SqlOutbox(create_engine(f"sqlite:///{tmp_path}/outbox.db"))


@pytest.fixture
def proxy(chain: LocalChain) -> Iterator[CuttingProxy]:
    running = CuttingProxy(chain.url)
    yield running
    running.close()


@pytest.fixture
def held(rpc: Rpc) -> Iterator[Rpc]:
    """A chain that makes blocks only when it is told to."""
    rpc.call("evm_setAutomine", False)
    yield rpc
    rpc.call("evm_mine")
    rpc.call("evm_setAutomine", True)


def count_of(sender: Sender) -> int:
    return sender.rpc.read_nonce(sender.address)


def test_same_key_gives_the_same_receipt_and_one_transaction(sender: Sender, shapes: Shapes) -> None:
    first = sender.send(shapes.increment(1, 0), key="once")
    assert sender.send(shapes.increment(1, 0), key="once") == first
    assert sender.find("once") == first
    assert count_of(sender) == 1
    assert first.gas_used * first.gas_price == first.fee


def test_key_of_another_transaction_is_refused(sender: Sender, shapes: Shapes) -> None:
    sender.send(shapes.increment(1, 0), key="once")
    with pytest.raises(ChainError, match="chain/key-reused"):
        sender.send(shapes.increment(2, 0), key="once")


def test_transaction_that_would_revert_is_never_sent(sender: Sender, shapes: Shapes) -> None:
    with pytest.raises(RevertError) as caught:
        sender.send(shapes.increment(0, 0), key="zero")
    assert caught.value.code == "shape/zero"
    assert count_of(sender) == 0


def test_revert_in_a_block_has_the_contracts_code_and_the_hash(sender: Sender, shapes: Shapes) -> None:
    transaction_hash = sender.submit(shapes.increment(0, 0), key="zero", gas=100_000)
    for _ in range(2):
        with pytest.raises(RevertError) as caught:
            sender.wait("zero")
        assert caught.value.code == "shape/zero"
        assert transaction_hash.hex() in str(caught.value)
    assert count_of(sender) == 1


def test_revert_without_words_says_which_kind(sender: Sender, shapes: Shapes) -> None:
    for key, transaction, code in (
        ("overflow", shapes.overflow(), "chain/reverted"),
        ("silent", shapes.silent(), "chain/reverted"),
    ):
        with pytest.raises(RevertError) as caught:
            sender.send(transaction, key=key)
        assert caught.value.code == code


def test_gas_above_the_cap_of_a_transaction_is_refused_before_sending(sender: Sender, shapes: Shapes) -> None:
    with pytest.raises(RevertError, match="chain/out-of-gas"):
        sender.send(shapes.find_event_(), key="endless")
    with pytest.raises(RevertError, match="chain/out-of-gas: the transaction used all of its gas"):
        sender.send(shapes.increment(1, 77), key="short", gas=30_000)


def test_account_without_funds_is_told_what_it_needs(rpc: Rpc, outbox: Outbox) -> None:
    poor = Sender(rpc, Account(EthAccount.create()), outbox, patience=QUICK)
    for transaction in (TO_SINK, Transaction(SINK, b"")):
        with pytest.raises(AccountError) as caught:
            poor.send(transaction, key="gift")
        assert str(caught.value).startswith(f"account/no-funds: {poor.address} cannot pay (balance 0.000000, needed 0.")
        assert outbox.unfinished(poor.lane) == ()


@pytest.mark.parametrize("is_broadcast", [False, True])
def test_crash_at_the_broadcast_loses_and_repeats_nothing(
    chain: LocalChain, rpc: Rpc, account: Account, outbox: Outbox, is_broadcast: bool
) -> None:
    before = rpc.read_balance(SINK)
    with pytest.raises(Crash):
        Sender(CrashingRpc(chain.url, is_broadcast=is_broadcast), account, outbox).send(TO_SINK, key="gift")
    restarted = Sender(rpc, account, outbox, patience=QUICK)
    receipt = restarted.send(TO_SINK, key="gift")
    assert [receipt.transaction_hash] == [attempt.hash for attempt in outbox.attempts(restarted.lane, "gift")]
    assert rpc.read_balance(SINK) == before + 1
    assert count_of(restarted) == 1
    assert outbox.unfinished(restarted.lane) == ()


def test_crashed_key_does_not_hold_up_the_next_one(chain: LocalChain, rpc: Rpc, account: Account) -> None:
    outbox = MemoryOutbox()
    with pytest.raises(Crash):
        Sender(CrashingRpc(chain.url, is_broadcast=False), account, outbox).send(TO_SINK, key="first")
    restarted = Sender(rpc, account, outbox, patience=QUICK)
    restarted.send(TO_SINK, key="second")
    assert restarted.wait("first").key == "first"
    assert count_of(restarted) == 2


def test_lost_answer_to_a_broadcast_is_not_a_second_transaction(
    proxy: CuttingProxy, account: Account, outbox: Outbox
) -> None:
    sender = Sender(Rpc(proxy.url), account, outbox, patience=QUICK)
    proxy.is_cut_when, proxy.cut_answers = b"eth_sendRawTransaction", 1
    sender.send(TO_SINK, key="gift")
    assert proxy.cut_answers == 0
    assert count_of(sender) == 1


def test_broadcast_that_never_got_through_is_found_again_by_its_key(
    proxy: CuttingProxy, rpc: Rpc, account: Account
) -> None:
    outbox = MemoryOutbox()
    proxy.is_cut_when, proxy.cut_requests = b"eth_sendRawTransaction", 2
    with pytest.raises(ChainError, match="chain/unreachable"):
        Sender(Rpc(proxy.url, attempts=2), account, outbox, patience=QUICK).send(TO_SINK, key="gift")
    sender = Sender(rpc, account, outbox, patience=QUICK)
    sender.send(TO_SINK, key="gift")
    assert len(outbox.attempts(sender.lane, "gift")) == 1


def test_stuck_transaction_is_replaced_with_the_same_nonce(held: Rpc, account: Account, outbox: Outbox) -> None:
    impatient = Patience(receipt=0.7, bump=0.1, lag=0.3, first_pause=0.01, longest_pause=0.05)
    sender = Sender(held, account, outbox, patience=impatient)
    with pytest.raises(ChainError, match="chain/not-mined"):
        sender.send(TO_SINK, key="gift")
    attempts = outbox.attempts(sender.lane, "gift")
    assert len(attempts) > 1
    assert len({attempt.nonce for attempt in attempts}) == 1
    assert attempts[-1].max_fee > attempts[0].max_fee
    held.call("evm_mine")
    assert sender.wait("gift").transaction_hash == attempts[-1].hash


def test_fee_is_never_raised_above_the_limit(held: Rpc, account: Account) -> None:
    limit = FeeLimits(max_fee=Amount(held.read_block().base_fee * 2 + 2 * GWEI))
    impatient = Patience(receipt=0.5, bump=0.05, lag=0.3, first_pause=0.01, longest_pause=0.05)
    outbox = MemoryOutbox()
    sender = Sender(held, account, outbox, limits=limit, patience=impatient)
    with pytest.raises(ChainError, match="chain/not-mined"):
        sender.send(TO_SINK, key="gift")
    assert max(attempt.max_fee for attempt in outbox.attempts(sender.lane, "gift")) <= limit.max_fee


def test_price_above_the_limit_is_refused(rpc: Rpc, account: Account) -> None:
    sender = Sender(rpc, account, MemoryOutbox(), limits=FeeLimits(max_fee=Amount(1)), patience=QUICK)
    with pytest.raises(ChainError, match="chain/fee-cap"):
        sender.send(TO_SINK, key="gift")


def test_nonce_lost_to_another_transaction_is_repaired(
    chain: LocalChain, rpc: Rpc, account: Account, outbox: Outbox
) -> None:
    with pytest.raises(Crash):
        Sender(CrashingRpc(chain.url, is_broadcast=False), account, outbox).send(TO_SINK, key="gift")
    Sender(rpc, account, MemoryOutbox(), patience=QUICK).send(Transaction(SINK, b"wallet"), key="wallet")
    before = rpc.read_balance(SINK)
    sender = Sender(rpc, account, outbox, patience=QUICK)
    receipt = sender.send(TO_SINK, key="gift")
    assert [attempt.nonce for attempt in outbox.attempts(sender.lane, "gift")] == [0, 1]
    assert rpc.read_balance(SINK) == before + 1
    assert sender.send(TO_SINK, key="gift") == receipt


def test_waiting_transactions_have_successive_nonces(held: Rpc, account: Account) -> None:
    sender = Sender(held, account, MemoryOutbox(), patience=QUICK)
    for number in range(5):
        sender.submit(TO_SINK, key=f"gift {number}")
    assert [sender.find_nonce(f"gift {number}") for number in range(5)] == [0, 1, 2, 3, 4]
    assert held.read_nonce(account.address, at=PENDING) == 5
    held.call("evm_mine")
    assert {sender.wait(f"gift {number}").block_number for number in range(5)} == {held.read_block_number()}


def test_node_that_forgets_waiting_transactions_does_not_make_us_use_a_nonce_twice(held: Rpc, account: Account) -> None:
    class Forgetful(Rpc):
        def read_nonce(self, address: Address, *, at: str = PENDING) -> int:
            return super().read_nonce(address)

    sender = Sender(Forgetful(held.url), account, MemoryOutbox(), patience=QUICK)
    for number in range(3):
        sender.submit(TO_SINK, key=f"gift {number}")
    assert [sender.find_nonce(f"gift {number}") for number in range(3)] == [0, 1, 2]


def test_threads_share_one_sequence_of_nonces(rpc: Rpc, account: Account, outbox: Outbox) -> None:
    sender = Sender(rpc, account, outbox)
    with ThreadPoolExecutor(4) as pool:
        receipts = list(pool.map(lambda number: sender.send(TO_SINK, key=f"gift {number}"), range(12)))
    assert len({receipt.transaction_hash for receipt in receipts}) == 12
    assert sorted(sender.find_nonce(f"gift {number}") or 0 for number in range(12)) == list(range(12))
    assert count_of(sender) == 12


def test_public_key_is_refused_on_another_chain() -> None:
    class Mainnet(Rpc):
        chain_id = 1

    with pytest.raises(AccountError, match="account/public-key"):
        Sender(Mainnet("http://127.0.0.1:1"), dev_account(), MemoryOutbox())


def test_simulation_shows_the_result_without_sending(rpc: Rpc, sender: Sender, shapes: Shapes) -> None:
    assert rpc.simulate(shapes.grow(ZERO_DIGEST, []), sender.address) == b""
    with pytest.raises(RevertError, match="shape/zero"):
        rpc.simulate(shapes.increment(0, 0), sender.address)
    assert count_of(sender) == 0
