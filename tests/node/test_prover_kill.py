"""A prover killed at every step and started again settles the job once and has its pay."""

from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Status
from lockstep.features.proofs.secret import KeySecret, read_secret, write_secret
from lockstep.ir.graph import Graph
from lockstep.proof.files import encode_key_file
from lockstep.proof.prover.session import set_up
from lockstep.testing.network import Network, draw_inputs
from tests.node.test_kill import MOST_DEATHS, VICTIM, MortalNode

SEED = bytes(range(32))
POINTS = {f"{when} {what}" for when in ("before", "sent") for what in ("prove", "withdraw")}


def test_prover_killed_at_every_step_settles_the_job(network: Network, graph: Graph) -> None:
    victim = MortalNode(network, "prover")
    prover = set_up(graph, prefer="fast", weights_seed=SEED)
    (network.folder / "models" / "digits.key").write_bytes(encode_key_file(prover.key))
    secret = network.folder / "models" / "digits.key.secret"
    write_secret(secret, KeySecret(SEED, prover.budget))
    network.register(prover.key.key.digest)
    job_id, _ = network.request(draw_inputs(graph))
    lives = 1
    while not victim.live():
        lives += 1
        assert lives < MOST_DEATHS
    assert set(victim.deaths()) >= POINTS
    record = network.record(job_id)
    assert (record.status, record.claimant) == (Status.FINAL, dev_account(VICTIM).address)
    assert network.rpc.read_balance(network.arbiter.address) == 0
    assert 1 <= read_secret(secret).used <= lives
