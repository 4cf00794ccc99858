"""Demands on chain for what nobody sends: made, and answered from a store (artifacts.md, section 7)."""

from collections.abc import Iterator
from dataclasses import dataclass

from lockstep.chain.binding import Transaction, find_events
from lockstep.chain.bindings.availability import Availability, Demand, DemandMade, DemandStatus
from lockstep.chain.deployment import Deployment
from lockstep.chain.rpc import Rpc
from lockstep.store.artifacts import ArtifactStore
from lockstep.store.openings import open_position
from lockstep.types import Address, Digest


@dataclass(frozen=True, slots=True)
class Made:
    """A demand, and what has become of it."""

    demand_id: Digest
    demand: Demand
    status: DemandStatus


def read_demands(rpc: Rpc, deployment: Deployment, root: Digest | None = None) -> list[Made]:
    """Every demand that was made on this chain, or for one root, oldest first."""
    contract = deployment.contract(Availability)
    topics = ["0x" + DemandMade.topic().hex(), None, *(["0x" + root.hex()] if root else [])]
    logs = rpc.read_logs([contract.address], deployment.first_block, rpc.read_block_number(), topics)
    events = [found.event for found in find_events(logs, [contract])]
    return [
        Made(event.demand_id, event.demand, rpc.read(contract.status_of(event.demand_id)))
        for event in events
        if isinstance(event, DemandMade)
    ]


def build_answers(
    contract: Availability, demands: list[Made], store: ArtifactStore, *, now: int, account: Address
) -> Iterator[tuple[str, Made, Transaction]]:
    """What to send: an answer to each demand for what the store has, paid or not; else the end of one's own."""
    for made in demands:
        artifact = None if made.status is DemandStatus.ANSWERED else store.find(made.demand.root)
        if artifact is not None:
            opening = open_position(artifact, made.demand.position, made.demand.levels)
            yield "answered", made, contract.answer(made.demand, opening.data, opening.path)
        elif made.status is DemandStatus.OPEN and made.demand.demander == account and now >= made.demand.deadline:
            yield "expired", made, contract.expire(made.demand)
