"""What the operator allows for gas is never exceeded; while the chain asks for more, the node waits."""

from pathlib import Path

import pytest

from lockstep.assembly.nodes import build_runner
from lockstep.chain.account import dev_account
from lockstep.chain.binding import Transaction
from lockstep.chain.deployment import write_deployment
from lockstep.chain.fees import GWEI, FeeLimits
from lockstep.chain.outbox import MemoryOutbox
from lockstep.chain.sender import Patience, Sender
from lockstep.errors import ChainError
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary
from lockstep.features.inference.server import Server
from lockstep.ir.format import write_model
from lockstep.ir.graph import Graph
from lockstep.node.config import read_config
from lockstep.node.journal import Journal
from lockstep.testing.network import Network, draw_inputs
from lockstep.types import Address, Amount

SERVER = 2
SINK = Transaction(Address("0x00000000000000000000000000000000DeaDBeef"), b"", Amount(1))


def test_priority_fee_stays_within_its_limit_also_when_raised(network: Network) -> None:
    limits = FeeLimits(max_priority_fee=Amount(GWEI // 2))
    patience = Patience(receipt=0.6, bump=0.05, lag=0.3, first_pause=0.01, longest_pause=0.05)
    outbox = MemoryOutbox()
    sender = Sender(network.rpc, dev_account(8), outbox, limits=limits, patience=patience)
    network.rpc.call("evm_setAutomine", False)
    with pytest.raises(ChainError, match="chain/not-mined"):
        sender.send(SINK, key="gift")
    offers = [attempt.priority_fee for attempt in outbox.attempts(sender.lane, "gift")]
    assert offers and max(offers) <= GWEI // 2
    network.rpc.call("evm_setAutomine", True)
    network.rpc.call("evm_mine")
    assert sender.wait("gift").gas_used == 21_000


def test_transaction_that_an_earlier_life_left_is_seen_to_its_end(network: Network, graph: Graph) -> None:
    """Signed for too little, dropped by the pool, and decided by nobody any more: it would hold up all later nonces."""
    account = dev_account(SERVER)
    journal = Journal(network.folder / f"node-{SERVER}.sqlite")
    cheap = FeeLimits(max_fee=Amount(network.rpc.read_block().base_fee + 2 * GWEI))
    network.rpc.call("evm_setAutomine", False)
    earlier = Sender(network.rpc, account, journal.outbox, limits=cheap)
    earlier.submit(SINK, key="orphan")
    network.rpc.call("anvil_dropAllTransactions")
    network.rpc.call("evm_setAutomine", True)
    network.rpc.call("anvil_setNextBlockBaseFeePerGas", hex(cheap.max_fee + GWEI))
    network.rpc.call("evm_mine")
    patience = Patience(bump=0.05, first_pause=0.01, longest_pause=0.05)
    later = Sender(network.rpc, account, journal.outbox, patience=patience)
    later.resume()
    later.wait_unfinished()
    assert network.rpc.read_nonce(account.address) == 1
    assert journal.outbox.unfinished(later.lane) == ()


def test_node_begins_with_what_was_left(network: Network, graph: Graph) -> None:
    journal = Journal(network.folder / f"node-{SERVER}.sqlite")
    sender = Sender(network.rpc, dev_account(SERVER), journal.outbox)
    sender.submit(SINK, key="orphan")
    assert len(journal.outbox.unfinished(sender.lane)) == 1
    network.node(SERVER, Server, HonestAnswers(ModelLibrary.of(graph))).run(poll_seconds=0.01, steps=1)
    assert journal.outbox.unfinished(sender.lane) == ()


def test_node_waits_while_gas_is_dearer_than_allowed(network: Network, graph: Graph, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    write_model(tmp_path / "models" / "digits.lockstep", graph)
    write_deployment(tmp_path / "deployment.json", network.deployment)
    config = tmp_path / "node.toml"
    config.write_text(
        f'roles = ["server"]\nrpc = "{network.rpc.url}"\ndeployment = "{tmp_path}/deployment.json"\n'
        f'models = "{tmp_path}/models"\njournal = "{tmp_path}/node.sqlite"\nmax_fee_gwei = 3.0\npoll_seconds = 0.01\n'
    )
    runner = build_runner(read_config(config))
    job_id, _ = network.request(draw_inputs(graph))
    dear, cheap = hex(5 * GWEI), hex(GWEI)
    network.rpc.call("anvil_setNextBlockBaseFeePerGas", dear)
    network.rpc.call("evm_mine")
    assert runner.run(poll_seconds=0.01, steps=3) == 3
    assert network.record(job_id).status.name == "OPEN"
    network.rpc.call("anvil_setNextBlockBaseFeePerGas", cheap)
    network.rpc.call("evm_mine")
    runner.run(poll_seconds=0.01, steps=1)
    assert network.record(job_id).status.name == "ASSERTED"
    runner.close()
