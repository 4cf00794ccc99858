"""`lockstep prove --claim`: what is true of an answer is proved, and the answer is not shown."""

import json
import re
import time
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

from lockstep.errors import ProofError
from lockstep.exec.run import Program
from lockstep.features.command import Answer, Progress
from lockstep.features.proofs.commands import Passes, masks_of, read_passes
from lockstep.features.proofs.making import Making, room_for
from lockstep.features.proofs.secret import read_secret
from lockstep.features.proofs.statement_commands import read_key_file, read_subject
from lockstep.features.proofs.writing import secret_of, target_of
from lockstep.ir.graph import Graph
from lockstep.proof.arithmetise.claims import AnswerClaim
from lockstep.proof.arithmetise.visibility import ArgmaxIs, AtLeast
from lockstep.proof.prover.statements import committed_weights, witness_of

Predicate = ArgmaxIs | AtLeast
_CLAIM = re.compile(r"\s*(?P<name>\w+)\s*(?P<relation>==|>=)\s*(?P<value>[-+0-9./eE]+)\s*")
ANY_OUTPUT = ("output", "score")
"""Names that every model's output goes by, besides its own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `lockstep prove`."""

    model: Path
    input: Path
    key: Path | None
    output: Path | None
    max_memory: float
    seed: str | None


def prove_predicate(progress: Progress, asked: Asked, text: str) -> Answer:
    """Prove that a predicate holds of the model's answer. Raises ``proof/unsatisfied`` before anything is spent."""
    started = time.perf_counter()
    target = target_of(asked.output, asked.model.with_suffix(".claim.proof"))
    key = asked.key or asked.model.with_suffix(".key")
    graph, subject = read_subject(progress, asked.model, key)
    key_file = read_key_file(key)
    inputs = read_passes(graph, asked.input, key_file.passes)
    predicate = parse_predicate(text, graph)
    require_holds(graph, inputs, predicate)
    claim = AnswerClaim(subject, predicate)
    masks = masks_of(asked.seed, key_file, inputs).child(json.dumps(claim.said(), sort_keys=True))
    with room_for(claim, asked.max_memory) as folder:
        progress("committing to the weights")
        weights = committed_weights(subject, read_secret(secret_of(key)).seed, folder=folder)
        making = Making(claim, [weights], [secret_of(key)], target, masks, folder)
        return making.make(lambda: witness_of(claim, inputs), progress, started)


def parse_predicate(text: str, graph: Graph) -> Predicate:
    """``argmax == 3`` or ``score >= 0.5``; a real number becomes the least integer that stands for as much."""
    found = _CLAIM.fullmatch(text)
    if found is None or len(graph.outputs) != 1:
        raise _unknown(text)
    output, name = graph.outputs[0], found["name"]
    try:
        value = Fraction(found["value"])
    except (ValueError, ZeroDivisionError):
        raise _unknown(text) from None
    if (name, found["relation"]) == ("argmax", "==") and value.denominator == 1:
        return ArgmaxIs(int(value))
    if name in (output.name, *ANY_OUTPUT) and found["relation"] == ">=":
        return AtLeast(ceil(value / Fraction(output.scale)) + output.zero_point)
    raise _unknown(text)


def require_holds(graph: Graph, passes: Passes, predicate: Predicate) -> None:
    """Raises ``proof/unsatisfied`` if the model's answer is another one."""
    program = Program(graph)
    for inputs in passes:
        values = np.asarray(program.run(inputs)[0]).reshape(-1)
        match predicate:
            case ArgmaxIs(winner):
                holds, found = int(values.argmax()) == winner, f"argmax is {int(values.argmax())}"
            case AtLeast(threshold):
                holds, found = int(values.min()) >= threshold, f"the least value is the integer {int(values.min())}"
        if not holds:
            raise ProofError("proof/unsatisfied", "the claim is not true of the model's answer", value=found)


def _unknown(text: str) -> ProofError:
    remedy = "of a model with one output: argmax == 3, or NAME >= 0.5"
    return ProofError("proof/public", "this is no claim about an answer", value=text, remedy=remedy)
