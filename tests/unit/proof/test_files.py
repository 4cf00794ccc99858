"""Key and proof files: what is written is what is read, and what was changed is refused with a typed error."""

import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.crypto.goldilocks import MODULUS
from lockstep.crypto.hashing import keccak256
from lockstep.errors import ProofError
from lockstep.proof.files import (
    KEY_MAGIC,
    PROOF_MAGIC,
    KeyFile,
    ProofFile,
    decode_key_file,
    decode_proof_file,
    encode_key_file,
    encode_proof_file,
)
from lockstep.proof.key import ProofKey, decode_key, encode_key, find_preset
from lockstep.proof.parameters import PRESETS
from lockstep.proof.program_bytes import decode_program, encode_program, program_digest
from lockstep.proof.statement import OracleCommitment
from lockstep.types import Digest
from tests.unit.proof.tiny import PROGRAM

WORDS = st.integers(0, MODULUS - 1)
ELEMENTS = st.tuples(WORDS, WORDS)
DIGESTS = st.binary(min_size=32, max_size=32).map(Digest)
COMMITMENTS = st.builds(
    OracleCommitment, st.binary(min_size=26, max_size=26), st.integers(0, 65535), st.tuples(ELEMENTS, ELEMENTS)
)
KEYS = st.builds(ProofKey, st.just(PROGRAM), st.sampled_from(PRESETS), st.lists(COMMITMENTS, max_size=3).map(tuple))
SHOWN = st.sampled_from(["public", "hidden", "committed"])
KEY_FILES = st.builds(
    KeyFile,
    KEYS,
    DIGESTS,
    DIGESTS,
    st.integers(1, 1000),
    st.fixed_dictionaries({"inputs": SHOWN, "outputs": SHOWN}),
    st.lists(st.integers(-1, 62), max_size=5).map(tuple),
    st.booleans(),
)
TENSORS = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4).map(tuple)
PROOF_FILES = st.builds(
    ProofFile, KEYS, DIGESTS, DIGESTS, st.lists(TENSORS, max_size=3).map(tuple), DIGESTS, st.binary(max_size=99)
)
COMMITMENT = OracleCommitment(bytes(range(26)), 1, ((1, 2), (3, 4)))
KEY = ProofKey(PROGRAM, PRESETS[0], (COMMITMENT,))
KEY_FILE = KeyFile(
    KEY,
    Digest(b"g" * 32),
    Digest(b"w" * 32),
    passes=1,
    shows={"inputs": "public", "outputs": "hidden"},
    widths=(-1, 17),
    hides_weights=True,
)
PROOF_FILE = ProofFile(
    KEY, KEY_FILE.graph_root, KEY_FILE.weights_root, ((11, -5), (67,)), Digest(b"c" * 32), bytes(range(100))
)
FILES: tuple[tuple[bytes, Callable[[bytes], object]], ...] = (
    (encode_key_file(KEY_FILE), decode_key_file),
    (encode_proof_file(PROOF_FILE), decode_proof_file),
)


@given(KEY_FILES)
def test_a_key_file_says_what_was_written(file: KeyFile) -> None:
    assert decode_key_file(encode_key_file(file)) == file


@given(PROOF_FILES)
def test_a_proof_file_says_what_was_written(file: ProofFile) -> None:
    assert decode_proof_file(encode_proof_file(file)) == file


@given(KEYS)
def test_a_key_says_what_was_written(key: ProofKey) -> None:
    assert decode_key(encode_key(key)) == key


def test_a_program_says_what_was_written() -> None:
    assert decode_program(encode_program(PROGRAM)) == PROGRAM


def test_the_digest_of_a_key_is_that_of_the_specification() -> None:
    expected = keccak256(b"lockstep/zk/1" + KEY.parameters.encode() + COMMITMENT.encode() + program_digest(PROGRAM))
    assert KEY.digest == expected
    assert PROOF_FILE.model_id == KEY_FILE.model_id
    assert KEY_FILE.model_id == keccak256(b"lockstep/model/1" + b"g" * 32 + b"w" * 32 + expected)


@given(COMMITMENTS)
def test_whatever_of_a_key_is_different_its_digest_is(commitment: OracleCommitment) -> None:
    others = [
        replace(KEY, parameters=PRESETS[1]),
        replace(KEY, commitments=(COMMITMENT, COMMITMENT)),
        replace(KEY, commitments=()),
        replace(KEY, program=replace(PROGRAM, groups=PROGRAM.groups[1:])),
    ]
    others += [replace(KEY, commitments=(commitment,))] if commitment != COMMITMENT else []
    assert len({other.digest for other in (KEY, *others)}) == 1 + len(others)


@pytest.mark.parametrize(("data", "decode"), FILES, ids=["key", "proof"])
def test_a_file_that_was_cut_is_refused(data: bytes, decode: Callable[[bytes], object]) -> None:
    for length in range(len(data)):
        with pytest.raises(ProofError):
            decode(data[:length])


@pytest.mark.parametrize(("data", "decode"), FILES, ids=["key", "proof"])
def test_a_byte_too_many_is_refused(data: bytes, decode: Callable[[bytes], object]) -> None:
    with pytest.raises(ProofError):
        decode(data + b"\x00")


def test_every_changed_byte_of_a_key_file_gives_another_key_or_none() -> None:
    """What a key's name does not cover (passes, what is shown, widths) is compared when its program is built again."""
    data, chance, refused = FILES[0][0], random.Random(1), 0
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        try:
            file = decode_key_file(bytes(changed))
        except ProofError:
            refused += 1
            continue
        assert file != KEY_FILE
        assert (file.key, file.graph_root, file.weights_root) == (KEY, KEY_FILE.graph_root, KEY_FILE.weights_root)
    assert refused > len(data) - 40


def test_every_changed_byte_of_a_proof_file_is_seen() -> None:
    """Only what the verifier itself reads can be changed in a file that is still one: numbers, context, name, proof."""
    data, chance = FILES[1][0], random.Random(2)
    start = len(data) - len(PROOF_FILE.proof) - 8 * 3
    accepted = 0
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        try:
            file = decode_proof_file(bytes(changed))
        except ProofError:
            assert place < start
            continue
        accepted += 1
        assert (file != PROOF_FILE, file.key) == (True, KEY)
    assert accepted >= len(data) - start


def _with_header(data: bytes, **changes: object) -> bytes:
    length = int.from_bytes(data[8:12], "big")
    header = json.loads(data[12 : 12 + length]) | changes
    header = {name: value for name, value in header.items() if value != "absent"}
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    return data[:8] + len(text).to_bytes(4, "big") + text + data[12 + length :]


STRANGE: tuple[object, ...] = (None, "absent", [], {}, "", -1, 1.5, float("inf"), float("nan"), 10**30, "00", [None])


@pytest.mark.parametrize(("data", "decode"), FILES, ids=["key", "proof"])
def test_a_strange_header_is_refused(data: bytes, decode: Callable[[bytes], object]) -> None:
    for name in json.loads(data[12 : 12 + int.from_bytes(data[8:12], "big")]):
        for value in STRANGE:
            if (name, value) != ("widths", []):
                with pytest.raises(ProofError):
                    decode(_with_header(data, **{name: value}))
    for more in ({"more": 1}, {"format": 2}, {"publics": [-1]}, {"publics": [10**18]}, {"widths": [float("inf")]}):
        with pytest.raises(ProofError):
            decode(_with_header(data, **more))
    if decode is decode_key_file:
        for shows in ({"inputs": "public"}, {"inputs": "public", "outputs": "public", "more": "public"}):
            with pytest.raises(ProofError):
                decode(_with_header(data, shows=shows))
    assert decode(_with_header(data))


@pytest.mark.parametrize("magic", [KEY_MAGIC, PROOF_MAGIC])
@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"7", b"[" * 20, b"{}", b"\xff\xfe{}", b'{"a":"\xff"}', b"9" * 5000]
)
def test_what_is_no_header_is_refused(magic: bytes, text: bytes) -> None:
    decode = decode_key_file if magic == KEY_MAGIC else decode_proof_file
    body = encode_key(KEY)
    with pytest.raises(ProofError):
        decode(magic + len(text).to_bytes(4, "big") + text + body)
    with pytest.raises(ProofError):
        decode(magic + (2**32 - 1).to_bytes(4, "big") + text + body)


@given(st.binary(max_size=300))
def test_noise_is_no_program_no_key_and_no_file(data: bytes) -> None:
    for decode in (decode_program, decode_key, decode_key_file, decode_proof_file):
        with pytest.raises(ProofError):
            decode(data)
    with pytest.raises(ProofError):
        decode_key(encode_key(KEY)[: 2 + len(PRESETS[0].name)] + data)


def test_a_program_with_a_changed_byte_is_another_one_or_none() -> None:
    data, chance = encode_program(PROGRAM), random.Random(3)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        try:
            assert decode_program(bytes(changed)) != PROGRAM
        except ProofError as refusal:
            assert refusal.code == "proof/program"


def test_words_of_a_commitment_that_are_not_reduced_are_refused() -> None:
    data = encode_key(KEY)
    place = data.index(COMMITMENT.encode()) + 28
    with pytest.raises(ProofError, match="proof/element"):
        decode_key(data[:place] + MODULUS.to_bytes(8, "big") + data[place + 8 :])


def test_presets_are_found_by_name_only_on_the_list() -> None:
    assert [find_preset(preset.name) for preset in PRESETS] == list(PRESETS)
    with pytest.raises(ProofError, match="proof/parameters"):
        find_preset("tiny")
