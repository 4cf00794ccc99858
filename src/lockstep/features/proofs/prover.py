"""The prover role: proves the jobs of models that it has keys for, and settles them at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lockstep.chain.bindings.arbiter import Status
from lockstep.chain.bindings.proof_desk import ProofDesk
from lockstep.chain.rpc import Rpc
from lockstep.crypto.randomness import Randomness
from lockstep.errors import ProtocolError
from lockstep.exec.run import Program
from lockstep.features.inference.answers import split_inputs
from lockstep.features.inference.view import JobsView, JobView
from lockstep.features.proofs.secret import read_secret, spend
from lockstep.features.proofs.settlement import build_settlement, require_fits_desk
from lockstep.ir.format import read_model
from lockstep.ir.graph import Graph
from lockstep.node.role import Action
from lockstep.proof.files import ProofFile, decode_key_file
from lockstep.proof.prover.session import Prover, prover_of_key
from lockstep.types import Address, Digest


@dataclass(frozen=True, eq=False)
class ProvableModel:
    """A model with its key; the secret beside the key counts its proofs."""

    graph: Graph
    prover: Prover
    secret: Path


def read_provable(folder: Path) -> dict[Digest, ProvableModel]:
    """The models of a folder that have a ``.key`` and its secret beside them, by model id."""
    models = {}
    for path in sorted(folder.glob("*.key")):
        secret, model = path.with_name(path.name + ".secret"), path.with_suffix(".lockstep")
        if not (secret.is_file() and model.is_file()):
            continue
        graph, key = read_model(model), decode_key_file(path.read_bytes())
        require_fits_desk(graph, key.passes)
        models[key.model_id] = ProvableModel(graph, prover_of_key(graph, key, read_secret(secret).seed), secret)
    return models


class ProofServer:
    """Proves every job about a model that it has a key for, if the job is open or was answered with something else.

    The randomness of a job's proof is derived from the journal's secret and the job: after a crash the same proof is
    made again, byte for byte, and a witness is never masked in two ways.
    """

    name = "prover"

    def __init__(
        self,
        rpc: Rpc,
        desk: ProofDesk,
        account: Address,
        jobs: JobsView,
        models: Mapping[Digest, ProvableModel],
        secret: bytes,
        *,
        least_fee: int = 0,
    ) -> None:
        self._rpc, self._desk, self._account = rpc, desk, account
        self._jobs, self._models, self._secret = jobs, models, secret
        self._least_fee = least_fee
        self._proofs: dict[Digest, ProofFile | None] = {}

    def decide(self, now: int) -> Iterator[Action]:
        """Prove what can be proved."""
        for view in list(self._jobs.jobs.values()):
            model = self._models.get(view.job.model_id)
            if model is None or not self._is_wanted(view, now):
                continue
            proof = self._proof_of(view, model)
            if proof is not None:
                transaction = build_settlement(self._desk, view.job, model.graph, view.input_data, proof)
                yield Action(f"prove/{view.job_id.hex()}", transaction, "prove")

    def _is_wanted(self, view: JobView, now: int) -> bool:
        if view.job.fee < self._least_fee or view.job.passes != 1:
            return False
        if view.status is Status.OPEN:
            return now < view.job.respond_by
        return view.status is Status.ASSERTED

    def _proof_of(self, view: JobView, model: ProvableModel) -> ProofFile | None:
        """The proof for a job; None if its input is not that of its root, or what was answered is right."""
        if view.job_id not in self._proofs:
            self._proofs[view.job_id] = self._prove(view, model)
        return self._proofs[view.job_id]

    def _prove(self, view: JobView, model: ProvableModel) -> ProofFile | None:
        try:
            inputs = split_inputs(model.graph, 1, view.input_data)
        except ProtocolError:
            return None
        trace = Program(model.graph).run_trace(*inputs)
        if trace.input_root != view.job.input_root:
            return None
        if view.status is Status.ASSERTED and view.asserted_root == trace.output_root:
            return None  # it will stand without help
        context = self._rpc.read(self._desk.context_of(view.job, self._account))
        spend(model.secret)
        randomness = Randomness(self._secret).child(view.job_id.hex())
        return model.prover.prove(inputs, randomness=randomness, context=context)
