"""One compiled model for all tests of the node; a fresh chain for each."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from node_process import LEAST_FEE, NodeProcess

from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model
from lockstep.testing.network import Network, open_network

DIGITS = Path(__file__).resolve().parents[2] / "examples" / "digits" / "digits.onnx"


@pytest.fixture(scope="session")
def graph() -> Graph:
    return compile_model(DIGITS)


@pytest.fixture
def network(graph: Graph, tmp_path: Path) -> Iterator[Network]:
    with open_network(graph, tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def shared_network(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """For tests that can live on one chain together."""
    with open_network(graph, tmp_path_factory.mktemp("network")) as running:
        yield running


@pytest.fixture(scope="session")
def running_node(shared_network: Network) -> Iterator[NodeProcess]:
    """One process for all tests that only look at it; who changes it changes it back."""
    node = NodeProcess(shared_network, "running", f"least_fee_wei = {LEAST_FEE}\nmargin_seconds = 0.0")
    yield node.start()
    node.end()
