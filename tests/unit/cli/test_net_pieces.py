"""`lockstep net` without a network: phases leave somebody honest, damage is damage, and a report says what is amiss."""

import random
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.shared import Job
from lockstep.cli.net.books import Loss
from lockstep.cli.net.faults import Fault, Harm, damage
from lockstep.cli.net.phases import VICTIMS, Phase, plan_phases
from lockstep.cli.net.plan import Home, NetPlan, NodePlan, find_plan, read_plan, write_plan
from lockstep.cli.net.report import AFTERMATH_SECONDS, ChaosRun, Cheat, describe
from lockstep.cli.net.requester import Asked
from lockstep.cli.net.timeline import draw
from lockstep.errors import ConfigError
from lockstep.features.inference.requests import Guarantee
from lockstep.node.config import RoleName
from lockstep.testing.dishonest import Kind
from lockstep.types import ZERO_DIGEST, Address, Amount, Digest

TRUTH, LIE = Digest(b"t" * 32), Digest(b"l" * 32)
NODES = tuple(
    NodePlan(f"node-{n}", Address("0x" + f"{n}" * 40), (RoleName.SERVER,), "127.0.0.1", 1000 + n, 2000 + n)
    for n in range(3)
)
PLAN = NetPlan(NODES, Digest(b"m" * 32), Digest(b"p" * 32), "127.0.0.1", 8545, 9000, None)
JOB = Job(NODES[0].address, PLAN.model_id, ZERO_DIGEST, 1, Amount(1), Amount(1), 40, 99, 0, 0)
ASKED = Asked(0, Guarantee.DISPUTE, JOB, Digest(b"j" * 32), TRUTH, 0.0, "lazy", status=Status.FINAL, found_root=TRUTH)
VOID = replace(ASKED, number=1, guarantee=Guarantee.QUORUM, status=Status.VOID, found_root=ZERO_DIGEST)
CHEAT = Cheat(Phase(Kind.LAZY, (0,), (1,), ()), 100, 160)
CAUGHT = Loss(NODES[0].address, "ticket", 10, 150)
ASLEEP = Loss(NODES[1].address, "silence", 3, 170)
KILLED = Harm(Fault.KILL, 1, 50.0, 60.0)
RUN = ChaosRun(PLAN, (ASKED, VOID), (KILLED,), (CHEAT,), (CAUGHT, ASLEEP), {"Stake": 0}, 100, 90.0)


@pytest.mark.parametrize("nodes", [4, 5, 7, 12])
def test_every_phase_leaves_somebody_honest_and_alive(nodes: int) -> None:
    for seed in range(50):
        phases = list(plan_phases(list(Kind), nodes, random.Random(seed)))
        assert [phase.kind for phase in phases] == list(Kind)
        for phase in phases:
            harmed = {*phase.cheats, *phase.victims}
            assert len(phase.victims) == VICTIMS and len(harmed) == len(phase.cheats) + VICTIMS < nodes
            struck = {node for _, node in phase.faults}
            assert not struck & harmed and (not struck or len(harmed) + 1 < nodes)


def test_damage_changes_a_file_and_not_its_length(tmp_path: Path) -> None:
    file = tmp_path / "model.lockstep"
    file.write_bytes(bytes(1000))
    damage(file, random.Random(1))
    assert len(file.read_bytes()) == 1000 and any(file.read_bytes())


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert find_plan(home) is None
    with pytest.raises(ConfigError, match="net/none"):
        read_plan(home)
    write_plan(home, PLAN)
    assert read_plan(home) == PLAN
    (tmp_path / "net.json").write_text('{"nodes": 3}')
    with pytest.raises(ConfigError, match="net/plan"):
        read_plan(home)


def test_a_run_in_which_nothing_is_lost_is_well() -> None:
    answer = describe(RUN)
    assert RUN.ok and answer.status == 0
    assert answer.document["requests"] == {"asked": 2, "final": 1, "refunded": 1, "wrong": 0, "lost": 0}
    assert answer.document["honest_losses"] == {"while_down_wei": 3, "unexplained_wei": 0, "unexplained": []}


@pytest.mark.parametrize(
    "amiss",
    [
        replace(RUN, asked=(replace(ASKED, status=None),)),
        replace(RUN, asked=(replace(ASKED, found_root=LIE),)),
        replace(RUN, losses=()),
        replace(RUN, losses=(replace(CAUGHT, block=99),)),
        replace(RUN, harms=()),
        replace(RUN, harms=(replace(KILLED, node=2),)),
        replace(RUN, harms=(replace(KILLED, fault=Fault.BRIBE),)),
        replace(RUN, harms=(replace(KILLED, since=80.0, until=81.0),)),
        replace(RUN, losses=(CAUGHT, replace(ASLEEP, block=100 + 61 + int(AFTERMATH_SECONDS)))),
        replace(RUN, conservation={"Stake": 1}),
        replace(RUN, conservation={"Stake": -1}),
    ],
    ids=["lost", "wrong", "unpunished", "early", "harmless", "another", "bribe", "later", "long", "surplus", "missing"],
)
def test_whatever_is_amiss_is_said(amiss: ChaosRun) -> None:
    answer = describe(amiss)
    assert (answer.document["ok"], answer.status) == (False, 1)


def test_losses_belong_to_the_latest_way_in_which_a_node_cheated() -> None:
    later = Cheat(Phase(Kind.SILENT, (0,), (), ()), 200, 300)
    run = replace(RUN, cheats=(CHEAT, later), losses=(CAUGHT, replace(CAUGHT, block=250, what="silence")))
    assert [loss.block for loss in run.losses_of(CHEAT, 0)] == [150]
    assert [loss.block for loss in run.losses_of(later, 0)] == [250]


def test_the_picture_shows_every_node_harm_and_request() -> None:
    titles = [element.text for element in ET.fromstring(draw(RUN)).iter("{http://www.w3.org/2000/svg}title")]
    for node in NODES:
        assert f"{node.name}, honest" in titles
    assert "kill, 50–60 s" in titles
    assert "request 0 (dispute): final and right after 0 s" in titles
    assert "request 1 (quorum): refunded after 0 s" in titles
