"""Planted questions: a committee that lies together is overturned by who knows the answer; one that is right is not."""

import secrets
from pathlib import Path

import pytest

from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.shared import Stage
from lockstep.errors import ProtocolError
from lockstep.features.connection import Connection
from lockstep.features.inference.answers import AnswerProvider, HonestAnswers, ModelLibrary, honest_answer, join_inputs
from lockstep.features.inference.offers import Offer, ask_with
from lockstep.features.inference.requests import Guarantee
from lockstep.features.quorum.planting import Planted, expose, find_panel
from lockstep.testing.committees import OPERATORS, PAY, CommitteeNetwork
from lockstep.testing.liar import LyingAnswers
from lockstep.testing.network import Network, draw_inputs, lie_at
from lockstep.types import Digest

MEMBERS, CHALLENGER = 3, 9


@pytest.fixture
def committees(network: Network) -> CommitteeNetwork:
    return CommitteeNetwork(network, operators=OPERATORS[:MEMBERS])


def honest(network: Network) -> HonestAnswers:
    return HonestAnswers(ModelLibrary.of(network.graph))


def plant(network: Network, path: Path) -> tuple[Connection, Digest]:
    """A question whose answer is sealed, and kept in a file."""
    connection = Connection(network.rpc, network.deployment, network.requester)
    runs = draw_inputs(network.graph)
    known = honest_answer(network.graph, runs)
    planted = Planted(known.output_root, known.trace.root, Digest(secrets.token_bytes(32)), tuple(known.solver.kids))
    planted.write(path / f"{planted.seal.hex()}.json")
    offer = Offer(
        model_id=network.model_id,
        input_root=known.trace.input_root,
        carried=join_inputs(network.graph, runs),
        fee=MEMBERS * PAY,
        bond=0,
        members=MEMBERS,
        window=600,
        respond_within=3600,
        seal=planted.seal,
    )
    job_id = ask_with(connection, offer, Guarantee.QUORUM).document["job_id"]
    assert isinstance(job_id, bytes)
    return connection, Digest(job_id)


def kept_in(path: Path) -> Planted:
    (file,) = path.iterdir()
    return Planted.read(file)


def answered(committees: CommitteeNetwork, connection: Connection, job_id: Digest, answers: AnswerProvider) -> Digest:
    """All members give one answer, and it waits in its window; the question's id."""
    question_id = find_panel(connection, job_id).question_id
    nodes = [committees.node(account, answers) for account in OPERATORS[:MEMBERS]]
    rpc, committee = committees.network.rpc, connection.deployment.contract(Committee)
    committees.play(nodes, lambda: rpc.read(committee.progress_of(question_id)).stage in (Stage.SETTLED, Stage.LIT))
    return question_id


def test_members_who_all_lie_lose_everything_to_the_game(committees: CommitteeNetwork, tmp_path: Path) -> None:
    network, folder = committees.network, tmp_path / "planted"
    connection, job_id = plant(network, folder)
    with pytest.raises(ProtocolError, match="committee/stage"):
        expose(connection, find_panel(connection, job_id), kept_in(folder))
    lies = LyingAnswers(honest(network), lie_at(0))
    question_id = answered(committees, connection, job_id, lies)
    shown = expose(connection, find_panel(connection, job_id), kept_in(folder))
    assert (shown.document["agrees"], shown.document["members_agree"]) == (False, False)
    nodes = [committees.node(account, lies) for account in OPERATORS[:MEMBERS]]
    challenger = committees.challenger(CHALLENGER, honest(network))
    committees.play([*nodes, challenger], lambda: committees.is_done(question_id))
    record = network.record(job_id)
    assert (record.status, record.output_root) == (Status.FINAL, kept_in(folder).output_root)
    assert [committees.tickets(account) for account in OPERATORS[:MEMBERS]] == [0] * MEMBERS
    owed = network.rpc.read(committees.committee.credit_of(network.requester.address))
    assert owed > MEMBERS * PAY + int(str(shown.document["bond_wei"]))


def test_members_who_are_right_are_not_challenged(committees: CommitteeNetwork, tmp_path: Path) -> None:
    network, folder = committees.network, tmp_path / "planted"
    connection, job_id = plant(network, folder)
    answered(committees, connection, job_id, honest(network))
    shown = expose(connection, find_panel(connection, job_id), kept_in(folder))
    assert shown.document["agrees"]
    assert network.record(job_id).status is Status.ASSERTED
