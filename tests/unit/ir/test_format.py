"""Model files against a forger: any byte, any length, any other form of the metadata, under a digest that fits."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.claims.model import commit_model
from lockstep.crypto.hashing import keccak256
from lockstep.errors import GraphError, LockstepError, ModelError
from lockstep.ir.dtypes import DType
from lockstep.ir.format import MAGIC, PREFIX, model_bytes, parse_model, write_model
from lockstep.ir.graph import Constant, Graph, Node, Operand, TensorSpec
from lockstep.ir.ops import Opcode, OperandKind

DIGEST_BYTES = 32


def sample() -> Graph:
    """MATMUL with a table, then a look-up: constants of three types, one of them with an end that is filled up."""
    random = np.random.default_rng(2)
    x = Operand(OperandKind.INPUT, 0, DType.I8, (2, 20), zero_point=-3)
    weight = Operand(OperandKind.WEIGHT, 0, DType.I8, (30, 20))
    table = Operand(OperandKind.WEIGHT, 1, DType.I64, (30, 2))
    dense = (20, 20, 0, 20, 0, 30, 2, 0, *(0,) * 8)
    look_up = Operand(OperandKind.WEIGHT, 2, DType.I16, (256,))
    nodes = (
        Node("dense", Opcode.MATMUL, (x, weight, table), DType.I8, (2, 30), -100, 100, 4, 1, 1, 20, dense),
        Node("é", Opcode.LUT, (Operand(OperandKind.TRACE, 0, DType.I8, (2, 30)), look_up), DType.I16, (2, 30), -9, 9),
    )
    constants = (
        Constant(DType.I8, random.integers(-128, 128, (30, 20)).astype(np.int8)),
        Constant(DType.I64, random.integers(-(2**30), 2**30, (30, 2)).astype(np.int64)),
        Constant(DType.I16, random.integers(-(2**15), 2**15, 256).astype(np.int16)),
    )
    inputs = (TensorSpec("x", DType.I8, (2, 20), 0.1, -3),)
    return Graph(inputs, (TensorSpec("y", DType.I16, (60,), 1e-9, 0),), nodes, constants, "source")


FILE = model_bytes(sample())
METADATA_END = PREFIX.size + PREFIX.unpack_from(FILE)[2]
DESCRIPTORS = METADATA_END + 32
CONSTANTS = DESCRIPTORS + 2 * 512
WEIGHTS = CONSTANTS + 4 + (2 + 8) + (2 + 8) + (2 + 4)


def sealed(body: bytes) -> bytes:
    """With a digest that is right: what somebody writes who wants to be believed."""
    return body + keccak256(body)


def refusal(data: bytes) -> str:
    with pytest.raises(LockstepError) as refused:
        parse_model(data)
    return refused.value.code


def test_what_is_read_is_what_was_written() -> None:
    graph, read = sample(), parse_model(FILE)
    assert (read.inputs, read.outputs, read.nodes, read.source) == (graph.inputs, graph.outputs, graph.nodes, "source")
    assert [constant.dtype for constant in read.constants] == [constant.dtype for constant in graph.constants]
    for ours, theirs in zip(read.constants, graph.constants, strict=True):
        np.testing.assert_array_equal(ours.values, theirs.values)
        assert ours.values.dtype == theirs.values.dtype
    assert commit_model(read) == commit_model(graph)
    assert model_bytes(read) == FILE


def test_regions_are_where_the_specification_has_them() -> None:
    assert FILE[:8] == MAGIC == b"LOCKSTEP"
    assert json.loads(FILE[PREFIX.size : METADATA_END])["nodes"] == ["dense", "é"]
    assert FILE[METADATA_END:DESCRIPTORS] == sample().header()
    assert struct.unpack_from(">I", FILE, CONSTANTS) == (3,)
    assert len(FILE) == WEIGHTS + sample().weight_leaves * 512 + DIGEST_BYTES
    assert FILE[-DIGEST_BYTES:] == keccak256(FILE[:-DIGEST_BYTES])


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.lockstep"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("lockstep.ir.format.os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_model(path, sample())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_any_changed_byte_is_refused(at: int, change: int) -> None:
    data = bytearray(FILE)
    data[at] ^= change
    assert refusal(bytes(data)) == "model/file"


@given(st.integers(0, len(FILE) - 1))
def test_truncated_file_is_refused(length: int) -> None:
    assert refusal(FILE[:length]) == "model/file"


@given(st.binary(min_size=1, max_size=600))
def test_trailing_bytes_are_refused(rest: bytes) -> None:
    assert refusal(FILE + rest) == "model/file"
    assert refusal(sealed(FILE[:-DIGEST_BYTES] + rest)) == "model/file"


@given(st.integers(0, WEIGHTS - 1), st.integers(1, 255))
def test_changed_byte_under_a_right_digest_gives_another_model_or_none(at: int, change: int) -> None:
    """Whoever makes a digest for other bytes gets a refusal with a code, or a sound graph that is named differently."""
    data = bytearray(FILE[:-DIGEST_BYTES])
    data[at] ^= change
    try:
        read = parse_model(sealed(bytes(data)))
    except (ModelError, GraphError):
        return
    assert model_bytes(read) == sealed(bytes(data))
    is_metadata = PREFIX.size <= at < METADATA_END
    assert is_metadata or commit_model(read).model_id != commit_model(sample()).model_id


@given(st.integers(PREFIX.size, WEIGHTS + 2000))
def test_truncated_file_under_a_right_digest_is_refused(length: int) -> None:
    assert refusal(sealed(FILE[:length])) in {"model/file", "graph/operand", "descriptor/malformed", "descriptor/range"}


def with_metadata(change: Callable[[dict[str, object]], object], *, separators: tuple[str, str] = (",", ":")) -> bytes:
    document = json.loads(FILE[PREFIX.size : METADATA_END])
    change(document)
    metadata = json.dumps(document, sort_keys=True, separators=separators).encode()
    return sealed(PREFIX.pack(MAGIC, 1, len(metadata)) + metadata + FILE[METADATA_END:-DIGEST_BYTES])


NOT_CANONICAL: dict[str, bytes] = {
    "spaces": with_metadata(lambda _: None, separators=(", ", ": ")),
    "unknown key": with_metadata(lambda document: document.update(extra=1)),
    "missing key": with_metadata(lambda document: document.pop("source")),
    "fewer names": with_metadata(lambda document: document.update(nodes=["dense"])),
    "more names": with_metadata(lambda document: document.update(nodes=["a", "b", "c"])),
    "number as a name": with_metadata(lambda document: document.update(nodes=["dense", 2])),
    "no inputs": with_metadata(lambda document: document.update(inputs=[])),
    "a list": sealed(PREFIX.pack(MAGIC, 1, 2) + b"[]" + FILE[METADATA_END:-DIGEST_BYTES]),
    "no JSON": sealed(PREFIX.pack(MAGIC, 1, 2) + b"{]" + FILE[METADATA_END:-DIGEST_BYTES]),
    "no text": sealed(PREFIX.pack(MAGIC, 1, 2) + b"\xff\xfe" + FILE[METADATA_END:-DIGEST_BYTES]),
    "deeply nested": sealed(PREFIX.pack(MAGIC, 1, 100_000) + b"[" * 100_000 + FILE[METADATA_END:-DIGEST_BYTES]),
    "not a number": with_metadata(lambda document: document["inputs"][0].update(scale=float("nan"))),  # type: ignore[index]
    "infinite": sealed(FILE[:-DIGEST_BYTES].replace(b"1e-09", b"1e999")),
    "other version": sealed(PREFIX.pack(MAGIC, 2, METADATA_END - PREFIX.size) + FILE[PREFIX.size : -DIGEST_BYTES]),
    "other magic": sealed(b"LOCKSTEQ" + FILE[8:-DIGEST_BYTES]),
    "metadata beyond the end": sealed(PREFIX.pack(MAGIC, 1, 2**32 - 1) + FILE[PREFIX.size : -DIGEST_BYTES]),
    "constants without end": sealed(FILE[:CONSTANTS] + b"\xff" * 4 + FILE[CONSTANTS + 4 : -DIGEST_BYTES]),
    "filling that is not zero": sealed(FILE[: WEIGHTS + 600] + b"\x01" + FILE[WEIGHTS + 601 : -DIGEST_BYTES]),
    "descriptor's end not zero": sealed(FILE[: CONSTANTS - 1] + b"\x01" + FILE[CONSTANTS:-DIGEST_BYTES]),
    "header's end not zero": sealed(FILE[: DESCRIPTORS - 1] + b"\x01" + FILE[DESCRIPTORS:-DIGEST_BYTES]),
    "empty": b"",
}


@pytest.mark.parametrize("name", NOT_CANONICAL)
def test_other_forms_are_refused(name: str) -> None:
    assert refusal(NOT_CANONICAL[name]) in {"model/file", "graph/operand", "graph/empty", "descriptor/malformed"}
