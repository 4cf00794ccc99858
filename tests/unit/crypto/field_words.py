"""Words for tests of field kernels: any 64 bits, with those at which carries and borrows happen often."""

import numpy as np
from hypothesis import strategies as st

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.vector_kernels import Words

EDGES = (0, 1, 2**32 - 1, 2**32, 2**63, MODULUS - 1, MODULUS, MODULUS + 1, 2**64 - 1)

words = st.sampled_from(EDGES) | st.integers(0, 2**64 - 1)
elements = st.tuples(words, words)


def vectors(least: int = 1, most: int = 9) -> st.SearchStrategy[Words]:
    """Extension vectors, ``[n, 2]`` lazy words."""
    lists = st.lists(elements, min_size=least, max_size=most)
    return lists.map(lambda values: np.array(values, dtype=np.uint64).reshape(-1, 2))
