"""SIGTERM: what is in hand is finished, the journal is whole, the exit status says that all is well."""

import signal
from pathlib import Path

from node_process import SECONDS, NodeProcess

from lockstep.chain.account import dev_account
from lockstep.chain.outbox import Lane
from lockstep.ir.graph import Graph
from lockstep.node.journal import Journal
from lockstep.testing.network import Network, draw_inputs

NODE = dev_account(2).address


def test_transaction_in_hand_is_awaited(network: Network, graph: Graph) -> None:
    """Its answer waits for a block when the signal comes; the process ends once the block is there."""
    node = NodeProcess(network, "stopping", listen=False)
    job_id, _ = network.request(draw_inputs(graph))
    network.rpc.call("evm_setAutomine", False)
    try:
        node.start()
        node.wait_for(lambda: network.rpc.read_nonce(NODE, at="pending") == 1)
        node.signal(signal.SIGTERM)
        assert network.record(job_id).status.name == "OPEN"
        network.rpc.call("evm_setAutomine", True)
        network.rpc.call("evm_mine")
        assert node.process.wait(SECONDS) == 0
    finally:
        node.end()
    assert network.record(job_id).status.name == "ASSERTED"
    events = [line["event"] for line in node.lines()]
    assert events[-1] == "stopped" and "done" in events
    assert_journal_is_whole(node.folder / "node.sqlite")
    assert network.rpc.read_nonce(NODE) == 1


def assert_journal_is_whole(path: Path) -> None:
    """One file, without a log beside it, and nothing in it that waits."""
    assert not path.with_name(path.name + "-wal").exists()
    journal = Journal(path)
    lane = Lane(31337, NODE)
    assert journal.outbox.unfinished(lane) == ()
    journal.close()
