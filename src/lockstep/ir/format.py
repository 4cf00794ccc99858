"""Model files: one canonical form of bytes for one graph (docs/specs/integer-graph.md, section 6)."""

import json
import math
import os
import re
import struct
import tempfile
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from lockstep.codec import decode_values, encode_values
from lockstep.crypto.hashing import LEAF_BYTES, keccak256
from lockstep.errors import LockstepError, ModelError
from lockstep.ir.check import check_graph
from lockstep.ir.descriptor import DESCRIPTOR, decode_descriptor, encode_descriptor
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import HEADER, Constant, Graph, Node, TensorSpec

MAGIC = b"LOCKSTEP"
VERSION = 1
PREFIX = struct.Struct(">8sHI")
DIGEST_BYTES = 32

STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
METADATA_DEPTH = 5
"""Document, list, tensor, edges, the edges of a feature."""


def model_bytes(graph: Graph) -> bytes:
    """The file of a graph; the same graph gives the same bytes."""
    parts = [outline_bytes(graph)]
    for constant in graph.constants:
        parts.append(encode_values(constant.values, constant.dtype.width).ljust(constant.leaves * LEAF_BYTES, b"\0"))
    body = b"".join(parts)
    return body + keccak256(body)


def outline_bytes(graph: Graph) -> bytes:
    """What a file says before the values of constants: a model without its weights."""
    metadata = json.dumps(_metadata(graph), sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    parts = [PREFIX.pack(MAGIC, VERSION, len(metadata)), metadata, graph.header()]
    parts += [encode_descriptor(graph, number) for number in range(len(graph.nodes))]
    parts.append(struct.pack(">I", len(graph.constants)))
    for constant in graph.constants:
        rank = len(constant.shape)
        parts.append(struct.pack(f">BB{rank}I", constant.dtype.width, rank, *constant.shape))
    return b"".join(parts)


def parse_outline(data: bytes) -> Graph:
    """The graph of an outline, its constants blank and without memory. Raises ``ModelError`` or ``GraphError``.

    Rules that depend on weights are not checked.
    """
    try:
        if data[:8] != MAGIC:
            raise _refused("this is no outline of a model")
        graph = _parse_body(data, is_blank=True)
        if outline_bytes(graph) != data:
            raise _refused("it is not in canonical form")
    except (struct.error, ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise _refused(f"{type(error).__name__}: {error}") from None
    return graph


def parse_model(data: bytes) -> Graph:
    """The graph of a file, checked. Raises ``ModelError`` ``model/file`` or ``GraphError``."""
    body, digest = data[:-DIGEST_BYTES], data[-DIGEST_BYTES:]
    if len(data) < PREFIX.size + DIGEST_BYTES or data[:8] != MAGIC:
        raise _refused("this is not a Lockstep model")
    if keccak256(body) != digest:
        raise _refused("the digest at its end does not match: the file is damaged")
    try:
        graph = _parse_body(body)
    except LockstepError:
        raise
    except (struct.error, ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise _refused(f"{type(error).__name__}: {error}") from None
    check_graph(graph)
    if model_bytes(graph) != data:
        raise _refused("it is not in canonical form")
    return graph


def write_model(path: Path, graph: Graph) -> None:
    """Writes the file whole or not at all."""
    data = model_bytes(graph)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def read_model(path: Path) -> Graph:
    """The graph of the file at ``path``. Raises ``ModelError`` ``model/missing``, ``model/file`` or ``GraphError``."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ModelError("model/missing", f"cannot read the model: {error.strerror}", value=path) from None
    return parse_model(data)


def _refused(reason: str) -> ModelError:
    return ModelError("model/file", reason, remedy="compile the model again, or fetch it again")


def _metadata(graph: Graph) -> dict[str, Any]:
    return {
        "inputs": [_spec_document(spec) for spec in graph.inputs],
        "outputs": [_spec_document(spec) for spec in graph.outputs],
        "nodes": [node.name for node in graph.nodes],
        "source": graph.source,
    }


def _spec_document(spec: TensorSpec) -> dict[str, Any]:
    edges = {"edges": [list(row) for row in spec.edges]} if spec.edges else {}
    return {
        **edges,
        "name": spec.name,
        "width": spec.dtype.width,
        "shape": list(spec.shape),
        "scale": float(spec.scale),
        "zero_point": spec.zero_point,
    }


def _spec(document: dict[str, Any]) -> TensorSpec:
    shape = tuple(int(extent) for extent in document["shape"])
    scale = float(document["scale"])
    if not math.isfinite(scale):
        raise _refused("a scale is not a finite number")
    return TensorSpec(
        name=str(document["name"]),
        dtype=DType(document["width"]),
        shape=shape,
        scale=scale,
        zero_point=int(document["zero_point"]),
        edges=tuple(tuple(float(edge) for edge in row) for row in document.get("edges", ())),
    )


def _parse_body(body: bytes, *, is_blank: bool = False) -> Graph:
    _, version, length = PREFIX.unpack_from(body)
    if version != VERSION:
        raise _refused(f"version {version} is not known")
    at = PREFIX.size + length
    metadata = _parse_metadata(body[PREFIX.size : at].decode())
    count = HEADER.unpack_from(body, at)[1]
    header, at = body[at : at + 32], at + 32
    names = metadata["nodes"]
    if len(names) != count:
        raise _refused("the header and the metadata count different nodes")
    descriptors = [body[at + DESCRIPTOR.size * i : at + DESCRIPTOR.size * (i + 1)] for i in range(count)]
    constants = _parse_constants(body, at + DESCRIPTOR.size * count, is_blank)
    graph = Graph(
        inputs=tuple(_spec(document) for document in metadata["inputs"]),
        outputs=tuple(_spec(document) for document in metadata["outputs"]),
        nodes=(),
        constants=constants,
        source=str(metadata["source"]),
    )
    nodes: list[Node] = []
    for number, (name, descriptor) in enumerate(zip(names, descriptors, strict=True)):
        known = Graph(graph.inputs, graph.outputs, tuple(nodes), constants) if nodes else graph
        nodes.append(decode_descriptor(known, number, str(name), descriptor))
    graph = Graph(graph.inputs, graph.outputs, tuple(nodes), constants, graph.source)
    if graph.header() != header:
        raise _refused("the header does not describe the graph")
    return graph


def _parse_metadata(text: str) -> Any:
    """The document, unless it is nested: Python's parser can end the process on a file that is nothing but brackets."""
    steps = ((letter in "[{") - (letter in "]}") for letter in STRING.sub("", text))
    if max(accumulate(steps), default=0) > METADATA_DEPTH:
        raise _refused("its metadata are nested too deeply")
    return json.loads(text)


def _parse_constants(body: bytes, at: int, is_blank: bool) -> tuple[Constant, ...]:
    (count,) = struct.unpack_from(">I", body, at)
    at += 4
    kinds: list[tuple[DType, tuple[int, ...]]] = []
    for _ in range(count):
        width, rank = struct.unpack_from(">BB", body, at)
        kinds.append((DType(width), struct.unpack_from(f">{rank}I", body, at + 2)))
        at += 2 + 4 * rank
    if is_blank:
        return tuple(Constant(dtype, np.broadcast_to(np.zeros((), dtype.numpy), shape)) for dtype, shape in kinds)
    constants = []
    for dtype, shape in kinds:
        size = math.prod(shape) * dtype.size
        if size == 0 or at + size > len(body):
            raise _refused("a constant is empty or cut off")
        values = decode_values(body[at : at + size], dtype.width).astype(dtype.numpy).reshape(shape)
        constants.append(Constant(dtype, np.ascontiguousarray(values)))
        at += -(-size // LEAF_BYTES) * LEAF_BYTES
    return tuple(constants)
