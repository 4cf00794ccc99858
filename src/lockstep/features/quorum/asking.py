"""Asking a committee: a question's terms, and what it costs."""

import secrets
from dataclasses import dataclass

from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Job, Question
from lockstep.chain.bindings.stake import Stake
from lockstep.chain.rpc import Rpc
from lockstep.errors import ProtocolError
from lockstep.types import Address, Amount, Digest

SMALLEST_QUORUM, LARGEST_COMMITTEE = 3, 15
ROUNDS = 4
"""Of three draws and an answer, which the contract wants time for."""


@dataclass(frozen=True, slots=True)
class CommitteeClocks:
    """What the contract was deployed with."""

    ticket: Amount
    appeal_seconds: int
    round_seconds: int

    @classmethod
    def read(cls, rpc: Rpc, committee: Committee) -> "CommitteeClocks":
        waits = (committee.BEACON_SECONDS(), committee.COMMIT_SECONDS(), committee.REVEAL_SECONDS())
        return cls(
            ticket=Amount(rpc.read(committee.TICKET())),
            appeal_seconds=rpc.read(committee.APPEAL_SECONDS()),
            round_seconds=sum(rpc.read(wait) for wait in waits),
        )


def build_question(
    committee: Committee,
    clocks: CommitteeClocks,
    *,
    requester: Address,
    model_id: Digest,
    input_root: Digest,
    passes: int,
    pay: Amount,
    size: int,
    window: int,
    respond_by: int,
) -> Question:
    """The terms of a question to a quorum; ``pay`` goes to each member that is right.

    Raises ``ProtocolError`` ``committee/size``, ``committee/window``.
    """
    if not SMALLEST_QUORUM <= size <= LARGEST_COMMITTEE:
        raise ProtocolError(
            "committee/size",
            "no such committee",
            value=size,
            remedy=f"{SMALLEST_QUORUM} to {LARGEST_COMMITTEE} members",
        )
    if window < clocks.appeal_seconds:
        raise ProtocolError(
            "committee/window",
            "an answer must stay open to appeals for longer",
            value=window,
            remedy=f"at least {clocks.appeal_seconds} seconds",
        )
    job = Job(
        requester=committee.address,
        model_id=model_id,
        input_root=input_root,
        passes=passes,
        fee=size * pay,
        bond=clocks.ticket,
        window=window,
        respond_by=respond_by,
        callback_gas=0,
        nonce=0,
    )
    return Question(job, requester, size, 1, pay, Digest(secrets.token_bytes(32)), secrets.randbits(64))


def require_seats(rpc: Rpc, stake: Stake, model_id: Digest, size: int) -> None:
    """Raises ``ProtocolError`` ``committee/tickets`` where a model has fewer tickets than the committee has seats."""
    standing = rpc.read(stake.standing_of(model_id))
    if standing < size:
        raise ProtocolError(
            "committee/tickets",
            "too few operators have a stake on this model",
            value=f"{standing} tickets for {size} seats",
            remedy="ask a smaller committee, or with another guarantee",
        )
