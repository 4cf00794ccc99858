"""How the cheating server lies: one activation deep inside is changed, and all that follows is computed from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import ProtocolError
from lockstep.exec import reference
from lockstep.ir.graph import Graph
from lockstep.ir.ops import Opcode

Values = list[NDArray[np.signedinteger]]
TRIES = 400
"""Elements that are tried for each picture before the next."""


@dataclass(frozen=True, slots=True)
class Lie:
    """Which picture is answered wrongly, by which change. ``values`` are those of all nodes, the lie and after."""

    picture: int
    node_number: int
    element: int
    claimed: int
    values: Values


def find_lie(graph: Graph, runs: Sequence[tuple[Values, Values]]) -> Lie:
    """The least convincing picture whose answer one activation turns over; ``runs`` are (inputs, node values)."""
    node_number = _deepest(graph)
    for picture in sorted(range(len(runs)), key=lambda number: _margin(runs[number][1][-1])):
        inputs, values = runs[picture]
        truth = int(values[-1].argmax())
        for element in _candidates(values[node_number], graph.nodes[node_number].high):
            changed = apply_lie(graph, inputs, values, (node_number, element, graph.nodes[node_number].high))
            if int(changed[-1].argmax()) != truth:
                return Lie(picture, node_number, element, graph.nodes[node_number].high, changed)
    raise ProtocolError("demo/no-lie", "no single activation turns an answer over")


def apply_lie(graph: Graph, inputs: Values, values: Values, change: tuple[int, int, int]) -> Values:
    """The values of all nodes with one element (node, element, value) changed and everything after it computed anew."""
    node_number, element, value = change
    changed = list(values)
    changed[node_number] = values[node_number].copy()
    changed[node_number].reshape(-1)[element] = value
    for number in range(node_number + 1, len(graph.nodes)):
        changed[number] = reference.evaluate_node(graph, number, inputs, changed[:number])
    return changed


def _deepest(graph: Graph) -> int:
    """The last convolution; the last product before the output if there is none."""
    kinds = [node.opcode for node in graph.nodes]
    for opcode in (Opcode.CONV, Opcode.MATMUL):
        if opcode in kinds[:-1]:
            return max(number for number, kind in enumerate(kinds[:-1]) if kind == opcode)
    return 0


def _margin(output: NDArray[np.signedinteger]) -> int:
    """How far the answer is ahead of the next one."""
    second, first = np.sort(output.reshape(-1).astype(np.int64))[-2:]
    return int(first - second)


def _candidates(values: NDArray[np.signedinteger], high: int) -> Iterator[int]:
    """Elements that are far from ``high``, spread over the tensor."""
    flat = values.reshape(-1)
    order = np.random.default_rng(len(flat)).permutation(len(flat))
    yield from (int(element) for element in order[:TRIES] if flat[element] < high // 2)
