"""What an answer costs and how long it takes under each guarantee, before anything is paid."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.stake import Stake
from lockstep.chain.deployment import Deployment
from lockstep.chain.rpc import Rpc
from lockstep.errors import ProofError
from lockstep.features.inference.requests import Guarantee
from lockstep.features.proofs.settlement import require_fits_desk
from lockstep.ir.graph import Graph
from lockstep.proof.files import KeyFile
from lockstep.proof.sizing import proof_bytes, shape_of
from lockstep.types import Amount, Digest

REQUEST_GAS = 62_000
ANSWER_GAS = 112_000
"""Assert and finalise, undisputed (`lockstep bench dispute`)."""
CONVENE_GAS, DRAW_GAS, SETTLE_GAS, CONCLUDE_GAS, LIGHT_GAS = 76_000, 228_000, 168_000, 305_000, 59_000
MEMBER_GAS = 116_000
"""Commit, reveal, and the tile that one member in ten opens (tests/contracts/snapshots/committee.json)."""
GAS_OF_PROOF_BYTE = 67
"""The dearest that was measured: LeNet-5, `lockstep bench prove`."""
MARGIN_PERCENT = 20
"""What an operator wants above its gas, at least."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the requester would ask for."""

    members: int
    window: int
    respond_within: int


@dataclass(frozen=True, slots=True)
class Quote:
    """One guarantee. ``fee_wei`` covers the gas of who answers; seconds are from the request to the final answer.

    ``soonest_seconds`` does not count the model's own run or proof; after ``latest_seconds`` it is final or refunded,
    disputes aside.
    """

    guarantee: Guarantee
    available: bool
    why: str
    requester_gas: int
    answer_gas: int
    fee_wei: Amount
    total_wei: Amount
    soonest_seconds: int
    latest_seconds: int
    stands_on: str


def quote_all(
    rpc: Rpc, deployment: Deployment, graph: Graph, model_id: Digest, key: KeyFile | None, terms: Terms
) -> Iterator[Quote]:
    """A quote for each guarantee, at the gas price of now."""
    price = rpc.read_block().base_fee + int(rpc.call("eth_maxPriorityFeePerGas"), 16)
    yield _dispute(rpc, deployment, terms, price)
    yield _quorum(rpc, deployment, model_id, terms, price)
    yield _proof(graph, key, terms, price)


def _dispute(rpc: Rpc, deployment: Deployment, terms: Terms, price: int) -> Quote:
    dispute = rpc.read_constant(deployment.contract(Bracket).JOIN_SECONDS())
    return _quote(
        Guarantee.DISPUTE,
        "",
        gas=(REQUEST_GAS, ANSWER_GAS),
        price=price,
        seconds=(terms.window, terms.respond_within + terms.window),
        stands_on=f"one honest challenger within {terms.window} s; a dispute takes {dispute} s and more",
    )


def _quorum(rpc: Rpc, deployment: Deployment, model_id: Digest, terms: Terms, price: int) -> Quote:
    committee, stake = deployment.contract(Committee), deployment.contract(Stake)
    standing = rpc.read(stake.standing_of(model_id))
    window = max(terms.window, rpc.read_constant(committee.APPEAL_SECONDS()))
    ticket = rpc.read_constant(committee.TICKET())
    return _quote(
        Guarantee.QUORUM,
        "" if standing >= terms.members else f"{standing} tickets for {terms.members} seats",
        gas=(CONVENE_GAS, DRAW_GAS + SETTLE_GAS + LIGHT_GAS + CONCLUDE_GAS + terms.members * MEMBER_GAS),
        price=price,
        seconds=(window, terms.respond_within + window),
        stands_on=f"{terms.members} stakes of {ticket / 10**18:g} ETH, and one honest member or challenger",
    )


def _proof(graph: Graph, key: KeyFile | None, terms: Terms, price: int) -> Quote:
    why, gas = "give the --key that the model is registered with", 0
    if key is not None:
        gas = GAS_OF_PROOF_BYTE * proof_bytes(key.key.parameters, shape_of(key.key.program))
        try:
            require_fits_desk(graph, key)
            why = ""
        except ProofError as error:
            why = str(error)
    return _quote(
        Guarantee.PROOF,
        why,
        gas=(REQUEST_GAS, gas),
        price=price,
        seconds=(0, terms.respond_within),
        stands_on="mathematics: nobody needs to watch",
    )


def _quote(
    guarantee: Guarantee, why: str, *, gas: tuple[int, int], price: int, seconds: tuple[int, int], stands_on: str
) -> Quote:
    fee = gas[1] * price * (100 + MARGIN_PERCENT) // 100
    return Quote(
        guarantee=guarantee,
        available=not why,
        why=why,
        requester_gas=gas[0],
        answer_gas=gas[1],
        fee_wei=Amount(fee),
        total_wei=Amount(fee + gas[0] * price),
        soonest_seconds=seconds[0],
        latest_seconds=seconds[1],
        stands_on=stands_on,
    )


def as_document(quotes: list[Quote]) -> dict[str, object]:
    """As a document."""
    return {"quotes": [asdict(quote) for quote in quotes]}
