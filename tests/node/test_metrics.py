"""What /metrics says is what happened on the chain, under names that Prometheus accepts."""

from collections.abc import Iterator

from node_process import LEAST_FEE, NodeProcess
from prometheus_client.parser import text_string_to_metric_families

from lockstep.chain.account import dev_account
from lockstep.chain.rpc import RawReceipt
from lockstep.ir.graph import Graph
from lockstep.testing.network import Network, draw_inputs
from lockstep.types import Digest

ANSWERS = 'lockstep_answers_total{chain="main",role="server"}'
REFUSED = 'lockstep_refused_jobs_total{chain="main",reason="fee",role="server"}'
NODE = dev_account(2).address


def value(node: NodeProcess, name: str) -> float:
    text = node.page("/metrics")[1]
    found = [line.rsplit(" ", 1)[1] for line in text.splitlines() if line.startswith(name)]
    return float(found[0]) if found else 0.0


def test_metrics_follow_an_answer_and_a_refusal(
    running_node: NodeProcess, shared_network: Network, graph: Graph
) -> None:
    network, node = shared_network, running_node
    answers, refused, opened = (
        value(node, ANSWERS),
        value(node, REFUSED),
        value(node, 'lockstep_jobs{chain="main",state="open"}'),
    )
    cheap, _ = network.request(draw_inputs(graph), fee=LEAST_FEE - 1)
    paying, _ = network.request(draw_inputs(graph), fee=LEAST_FEE)
    node.wait_for(lambda: value(node, ANSWERS) == answers + 1 and value(node, REFUSED) == refused + 1)
    assert network.record(paying).status.name == "ASSERTED"
    assert network.record(cheap).status.name == "OPEN"
    node.wait_for(lambda: value(node, 'lockstep_jobs{chain="main",state="open"}') == opened + 1)
    assert value(node, 'lockstep_jobs{chain="main",state="asserted"}') >= 1
    node.wait_for(
        lambda: value(node, f'lockstep_account_balance_wei{{account="{NODE}"') == float(network.rpc.read_balance(NODE))
    )
    assert value(node, 'lockstep_inference_duration_seconds_count{model="digits"}') >= 1
    assert value(node, 'lockstep_cursor_lag_blocks{chain="main"}') == 0
    assert value(node, 'lockstep_queue_jobs{chain="main",role="server"}') == 0
    assert value(node, "lockstep_models") == 1


def test_gas_spent_is_what_the_chain_took(running_node: NodeProcess, shared_network: Network, graph: Graph) -> None:
    network, node = shared_network, running_node
    answers = value(node, ANSWERS)
    network.request(draw_inputs(graph))
    node.wait_for(lambda: value(node, ANSWERS) == answers + 1)
    receipts = list(own_receipts(network))
    assert value(node, 'lockstep_gas_spent_wei_total{chain="main"}') == float(
        sum(receipt.gas_used * receipt.gas_price for receipt in receipts)
    )
    used = [line for line in node.page("/metrics")[1].splitlines() if line.startswith("lockstep_gas_used_total")]
    assert sum(float(line.rsplit(" ", 1)[1]) for line in used) == sum(receipt.gas_used for receipt in receipts)


def own_receipts(network: Network) -> Iterator[RawReceipt]:
    """Of all that the node has sent, read from the blocks."""
    for number in range(network.rpc.read_block_number() + 1):
        for transaction in network.rpc.call("eth_getBlockByNumber", hex(number), True)["transactions"]:
            if transaction["from"] == NODE.lower():
                receipt = network.rpc.find_receipt(Digest(bytes.fromhex(transaction["hash"][2:])))
                assert receipt is not None
                yield receipt


def test_log_lines_carry_chain_and_job(running_node: NodeProcess, shared_network: Network, graph: Graph) -> None:
    job_id, _ = shared_network.request(draw_inputs(graph))
    running_node.wait_for(lambda: any(line.get("job") == job_id.hex() for line in running_node.lines()))
    (line,) = [line for line in running_node.lines() if line.get("job") == job_id.hex()]
    assert (line["event"], line["chain"], line["role"], line["action"]) == ("done", "main", "server", "assert")
    assert line["account"] == NODE


def test_names_follow_the_conventions(running_node: NodeProcess) -> None:
    text = running_node.page("/metrics")[1]
    own = [family for family in text_string_to_metric_families(text) if family.name.startswith("lockstep_")]
    assert len(own) >= 15
    units = ("_seconds", "_wei", "_blocks", "_jobs", "_used", "_errors")
    for family in own:
        assert family.documentation.endswith(".")
        assert not family.name.endswith(("_total", "_count", "_sum")), "these suffixes are the exposition's own"
        if family.type == "counter":
            assert {sample.name for sample in family.samples} <= {f"{family.name}_total", f"{family.name}_created"}
    dimensioned = [
        f.name
        for f in own
        if f.name
        not in ("lockstep_jobs", "lockstep_models", "lockstep_answers", "lockstep_disputes", "lockstep_transactions")
    ]
    assert all(name.endswith(units) for name in dimensioned), dimensioned
