"""What every call of a job costs as a transaction on anvil, calldata floor and all, and how large the contracts are.

``LOCKSTEP_UPDATE_SNAPSHOTS=1`` writes the figures anew; otherwise they must be those that are committed.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import vyper
from web3 import Web3
from web3.logs import DISCARD

from lockstep.claims.ids import claim_id, commitment
from tests.contracts.bracket_machine.alphabet import Alphabet, Shape
from tests.contracts.bracket_machine.claims import Lie, honest_claim, lying_claim
from tests.contracts.bracket_machine.moves import Duel, Phase, next_call
from tests.contracts.bracket_machine.world import FIXTURES, ROOT, ZERO_ADDRESS, Job, following

SNAPSHOT = Path(__file__).parent / "snapshots" / "trunk.json"
SIZE_LIMIT = 24_576
BOND, FEE, CHALLENGE_BOND = 3 * 10**17, 10**16, 10**17

# As large as ResNet-50: up to 256 nodes, a first activation of 802,816 bytes; and the digits model's one pass and tile.
RESNET = Alphabet((Shape(802_816, 8), Shape(802_816, 8), *(Shape(10, 8),) * 198), 1, 1)


def anvil_path() -> str | None:
    local = ROOT / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
    return os.environ.get("LOCKSTEP_ANVIL") or shutil.which("anvil") or (str(local) if local.exists() else None)


@pytest.fixture(scope="module")
def chain() -> Iterator[Web3]:
    path = anvil_path()
    if path is None:
        pytest.skip("no anvil")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    server = subprocess.Popen(
        [path, "--port", port, "--silent", "--enable-tx-gas-limit", "--timestamp", "1800000000"],
        stdout=subprocess.DEVNULL,
    )
    web3 = Web3(Web3.HTTPProvider(f"http://127.0.0.1:{port}"))
    try:
        for _ in range(100):
            if web3.is_connected():
                break
            time.sleep(0.1)
        # Timestamps are in job ids and states, so gas is the same every time only if they are.
        web3.provider.make_request("anvil_setBlockTimestampInterval", [1])
        yield web3
    finally:
        server.terminate()
        server.wait()


def compiled(path: Path) -> dict[str, Any]:
    source = vyper.compiler.input_bundle.FilesystemInputBundle([ROOT])
    file = source.load_file(path)
    return dict(
        vyper.compiler.compile_from_file_input(
            file, input_bundle=source, output_formats=["abi", "bytecode", "bytecode_runtime"]
        )
    )


class Accountant:
    """Sends calls and keeps what they cost."""

    def __init__(self, web3: Web3) -> None:
        self.web3 = web3
        self.gas: dict[str, int] = {}
        self.sizes: dict[str, int] = {}

    def deploy(self, path: Path, *args: Any) -> Any:
        code = compiled(path)
        self.sizes[path.stem] = len(code["bytecode_runtime"]) // 2 - 1
        factory = self.web3.eth.contract(abi=code["abi"], bytecode=code["bytecode"])
        sent = factory.constructor(*args).transact({"from": self.web3.eth.accounts[0]})
        address = self.web3.eth.wait_for_transaction_receipt(sent)["contractAddress"]
        return self.web3.eth.contract(address=address, abi=code["abi"])

    def call(self, label: str, function: Any, sender: str, value: int = 0) -> Any:
        sent = function.transact({"from": sender, "value": value, "gas": 10_000_000})
        receipt = self.web3.eth.wait_for_transaction_receipt(sent)
        assert receipt["status"] == 1, label
        self.gas[label] = receipt["gasUsed"]
        return receipt

    def pass_time(self, seconds: int) -> None:
        now = self.web3.eth.get_block("latest")["timestamp"]
        self.web3.provider.make_request("evm_setNextBlockTimestamp", [now + seconds])
        self.web3.provider.make_request("evm_mine", [])


@pytest.fixture(scope="module")
def measured(chain: Web3) -> Accountant:
    book = Accountant(chain)
    deployer, requester, claimant, challenger = chain.eth.accounts[:4]
    artifacts = book.deploy(ROOT / "contracts/Artifacts.vy")
    steps = book.deploy(FIXTURES / "AlphabetSteps.vy")
    bracket_at = following(deployer, chain.eth.get_transaction_count(deployer) + 1)
    arbiter = book.deploy(ROOT / "contracts/Arbiter.vy", bracket_at, ZERO_ADDRESS, 10**16)
    bracket = book.deploy(
        ROOT / "contracts/Bracket.vy",
        arbiter.address,
        artifacts.address,
        steps.address,
        CHALLENGE_BOND,
        1000,
        1500,
        400,
    )
    assert bracket.address == bracket_at
    consumer = book.deploy(ROOT / "contracts/examples/DigitConsumer.vy", arbiter.address, RESNET.model_id)
    assert consumer.functions.ARBITER().call() == arbiter.address
    book.call(
        "register_model",
        artifacts.functions.register_model(RESNET.header, RESNET.descriptors.root, bytes(32), bytes(32)),
        deployer,
    )
    parties = SimpleNamespace(requester=requester, claimant=claimant, challenger=challenger)
    _undisputed(book, arbiter, parties)
    _disputed(book, arbiter, bracket, parties)
    return book


def _job(chain: Web3, requester: str, nonce: int) -> Job:
    now = chain.eth.get_block("latest")["timestamp"]
    return Job(requester, RESNET.model_id, RESNET.input_root, 1, FEE, BOND, 600, now + 500, 0, nonce)


def _undisputed(book: Accountant, arbiter: Any, parties: SimpleNamespace) -> None:
    job = _job(book.web3, parties.requester, 1)
    root = honest_claim(RESNET).output.root
    book.call("request", arbiter.functions.request(job, b""), parties.requester, job.fee)
    book.call("assert_result", arbiter.functions.assert_result(job, root), parties.claimant, job.bond)
    book.pass_time(601)
    book.call("finalise", arbiter.functions.finalise(job), parties.claimant)
    book.call("withdraw", arbiter.functions.withdraw(), parties.claimant)


def _disputed(book: Accountant, arbiter: Any, bracket: Any, parties: SimpleNamespace) -> None:
    """A liar asserts; it changed the first letter of the large second node, so that no sibling can be left out."""
    job = _job(book.web3, parties.requester, 2)
    true, false = honest_claim(RESNET), lying_claim(RESNET, Lie.LETTER, 1)
    job_id = arbiter.functions.job_id_of(job).call()
    arbiter.functions.request(job, b"").transact({"from": parties.requester, "value": job.fee})
    arbiter.functions.assert_result(job, false.output.root).transact({"from": parties.claimant, "value": job.bond})
    names = {claim_id(job_id, c.output.root, c.trace.root): c for c in (true, false)}
    hidden = commitment(job_id, next(iter(names)), parties.challenger, bytes(32))
    act = bracket.functions
    book.call("challenge", act.challenge(job, hidden), parties.challenger, CHALLENGE_BOND)
    book.call("defend", act.defend(job, false.trace.root, false.trace.kids(0, 0)), parties.claimant)
    receipt = book.call(
        "join and pair",
        act.join(job, true.output.root, true.trace.root, true.trace.kids(0, 0), bytes(32)),
        parties.challenger,
    )
    (started,) = bracket.events.Started().process_receipt(receipt, errors=DISCARD)
    duel = Duel(SimpleNamespace(**started["args"]["state"]), true.trace.kids(0, 0))
    number = 0
    while True:
        call = next_call(duel, job, names[duel.mover], {})
        assert call is not None
        name, args = call
        args = tuple(tuple(vars(a).values()) if isinstance(a, SimpleNamespace) else a for a in args)
        sender = parties.challenger if names[duel.mover] is true else parties.claimant
        number += 1
        label = f"move {number}: {name}" if duel.phase in Phase.TRACE | Phase.TILES else name
        receipt = book.call(label, act[name](*args), sender)
        if name == "settle":
            break
        (event,) = (bracket.events.Revealed if name == "reveal" else bracket.events.Moved)().process_receipt(
            receipt, errors=DISCARD
        )
        state = SimpleNamespace(**event["args"]["state"])
        duel = Duel(state, event["args"].get("kids", []), event["args"].get("tile", b""))
    book.pass_time(1001)
    book.call("resolve", act.resolve(job, true.output.root, true.trace.root), parties.challenger)


def test_no_contract_is_larger_than_the_limit(measured: Accountant) -> None:
    assert {name: size for name, size in measured.sizes.items() if size > SIZE_LIMIT} == {}


def test_undisputed_claim_costs_at_most_120_000_gas(measured: Accountant) -> None:
    assert measured.gas["assert_result"] + measured.gas["finalise"] <= 120_000


def test_dispute_of_a_resnet_takes_five_moves(measured: Accountant) -> None:
    assert sum(label.startswith("move") for label in measured.gas) == 5


def test_gas_and_sizes_are_the_committed_ones(measured: Accountant) -> None:
    sizes = {name: size for name, size in measured.sizes.items() if name != "AlphabetSteps"}
    figures = {"gas": measured.gas, "runtime_bytes": sizes}
    if os.environ.get("LOCKSTEP_UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(figures, indent=2) + "\n")
    assert figures == json.loads(SNAPSHOT.read_text())
