"""EZKL from nothing to a verified proof, as its users run it: its own environment, its best settings, a test SRS."""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray

from bench.provers.child import Outcome
from bench.provers.costs import Costs, median_processor, median_seconds
from bench.provers.process import ROOT, Bench, StepError
from bench.provers.samples import distance_from_fp32, draw_samples
from lockstep.testing.bench import Report

REQUIREMENT = "ezkl==23.0.5"
CACHE = ROOT / ".lockstep" / "bench" / "ezkl"
VERIFICATIONS = 3
VISIBILITY = {"input_visibility": "public", "param_visibility": "private", "output_visibility": "public"}
"""Its fastest choice: hidden weights, bound to nothing (fixed ones cost 14 % more, hashed ones 21 times as much)."""


@dataclass(frozen=True)
class Settings:
    """What was found to prove a model fastest; what is left out is EZKL's calibration's choice."""

    run_arguments: dict[str, object] = field(default_factory=dict)
    scales: tuple[int, ...] | None = None
    lookup_margin: float = 2.0


@dataclass(frozen=True)
class Flow:
    """One model on its way through EZKL; the files of all its steps lie in one folder."""

    folder: Path
    steps: Bench
    report: Report

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def run(self, step: str, **arguments: object) -> Outcome:
        self.report(f"ezkl {step}")
        return self.steps.run(step, **arguments)


def measure(model: onnx.ModelProto, settings: Settings, *, proofs: int, report: Report) -> Costs:
    """What proving one run of ``model`` costs; raises ``StepError`` where EZKL fails or its proof does not verify."""
    with tempfile.TemporaryDirectory(prefix="ezkl-") as name:
        flow = Flow(Path(name), Bench(install(report), "bench.provers.ezkl_steps"), report)
        sample = write_samples(flow, model)
        compiling = compile_circuit(flow, settings)
        srs = make_srs(flow)
        keys = flow.run(
            "setup", model=flow.path("circuit"), vk_path=flow.path("vk"), pk_path=flow.path("pk"), srs_path=srs
        )
        proving = [prove(flow, srs) for _ in range(proofs)]
        verifying = [verify(flow, srs) for _ in range(VERIFICATIONS)]
        return Costs(
            setup_seconds=sum(step.seconds for step in compiling) + keys.seconds,
            prove_seconds=median_seconds(proving),
            prove_processor_seconds=median_processor(proving),
            verify_seconds=median_seconds(verifying),
            proof_bytes=len(json.loads((flow.folder / "proof.json").read_text())["proof"]),
            peak_memory=max(outcome.peak_memory for outcome in (keys, *proving)),
            idle_memory=flow.steps.run("idle").peak_memory,
            error=output_error(flow, model, sample),
        )


def install(report: Report) -> Path:
    """The Python of EZKL's environment, made on first use and kept: it is not measured."""
    folder = CACHE / REQUIREMENT.replace("==", "-")
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.is_file():
        report(f"installing {REQUIREMENT} into an environment of its own")
        shutil.rmtree(folder, ignore_errors=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", REQUIREMENT]
        for command in ([sys.executable, "-m", "venv", str(folder)], pip):
            if (status := subprocess.run(command, check=False, stdout=sys.stderr).returncode) != 0:
                raise StepError("install", f"{' '.join(command[1:4])}: exit status {status}")
        done.touch()
    return python


def write_samples(flow: Flow, model: onnx.ModelProto) -> NDArray[np.float32]:
    """The model, the input that is proved, and what is calibrated on, as EZKL reads them; returns the input."""
    onnx.save(model, flow.path("model.onnx"))
    samples = draw_samples(model)
    for name, values in (("input.json", samples[:1]), ("calibration.json", samples)):
        (flow.folder / name).write_text(json.dumps({"input_data": [values.reshape(-1).tolist()]}), encoding="utf-8")
    return samples[:1]


def compile_circuit(flow: Flow, settings: Settings) -> list[Outcome]:
    """Settings, calibration and circuit: part of the set-up, and repeated for every model."""
    model, chosen = flow.path("model.onnx"), flow.path("settings.json")
    return [
        flow.run("gen_settings", model=model, output=chosen, run_arguments=VISIBILITY | settings.run_arguments),
        flow.run(
            "calibrate_settings",
            data=flow.path("calibration.json"),
            model=model,
            settings=chosen,
            target="resources",
            lookup_safety_margin=settings.lookup_margin,
            scales=settings.scales,
            scale_rebase_multiplier=[1],
        ),
        flow.run("compile_circuit", model=model, compiled_circuit=flow.path("circuit"), settings_path=chosen),
    ]


def make_srs(flow: Flow) -> str:
    """A test SRS of the circuit's size, kept between runs and not counted, as a real one would be downloaded."""
    rows = json.loads((flow.folder / "settings.json").read_text())["run_args"]["logrows"]
    path = CACHE / f"test-{rows}.srs"
    if not path.is_file():
        partial = path.with_suffix(".partial")
        every_core = Bench(flow.steps.python, flow.steps.module, is_pinned=False)
        flow.report(f"ezkl gen_srs of 2^{rows} rows, once")
        every_core.run("gen_srs", srs_path=str(partial), logrows=rows)
        partial.rename(path)
    return str(path)


def prove(flow: Flow, srs: str) -> Outcome:
    """One run of the model and its proof; EZKL reads its proving key from the disk each time."""
    circuit, witness = flow.path("circuit"), flow.path("witness.json")
    running = flow.run("gen_witness", data=flow.path("input.json"), model=circuit, output=witness)
    files = {"witness": witness, "model": circuit, "pk_path": flow.path("pk"), "proof_path": flow.path("proof.json")}
    proving = flow.run("prove", **files, srs_path=srs)
    return Outcome(
        seconds=running.seconds + proving.seconds,
        processor_seconds=running.processor_seconds + proving.processor_seconds,
        peak_memory=max(running.peak_memory, proving.peak_memory),
        result=None,
    )


def verify(flow: Flow, srs: str) -> Outcome:
    """One verification; a proof that does not verify is a failure."""
    files = {
        "proof_path": flow.path("proof.json"),
        "settings_path": flow.path("settings.json"),
        "vk_path": flow.path("vk"),
    }
    outcome = flow.run("verify", **files, srs_path=srs, reduced_srs=False)
    if not outcome.result:
        raise StepError("verify", "the proof is refused")
    return outcome


def output_error(flow: Flow, model: onnx.ModelProto, sample: NDArray[np.float32]) -> float:
    """How far the outputs that were proved are from onnxruntime's."""
    witness = json.loads((flow.folder / "witness.json").read_text())
    proved = np.array(witness["pretty_elements"]["rescaled_outputs"], dtype=np.float64)
    return distance_from_fp32(model, sample, proved)
