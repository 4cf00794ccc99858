"""The demo from the ONNX file to the two verdicts: real files, a real chain, money, an honest and a cheating server."""

import time
from dataclasses import dataclass
from typing import Final

from lockstep.chain.binding import find_events
from lockstep.chain.bindings.arbiter import Requested
from lockstep.chain.bindings.digit_consumer import DigitConsumer
from lockstep.chain.bindings.shared import Job
from lockstep.cli.demo.cast import Cast, open_cast
from lockstep.cli.demo.example import Example
from lockstep.cli.demo.prepared import Prepared, prepare
from lockstep.cli.demo.record import DemoRun, Step
from lockstep.cli.demo.stage import BOND, FEE, WINDOW_SECONDS, Stage, open_stage
from lockstep.cli.demo.teller import Teller
from lockstep.codec import encode_values
from lockstep.crypto.kernels import tensor_root
from lockstep.features.command import Progress
from lockstep.features.models.lineage import build_registrations
from lockstep.types import Digest

CALLBACK_GAS: Final = 500_000
RESPOND_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Question:
    """A part of the story: which picture is asked about, and whose nodes run."""

    part: str
    picture: int
    players: tuple[str, ...]


def run_demo(example: Example, progress: Progress) -> DemoRun:
    """All of it; the record of what happened."""
    started = time.monotonic()
    progress("compiling digits.onnx into an integer graph")
    prepared = prepare(example)
    progress("starting a private chain and deploying the contracts")
    with open_stage() as stage:
        stage.steps.insert(0, Step("compile digits.onnx", "publisher", 0, prepared.seconds, "set-up"))
        progress("registering the model with its lineage")
        consumer = register(stage, prepared)
        with open_cast(stage, prepared) as cast:
            questions = (
                Question("honest", int(prepared.lie.picture == 0), ("honest server", "challenger")),
                Question("cheat", prepared.lie.picture, ("cheating server", "challenger")),
            )
            progress("an honest server answers, and nobody objects")
            honest = play(stage, prepared, consumer, questions[0], cast)
            progress("a cheating server answers; a challenger disputes; the contract decides")
            cheat = play(stage, prepared, consumer, questions[1], cast)
        teller = Teller(stage, prepared, example, consumer)
        return teller.tell((honest, questions[0].picture), (cheat, questions[1].picture), started)


def register(stage: Stage, prepared: Prepared) -> DigitConsumer:
    """The model and its ancestors go on record; the consumer contract is created for it."""
    registrations = build_registrations(stage.artifacts, prepared.commitment, prepared.ancestors, "digits.lockstep")
    for _, transaction in registrations:
        stage.send("publisher", transaction)
    creation = DigitConsumer.deploy(stage.arbiter.address, prepared.commitment.model_id)
    address = stage.send("user", creation).contract_address
    assert address is not None
    stage.names[address] = "consumer contract"
    stage.note("set-up", iter([name for name, _ in registrations]))
    return DigitConsumer(address)


def ask(stage: Stage, prepared: Prepared, consumer: DigitConsumer, picture: int) -> Job:
    """The user asks through the consumer contract; the terms of the job."""
    inputs, _ = prepared.runs[picture]
    data = encode_values(inputs[0], prepared.graph.inputs[0].dtype.width)
    respond_by = stage.rpc.read_block().timestamp + RESPOND_SECONDS
    call = consumer.ask(tensor_root(data), BOND, WINDOW_SECONDS, respond_by, CALLBACK_GAS, data, value=FEE)
    receipt = stage.send("user", call)
    found = find_events(receipt.logs, [stage.arbiter])
    return next(logged.event.job for logged in found if isinstance(logged.event, Requested))


def play(stage: Stage, prepared: Prepared, consumer: DigitConsumer, question: Question, cast: Cast) -> Job:
    """One request, from the question to the delivered answer."""
    stage.chronicle.mark()
    job = ask(stage, prepared, consumer, question.picture)
    cast.play(Digest(stage.rpc.read(stage.arbiter.job_id_of(job))), question.players)
    stage.note(question.part)
    return job
