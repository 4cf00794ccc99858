"""A node from its configuration: chains, journals, models, and the roles by name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

import structlog

from lockstep.chain.account import Signer
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.artifacts import Artifacts
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.committee import Committee
from lockstep.chain.bindings.proof_desk import ProofDesk
from lockstep.chain.bindings.stake import Stake
from lockstep.chain.deployment import Deployment, read_deployment, verify_deployment
from lockstep.chain.fees import GWEI, FeeLimits
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.features.inference.answers import AnswerProvider, HonestAnswers, ModelLibrary
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.inputs import FetchedInputs
from lockstep.features.inference.player import Table
from lockstep.features.inference.server import Server
from lockstep.features.inference.view import JobsView
from lockstep.features.models.registry import Registered
from lockstep.features.proofs.prover import ProofServer, ProvableModel, read_provable
from lockstep.features.quorum.member import Chamber, Duty, Member
from lockstep.features.quorum.view import CommitteesView
from lockstep.node.admission import Admission, PricePolicy
from lockstep.node.artifacts import ArtifactServer
from lockstep.node.capacity import Capacity, Work
from lockstep.node.config import ArtifactSettings, ChainConfig, NodeConfig, RoleName
from lockstep.node.health import ChainProbe, HealthServer, Pulse
from lockstep.node.journal import Journal
from lockstep.node.keys import open_signer
from lockstep.node.metrics import Metrics
from lockstep.node.role import Role
from lockstep.node.runner import Runner
from lockstep.node.service import ModelWatch, Service
from lockstep.store.artifacts import ArtifactStore
from lockstep.store.backends import open_source
from lockstep.store.peers import Fetcher
from lockstep.types import Amount, Digest


class ProvableModels(Mapping[Digest, ProvableModel]):
    """The models that can be proved, as they were read last."""

    def __init__(self, config: NodeConfig) -> None:
        self._folder, self._is_used = config.models, RoleName.PROVER in config.roles
        self._models: dict[Digest, ProvableModel] = {}
        self.reload()

    def reload(self) -> None:
        """Reads the folder anew; what is used meanwhile stays as it was."""
        self._models = read_provable(self._folder) if self._is_used else {}

    def __getitem__(self, model_id: Digest) -> ProvableModel:
        return self._models[model_id]

    def __iter__(self) -> Iterator[Digest]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)


@dataclass
class Workshop:
    """What all chains of a node share."""

    config: NodeConfig
    metrics: Metrics = field(default_factory=Metrics)
    capacity: Capacity = field(default_factory=Capacity)

    def __post_init__(self) -> None:
        self.library = ModelLibrary(self.config.models, observe=self._observe_run)
        self.provable = ProvableModels(self.config)
        self.inputs = FetchedInputs(open_fetcher(self.config.artifacts))
        self._fees: dict[Digest, int] = {}
        self.prices = PricePolicy(self.config.least_fee_wei, self.config.least_fee_wei_per_second, self._fees)
        self._look_around()

    def reload(self) -> None:
        """New models are offered, old ones no longer; those in work are finished."""
        self.library.reload()
        self.provable.reload()
        self._look_around()

    def admission(self, role: RoleName, chain: str, registered: Registered) -> Admission:
        """The door of a role: no answer is given for a model that its chain could not decide a dispute about."""
        metrics = self.metrics.chain(chain)
        is_server = role is RoleName.SERVER
        return Admission(
            self.capacity,
            self.prices,
            worker=f"{role}/{chain}",
            work=Work.RUN if is_server else Work.PROVE,
            margin_seconds=self.config.margin_seconds,
            is_offered=lambda name: (not is_server or name in self.library.offered) and name in registered,
            measure=self.library.measure if is_server else lambda _: 0.0,
            on_decision=lambda decision, newly: metrics.decided(str(role), decision, newly),
        )

    def announce_checks(self, chain: str, passes: Mapping[Digest, int]) -> None:
        """What the challenger of a chain has still to run."""
        seconds = sum(count * (self.capacity.find_seconds(model_id) or 0.0) for model_id, count in passes.items())
        self.capacity.announce(f"{RoleName.CHALLENGER}/{chain}", seconds)

    def observe_proof(self, model_id: Digest, seconds: float) -> None:
        """A proof took so long."""
        self.capacity.observe(model_id, seconds, Work.PROVE)

    def _observe_run(self, model_id: Digest, seconds: float) -> None:
        self.capacity.observe(model_id, seconds)
        self.metrics.seconds.labels(self.library.names.get(model_id, model_id.hex()[:8])).observe(seconds)

    def _look_around(self) -> None:
        """Counts the models, and finds those that have a fee of their own."""
        self.metrics.models.set(len(self.library.offered))
        for name, fee in self.config.least_fees_wei.items():
            wanted = name.removeprefix("0x").lower()
            names = self.library.names.items()
            found = [model_id for model_id, known in names if known == name or model_id.hex() == wanted]
            if not found:
                structlog.get_logger().warning("fee for a model that is not there", model=name)
            self._fees.update(dict.fromkeys(found, fee))


@dataclass
class ChainStation:
    """One chain of a node: its connection, its journal, its signer, and what they are wired into."""

    workshop: Workshop
    chain: ChainConfig
    make_role: "RoleMaker | None" = None
    """What fills its posts in place of ``honest_role``."""

    def __post_init__(self) -> None:
        self.rpc = Rpc(self.chain.rpc)
        self.deployment: Deployment = read_deployment(self.chain.deployment)
        verify_deployment(self.rpc, self.deployment)
        self.signer: Signer = open_signer(self.chain, self.rpc.chain_id)
        self.journal = Journal(self.chain.journal)
        self.pulse = Pulse()
        self.registered = Registered(self.rpc, self.deployment.contract(Artifacts))

    def build_runner(self, answers: AnswerProvider | None, checkpoint: Callable[[str], None]) -> Runner:
        """The loop of this chain."""
        limits = FeeLimits(
            max_fee=Amount(int(self.chain.max_fee_gwei * GWEI)),
            max_priority_fee=Amount(int(self.chain.max_priority_fee_gwei * GWEI)),
        )
        sender = Sender(self.rpc, self.signer, self.journal.outbox, limits=limits)
        arbiter, bracket = self.deployment.contract(Arbiter), self.deployment.contract(Bracket)
        committee = self.deployment.contract(Committee)
        view = CommitteesView(JobsView(), committee.address)
        table = Table(self.rpc, arbiter, bracket, sender.address, self.journal.secret("salt"))
        provider = answers or HonestAnswers(self.workshop.library, self.workshop.inputs)
        make = self.make_role or honest_role
        return Runner(
            self.rpc,
            sender,
            self.journal,
            contracts=[arbiter, bracket, committee],
            view=view,
            roles=[make(self, name, Post(table, view, provider)) for name in self.workshop.config.roles],
            first_block=self.deployment.first_block,
            confirmations=self.chain.confirmations,
            checkpoint=checkpoint,
            metrics=self.workshop.metrics.chain(self.chain.name),
            pulse=self.pulse,
        )

    def build_probe(self) -> ChainProbe:
        """What looks at this chain for operators."""
        return ChainProbe(
            self.chain.name,
            self.chain.rpc,
            self.journal,
            self.signer,
            self.pulse,
            confirmations=self.chain.confirmations,
            max_lag=self.workshop.config.max_lag_blocks,
        )

    def admission(self, role: RoleName) -> Admission:
        """The door of a role on this chain."""
        return self.workshop.admission(role, self.chain.name, self.registered)

    def chamber(self, table: Table) -> Chamber:
        """The contracts of committees here."""
        contract = self.deployment.contract
        return Chamber(table, contract(Committee), contract(Stake), self.rpc.chain_id)


@dataclass(frozen=True)
class Post:
    """What every role of a chain is given."""

    table: Table
    view: CommitteesView
    answers: AnswerProvider


RoleMaker = Callable[[ChainStation, RoleName, Post], Role]


def honest_role(station: ChainStation, name: RoleName, post: Post) -> Role:
    """A role as it is meant to be played."""
    workshop, table, jobs, answers = station.workshop, post.table, post.view.jobs, post.answers
    makers: dict[RoleName, Callable[[], Role]] = {
        RoleName.SERVER: lambda: Server(table, jobs, answers, admission=station.admission(RoleName.SERVER)),
        RoleName.CHALLENGER: lambda: Challenger(
            table, jobs, answers, announce=partial(workshop.announce_checks, station.chain.name)
        ),
        RoleName.PROVER: lambda: ProofServer(
            table,
            station.deployment.contract(ProofDesk),
            jobs,
            workshop.provable,
            station.journal.secret("proofs"),
            admission=station.admission(RoleName.PROVER),
            observe=workshop.observe_proof,
            inputs=workshop.inputs,
        ),
        RoleName.MEMBER: lambda: Member(station.chamber(table), post.view, answers, duty=Duty.QUORUM),
        RoleName.WATCHER: lambda: Member(station.chamber(table), post.view, answers, duty=Duty.WATCH),
    }
    return makers[name]()


def build_service(config: NodeConfig, make_role: RoleMaker = honest_role) -> Service:
    """The whole node that a configuration describes; ``make_role`` is for nodes that are to be something else."""
    workshop = Workshop(config)
    watch = ModelWatch(config.models, workshop.reload)
    stations = [ChainStation(workshop, chain, make_role) for chain in config.all_chains]
    runners = {station.chain.name: station.build_runner(None, lambda _: None) for station in stations}
    probes = [station.build_probe() for station in stations]
    health = HealthServer(config.listen, probes, workshop.metrics.render) if config.listen else None
    kept = config.artifacts
    artifacts = ArtifactServer(kept.listen, ArtifactStore(kept.store)) if kept.listen else None
    return Service(runners, watch, poll_seconds=config.poll_seconds, health=health, artifacts=artifacts)


def open_fetcher(settings: ArtifactSettings) -> Fetcher:
    """What fetches the inputs that requests do not carry."""
    sources = [open_source(url, gateway=settings.gateway) for url in settings.peers]
    return Fetcher(ArtifactStore(settings.store), sources, largest=settings.largest_bytes)


def build_runner(
    config: NodeConfig,
    *,
    answers: AnswerProvider | None = None,
    checkpoint: Callable[[str], None] = lambda _: None,
) -> Runner:
    """The loop of a node with one chain; ``answers`` in place of honest ones is for tests of dishonest nodes."""
    station = ChainStation(Workshop(config), config.all_chains[0])
    return station.build_runner(answers, checkpoint)
