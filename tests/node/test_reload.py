"""Models come and go while a node runs; what it has answered it finishes, what is broken changes nothing."""

import os
import signal
from pathlib import Path

from node_process import NodeProcess

from lockstep.features.inference.answers import ModelLibrary
from lockstep.ir.format import write_model
from lockstep.ir.graph import Graph
from lockstep.node.service import ModelWatch
from lockstep.testing.network import WINDOW_SECONDS, Network, draw_inputs


def reloads(node: NodeProcess) -> int:
    return len([line for line in node.lines() if line["event"] == "models reloaded"])


def test_node_notices_changed_files_and_sighup(
    running_node: NodeProcess, shared_network: Network, graph: Graph
) -> None:
    network, node = shared_network, running_node
    answered, _ = network.request(draw_inputs(graph))
    node.wait_for(lambda: network.record(answered).status.name == "ASSERTED")

    (node.models / "digits.lockstep").rename(node.folder / "away")
    node.wait_for(lambda: node.metric("lockstep_models") == 0)
    waiting, _ = network.request(draw_inputs(graph))
    network.pass_time(WINDOW_SECONDS)
    node.wait_for(lambda: network.record(answered).status.name == "FINAL")
    assert network.record(waiting).status.name == "OPEN"

    (node.folder / "away").rename(node.models / "digits.lockstep")
    node.wait_for(lambda: network.record(waiting).status.name == "ASSERTED")
    assert node.metric("lockstep_models") == 1

    before = reloads(node)
    node.signal(signal.SIGHUP)
    node.wait_for(lambda: reloads(node) == before + 1)

    (node.models / "broken.lockstep").write_bytes(b"no model")
    node.wait_for(lambda: any(line["event"] == "models not reloaded" for line in node.lines()))
    assert node.metric("lockstep_models") == 1
    (node.models / "broken.lockstep").unlink()
    node.wait_for(lambda: reloads(node) == before + 2)


def test_removed_model_is_not_offered_but_can_be_defended(tmp_path: Path, graph: Graph) -> None:
    write_model(tmp_path / "digits.lockstep", graph)
    library = ModelLibrary(tmp_path)
    watch = ModelWatch(tmp_path, library.reload)
    (model_id,) = library.offered
    assert not watch.check()
    (tmp_path / "digits.lockstep").unlink()
    assert watch.check()
    assert library.offered == frozenset()
    runs = draw_inputs(graph)
    assert library.run(model_id, runs).root == ModelLibrary.of(graph).run(model_id, runs).root


def test_same_size_and_new_time_is_a_change(tmp_path: Path, graph: Graph) -> None:
    path = tmp_path / "digits.lockstep"
    write_model(path, graph)
    calls: list[int] = []
    watch = ModelWatch(tmp_path, lambda: calls.append(1))
    os.utime(path, ns=(1, 1))
    assert (watch.check(), watch.check(), watch.check(is_forced=True)) == (True, False, True)
    assert calls == [1, 1]
