"""A requester that asks again: a committee that keeps silent, then who puts up a bond, then the fee back to the wei."""

from functools import partial

import pytest

from lockstep.features.connection import Connection
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary, join_inputs
from lockstep.features.inference.offers import Offer, ask_with
from lockstep.features.inference.pursuit import pursue
from lockstep.features.inference.requests import Guarantee
from lockstep.features.inference.server import Server
from lockstep.node.runner import Runner
from lockstep.testing.committees import PAY, CommitteeNetwork
from lockstep.testing.network import Network, draw_inputs

MEMBERS, SERVER = 3, 8
BOTH = (Guarantee.QUORUM, Guarantee.DISPUTE)


def offer(network: Network) -> Offer:
    runs = draw_inputs(network.graph)
    job = network.request(runs)[1]
    return Offer(
        model_id=network.model_id,
        input_root=job.input_root,
        carried=join_inputs(network.graph, runs),
        fee=MEMBERS * PAY,
        bond=20 * PAY,
        members=MEMBERS,
        window=600,
        respond_within=3600,
    )


def ask(network: Network, guarantees: tuple[Guarantee, ...], server: Runner | None = None) -> dict[str, object]:
    """The document at the end; while the requester waits, time passes and the server acts."""
    connection = Connection(network.rpc, network.deployment, network.requester)

    def world() -> None:
        if server is not None:
            server.step()
        network.pass_time(40)

    asking = partial(ask_with, connection, offer(network))
    answer = pursue(connection, asking, guarantees, timeout=120, progress=lambda *_: None, pause=world)
    assert answer.status == (0 if answer.document["ok"] else 1)
    return dict(answer.document)


def statuses(document: dict[str, object]) -> list[object]:
    attempts = document["attempts"]
    assert isinstance(attempts, list)
    return [attempt["status"] for attempt in attempts]


def test_who_puts_up_a_bond_answers_what_a_silent_committee_does_not(network: Network) -> None:
    committees = CommitteeNetwork(network)
    answers = HonestAnswers(ModelLibrary.of(network.graph))
    server = network.node(SERVER, lambda table, view, given: Server(table, view, given), answers)
    found = ask(network, BOTH, server)
    assert (found["status"], found["verdict"], found["guarantee"]) == ("FINAL", "upheld", Guarantee.DISPUTE)
    assert statuses(found) == ["VOID", "FINAL"]
    assert found["fetched_wei"] == MEMBERS * PAY
    assert network.rpc.read_balance(committees.committee.address) == 0


@pytest.mark.parametrize("has_committee", [True, False])
def test_the_fee_comes_back_when_nobody_answers(network: Network, has_committee: bool) -> None:
    if has_committee:
        CommitteeNetwork(network)
    found = ask(network, BOTH)
    assert (found["ok"], found["verdict"]) == (False, "void")
    assert statuses(found) == ["VOID" if has_committee else "REFUSED", "VOID"]
    assert found["fetched_wei"] == (2 if has_committee else 1) * MEMBERS * PAY
