"""The prover role: proves the jobs of models that it has keys for, and settles them at once."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.proof_desk import ProofDesk
from lockstep.crypto.hashing import keccak256
from lockstep.crypto.randomness import Randomness
from lockstep.errors import ChainError, LockstepError, ProofError
from lockstep.exec.run import Program
from lockstep.features.inference.answers import Observe, Tensors, split_inputs
from lockstep.features.inference.inputs import CarriedInputs, InputFinder
from lockstep.features.inference.player import Table, withdraw
from lockstep.features.inference.server import offer_of
from lockstep.features.inference.view import JobsView, JobView
from lockstep.features.proofs.secret import read_secret, spend
from lockstep.features.proofs.settlement import build_settlement, require_fits_desk
from lockstep.ir.format import read_model
from lockstep.ir.graph import Graph
from lockstep.node.admission import Admission, Offer
from lockstep.node.role import Action, about
from lockstep.proof.files import ProofFile, decode_key_file
from lockstep.proof.prover.session import Prover, prover_of_key
from lockstep.types import Digest

NO_DEADLINE = 1 << 62


@dataclass(frozen=True, eq=False)
class ProvableModel:
    """A model with its key; the secret beside the key counts its proofs."""

    graph: Graph
    prover: Prover
    secret: Path


def read_provable(folder: Path) -> dict[Digest, ProvableModel]:
    """The models of a folder, by model id, with a ``.key`` and its secret beside them, that the desk settles."""
    models = {}
    for path in sorted(folder.glob("*.key")):
        secret, model = path.with_name(path.name + ".secret"), path.with_suffix(".lockstep")
        if not (secret.is_file() and model.is_file()):
            continue
        graph, key = read_model(model), decode_key_file(path.read_bytes())
        try:
            require_fits_desk(graph, key)
        except ProofError as error:
            structlog.get_logger().info("left out", key=str(path), error=str(error))
            continue
        models[key.model_id] = ProvableModel(graph, prover_of_key(graph, key, read_secret(secret).seed), secret)
    return models


@dataclass(slots=True)
class Truth:
    """What a job's model answers, and the proof once it is made; ``is_refused``: there will be none."""

    data: bytes
    inputs: list[Tensors]
    output_root: Digest
    proof: ProofFile | None = None
    is_refused: bool = False


class ProofServer:
    """Proves every job about a model that it has a key for, if the job is open or was answered with something else.

    A job that cannot be proved (the key's budget is spent, its input is none of the model's) is left to others.
    """

    name = "prover"

    def __init__(
        self,
        table: Table,
        desk: ProofDesk,
        jobs: JobsView,
        models: Mapping[Digest, ProvableModel],
        secret: bytes,
        *,
        admission: Admission | None = None,
        observe: Observe = lambda _model, _seconds: None,
        inputs: InputFinder | None = None,
    ) -> None:
        self._inputs = inputs or CarriedInputs()
        self._table, self._desk, self._jobs, self._models = table, desk, jobs, models
        self._secret, self._admission, self._observe = secret, admission or Admission(worker="prover"), observe
        self._truths: dict[Digest, Truth | None] = {}

    def decide(self, now: int) -> Iterator[Action]:
        """Prove what can be proved, withdraw what was earned."""
        views = [view for view in self._jobs.jobs.values() if self._can_be_settled(view, now)]
        for job_id in self._truths.keys() - {view.job_id for view in views}:
            del self._truths[job_id]
        new = [_offer_of(view) for view in views if view.job_id not in self._truths]
        taken = self._admission.admit(new, now=now, funds=0)
        for view in views:
            model = self._models.get(view.job.model_id)
            if model is None or not (view.job_id in self._truths or view.job_id in taken):
                continue
            yield from about(view.job_id, self._settle(view, model))
        yield from withdraw(self._table)

    def _settle(self, view: JobView, model: ProvableModel) -> Iterator[Action]:
        truth = self._find_truth(view, model)
        proof = self._find_proof(view, model, truth) if truth is not None else None
        if truth is not None and proof is not None:
            transaction = build_settlement(self._desk, view.job, model.graph, truth.data, proof)
            yield Action(f"prove/{view.job_id.hex()}", transaction, "prove")

    def _can_be_settled(self, view: JobView, now: int) -> bool:
        if view.job.model_id not in self._models or view.job.passes != 1:
            return False
        if view.status is Status.OPEN:
            return now < view.job.respond_by
        return view.status is Status.ASSERTED

    def _find_truth(self, view: JobView, model: ProvableModel) -> Truth | None:
        """What the job's model answers; None without the right input, which may yet be found."""
        if view.job_id not in self._truths:
            data = self._inputs.find_input(model.graph, view.job, view.input_data)
            if data is None:
                return None
            self._truths[view.job_id] = _find_truth(view, model, data)
        return self._truths[view.job_id]

    def _find_proof(self, view: JobView, model: ProvableModel, truth: Truth) -> ProofFile | None:
        """The proof for a job; None if there cannot be one, or what was answered is right and stands without help."""
        log = structlog.get_logger().bind(role=self.name, job=view.job_id.hex())
        if truth.is_refused or view.asserted_root == truth.output_root:
            return None
        if truth.proof is None:
            try:
                truth.proof = self._prove(view, model, truth)
            except ChainError:
                raise
            except LockstepError as error:
                truth.is_refused = True
                log.warning("not proved", error=str(error))
        return truth.proof

    def _prove(self, view: JobView, model: ProvableModel, truth: Truth) -> ProofFile:
        """The proof, the same one after a crash.

        Its masks are derived from the journal's secret and from all that it states: no two statements share them,
        whatever accounts and chains one journal is used with.
        """
        context = self._table.rpc.read(self._desk.context_of(view.job, self._table.account))
        spend(model.secret)
        stated = keccak256(context, model.prover.key.model_id, truth.data)
        started = time.monotonic()
        proof = model.prover.prove(
            truth.inputs, randomness=Randomness(self._secret).child(stated.hex()), context=context
        )
        self._observe(view.job.model_id, time.monotonic() - started)
        return proof


def _offer_of(view: JobView) -> Offer:
    """A proof needs no bond; once there is an answer, it may come until the answer's window ends."""
    offer = replace(offer_of(view), bond=0)
    return offer if view.status is Status.OPEN else replace(offer, respond_by=NO_DEADLINE)


def _find_truth(view: JobView, model: ProvableModel, data: bytes) -> Truth | None:
    """None if the input is not the model's, or not that of the job's root."""
    try:
        inputs = split_inputs(model.graph, 1, data)
        trace = Program(model.graph).run_trace(*inputs)
    except LockstepError:
        return None
    if trace.input_root != view.job.input_root:
        return None
    return Truth(data, list(inputs), trace.output_root)
