"""A fast EVM with the trunk deployed, once for each module; each test runs in a snapshot."""

from collections.abc import Iterator
from typing import Any

import boa
import pytest

from tests.contracts.bracket_machine.engine import revm_environment
from tests.contracts.bracket_machine.world import Contracts, deploy


@pytest.fixture(scope="module")
def revm() -> Iterator[Any]:
    with revm_environment() as env:
        yield env


@pytest.fixture(scope="module")
def deployed(revm: Any) -> Contracts:
    return deploy()


@pytest.fixture
def trunk(deployed: Contracts) -> Iterator[Contracts]:
    with boa.env.anchor():
        yield deployed


@pytest.fixture
def people(trunk: Contracts) -> dict[str, str]:
    """Accounts by role, with money."""
    roles = ("requester", "claimant", "challenger", "second_challenger", "stranger")
    accounts = {role: str(boa.env.generate_address(role)) for role in roles}
    for account in accounts.values():
        boa.env.set_balance(account, 10**20)
    return accounts
