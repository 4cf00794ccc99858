"""One compiled model for all tests of the node; a fresh chain for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.fixture(scope="module")
def shared_network(graph: Graph, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """For tests that can live on one chain together."""
    with open_network(graph, tmp_path_factory.mktemp("network")) as running:
        yield running
