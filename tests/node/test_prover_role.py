"""The prover on a real chain: it settles open jobs and false claims with real proofs, and leaves true claims alone."""

from pathlib import Path

import pytest

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.proof_desk import ProofDesk
from lockstep.features.inference.answers import AnswerProvider, HonestAnswers, ModelLibrary
from lockstep.features.inference.player import Table
from lockstep.features.inference.server import Server
from lockstep.features.inference.view import JobsView
from lockstep.features.proofs.prover import ProofServer, read_provable
from lockstep.features.proofs.secret import KeySecret, read_secret, write_secret
from lockstep.ir.format import write_model
from lockstep.ir.graph import Graph
from lockstep.node.runner import Runner
from lockstep.proof.files import encode_key_file
from lockstep.proof.prover.session import set_up
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import Network, draw_inputs, lie_at
from lockstep.types import Digest

SEED = bytes(range(32))
PROVER, SERVER = 2, 3
GAS_CAP = 1 << 24


@pytest.fixture
def provable(network: Network, graph: Graph, tmp_path: Path) -> Path:
    """A folder with the model, its key and its secret; the network asks about this model."""
    prover = set_up(graph, prefer="chain", weights_seed=SEED)
    write_model(tmp_path / "model.lockstep", graph)
    (tmp_path / "model.key").write_bytes(encode_key_file(prover.key))
    write_secret(tmp_path / "model.key.secret", KeySecret(SEED, prover.budget))
    network.model_id = prover.key.model_id
    return tmp_path


def prover_node(network: Network, folder: Path) -> Runner:
    def make(table: Table, view: JobsView, _answers: AnswerProvider) -> ProofServer:
        desk = network.deployment.contract(ProofDesk)
        return ProofServer(table.rpc, desk, table.account, view, read_provable(folder), b"secret".ljust(32))

    return network.node(PROVER, make, HonestAnswers(ModelLibrary.of(network.graph)))


def answers(network: Network, *, is_honest: bool) -> AnswerProvider:
    library = ModelLibrary.of(network.graph)
    library.graphs[network.model_id] = network.graph
    honest = HonestAnswers(library)
    return honest if is_honest else LyingAnswers(honest, lie_at(0))


def credit(network: Network, account: int) -> int:
    return int(network.rpc.read(network.arbiter.credit_of(dev_account(account).address)))


def test_open_job_is_settled_by_a_proof(network: Network, graph: Graph, provable: Path) -> None:
    node = prover_node(network, provable)
    job_id, job = network.request(draw_inputs(graph))
    network.settle([node])
    record = network.record(job_id)
    assert (record.status, record.claimant) == (Status.FINAL, dev_account(PROVER).address)
    assert credit(network, PROVER) == job.fee
    assert read_secret(provable / "model.key.secret").used == 1


def test_false_claim_is_settled_against_its_claimant(network: Network, graph: Graph, provable: Path) -> None:
    liar = network.node(SERVER, Server, answers(network, is_honest=False))
    job_id, job = network.request(draw_inputs(graph))
    liar.step()
    assert network.record(job_id).status == Status.ASSERTED
    false_root = network.record(job_id).output_root
    network.settle([prover_node(network, provable)])
    record = network.record(job_id)
    assert record.status == Status.FINAL
    assert record.output_root != false_root
    assert (credit(network, PROVER), credit(network, SERVER)) == (job.fee + job.bond // 2, 0)


def test_true_claim_and_other_models_are_left_alone(network: Network, graph: Graph, provable: Path) -> None:
    node = prover_node(network, provable)
    server = network.node(SERVER, Server, answers(network, is_honest=True))
    claimed, _ = network.request(draw_inputs(graph))
    server.step()
    network.model_id = Digest(bytes([1]) * 32)
    other, _ = network.request(draw_inputs(graph))
    network.settle([node])
    assert network.record(claimed).status == Status.ASSERTED
    assert network.record(other).status == Status.OPEN
    assert read_secret(provable / "model.key.secret").used == 0
