"""Whoever has an artifact can answer every demand for it: what the store opens, the contract takes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lockstep.store.artifacts import ArtifactStore
from lockstep.store.chunks import CHUNK_BYTES, Layout
from lockstep.store.openings import leaf_position, open_position
from tests.contracts.test_availability import availability, demanded, deployed_availability

__all__ = ["availability", "deployed_availability"]
RANDOM = np.random.default_rng(10)
LAYOUTS = [
    Layout.of(5),
    Layout.of(17 * CHUNK_BYTES + 3),
    Layout(1, (20 * 512, 100, 3 * 512)),
    Layout(3, (700, 9_000)),
    Layout(18, (600,)),
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_position_has_an_answer(availability: Any, tmp_path: Path, layout: Layout) -> None:
    store = ArtifactStore(tmp_path)
    data = RANDOM.bytes(layout.size)
    artifact = store.open(store.put(data, layout))
    root = artifact.tree.root

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.integers(0, 30), st.integers(0, 40) | st.integers(0, 2**30))
    def answer(levels: int, position: int) -> None:
        opening = open_position(artifact, position % (1 << levels), levels)
        demand = demanded(availability, root, position % (1 << levels), levels)
        availability.answer(demand, opening.data, list(opening.path))

    answer()
    for offset in {0, layout.size // 2, layout.size - 1}:
        position, levels = leaf_position(layout, offset)
        opening = open_position(artifact, position, levels)
        assert data[offset] in opening.data and len(opening.data) == 512 and len(opening.path) == levels
        availability.answer(demanded(availability, root, position, levels), opening.data, list(opening.path))
