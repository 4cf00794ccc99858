"""Vectors of proofs: the plain reference, the compiled kernels and the files say the same."""

import json
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lockstep.crypto import vector_kernels as kernels
from lockstep.crypto.capped_merkle import cap_height, hash_leaf, root_of_cap, verify_path
from lockstep.crypto.encoding import Codeword
from lockstep.crypto.goldilocks import (
    ONE,
    Element,
    add,
    decode_element,
    decode_word,
    equality,
    invert,
    multilinear,
    multiply,
    power,
    root_of_unity,
    subtract,
)
from lockstep.crypto.hashing import keccak256
from lockstep.crypto.proof_of_work import grind
from lockstep.crypto.transcript import Transcript
from lockstep.crypto.vector_kernels import to_array, to_element, to_elements
from lockstep.errors import ProofError

ROOT = Path(__file__).parents[3]
GENERATOR = runpy.run_path(str(ROOT / "tools" / "generate_zk_vectors.py"))
FIELD, TRANSCRIPT, TREES, CODES = (
    json.loads((ROOT / "vectors" / "zk" / f"{name}.json").read_text())
    for name in ("field", "transcript", "trees", "codes")
)


def read(text: str) -> list[Element]:
    data = bytes.fromhex(text)
    return [decode_element(data[k : k + 16]) for k in range(0, len(data), 16)]


def one(text: str) -> Element:
    (element,) = read(text)
    return element


def test_vectors_are_up_to_date() -> None:
    assert GENERATOR["main"](["--check"]) == 0


def test_check_finds_a_changed_vector(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main = GENERATOR["main"]
    monkeypatch.setitem(main.__globals__, "FOLDER", tmp_path)
    assert main(["--check"]) == 1
    assert main([]) == 0 == main(["--check"])
    path = tmp_path / "codes.json"
    path.write_text(path.read_text().replace('"rows": 17', '"rows": 71'))
    assert main(["--check"]) == 1


def test_plain_field_is_that_of_the_vectors() -> None:
    for case in FIELD["pairs"]:
        a, b = one(case["a"]), one(case["b"])
        assert add(a, b) == one(case["sum"])
        assert subtract(a, b) == one(case["difference"])
        assert multiply(a, b) == one(case["product"])
        assert invert(a) == one(case["inverse_of_a"])
        assert equality(a, b) == one(case["equality"])
    case = FIELD["power"]
    assert power(one(case["base"]), case["exponent"]) == one(case["is"])
    case = FIELD["multilinear"]
    assert multilinear(read(case["values"]), read(case["point"])) == one(case["is"])
    assert [str(root_of_unity(log_order)) for log_order, _ in FIELD["roots"]] == [root for _, root in FIELD["roots"]]


def test_kernels_are_those_of_the_vectors() -> None:
    left = to_array(one(case["a"]) for case in FIELD["pairs"])
    right = to_array(one(case["b"]) for case in FIELD["pairs"])
    products, sums = left.copy(), left.copy()
    kernels.multiply_in_place(products, right)
    kernels.add_in_place(sums, right)
    assert to_elements(products) == [one(case["product"]) for case in FIELD["pairs"]]
    assert to_elements(sums) == [one(case["sum"]) for case in FIELD["pairs"]]
    case = FIELD["equality_table"]
    assert to_elements(kernels.equality_table(read(case["point"]))) == read(case["table"])
    case = FIELD["multilinear"]
    table = kernels.equality_table(read(case["point"]))
    assert to_element(kernels.dot(table, to_array(read(case["values"])))) == one(case["is"])


def test_inverses_of_the_vectors_are_inverses() -> None:
    nonzero = [case for case in FIELD["pairs"] if any(one(case["a"]))]
    assert len(nonzero) >= 10
    assert all(multiply(one(case["a"]), one(case["inverse_of_a"])) == ONE for case in nonzero)


@pytest.mark.parametrize("text", FIELD["refused"])
def test_words_of_the_vectors_are_refused(text: str) -> None:
    with pytest.raises(ProofError, match="proof/element"):
        decode_word(bytes.fromhex(text))


def test_transcript_is_that_of_the_vectors() -> None:
    first, *steps = TRANSCRIPT["steps"]
    spoken = Transcript(bytes.fromhex(first["tag"]))
    assert spoken.state.hex() == first["state"]
    for step in steps:
        _take(spoken, step)
        assert spoken.state.hex() == step["state"], step["step"]


def _take(spoken: Transcript, step: dict[str, Any]) -> None:
    match step["step"]:
        case "absorb":
            spoken.absorb(bytes.fromhex(step["data"]))
        case "challenges":
            assert spoken.challenges(len(step["gives"])) == [one(text) for text in step["gives"]]
        case "indices":
            assert spoken.indices(step["count"], step["log_size"]) == step["gives"]
        case "work":
            assert grind(spoken.state, step["bits"]) == step["nonce"]
            spoken.absorb(step["nonce"].to_bytes(8, "big"))
        case other:
            raise AssertionError(other)


def test_trees_are_those_of_the_vectors() -> None:
    leaves = [hash_leaf(bytes([number]) * 8) for number in range(8)]
    assert [leaf.hex() for leaf in leaves] == TREES["leaves"]["digests"]
    for path in TREES["paths"]:
        siblings = [bytes.fromhex(text) for text in path["siblings"]]
        cap = TREES["cap"][str(path["cap"])]
        assert verify_path(leaves[path["index"]], path["index"], siblings).hex() == cap[path["index"] >> len(siblings)]
    for cap in TREES["cap"].values():
        assert root_of_cap([bytes.fromhex(text) for text in cap]).hex() == TREES["root"]
    assert [[queries, depth, cap_height(queries, depth)] for queries, depth, _ in TREES["cap_heights"]] == TREES[
        "cap_heights"
    ]


@pytest.mark.parametrize("case", CODES["codes"], ids=lambda case: f"{case['rows']} rows")
def test_compiled_codes_and_trees_are_those_of_the_vectors(case: dict[str, Any]) -> None:
    message = np.array(GENERATOR["message"](case["length"], case["rows"]), dtype=np.uint64)
    codeword = Codeword(message, case["log_domain"])
    digests = [hash_leaf(codeword.leaf_bytes(place)) for place in range(1 << case["log_domain"])]
    assert codeword.leaf_bytes(0).hex() == case["leaf_0"]
    assert codeword.leaf_bytes(1).hex() == case["leaf_1"]
    assert keccak256(*digests).hex() == case["leaf_digests"]
    assert codeword.root.hex() == case["root"]
