"""The commands about models: compile, run, verify, register, list."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from lockstep.claims.model import commit_model
from lockstep.codec import encode_values
from lockstep.crypto.merkle import digest_tree, tensor_root
from lockstep.errors import GraphError
from lockstep.exec.run import Program
from lockstep.features.command import Answer, Command, Progress
from lockstep.features.models.facts import describe_model
from lockstep.features.models.inputs import match_calibration, match_inputs, read_arrays
from lockstep.ir.check import check_graph
from lockstep.ir.format import read_model, write_model
from lockstep.ir.importer import compile_model
from lockstep.ir.quantise import dequantise_output, quantise_input


class Bits(StrEnum):
    """Width of activations."""

    EIGHT = "8"
    SIXTEEN = "16"


ModelPath = Annotated[Path, typer.Argument(metavar="MODEL", help="A compiled model, as `model compile` writes it.")]


def compile_(
    progress: Progress,
    file: Annotated[Path, typer.Argument(metavar="FILE.onnx", help="The ONNX model, fp32 or already quantised (QDQ).")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; beside FILE as .lockstep if not given.")
    ] = None,
    calibration: Annotated[
        Path | None,
        typer.Option(help="An .npz with arrays of samples by input name; without it samples are drawn at random."),
    ] = None,
    bits: Annotated[Bits, typer.Option(help="Width of activations.")] = Bits.EIGHT,
) -> Answer:
    """Compile an ONNX model into an integer graph: the same result, bit for bit, on every machine."""
    samples = match_calibration(read_arrays(calibration)) if calibration else None
    graph = compile_model(
        file, calibration=samples, activation_bits=int(bits.value), on_progress=lambda text: progress(_stage(text))
    )
    target = output or file.with_suffix(".lockstep")
    progress("writing " + target.name)
    write_model(target, graph)
    progress("hashing weights and graph")
    commitment = commit_model(graph)
    document = {"ok": True, "file": str(target), **describe_model(graph, commitment)}
    lines = (
        f"wrote {target} ({target.stat().st_size:,} bytes)",
        f"{document['nodes']} nodes, {document['parameters']:,} parameters, "
        f"{document['multiplications']:,} multiplications a pass",
        f"model id 0x{commitment.model_id.hex()}",
    )
    return Answer(document, lines)


def _stage(text: str) -> str:
    """Without the count of samples, which would be a line each in a log."""
    return text.partition(", sample")[0]


def run(
    progress: Progress,
    model: ModelPath,
    input_: Annotated[Path, typer.Option("--input", help="An .npz or .json with one array an input.")],
    trace: Annotated[
        bool, typer.Option("--trace", help="Also compute the trace root that a dispute starts from.")
    ] = False,
) -> Answer:
    """Run a compiled model and print its outputs, as real numbers and as the integers that the roots commit to."""
    graph = read_model(model)
    arrays = match_inputs(read_arrays(input_), [(spec.name, spec.shape) for spec in graph.inputs], input_)
    inputs = [quantise_input(spec, values) for spec, values in zip(graph.inputs, arrays, strict=True)]
    progress("running")
    program = Program(graph)
    document: dict[str, object] = {"ok": True}
    if trace:
        recorded = program.run_trace(inputs)
        first = len(graph.nodes) - len(graph.outputs)
        outputs = [recorded.values(0, first + k).reshape(spec.shape) for k, spec in enumerate(graph.outputs)]
        document |= {
            "input_root": recorded.input_root,
            "output_root": recorded.output_root,
            "trace_root": recorded.root,
        }
    else:
        outputs = program.run(inputs)
        roots = [tensor_root(encode_values(v, s.dtype.width)) for s, v in zip(graph.outputs, outputs, strict=True)]
        document |= {"output_root": digest_tree(roots).root}
    real = [dequantise_output(spec, values) for spec, values in zip(graph.outputs, outputs, strict=True)]
    document["outputs"] = {
        spec.name: {"values": values.tolist(), "integers": integers.tolist()}
        for spec, values, integers in zip(graph.outputs, real, outputs, strict=True)
    }
    lines = tuple(
        f"{spec.name}: " + ", ".join(f"{value:.6g}" for value in values.ravel()[:SHOWN_VALUES]) + _rest(values.size)
        for spec, values in zip(graph.outputs, real, strict=True)
    )
    roots_shown = tuple(
        f"{name.replace('_', ' ')} 0x{root.hex()}" for name, root in document.items() if isinstance(root, bytes)
    )
    return Answer(document, (*lines, *roots_shown))


SHOWN_VALUES = 16
"""Values of an output that a person gets to see; `--json` has them all."""


def _rest(count: int) -> str:
    return f" … and {count - SHOWN_VALUES:,} more" if count > SHOWN_VALUES else ""


def verify(
    progress: Progress,
    model: ModelPath,
    against: Annotated[str | None, typer.Option(help="The model id that the file must have, 0x and 64 digits.")] = None,
) -> Answer:
    """Verify a compiled model: its bytes re-encode to themselves, every rule holds, and its roots give its id."""
    progress("reading and re-encoding")
    graph = read_model(model)
    progress("checking every node's rules and value ranges")
    check_graph(graph)
    progress("hashing weights and graph")
    commitment = commit_model(graph)
    model_id = "0x" + commitment.model_id.hex()
    if against is not None and against.lower() != model_id:
        raise GraphError("model/other-id", "this file is another model", value=model_id, remedy=f"wanted {against}")
    document = {"ok": True, "file": str(model), **describe_model(graph, commitment)}
    return Answer(document, (f"{model} is valid", f"model id {model_id}"))


COMMANDS = (
    Command(
        "model compile",
        compile_,
        (
            "lockstep model compile digits.onnx",
            "lockstep model compile digits.onnx -o digits.lockstep --calibration samples.npz --bits 16",
        ),
    ),
    Command("model run", run, ("lockstep model run digits.lockstep --input image.npz --trace",)),
    Command(
        "model verify",
        verify,
        ("lockstep model verify digits.lockstep", "lockstep model verify digits.lockstep --against 0x5f…"),
    ),
)
