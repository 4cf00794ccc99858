"""Whether a node lives and can work is said truly, so that whoever watches it can trust the answer."""

import json
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from node_process import NodeProcess

from lockstep.chain.account import dev_account
from lockstep.chain.external_signer import ExternalSigner
from lockstep.errors import ConfigError
from lockstep.node.health import STALLED_SECONDS, ChainProbe, HealthServer, Pulse
from lockstep.node.journal import Journal
from lockstep.testing.network import Network
from lockstep.types import Address

NOWHERE = "http://127.0.0.1:9"
ACCOUNT = dev_account(9)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "node.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def pulse(shared_network: Network) -> Pulse:
    running = Pulse()
    running.head = shared_network.rpc.read_block_number()
    return running


def probe(
    network: Network, journal: Journal, pulse: Pulse, *, url: str = "", signer: ExternalSigner | None = None
) -> ChainProbe:
    return ChainProbe("main", url or network.rpc.url, journal, signer or ACCOUNT, pulse, confirmations=0, max_lag=5)


def failing(one: ChainProbe) -> list[str]:
    return [check.name for check in one.readiness() if not check.ok]


def test_running_node_is_healthy_and_ready(running_node: NodeProcess) -> None:
    status, text = running_node.page("/healthz")
    assert (status, json.loads(text)["ok"]) == (200, True)
    running_node.wait_for(lambda: running_node.page("/readyz")[0] == 200)
    checks = json.loads(running_node.page("/readyz")[1])["checks"]
    assert [(check["chain"], check["name"], check["ok"]) for check in checks] == [
        ("main", "chain", True),
        ("main", "cursor", True),
        ("main", "journal", True),
        ("main", "key", True),
    ]
    assert running_node.page("/admin")[0] == 404


def test_chain_that_is_away(shared_network: Network, journal: Journal, pulse: Pulse) -> None:
    assert failing(probe(shared_network, journal, pulse)) == []
    assert failing(probe(shared_network, journal, pulse, url=NOWHERE)) == ["chain", "cursor"]


def test_cursor_that_is_far_behind(shared_network: Network, journal: Journal, pulse: Pulse) -> None:
    pulse.head -= 5
    assert failing(probe(shared_network, journal, pulse)) == []
    pulse.head -= 1
    assert failing(probe(shared_network, journal, pulse)) == ["cursor"]


def test_journal_that_cannot_be_written(
    shared_network: Network, journal: Journal, pulse: Pulse, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "node.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert failing(probe(shared_network, journal, pulse)) == ["journal"]
    other.execute("ROLLBACK")
    other.close()
    assert failing(probe(shared_network, journal, pulse)) == []


def test_key_that_its_signer_has_locked_away(shared_network: Network, journal: Journal, pulse: Pulse) -> None:
    for signer in (ExternalSigner(NOWHERE, ACCOUNT.address), ExternalSigner(shared_network.rpc.url, unknown_address())):
        assert failing(probe(shared_network, journal, pulse, signer=signer)) == ["key"]


def unknown_address() -> Address:
    """An address that anvil has no key of."""
    return dev_account(90).address


def test_pages_say_503_when_something_is_wrong(shared_network: Network, journal: Journal, pulse: Pulse) -> None:
    away = probe(shared_network, journal, pulse, url=NOWHERE)
    with HealthServer("127.0.0.1:0", [away], lambda: b"") as server:
        pulse.beaten_at = time.monotonic() - STALLED_SECONDS - 1
        for page in ("/healthz", "/readyz"):
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(f"http://127.0.0.1:{server.port}{page}", timeout=20)
            assert caught.value.code == 503
            assert json.loads(caught.value.read())["ok"] is False
            caught.value.close()
        with pytest.raises(ConfigError, match="config/listen: cannot listen there"):
            HealthServer(f"127.0.0.1:{server.port}", [], lambda: b"")
