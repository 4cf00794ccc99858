"""Inputs coded by edges: what a tree asks of a real number, and nothing else of it (integer-graph.md, section 6)."""

import numpy as np
from numpy.typing import NDArray

from lockstep.errors import GraphError
from lockstep.ir.graph import TensorSpec
from lockstep.ir.limits import EDGES


def check_edges(spec: TensorSpec) -> None:
    """Raises ``GraphError`` ``graph/edges`` unless there are sound edges for every position along the last axis."""
    most = min(EDGES, spec.dtype.maximum)
    if not spec.shape or len(spec.edges) != spec.shape[-1] or (spec.scale, spec.zero_point) != (1.0, 0):
        raise GraphError("graph/edges", f"input {spec.name}: not one list of edges a feature", value=len(spec.edges))
    for feature, row in enumerate(spec.edges):
        edges = np.array(row, np.float64)
        with np.errstate(over="ignore"):
            is_binary32 = np.isfinite(edges).all() and (edges.astype(np.float32) == edges).all()
        if not is_binary32 or not (np.diff(edges) > 0).all() or len(row) > most:
            raise GraphError("graph/edges", f"input {spec.name}: the edges of a feature are not sound", value=feature)


def count_edges_below(spec: TensorSpec, values: NDArray[np.float64]) -> NDArray[np.signedinteger]:
    """For each value, rounded to binary32, how many edges of its feature are less; in the shape of ``spec``."""
    with np.errstate(over="ignore"):
        rows = values.astype(np.float32).reshape(-1, spec.shape[-1])
    integers = np.empty(rows.shape, spec.dtype.numpy)
    for feature, row in enumerate(spec.edges):
        integers[:, feature] = np.searchsorted(np.array(row, np.float32), rows[:, feature], side="left")
    return integers.reshape(spec.shape)
