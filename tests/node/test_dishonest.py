"""Every way to cheat that `lockstep net chaos` bribes nodes into costs who does it money, and changes no answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lockstep.assembly.nodes import ChainStation, Workshop
from lockstep.chain.account import dev_account
from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.shared import Stage
from lockstep.chain.deployment import write_deployment
from lockstep.errors import RevertError
from lockstep.features.inference.answers import HonestAnswers, ModelLibrary, honest_answer
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.server import Server
from lockstep.ir.format import write_model
from lockstep.node.config import read_config
from lockstep.node.runner import Runner
from lockstep.testing.committees import CommitteeNetwork
from lockstep.testing.dishonest import KINDS, Kind, main
from lockstep.testing.network import TERMS, Network, draw_inputs
from lockstep.types import Amount, Digest

OPERATORS = range(2, 6)
CHEAT, HONEST = OPERATORS[0], OPERATORS[1:]
SERVER, CHALLENGER = 8, 9


def dishonest(network: Network, kind: Kind, roles: str) -> Runner:
    """As `python -m lockstep.testing.dishonest` wires it."""
    folder = network.folder / str(kind)
    (folder / "models").mkdir(parents=True)
    write_model(folder / "models" / "digits.lockstep", network.graph)
    write_deployment(folder / "deployment.json", network.deployment)
    config = folder / "node.toml"
    config.write_text(
        f'roles = {roles}\nrpc = "{network.rpc.url}"\ndeployment = "{folder}/deployment.json"\n'
        f'journal = "{folder}/node.sqlite"\nmodels = "{folder}/models"\naccount = {CHEAT}\n'
    )
    settings = read_config(config)
    return ChainStation(Workshop(settings), settings.all_chains[0], KINDS[kind]).build_runner(None, lambda _: None)


def honest(network: Network) -> HonestAnswers:
    return HonestAnswers(ModelLibrary.of(network.graph))


@pytest.fixture
def committees(network: Network) -> Iterator[CommitteeNetwork]:
    return CommitteeNetwork(network, operators=OPERATORS)


def truth(network: Network) -> Digest:
    return honest_answer(network.graph, draw_inputs(network.graph)).output_root


@pytest.mark.parametrize("kind", [Kind.LAZY, Kind.COLLUDER, Kind.SILENT, Kind.LATE, Kind.EQUIVOCATOR])
def test_a_member_who_cheats_loses_its_ticket_and_changes_nothing(committees: CommitteeNetwork, kind: Kind) -> None:
    network = committees.network
    question, question_id = committees.ask(size=len(OPERATORS))
    cheat = dishonest(network, kind, '["member"]')
    nodes = [committees.node(account, honest(network)) for account in HONEST]
    committees.play([cheat, *nodes], lambda: committees.is_done(question_id))
    job = network.rpc.read(committees.committee.job_of(question))
    record = network.record(Digest(network.rpc.read(network.arbiter.job_id_of(job))))
    assert (record.status, record.output_root) == (Status.FINAL, truth(network))
    assert [committees.tickets(account) for account in OPERATORS] == [0, 1, 1, 1]


def test_a_copier_cannot_open_the_tile_that_it_is_asked_for(committees: CommitteeNetwork) -> None:
    network, committee = committees.network, committees.committee
    _, question_id = committees.ask(size=len(OPERATORS))
    cheat = dishonest(network, Kind.COPIER, '["member"]')
    nodes = [committees.node(account, honest(network)) for account in HONEST]
    read = network.rpc.read

    def is_lit() -> bool:
        return read(committee.progress_of(question_id)).stage is Stage.LIT

    committees.play([cheat, *nodes], is_lit, seconds=2)
    seats = [read(committee.seat_of(question_id, number)).operator for number in range(len(OPERATORS))]
    seat = seats.index(dev_account(CHEAT).address)
    deposit = Amount(read(committee.OPENING_DEPOSIT()))
    before = read(committee.seat_of(question_id, seat))
    assert (
        before.group == read(committee.seat_of(question_id, (seat + 1) % len(OPERATORS))).group
    )  # it has everybody's roots
    try:
        network.requester.send(committee.demand(question_id, seat, value=deposit), key="demand")
    except RevertError as error:  # the beacon asks one member in so many by itself
        assert error.code == "committee/already-done"
    committees.play([cheat, *nodes], lambda: committees.is_done(question_id))
    assert not read(committee.seat_of(question_id, seat)).opened
    assert [committees.tickets(account) for account in OPERATORS] == [0, 1, 1, 1]


@pytest.mark.parametrize("kind", [Kind.LAZY, Kind.COLLUDER, Kind.EQUIVOCATOR])
def test_a_server_who_cheats_loses_its_bond(network: Network, kind: Kind) -> None:
    job_id, job = network.request(draw_inputs(network.graph))
    cheat = dishonest(network, kind, '["server", "challenger"]')
    cheat.step()
    assert network.record(job_id).output_root not in (truth(network), b"")
    before = network.rpc.read_balance(dev_account(CHEAT).address)
    challenger = network.node(CHALLENGER, lambda table, view, given: Challenger(table, view, given), honest(network))
    settle(network, job_id, [cheat, challenger])
    record = network.record(job_id)
    assert (record.status, record.output_root, record.refunded) == (Status.FINAL, truth(network), True)
    back = network.rpc.read_balance(dev_account(CHEAT).address) - before
    assert back < job.bond // 2 + TERMS.challenge_bond  # who wins against itself has half of its bond back at most


def test_a_griefer_loses_its_bond_and_the_answer_stands(network: Network) -> None:
    cheat = dishonest(network, Kind.GRIEFER, '["server", "challenger"]')
    server = network.node(SERVER, lambda table, view, given: Server(table, view, given), honest(network))
    griefed = []
    for number in range(12):
        runs = [[values + number for values in run] for run in draw_inputs(network.graph)]
        job_id, _ = network.request(runs)
        settle(network, job_id, [server, cheat])
        record = network.record(job_id)
        assert (record.status, record.output_root) == (Status.FINAL, honest_answer(network.graph, runs).output_root)
        if network.rpc.read(network.bracket.tournament_of(job_id)).held:
            griefed.append(job_id)
            break
    assert griefed
    spent = 10_000 * 10**18 - network.rpc.read_balance(dev_account(CHEAT).address)
    assert spent >= TERMS.challenge_bond


def settle(network: Network, job_id: Digest, nodes: list[Runner]) -> None:
    """Until the job is over, time passing whenever nobody acts."""
    for _ in range(60):
        network.settle(nodes)
        if network.record(job_id).status in (Status.FINAL, Status.VOID):
            return
        network.pass_time(TERMS.join_seconds)
    raise AssertionError("it never came to its end")


def test_an_unknown_kind_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["honest", "--config", str(tmp_path / "node.toml")])
    assert "invalid choice: 'honest'" in capsys.readouterr().err
