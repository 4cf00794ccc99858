"""One local chain for the tests of this folder; accounts are theirs alone, so that nonces do not mix."""

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "fixtures"))

from chain_world import KEPT, QUICK
from fixture_chain.bindings.shapes import Shapes

from lockstep.chain.account import Account, dev_account
from lockstep.chain.anvil import LocalChain, LocalChainOptions
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender

_next_account = count()


@pytest.fixture(scope="session")
def chain() -> Iterator[LocalChain]:
    with LocalChain.start(LocalChainOptions(accounts=60)) as running:
        yield running


@pytest.fixture(scope="session")
def rpc(chain: LocalChain) -> Rpc:
    return Rpc(chain.url)


@pytest.fixture
def account() -> Account:
    return dev_account(next(_next_account))


@pytest.fixture
def sender(rpc: Rpc, account: Account) -> Sender:
    return Sender(rpc, account, MemoryOutbox(), patience=QUICK)


@pytest.fixture(scope="session")
def shapes(rpc: Rpc) -> Shapes:
    owner = Sender(rpc, dev_account(next(_next_account)), MemoryOutbox(), patience=QUICK)
    created = owner.send(Shapes.deploy(owner.address, KEPT), key="shapes").contract_address
    assert created is not None
    return Shapes(created)
