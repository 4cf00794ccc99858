"""A model file is read as it was written, or refused: cut, grown, changed in any region, or written in another form."""

import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lockstep.crypto.hashing import keccak256
from lockstep.errors import GraphError, LockstepError, ModelError
from lockstep.ir.descriptor import DESCRIPTOR, decode_descriptor, encode_descriptor
from lockstep.ir.format import PREFIX, model_bytes, parse_model, read_model, write_model
from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model

DIGITS = Path(__file__).parents[3] / "examples" / "digits" / "digits.onnx"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return compile_model(DIGITS)


@pytest.fixture(scope="module")
def data(graph: Graph) -> bytes:
    return model_bytes(graph)


def sealed(body: bytes) -> bytes:
    """A file with a digest that fits: what somebody would forge."""
    return body + keccak256(body)


def regions(graph: Graph, data: bytes) -> dict[str, range]:
    """Where the parts of the file are (section 6)."""
    metadata = PREFIX.size, PREFIX.size + PREFIX.unpack_from(data)[2]
    header = metadata[1], metadata[1] + 32
    descriptors = header[1], header[1] + DESCRIPTOR.size * len(graph.nodes)
    shapes = descriptors[1], descriptors[1] + 4 + sum(2 + 4 * len(constant.shape) for constant in graph.constants)
    weights = shapes[1], shapes[1] + 512 * graph.weight_leaves
    assert weights[1] + 32 == len(data)
    bounds = {
        "prefix": (0, PREFIX.size),
        "metadata": metadata,
        "header": header,
        "descriptors": descriptors,
        "shapes": shapes,
        "weights": weights,
        "digest": (weights[1], len(data)),
    }
    return {name: range(*bound) for name, bound in bounds.items()}


def test_a_file_is_read_as_it_was_written(graph: Graph, data: bytes, tmp_path: Path) -> None:
    write_model(tmp_path / "digits.lockstep", graph)
    again = read_model(tmp_path / "digits.lockstep")
    assert model_bytes(again) == data
    assert (again.inputs, again.outputs, again.nodes, again.source) == (
        graph.inputs,
        graph.outputs,
        graph.nodes,
        graph.source,
    )
    for ours, theirs in zip(again.constants, graph.constants, strict=True):
        np.testing.assert_array_equal(ours.values, theirs.values)


@pytest.mark.parametrize("region", ["prefix", "metadata", "header", "descriptors", "shapes", "weights", "digest"])
def test_a_changed_byte_is_refused(region: str, graph: Graph, data: bytes) -> None:
    places = regions(graph, data)[region]
    for place in places[:: max(1, len(places) // 40)]:
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(ModelError):
            parse_model(bytes(changed))


@pytest.mark.parametrize("region", ["prefix", "metadata", "header", "descriptors", "shapes"])
def test_a_changed_byte_under_a_new_digest_is_refused_or_another_model(region: str, graph: Graph, data: bytes) -> None:
    places = regions(graph, data)[region]
    for place in places[:: max(1, len(places) // 200)]:
        changed = bytearray(data[:-32])
        changed[place] ^= 0x41
        try:
            other = parse_model(sealed(bytes(changed)))
        except LockstepError as refusal:
            assert refusal.code.split("/")[0] in ("model", "graph", "descriptor", "step")
        else:
            assert model_bytes(other) == sealed(bytes(changed)) != data


@pytest.mark.parametrize("length", [0, 8, 13, 45, 200, 1000, -33, -1])
def test_a_cut_file_is_refused(length: int, data: bytes) -> None:
    for cut in (data[:length], sealed(data[:-32][:length])):
        with pytest.raises(LockstepError):
            parse_model(cut)


def test_bytes_after_the_end_are_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="canonical"):
        parse_model(sealed(data[:-32] + bytes(512)))


def test_bytes_after_a_constant_are_refused(graph: Graph, data: bytes) -> None:
    """The filling of a leaf is zero, or two files would be one model."""
    body = bytearray(data[:-32])
    table = graph.constants[-1]
    assert table.values.nbytes % 512
    body[-1] = 7
    with pytest.raises(ModelError, match="canonical"):
        parse_model(sealed(bytes(body)))


def test_metadata_in_another_form_are_refused(data: bytes) -> None:
    length = PREFIX.unpack_from(data)[2]
    document = json.loads(data[PREFIX.size : PREFIX.size + length])
    spaced = json.dumps(document, indent=1).encode()
    body = PREFIX.pack(b"LOCKSTEP", 1, len(spaced)) + spaced + data[PREFIX.size + length : -32]
    with pytest.raises(ModelError, match="canonical"):
        parse_model(sealed(body))


def test_another_version_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError, match="version 2 is not known"):
        parse_model(sealed(data[:8] + struct.pack(">H", 2) + data[10:-32]))


def test_a_graph_that_breaks_a_rule_is_refused_when_read(graph: Graph) -> None:
    broken = replace(graph, nodes=(*graph.nodes[:-1], replace(graph.nodes[-1], low=5, high=4)))
    with pytest.raises(GraphError, match=r"^graph/clamp"):
        parse_model(model_bytes(broken))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^model/missing"):
        read_model(tmp_path / "nothing.lockstep")


def test_a_failed_write_leaves_the_old_file(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "model.lockstep"
    write_model(path, graph)
    with pytest.raises(GraphError):
        write_model(path, replace(graph, nodes=(replace(graph.nodes[0], low=1 << 70),)))
    assert model_bytes(read_model(path)) == model_bytes(graph)
    assert list(tmp_path.iterdir()) == [path]


def test_a_descriptor_is_512_bytes_and_comes_back(graph: Graph) -> None:
    for number, node in enumerate(graph.nodes):
        descriptor = encode_descriptor(graph, number)
        assert len(descriptor) == 512
        assert decode_descriptor(graph, number, node.name, descriptor) == node


def test_compiling_twice_gives_the_same_bytes(data: bytes) -> None:
    assert model_bytes(compile_model(DIGITS)) == data
