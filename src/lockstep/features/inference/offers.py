"""What a requester offers for an answer, and the transaction that asks for it with one guarantee or another."""

import secrets
from dataclasses import dataclass

from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.shared import Job
from lockstep.features.command import Answer
from lockstep.features.connection import Connection
from lockstep.features.inference.requests import PROOF_BOND, Guarantee, guarantee_of
from lockstep.features.quorum.asking import ask_committee
from lockstep.types import Address, Amount, Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """``carried``: the input, or nothing where its root must do. Money in wei, times in seconds."""

    model_id: Digest
    input_root: Digest
    carried: bytes
    fee: int
    """For the answer; a quorum shares it."""
    bond: int
    """Of who answers under ``dispute``."""
    members: int
    """Of a quorum."""
    window: int
    respond_within: int
    seal: Digest | None = None
    """Of a quorum's question that is planted: hides the answer that the requester knows."""


def ask_with(connection: Connection, offer: Offer, guarantee: Guarantee) -> Answer:
    """Sends the request; its clock starts now."""
    respond_by = connection.rpc.read_block().timestamp + offer.respond_within
    if guarantee is Guarantee.QUORUM:
        return ask_committee(
            connection,
            offer.model_id,
            offer.input_root,
            offer.carried,
            pay=Amount(offer.fee // offer.members),
            size=offer.members,
            window=offer.window,
            respond_by=respond_by,
            seal=offer.seal,
        )
    job = Job(
        requester=Address(connection.sender.address),
        model_id=offer.model_id,
        input_root=offer.input_root,
        passes=1,
        fee=offer.fee,
        bond=PROOF_BOND if guarantee is Guarantee.PROOF else offer.bond,
        window=offer.window,
        respond_by=respond_by,
        callback_gas=0,
        nonce=secrets.randbits(64),
    )
    return _ask_arbiter(connection, job, offer.carried)


def _ask_arbiter(connection: Connection, job: Job, carried: bytes) -> Answer:
    arbiter = connection.deployment.contract(Arbiter)
    receipt = connection.send("request", arbiter.request(job, carried, value=Amount(job.fee)))
    job_id = connection.rpc.read(arbiter.job_id_of(job))
    document = {
        "ok": True,
        "job_id": job_id,
        "model_id": job.model_id,
        "input_root": job.input_root,
        "input_in_store": not carried,
        "guarantee": guarantee_of(job),
        "gas": receipt.gas_used,
    }
    hint = () if carried else ("the input is in your store only: let nodes fetch it, with `lockstep artifact serve`",)
    return Answer(document, (f"job 0x{job_id.hex()}", f"see `lockstep infer status 0x{job_id.hex()}`", *hint))
