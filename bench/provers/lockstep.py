"""Lockstep from an ONNX file to verified proofs, measured as EZKL is."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx

from bench.provers.costs import Costs
from bench.provers.lockstep_steps import Proved
from bench.provers.process import Bench
from bench.provers.samples import distance_from_fp32, draw_samples
from lockstep.ir.format import read_model
from lockstep.testing.bench import Report

PROOFS = 5


def measure(model: onnx.ModelProto, *, report: Report) -> Costs:
    """What proving one run of ``model`` costs; raises ``StepError`` where it fails or a proof does not verify."""
    steps = Bench(Path(sys.executable), "bench.provers.lockstep_steps")
    samples = draw_samples(model)
    with tempfile.TemporaryDirectory(prefix="lockstep-") as name:
        folder = Path(name)
        source, compiled, calibration, sample = (folder / part for part in ("m.onnx", "m.lockstep", "c.npy", "x.npy"))
        onnx.save(model, source)
        np.save(calibration, samples)
        np.save(sample, samples[:1])
        report("lockstep compile")
        compiling = steps.run("compile", model=str(source), calibration=str(calibration), target=str(compiled))
        report(f"lockstep set-up and {PROOFS} proofs")
        proving = steps.run("prove", compiled=str(compiled), sample=str(sample), proofs=PROOFS)
        proved = Proved(**proving.result)  # type: ignore[arg-type]
        spec = read_model(compiled).outputs[0]
    reals = (np.array(proved.outputs) - spec.zero_point) * spec.scale
    return Costs(
        setup_seconds=compiling.seconds + proved.setup_seconds,
        prove_seconds=proved.prove_seconds,
        prove_processor_seconds=proved.prove_processor_seconds,
        verify_seconds=proved.verify_seconds,
        proof_bytes=proved.proof_bytes,
        peak_memory=proving.peak_memory,
        idle_memory=steps.run("idle").peak_memory,
        error=distance_from_fp32(model, samples[:1], reals),
        notes=(("preset", proved.preset, ""), ("first proof of a process", proved.first_seconds, "s")),
    )
