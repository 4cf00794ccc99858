"""Lockstep from an ONNX file to verified proofs, measured as EZKL is."""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from bench.provers.costs import Costs
from bench.provers.lockstep_steps import Proved
from bench.provers.process import Bench
from bench.provers.samples import distance_from_fp32, draw_samples
from lockstep.ir.format import read_model
from lockstep.proof.files import ProofFile, decode_proof_file
from lockstep.testing.bench import Report

PROOFS = 5


def measure(model: onnx.ModelProto, *, report: Report) -> Costs:
    """What proving one run of ``model`` costs; raises ``StepError`` where it fails or a proof does not verify."""
    steps = Bench(Path(sys.executable), "bench.provers.lockstep_steps")
    samples = draw_samples(model)
    with tempfile.TemporaryDirectory(prefix="lockstep-") as name:
        folder = Path(name)
        source, compiled, inputs = (folder / part for part in ("model.onnx", "model.lockstep", "inputs.npy"))
        onnx.save(model, source)
        np.save(inputs, samples)
        report("lockstep compile")
        compiling = steps.run("compile", model=str(source), calibration=str(inputs), target=str(compiled))
        report(f"lockstep set-up and {PROOFS} proofs")
        proving = steps.run("prove", compiled=str(compiled), samples=str(inputs), proofs=PROOFS)
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


@dataclass(frozen=True)
class ChainProof:
    """A proof in the preset that spares bytes."""

    seconds: float
    file: ProofFile


def prove_for_chain(model: onnx.ModelProto, passes: int, *, report: Report) -> ChainProof:
    """One proof of ``passes`` runs, inputs and weights hidden; raises ``StepError`` where it fails."""
    steps = Bench(Path(sys.executable), "bench.provers.lockstep_steps")
    with tempfile.TemporaryDirectory(prefix="lockstep-") as name:
        folder = Path(name)
        source, compiled, inputs, proof = (
            folder / part for part in ("model.onnx", "model.lockstep", "inputs.npy", "proof")
        )
        onnx.save(model, source)
        np.save(inputs, draw_samples(model, passes))
        report(f"lockstep compile and proof for a chain, {passes} runs")
        steps.run("compile", model=str(source), calibration=str(inputs), target=str(compiled))
        proving = steps.run("prove_for_chain", compiled=str(compiled), samples=str(inputs), proof=str(proof))
        return ChainProof(proving.seconds, decode_proof_file(proof.read_bytes()))
