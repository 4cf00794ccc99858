"""A node from its configuration: the chain, the journal, the models, and the roles by name."""

import os
from collections.abc import Callable

from lockstep.chain.account import dev_account, environment_account
from lockstep.chain.anvil import LOCAL_CHAIN_ID
from lockstep.chain.bindings.arbiter import Arbiter
from lockstep.chain.bindings.bracket import Bracket
from lockstep.chain.bindings.proof_desk import ProofDesk
from lockstep.chain.deployment import read_deployment, verify_deployment
from lockstep.chain.rpc import Rpc
from lockstep.chain.sender import Sender
from lockstep.features.inference.answers import AnswerProvider, HonestAnswers, ModelLibrary
from lockstep.features.inference.challenger import Challenger
from lockstep.features.inference.player import Table
from lockstep.features.inference.server import Server
from lockstep.features.inference.view import JobsView
from lockstep.features.proofs.prover import ProofServer, read_provable
from lockstep.node.config import NodeConfig, RoleName
from lockstep.node.journal import Journal
from lockstep.node.role import Role
from lockstep.node.runner import Runner


def build_runner(
    config: NodeConfig,
    *,
    answers: AnswerProvider | None = None,
    checkpoint: Callable[[str], None] = lambda _: None,
) -> Runner:
    """The node that a configuration describes; ``answers`` in place of honest ones is for tests of dishonest nodes."""
    rpc = Rpc(config.rpc)
    deployment = read_deployment(config.deployment)
    verify_deployment(rpc, deployment)
    account = dev_account(config.account) if rpc.chain_id == LOCAL_CHAIN_ID else environment_account(os.environ)
    journal = Journal(config.journal)
    sender = Sender(rpc, account, journal.outbox)
    arbiter, bracket = deployment.contract(Arbiter), deployment.contract(Bracket)
    view = JobsView()
    table = Table(rpc, arbiter, bracket, sender.address, journal.secret("salt"))
    provider = answers or HonestAnswers(ModelLibrary(config.models))
    roles: dict[RoleName, Callable[[], Role]] = {
        RoleName.SERVER: lambda: Server(table, view, provider, least_fee=config.least_fee_wei),
        RoleName.CHALLENGER: lambda: Challenger(table, view, provider),
        RoleName.PROVER: lambda: ProofServer(
            table,
            deployment.contract(ProofDesk),
            view,
            read_provable(config.models),
            journal.secret("proofs"),
            least_fee=config.least_fee_wei,
        ),
    }
    return Runner(
        rpc,
        sender,
        journal,
        contracts=[arbiter, bracket],
        view=view,
        roles=[roles[name]() for name in config.roles],
        first_block=deployment.first_block,
        confirmations=config.confirmations,
        checkpoint=checkpoint,
    )
