"""Roles that are told only a root: the challenger overturns a lie and the prover proves, with what a peer gave them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.proof_desk import ProofDesk
from lockstep.chain.bindings.shared import Job
from lockstep.features.inference.answers import AnswerProvider, HonestAnswers, ModelLibrary, join_inputs
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.inputs import FetchedInputs, layout_of
from lockstep.features.inference.player import Table
from lockstep.features.inference.server import Server
from lockstep.features.inference.view import JobsView
from lockstep.features.proofs.prover import ProofServer, read_provable
from lockstep.features.proofs.secret import KeySecret, write_secret
from lockstep.ir.format import write_model
from lockstep.ir.graph import Graph
from lockstep.node.artifacts import ArtifactServer
from lockstep.proof.files import encode_key_file
from lockstep.proof.prover.session import set_up
from lockstep.store.artifacts import ArtifactStore
from lockstep.store.http_source import HttpSource
from lockstep.store.peers import Fetcher
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import TERMS, Network, draw_inputs, lie_at
from lockstep.types import Amount, Digest

CHEAT, CHALLENGER, PROVER = 2, 3, 4
SEED = bytes(range(32))


@pytest.fixture
def peer(graph: Graph, tmp_path: Path) -> Iterator[ArtifactServer]:
    """Has the input that jobs are about."""
    store = ArtifactStore(tmp_path / "peer")
    store.put(join_inputs(graph, draw_inputs(graph)), layout_of(graph, 1))
    with ArtifactServer("127.0.0.1:0", store) as running:
        yield running


def fetched(folder: Path, peer: ArtifactServer) -> FetchedInputs:
    source = HttpSource(f"http://127.0.0.1:{peer.port}")
    return FetchedInputs(Fetcher(ArtifactStore(folder), [source]), patience_seconds=30)


def ask(network: Network, graph: Graph) -> tuple[Digest, Job]:
    """A job that carries nothing but its root."""
    _, job = network.request(draw_inputs(graph))
    job = replace(job, nonce=1_000)
    network.requester.send(network.arbiter.request(job, b"", value=Amount(job.fee)), key="by-root")
    return Digest(network.rpc.read(network.arbiter.job_id_of(job))), job


def test_a_lie_about_an_input_that_only_peers_have_is_overturned(
    network: Network, graph: Graph, peer: ArtifactServer, tmp_path: Path
) -> None:
    library = ModelLibrary.of(graph)
    lying = LyingAnswers(HonestAnswers(library, fetched(tmp_path / "cheat", peer)), lie_at(0))
    cheat = network.node(CHEAT, Server, lying)
    job_id, _ = ask(network, graph)
    cheat.step()
    assert network.record(job_id).status == Status.ASSERTED
    false_root = network.record(job_id).output_root
    watching = network.node(CHALLENGER, Challenger, HonestAnswers(library, fetched(tmp_path / "honest", peer)))
    network.settle([cheat, watching])
    network.pass_time(TERMS.join_seconds)
    network.settle([cheat, watching])
    record = network.record(job_id)
    assert record.status == Status.FINAL and record.output_root != false_root and record.refunded


def test_an_input_that_only_peers_have_is_proved(
    network: Network, graph: Graph, peer: ArtifactServer, tmp_path: Path
) -> None:
    prover = set_up(graph, prefer="chain", weights_seed=SEED)
    folder = tmp_path / "models"
    folder.mkdir()
    write_model(folder / "model.lockstep", graph)
    (folder / "model.key").write_bytes(encode_key_file(prover.key))
    write_secret(folder / "model.key.secret", KeySecret(SEED, prover.budget))
    network.model_id = prover.key.model_id

    def make(table: Table, view: JobsView, _answers: AnswerProvider) -> ProofServer:
        desk = network.deployment.contract(ProofDesk)
        inputs = fetched(tmp_path / "ours", peer)
        return ProofServer(table, desk, view, read_provable(folder), b"secret".ljust(32), inputs=inputs)

    job_id, _ = ask(network, graph)
    network.settle([network.node(PROVER, make, HonestAnswers(ModelLibrary.of(graph)))])
    assert network.record(job_id).status == Status.FINAL
