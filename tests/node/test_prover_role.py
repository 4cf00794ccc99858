"""The prover on a real chain: it settles open jobs and false claims with real proofs, and leaves true claims alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.proof_desk import ProofDesk
from lockstep.crypto.capped_merkle import NODE_BYTES
from lockstep.features.inference.answers import AnswerProvider, HonestAnswers, ModelLibrary, join_inputs
from lockstep.features.inference.player import Table
from lockstep.features.inference.server import Server
from lockstep.features.inference.view import JobsView, JobView
from lockstep.features.proofs.prover import ProofServer, read_provable
from lockstep.features.proofs.secret import KeySecret, read_secret, write_secret
from lockstep.ir.format import write_model
from lockstep.ir.graph import Graph
from lockstep.node.runner import Runner
from lockstep.proof.arithmetise.compile import Visibility
from lockstep.proof.files import encode_key_file
from lockstep.proof.prover.session import set_up
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import Network, draw_inputs, lie_at
from lockstep.types import Amount, Digest

SEED = bytes(range(32))
PROVER, SERVER = 2, 3
PROOF_SLOT = 15 * 32
"""Where a call of `prove` says where its last argument begins."""


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
        return ProofServer(table, desk, view, read_provable(folder), b"secret".ljust(32))

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
    job_id, _ = network.request(draw_inputs(graph))
    network.settle([node])
    record = network.record(job_id)
    assert (record.status, record.claimant) == (Status.FINAL, dev_account(PROVER).address)
    assert credit(network, PROVER) == 0
    assert network.rpc.read_balance(network.arbiter.address) == 0  # the fee was withdrawn
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
    assert (credit(network, PROVER), credit(network, SERVER)) == (0, 0)
    assert network.rpc.read_balance(network.arbiter.address) == credit(network, 1) == job.bond - job.bond // 2


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


def test_a_spent_key_leaves_the_job_to_others_and_the_node_running(
    network: Network, graph: Graph, provable: Path
) -> None:
    secret = provable / "model.key.secret"
    write_secret(secret, KeySecret(SEED, 3, used=3))
    node = prover_node(network, provable)
    job_id, _ = network.request(draw_inputs(graph))
    network.settle([node])
    assert network.record(job_id).status == Status.OPEN
    assert read_secret(secret).used == 3
    network.settle([network.node(SERVER, Server, answers(network, is_honest=True))])
    assert network.record(job_id).status == Status.ASSERTED


def test_input_of_another_root_costs_no_proof(network: Network, graph: Graph, provable: Path) -> None:
    node = prover_node(network, provable)
    runs = draw_inputs(graph)
    _, job = network.request(runs)
    jobs = [replace(job, nonce=100, input_root=Digest(bytes([1]) * 32)), replace(job, nonce=101)]
    datas = [join_inputs(graph, runs), join_inputs(graph, runs)[:-1]]
    for wrong, data in zip(jobs, datas, strict=True):
        network.requester.send(network.arbiter.request(wrong, data, value=Amount(wrong.fee)), key=f"x{wrong.nonce}")
    network.settle([node])
    assert read_secret(provable / "model.key.secret").used == 1
    for wrong in jobs:
        assert network.record(Digest(network.rpc.read(network.arbiter.job_id_of(wrong)))).status == Status.OPEN


def test_keys_that_the_desk_does_not_settle_are_left_out(graph: Graph, tmp_path: Path) -> None:
    hidden = set_up(graph, shows=Visibility(inputs="hidden"), weights_seed=SEED)
    write_model(tmp_path / "model.lockstep", graph)
    (tmp_path / "model.key").write_bytes(encode_key_file(hidden.key))
    write_secret(tmp_path / "model.key.secret", KeySecret(SEED, hidden.budget))
    assert read_provable(tmp_path) == {}


def test_one_statement_gives_one_proof_and_two_share_no_masks(network: Network, graph: Graph, provable: Path) -> None:
    """A crash repeats the proof; another account, with the same journal, has another statement and other masks."""
    runs = draw_inputs(graph)
    job_id, job = network.request(runs)
    models, desk, jobs = read_provable(provable), network.deployment.contract(ProofDesk), JobsView()
    jobs.jobs[job_id] = JobView(job_id, job, join_inputs(graph, runs))

    def proof_of(account: int) -> bytes:
        table = Table(network.rpc, network.arbiter, network.bracket, dev_account(account).address, b"salt")
        (action,) = ProofServer(table, desk, jobs, models, b"secret".ljust(32)).decide(job.respond_by - 1)
        arguments = action.transaction.data[4:]
        at = int.from_bytes(arguments[PROOF_SLOT : PROOF_SLOT + 32])
        size = int.from_bytes(arguments[at : at + 32])
        return arguments[at + 32 : at + 32 + size]

    first, again, other = proof_of(PROVER), proof_of(PROVER), proof_of(SERVER)
    assert first == again
    witness_roots = first[:NODE_BYTES], other[:NODE_BYTES]
    assert witness_roots[0] != witness_roots[1]  # same words: only masks can make another root
