"""Tensors as bytes: the vectors, and that decoding undoes encoding."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.codec import decode_values, encode_values
from lockstep.errors import ShapeError

CASES = json.loads((Path(__file__).parents[3] / "vectors" / "codec.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"i{case['width']}")
def test_codes_are_those_of_the_vectors(case: dict) -> None:
    assert encode_values(np.array(case["values"]), case["width"]).hex() == case["bytes"]
    assert decode_values(bytes.fromhex(case["bytes"]), case["width"]).tolist() == case["values"]


@given(st.sampled_from([8, 16, 32, 64]), st.data())
def test_decoding_undoes_encoding_and_order_is_kept(width: int, data: st.DataObject) -> None:
    bound = 1 << (width - 1)
    values = data.draw(st.lists(st.integers(-bound, bound - 1), min_size=1, max_size=20))
    encoded = encode_values(np.array(values, dtype=np.int64), width)
    assert decode_values(encoded, width).tolist() == values
    codes = [encoded[i : i + width // 8] for i in range(0, len(encoded), width // 8)]
    assert sorted(codes) == [encode_values(np.array([value]), width) for value in sorted(values)]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match="codec/range"):
        encode_values(np.array([128]), 8)
    with pytest.raises(ShapeError, match="codec/length"):
        decode_values(b"abc", 16)
    with pytest.raises(ShapeError, match="codec/width"):
        encode_values(np.array([1]), 12)
