"""Models without weights: the same program as with them, and nothing in them that a program is not checked for."""

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

from bench.models import mlp
from lockstep.errors import LockstepError
from lockstep.ir.format import model_bytes, outline_bytes, parse_model
from lockstep.ir.graph import Graph
from lockstep.ir.importer import compile_model
from lockstep.proof.arithmetise.compile import build_structure
from lockstep.proof.arithmetise.facts import facts_of, public_facts
from lockstep.proof.arithmetise.subjects import anonymous, checked_outline
from tests.unit.ir.tree_cases import grow, regressor

CASES: dict[str, Callable[[], onnx.ModelProto]] = {
    "dense": lambda: mlp(20, 16, 8, 5),
    "trees": lambda: regressor(grow(1, 20)),
    "trees of one leaf": lambda: regressor(grow(9, 3, depth=0)),
}


def compiled(name: str, folder: Path) -> Graph:
    onnx.save(CASES[name](), folder / "model.onnx")
    return compile_model(folder / "model.onnx")


@pytest.mark.parametrize("name", CASES)
def test_an_outline_gives_the_program_and_no_weight_or_name(name: str, tmp_path: Path) -> None:
    graph = compiled(name, tmp_path)
    named = replace(graph, source="secret", nodes=tuple(replace(node, name="secret") for node in graph.nodes))
    data = outline_bytes(anonymous(named))
    assert b"secret" not in data and data == outline_bytes(anonymous(checked_outline(data)))
    whole, outlined = (
        build_structure(one, log_columns=12, widths=facts_of(graph).widths).program
        for one in (graph, checked_outline(data))
    )
    assert whole == outlined
    assert len(data) < len(model_bytes(graph)) and parse_model(model_bytes(graph)).header() == graph.header()


def test_a_node_without_a_quotient_has_no_width(tmp_path: Path) -> None:
    graph = compiled("trees", tmp_path)
    widths = facts_of(graph).widths
    free = [number for number, width in enumerate(widths) if width == -1]
    assert free
    for number in free:
        for width in (0, 9, 1 << 40):
            with pytest.raises(LockstepError, match="proof/range"):
                public_facts(graph, (*widths[:number], width, *widths[number + 1 :]))


def test_what_no_model_can_be_is_refused_before_it_takes_time_or_memory(tmp_path: Path) -> None:
    graph = compiled("dense", tmp_path)
    data = outline_bytes(anonymous(graph))
    node = graph.nodes[0]
    cases = {
        "graph/shift": outline_bytes(replace(graph, nodes=(replace(node, shift=1 << 31), *graph.nodes[1:]))),
        "graph/multiplier": outline_bytes(replace(graph, nodes=(replace(node, multiplier=-1 << 31), *graph.nodes[1:]))),
        "graph/empty": outline_bytes(replace(graph, outputs=())),
        "model/file": data + b"\x00",
    }
    for code, changed in cases.items():
        with pytest.raises(LockstepError) as refusal:
            checked_outline(changed)
        assert refusal.value.code == code
    first = data.index(struct.pack(">I", len(graph.constants)), len(data) - 100)
    for size in (0, 0xFFFFFFFF):
        shape = struct.pack(">I", size)
        with pytest.raises(LockstepError):
            checked_outline(data[: first + 6] + shape + data[first + 10 :])
