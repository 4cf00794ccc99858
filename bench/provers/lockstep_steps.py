"""Lockstep's side of a comparison, in a measured process: compile a model, commit to its weights, prove and verify."""

import os
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
    import lockstep.proof.prover.session
    import lockstep.proof.verifier  # noqa: F401


def compile_file(watch: Stopwatch, *, model: str, calibration: str, target: str) -> None:
    """ONNX to a compiled model."""
    import numpy as np

    from lockstep.ir.format import write_model
    from lockstep.ir.importer import compile_model

    samples = [{"x": sample[None]} for sample in np.load(calibration)]
    with watch:
        write_model(Path(target), compile_model(Path(model), calibration=samples))


def prove_file(_: Stopwatch, *, compiled: str, samples: str, proofs: int) -> dict[str, object]:
    """Commit to the weights, prove ``proofs`` times after a first one, verify each. Inputs public, weights hidden."""
    from lockstep.crypto.randomness import Randomness
    from lockstep.proof.prover.session import set_up

    graph, passes = _read(compiled, samples)
    prover, setup_seconds, _processor = timed(lambda: set_up(graph, weights_seed=os.urandom(SEED_BYTES)))
    first_seconds = timed(lambda: prover.prove(passes[:1], randomness=Randomness()))[1]
    proving = [timed(lambda: prover.prove(passes[:1], randomness=Randomness())) for _ in range(proofs)]
    verifying = [timed(partial(_verify, file)) for file, *_ in proving]
    file = proving[-1][0]
    result = Proved(
        preset=file.key.parameters.name,
        setup_seconds=setup_seconds,
        first_seconds=first_seconds,
        prove_seconds=statistics.median(seconds for _, seconds, _ in proving),
        prove_processor_seconds=statistics.median(processor for _, _, processor in proving),
        verify_seconds=statistics.median(seconds for _, seconds, _ in verifying),
        proof_bytes=len(file.proof),
        outputs=list(file.publics[-1]),
    )
    return asdict(result)


def prove_for_chain(watch: Stopwatch, *, compiled: str, samples: str, proof: str) -> None:
    """Prove all samples at once as a chain sees them, inputs and weights hidden; the file goes to ``proof``."""
    from lockstep.crypto.randomness import Randomness
    from lockstep.proof.arithmetise.compile import Visibility
    from lockstep.proof.files import encode_proof_file
    from lockstep.proof.prover.session import set_up

    graph, passes = _read(compiled, samples)
    shows, seed = Visibility(inputs="hidden"), os.urandom(SEED_BYTES)
    prover = set_up(graph, passes=len(passes), shows=shows, prefer="chain", weights_seed=seed)
    with watch:
        file = prover.prove(passes, randomness=Randomness())
    _verify(file)
    Path(proof).write_bytes(encode_proof_file(file))


SEED_BYTES = 32


def _read(compiled: str, samples: str) -> tuple[Any, list[list[Any]]]:
    """The graph, and for every sample its inputs as integers."""
    import numpy as np

    from lockstep.ir.format import read_model
    from lockstep.ir.quantise import quantise_input

    graph = read_model(Path(compiled))
    return graph, [[quantise_input(graph.inputs[0], sample[None])] for sample in np.load(samples)]


def _verify(file: Any) -> None:
    """As somebody who has the file alone."""
    from lockstep.proof.verifier import verify_proof

    verify_proof(file.key.statement(file.publics, file.context), file.proof)


def timed(action: Callable[[], Any]) -> tuple[Any, float, float]:
    """What it returns, and its seconds by the clock and by the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    answer = action()
    return answer, time.perf_counter() - clock, time.process_time() - processor


if __name__ == "__main__":
    serve({"idle": idle, "compile": compile_file, "prove": prove_file, "prove_for_chain": prove_for_chain})
