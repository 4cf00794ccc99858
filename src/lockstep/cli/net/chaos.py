"""`lockstep net chaos`: nodes fail and cheat while requests keep coming; then it is said what was lost."""

import random
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from lockstep.chain.deployment import read_deployment
from lockstep.chain.rpc import Rpc
from lockstep.cli.net.books import Books
from lockstep.cli.net.building import make_blocks_by_clock
from lockstep.cli.net.commands import DEFAULT_HOME, NetHomeOption
from lockstep.cli.net.faults import Faults
from lockstep.cli.net.phases import VICTIMS, Phase, PhaseRun, plan_phases
from lockstep.cli.net.plan import Home, read_plan
from lockstep.cli.net.processes import Fleet
from lockstep.cli.net.report import ChaosRun, Cheat, describe
from lockstep.cli.net.requester import Requester
from lockstep.cli.net.timeline import draw
from lockstep.errors import ConfigError
from lockstep.features.command import Answer, Command, Progress
from lockstep.node.artifacts import ArtifactServer
from lockstep.testing.dishonest import Kind

TICK_SECONDS: Final = 0.5
LOOK_SECONDS: Final = 5.0
PHASE_SECONDS: Final = 600.0
"""In which a cheat must be caught."""
END_SECONDS: Final = 1200.0
"""In which the last request must end after the last fault."""


def chaos(
    progress: Progress,
    requests: Annotated[int, typer.Option(help="How many to ask, at least.", min=1)] = 300,
    at_once: Annotated[int, typer.Option(help="Requests that are open at the same time.", min=1)] = 16,
    victims: Annotated[int, typer.Option(help="Nodes that are dead in each phase.", min=0)] = VICTIMS,
    kind: Annotated[list[Kind] | None, typer.Option(help="A way to cheat; repeatable; all if not given.")] = None,
    seed: Annotated[int, typer.Option(help="Who suffers what, and what is asked.", min=0)] = 1,
    plot: Annotated[Path | None, typer.Option(help="Write the run as an SVG file, too.")] = None,
    home: NetHomeOption = DEFAULT_HOME,
) -> Answer:
    """Ask a running network without pause while its nodes are killed, paused, cut off, corrupted and bribed.

    In each phase one kind of cheat (colluders are three) and some dead nodes. Every request must end final with the
    right output or with its fee back, every cheat must lose money, every wei must be accounted for.
    """
    network = Home(home)
    plan = read_plan(network)
    fleet = Fleet(network, plan)
    if any(fleet.find(number) is None for number in range(len(plan.nodes))):
        raise ConfigError("net/down", "not all nodes run", value=home, remedy="run `lockstep net up`")
    if victims > len(plan.nodes) - 2:
        remedy = "leave one for the cheat and one that is honest"
        raise ConfigError("net/victims", "too few nodes would be left", value=victims, remedy=remedy)
    rpc = Rpc(f"http://127.0.0.1:{plan.chain_port}")
    deployment, chance = read_deployment(network.place.deployment), random.Random(seed)
    phases = list(plan_phases(kind or list(Kind), len(plan.nodes), chance, victims=victims))
    with ExitStack() as stack:
        requester = Requester(network, plan, rpc, deployment, seed=seed)
        stack.enter_context(ArtifactServer(f"{plan.host}:{plan.requester_port}", requester.store))
        books, faults = Books(rpc, deployment, plan), Faults(fleet, chance)
        run = Chaos(requester, books, faults, at_once, -(-requests // len(phases)), progress)
        try:
            for phase in phases:
                run.play(phase)
        finally:
            faults.heal(range(len(plan.nodes)))
        run.finish()
        result = run.result()
    if plot is not None:
        plot.write_text(draw(result), encoding="utf-8")
    return describe(result)


@dataclass
class Chaos:
    """A run as it goes. ``quota``: requests that each phase asks at least."""

    requester: Requester
    books: Books
    faults: Faults
    at_once: int
    quota: int
    progress: Progress
    cheats: list[Cheat] = field(default_factory=list)

    def play(self, phase: Phase) -> None:
        """Until enough was asked, all faults have happened, and everybody who cheats has lost something."""
        run, first = PhaseRun(phase, self.faults), len(self.requester.asked)
        block = self.requester.rpc.read_block_number()
        run.begin()
        ends, looked, is_caught = self.faults.seconds + PHASE_SECONDS, 0.0, False
        while self.faults.seconds < ends:
            run.step()
            self.requester.step()
            count = len(self.requester.asked) - first
            if self.faults.seconds - looked > LOOK_SECONDS:
                looked, is_caught = self.faults.seconds, self._is_caught(phase, block)
            if count >= self.quota and is_caught and run.has_happened:
                break
            self._ask_or_wait(str(phase.kind), is_wanted=count < self.quota or not is_caught)
            self.progress(f"{phase.kind}: {self._count()}", min(count, self.quota), self.quota)
        run.end()
        self.cheats.append(Cheat(phase, block, self.requester.rpc.read_block_number()))

    def finish(self) -> None:
        """Everybody is honest again: the last requests end, and what is owed to the requester comes back."""
        ends = self.faults.seconds + END_SECONDS
        while self.requester.open and self.faults.seconds < ends:
            self.requester.step()
            self.progress(f"ending: {self._count()}")
            time.sleep(TICK_SECONDS)
        self.requester.fetch()

    def result(self) -> ChaosRun:
        """The books are read while the chain stands still."""
        requester, rpc = self.requester, self.requester.rpc
        self.progress("reading the books")
        rpc.call("evm_setIntervalMining", 0)
        try:
            requester.step()
            losses, conservation = self.books.losses(requester.view.jobs), self.books.conservation()
        finally:
            make_blocks_by_clock(rpc)
        return ChaosRun(
            plan=requester.plan,
            asked=requester.asked,
            harms=self.faults.harms,
            cheats=self.cheats,
            losses=losses,
            conservation=conservation,
            first_block=self.books.first_block,
            seconds=self.faults.seconds,
        )

    def _ask_or_wait(self, phase: str, *, is_wanted: bool) -> None:
        if is_wanted and len(self.requester.open) < self.at_once:
            self.requester.ask(phase)
        else:
            time.sleep(TICK_SECONDS)

    def _is_caught(self, phase: Phase, block: int) -> bool:
        losses = self.books.losses(self.requester.view.jobs)
        losers = {loss.account for loss in losses if loss.block >= block}
        return all(self.requester.plan.nodes[node].address in losers for node in phase.cheats)

    def _count(self) -> str:
        """Open requests, and how many have ended."""
        asked, waiting = len(self.requester.asked), len(self.requester.open)
        return f"{asked} asked, {waiting} open"


COMMANDS = (
    Command(
        "net chaos",
        chaos,
        (
            "lockstep net chaos --plot chaos.svg",
            "lockstep net chaos --requests 20 --kind lazy --kind silent --json",
        ),
    ),
)
