"""Lockstep's side of a comparison, in a measured process: compile a model, commit to its weights, prove and verify."""

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench.provers.child import Stopwatch, serve


@dataclass(frozen=True)
class Proved:
    """Seconds; medians where something is done more than once. ``first_seconds``: with compiled kernels to load."""

    preset: str
    setup_seconds: float
    first_seconds: float
    prove_seconds: float
    prove_processor_seconds: float
    verify_seconds: float
    proof_bytes: int
    outputs: list[int]


def idle(_: Stopwatch) -> None:
    """Nothing but the libraries, for the memory that everything else comes on top of."""
    import lockstep.proof.arithmetise.arithmetisation
    import lockstep.proof.prover.prove
    import lockstep.proof.verifier.verify  # noqa: F401


def compile_file(watch: Stopwatch, *, model: str, calibration: str, target: str) -> None:
    """ONNX to a compiled model."""
    import numpy as np

    from lockstep.ir.format import write_model
    from lockstep.ir.importer import compile_model

    samples = [{"x": sample[None]} for sample in np.load(calibration)]
    with watch:
        write_model(Path(target), compile_model(Path(model), calibration=samples))


def prove_file(_: Stopwatch, *, compiled: str, sample: str, proofs: int) -> dict[str, object]:
    """Commit to the weights, prove ``proofs`` times after a first one, verify each. Inputs public, weights hidden."""
    import numpy as np

    from lockstep.crypto.randomness import Randomness
    from lockstep.ir.format import read_model
    from lockstep.ir.quantise import quantise_input
    from lockstep.proof.arithmetise.arithmetisation import arithmetise
    from lockstep.proof.prover.matrices import commit_oracle
    from lockstep.proof.prover.prove import prove
    from lockstep.proof.sizing import choose_parameters
    from lockstep.proof.statement import Statement
    from lockstep.proof.verifier.verify import verify_proof

    graph = read_model(Path(compiled))
    inputs = [quantise_input(graph.inputs[0], np.load(sample))]

    def set_up() -> tuple[Any, Any, Any]:
        parameters = choose_parameters(arithmetise(graph, log_columns=LAYOUT).program)
        made = arithmetise(graph, log_columns=parameters.log_columns)
        return made, parameters, commit_oracle(made.weight_rows(), parameters, Randomness())

    def prove_once() -> tuple[Statement, bytes]:
        witness, publics = made.witness([inputs])
        statement = Statement(made.program, parameters, (weights.commitment,), publics)
        return statement, prove(statement, [weights], witness, randomness=Randomness())

    (made, parameters, weights), *setup = timed(set_up)
    _, *first = timed(prove_once)
    proving = [timed(prove_once) for _ in range(proofs)]
    verifying = [timed(partial(verify_proof, *proved)) for proved, *_ in proving]
    statement, proof = proving[-1][0]
    result = Proved(
        preset=parameters.name,
        setup_seconds=setup[0],
        first_seconds=first[0],
        prove_seconds=statistics.median(seconds for _, seconds, _ in proving),
        prove_processor_seconds=statistics.median(processor for _, _, processor in proving),
        verify_seconds=statistics.median(seconds for _, seconds, _ in verifying),
        proof_bytes=len(proof),
        outputs=list(statement.publics[-1]),
    )
    return asdict(result)


LAYOUT = 12
"""Columns of the layout from which a preset is chosen; the choice does not depend on it."""


def timed(action: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it returns, and its seconds by the clock and by the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = action()
    return answer, time.perf_counter() - clock, time.process_time() - processor


if __name__ == "__main__":
    serve({"idle": idle, "compile": compile_file, "prove": prove_file})
