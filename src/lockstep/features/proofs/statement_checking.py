"""What `lockstep verify` says of a statement; needs arrays to build its program, but no model, chain or prover."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from lockstep.errors import ProofError
from lockstep.features.command import Answer, Progress
from lockstep.ir.format import read_model
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.claims import AnswerClaim, Claim, RotationClaim, claim_of, name_of
from lockstep.proof.arithmetise.facts import facts_of
from lockstep.proof.arithmetise.subjects import ModelSubject
from lockstep.proof.arithmetise.visibility import AtLeast
from lockstep.proof.files import decode_key_file
from lockstep.proof.statement_files import decode_data_key, decode_statement_file
from lockstep.proof.verifier.claims import verify_shown
from lockstep.types import Digest


@dataclass(frozen=True, slots=True)
class Expected:
    """What the person who checks names."""

    key: Path | None = None
    data_key: Path | None = None
    model: Path | None = None
    against: str | None = None


def verify_statement(data: bytes, expected: Expected, progress: Progress) -> Answer:
    """The words of a statement, if its proof holds and it is about what is expected. Raises ``LockstepError``."""
    file = decode_statement_file(data)
    progress("building the program of what the file claims")
    claim = claim_of(file)
    _require_expected(claim, expected)
    graph = read_model(expected.model) if expected.model else None
    if graph is not None:
        progress("comparing with the model")
        _require_model(claim, graph)
    progress("checking the proof")
    verify_shown(claim, file)
    models = _models(claim)
    document = {
        "ok": True,
        "claim": dict(file.said),
        "words": claim.words(),
        "model_id": claim.model.model_id if claim.model else None,
        "zk_commitment": claim.model.key.digest if claim.model else None,
        "new_model_id": models[1].model_id if len(models) > 1 else None,
        "data_id": claim.data.data_id if claim.data else None,
        "preset": file.parameters.name,
        "publics": [list(values) for values in file.publics],
    }
    return Answer(document, ("the proof holds; it shows:", claim.words(), *_remarks(claim, graph, expected)))


def _models(claim: Claim) -> list[ModelSubject]:
    """The models that a claim names, by their keys: a rotation names two."""
    if claim.model is None:
        return []
    return [claim.model, claim.rotated] if isinstance(claim, RotationClaim) else [claim.model]


def _require_expected(claim: Claim, expected: Expected) -> None:
    models = _models(claim)
    if expected.key is not None:
        from lockstep.features.proofs.verifying import read_file

        key = decode_key_file(read_file(expected.key))
        if key.key.digest not in [model.key.digest for model in models]:
            raise ProofError("proof/other-key", "the statement is about another key", value=_names(models))
        if key.model_id not in [model.model_id for model in models]:
            raise ProofError(
                "proof/other-model", "the statement names another model than the key", value=_names(models)
            )
    if expected.data_key is not None:
        from lockstep.features.proofs.verifying import read_file

        wanted = decode_data_key(read_file(expected.data_key)).data_id
        if claim.data is None or claim.data.data_id != wanted:
            found = name_of(claim.data.data_id) if claim.data else "none"
            raise ProofError("proof/data", "the statement is about another data set", value=found)
    if expected.against is not None:
        ids = [model.model_id for model in models] or [claim.data.data_id if claim.data else Digest(b"")]
        if expected.against.lower() not in map(name_of, ids):
            raise ProofError(
                "proof/other-model",
                "the statement is about another model or data set",
                value=", ".join(map(name_of, ids)),
                remedy=f"wanted {expected.against}",
            )


def _names(models: list[ModelSubject]) -> str:
    return ", ".join(name_of(model.key.digest) for model in models) or "none"


def _require_model(claim: Claim, graph: Graph) -> None:
    """The claim is about this graph, its weights' root and its widths."""
    from lockstep.claims.model import commit_model

    model = claim.model
    if model is None:
        raise ProofError("proof/other-model", "the statement is about a data set alone", remedy="leave --model out")
    same = replace(model, graph=graph)
    is_same = same.outline == model.outline and commit_model(graph).weights_root == model.weights_root
    if not is_same or facts_of(graph).widths != model.widths:
        raise ProofError("proof/other-model", "the statement is about another model", value=name_of(model.graph_root))


def _remarks(claim: Claim, graph: Graph | None, expected: Expected) -> Iterator[str]:
    """What the words do not say by themselves."""
    if graph is not None and claim.model is not None:
        from lockstep.features.proofs.public_weights import are_public

        if are_public(replace(claim.model, graph=graph), claim.model.weights_root):
            yield "the key's commitment is to this model's weights, which it does not hide"
        else:
            yield "the key's program is this model's; that the hidden weights are its weights, its key's maker says"
        if isinstance(claim, AnswerClaim) and isinstance(claim.predicate, AtLeast):
            output = graph.outputs[0]
            real = output.scale * (claim.predicate.threshold - output.zero_point)
            yield f"the integer {claim.predicate.threshold} stands for {real:g} in output {output.name}"
    if claim.model is not None and not (expected.key or expected.against):
        yield "compare the model's id with the one you expect"
    if claim.data is not None and not expected.data_key and not (claim.model is None and expected.against):
        yield "compare the data set's id with the one you expect"
