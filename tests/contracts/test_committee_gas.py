"""What every call of a committee costs as a transaction on anvil, and how large its contracts are.

``LOCKSTEP_UPDATE_SNAPSHOTS=1`` writes the figures anew; otherwise they must be those that are committed.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from web3 import Web3

from lockstep.chain.binding import Binding
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.beacon import Beacon
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.referee import Referee
from lockstep.chain.bindings.stake import Stake
from lockstep.claims.committee import KeyedTiles, member_commitment, member_pick
from lockstep.types import Address, Digest
from tests.contracts.bracket_machine.claims import Claim
from tests.contracts.bracket_machine.world import CHALLENGE_BOND, FIXTURES, ZERO_ADDRESS, Job, following
from tests.contracts.committee_world import (
    FALSE,
    MODEL,
    OPENING_DEPOSIT,
    PAY,
    TICKET,
    TRUE,
    ClaimTiles,
    Question,
    answer,
    shape_of,
)
from tests.contracts.test_bracket_gas import Accountant, chain

__all__ = ["chain"]
SNAPSHOT = Path(__file__).parent / "snapshots" / "committee.json"
SIZE_LIMIT = 24_576
CONTRACTS = (Beacon, Committee, Referee, Stake)
SECONDS = {"beacon": 50, "commit": 100, "reveal": 100, "appeal": 300, "opening": 60}
WINDOW, SALT = 400, bytes(32)


class Measured:
    """Five of eight operators answer one question; the last of them is wrong."""

    def __init__(self, web3: Web3) -> None:
        self.book = Accountant(web3)
        self.web3, self.accounts = web3, web3.eth.accounts
        self.deploy()
        self.question = self.ask()
        self.question_id = Digest(self.committee.functions.question_id_of(self.question).call())
        self.answers = [answer(TRUE), answer(FALSE)]

    def create(self, contract: type[Binding], *arguments: Any) -> Any:
        artifact = contract.artifact()
        factory = self.web3.eth.contract(abi=list(artifact.abi), bytecode=artifact.creation)
        sent = factory.constructor(*arguments).transact({"from": self.accounts[0], "gas": 16_000_000})
        address = self.web3.eth.wait_for_transaction_receipt(sent)["contractAddress"]
        return self.web3.eth.contract(address=address, abi=list(artifact.abi))

    def following(self) -> str:
        return following(self.accounts[0], self.web3.eth.get_transaction_count(self.accounts[0]) + 1)

    def deploy(self) -> None:
        beacon = self.book.deploy(FIXTURES / "ControlledBeacon.vy")
        artifacts = self.create(Artifacts)
        self.arbiter = self.create(Arbiter, self.following(), ZERO_ADDRESS, CHALLENGE_BOND)
        bracket = self.create(
            Bracket, self.arbiter.address, artifacts.address, ZERO_ADDRESS, CHALLENGE_BOND, 1000, 1500, 400
        )
        referee = self.create(Referee, self.arbiter.address, bracket.address, artifacts.address)
        self.stake = self.create(Stake, self.following(), TICKET, 500, 2, 5_000)
        terms = (2, *(SECONDS[name] for name in ("beacon", "commit", "reveal", "appeal", "opening")))
        self.committee = self.create(
            Committee,
            *(contract.address for contract in (self.arbiter, bracket, referee, self.stake, beacon)),
            (*terms, 10**9, OPENING_DEPOSIT, 750),
        )
        words = (MODEL.header, MODEL.descriptors.root, bytes(32), bytes(32))
        self.send("register_model", artifacts.functions.register_model(*words), self.accounts[0])
        for operator in self.accounts[2:10]:
            self.send("stake one ticket", self.stake.functions.stake(MODEL.model_id, 1, 0), operator, TICKET)

    def send(self, label: str, call: Any, sender: str, value: int = 0) -> Any:
        return self.book.call(label, call, sender, value)

    def ask(self) -> Question:
        now = self.web3.eth.get_block("latest")["timestamp"]
        job = Job(
            self.committee.address, MODEL.model_id, MODEL.input_root, 1, 5 * PAY, TICKET, WINDOW, now + 5_000, 0, 0
        )
        question = Question(job, self.accounts[1], 5, 1, PAY, b"\x05" * 32, 1)
        self.send("convene", self.committee.functions.convene(question, b""), self.accounts[1], 5 * PAY)
        return question

    def mine(self, blocks: int) -> None:
        for _ in range(blocks):
            self.web3.provider.make_request("evm_mine", [])

    def seat(self, number: int) -> tuple[str, Any]:
        seat = self.committee.functions.seat_of(self.question_id, number).call()
        return str(seat[0]), seat

    def keyed(self, number: int, claim: Claim) -> KeyedTiles:
        seed = Digest(self.committee.functions.seed_of(self.question_id, 0).call())
        return KeyedTiles(shape_of(claim), ClaimTiles(claim), seed, Address(self.seat(number)[0]))

    def commitment(self, number: int, claim: Claim) -> Digest:
        return member_commitment(
            self.web3.eth.chain_id,
            Address(self.committee.address),
            question=self.question_id,
            member=Address(self.seat(number)[0]),
            output_root=claim.output.root,
            trace_root=claim.trace.root,
            keyed_root=self.keyed(number, claim).root,
            salt=Digest(SALT),
        )

    def play(self) -> dict[str, int]:
        act, anybody = self.committee.functions, self.accounts[0]
        self.mine(3)
        self.send("draw five of eight", act.draw(self.question, b""), anybody)
        claims = (TRUE, TRUE, TRUE, TRUE, FALSE)
        for number, claim in enumerate(claims):
            call = act.commit(self.question_id, number, self.commitment(number, claim))
            self.send("commit", call, self.seat(number)[0])
        for number, claim in enumerate(claims):
            label = {0: "reveal the first", 4: "reveal another answer"}.get(number, "reveal the same")
            call = act.reveal(self.question_id, number, *answer(claim), self.keyed(number, claim).root, SALT)
            self.send(label, call, self.seat(number)[0])
        self.send("settle with a majority", act.settle(self.question, self.answers), anybody)
        self.mine(3)
        self.send("light", act.light(self.question_id, b""), anybody)
        self.send("demand", act.demand(self.question_id, 0), anybody, OPENING_DEPOSIT)
        self.send("open_tile", act.open_tile(self.question, 0, answer(TRUE), self.opening()), anybody)
        self.appeal()
        self.book.pass_time(WINDOW)
        self.arbiter.functions.finalise(act.job_of(self.question).call()).transact({"from": anybody})
        self.send("conclude", act.conclude(self.question, self.answers), anybody)
        return self.book.gas

    def opening(self) -> tuple[Any, ...]:
        keyed = self.keyed(0, TRUE)
        seed = Digest(self.committee.functions.seed_of(self.question_id, 3).call())
        shown = keyed.opening(member_pick(seed, keyed.member))
        path = MODEL.descriptors.path(shown.node)
        return shown.data, MODEL.descriptor(shown.node), path, list(shown.trace_path), list(shown.keyed_path)

    def appeal(self) -> None:
        """What an appeal costs; then the chain is as before."""
        before = self.web3.provider.make_request("evm_snapshot", [])["result"]
        act = self.committee.functions
        self.send("appeal", act.appeal(self.question, 1, answer(FALSE)), self.accounts[0])
        call = act.join(self.question, 1, answer(FALSE), FALSE.trace.kids(0, 0))
        self.send("join", call, self.accounts[0])
        self.web3.provider.make_request("evm_revert", [before])


@pytest.fixture(scope="module")
def gas(chain: Web3) -> dict[str, int]:
    return Measured(chain).play()


def test_no_contract_is_larger_than_the_limit() -> None:
    sizes = {contract.__name__: len(contract.artifact().runtime) for contract in CONTRACTS}
    assert {name: size for name, size in sizes.items() if size > SIZE_LIMIT} == {}


def test_a_member_pays_at_most_150_000_gas_for_commit_and_reveal(gas: dict[str, int]) -> None:
    assert gas["commit"] + gas["reveal the same"] <= 150_000


def test_gas_and_sizes_are_the_committed_ones(gas: dict[str, int]) -> None:
    sizes = {contract.__name__: len(contract.artifact().runtime) for contract in CONTRACTS}
    figures = {"gas": gas, "runtime_bytes": sizes}
    if os.environ.get("LOCKSTEP_UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(figures, indent=2) + "\n")
    assert figures == json.loads(SNAPSHOT.read_text())
