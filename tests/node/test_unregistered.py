"""A job about a model that is not on record waits: nobody could decide a dispute about it."""

import numpy as np
from node_process import LEAST_FEE, NodeProcess

from lockstep.ir.format import write_model
from lockstep.testing.network import Network, draw_inputs
from lockstep.testing.product_graphs import ConvShape, conv_graph

SHAPE = ConvShape(6, 6, 1, 2, kernel=(3, 3))


def test_a_model_is_answered_for_once_it_is_on_record(running_node: NodeProcess, shared_network: Network) -> None:
    network, node = shared_network, running_node
    unknown = Network(
        network.rpc, network.deployment, conv_graph(SHAPE, np.ones(SHAPE.weights, np.int64)), network.folder
    )
    write_model(node.models / "unknown.lockstep", unknown.graph)
    node.wait_for(lambda: node.metric("lockstep_models") == 2)
    waiting, _ = unknown.request(draw_inputs(unknown.graph), fee=2 * LEAST_FEE)
    known, _ = network.request(draw_inputs(network.graph), fee=2 * LEAST_FEE)
    node.wait_for(lambda: network.record(known).status.name == "ASSERTED")
    assert network.record(waiting).status.name == "OPEN"
    unknown.register()
    node.wait_for(lambda: network.record(waiting).status.name == "ASSERTED")
    (node.models / "unknown.lockstep").unlink()
    node.wait_for(lambda: node.metric("lockstep_models") == 1)
