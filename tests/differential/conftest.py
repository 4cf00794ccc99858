"""Both verifiers, deployed once for each module."""

from collections.abc import Iterator

import pytest

from tests.differential.judges import Judges, judges
from tests.unit.proof.proving import SMALL


@pytest.fixture(scope="module")
def both() -> Iterator[Judges]:
    with judges(SMALL) as asked:
        yield asked
