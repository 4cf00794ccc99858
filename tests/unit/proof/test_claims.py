"""Claims: a preset that is too small for one is refused, by rows and by bits, and the one that fits is named."""

from dataclasses import replace

import pytest

from lockstep.errors import ProofError
from lockstep.features.proofs.checking import check_proof
from lockstep.ir.dtypes import DType
from lockstep.ir.graph import TensorSpec
from lockstep.proof.arithmetise.claims import DataClaim, claim_of, file_of
from lockstep.proof.arithmetise.dataset import Balance, Bounds
from lockstep.proof.arithmetise.subjects import outline_of_rows
from lockstep.proof.files import ProofFile
from lockstep.proof.key import ProofKey, find_preset
from lockstep.proof.sizing import require_fits
from lockstep.proof.statement import OracleCommitment
from lockstep.proof.statement_files import DataKeyFile, decode_data_key, encode_data_key
from lockstep.types import ZERO_DIGEST
from tests.unit.proof.proving import dense

ROWS = 500_000
OUTLINE = outline_of_rows((TensorSpec("x", DType.I8, (1,), 0.5, 3),))


def key_of(preset: str, rows: int = ROWS) -> DataKeyFile:
    return DataKeyFile(OUTLINE, rows, True, True, find_preset(preset), OracleCommitment(bytes(26), 1, ((0, 0), (0, 0))))


def test_a_statement_with_too_many_rows_is_told_which_preset_has_room() -> None:
    claim = DataClaim(key_of("fast-12"))
    with pytest.raises(ProofError) as refusal:
        require_fits(claim.program, claim.parameters)
    assert (refusal.value.code, refusal.value.remedy) == ("proof/parameters", "make the keys with --preset fast-13")
    larger = DataClaim(key_of("fast-13"))
    require_fits(larger.program, larger.parameters)


def test_a_statement_that_would_have_less_than_100_bits_is_refused() -> None:
    program = DataClaim(key_of("fast-12", 1000)).program
    require_fits(program, find_preset("fast-12"))
    with pytest.raises(ProofError, match="too few bits"):
        require_fits(replace(program, sides=program.sides * 20_000), find_preset("fast-12"))


@pytest.mark.parametrize(
    "other",
    [
        {"rows": 0},
        {"rows": 1 << 40},
        {"rows": True},
        {"rows": "7"},
        {"balance": [2]},
        {"balance": [1, 0, 9]},
        {"balance": [3, 5, 4]},
        {"balance": [3, 0, 10**30]},
        {"bounds": [5, 4]},
        {"bounds": [-129, 4]},
        {"bounds": [0, 4, 5]},
        {"bounds": ["0", 4]},
        {"labels": 0},
        {"labels": 2},
        {"kind": "registration"},
        {"kind": "everything"},
        {"kind": ["data"]},
    ],
)
def test_what_no_claim_says_is_refused(other: dict[str, object]) -> None:
    file = file_of(DataClaim(key_of("fast-12", 1000), Balance(3, 0, 900), Bounds(-7, 100)), ())
    assert (
        claim_of(file)
        .words()
        .endswith("each of the 3 classes is the label of 0 … 900 rows, and no row has another label")
    )
    with pytest.raises(ProofError):
        claim_of(replace(file, said={**file.said, **other}))  # type: ignore[dict-item]


def test_words_of_a_range_give_integers_and_what_they_stand_for() -> None:
    words = DataClaim(key_of("fast-12", 1000), bounds=Bounds(-7, 100)).words()
    assert "the values of input 0 are integers in -7 … 100 (by its scale -5 … 48.5)" in words


def test_a_data_key_is_canonical_and_names_all_that_it_says() -> None:
    key = key_of("fast-12", 1000)
    data = encode_data_key(key)
    assert decode_data_key(data) == key
    changed = (replace(key, rows=1001), replace(key, is_labelled=False), replace(key, outline=OUTLINE + b" "))
    assert len({one.data_id for one in (key, *changed)}) == 4
    for bad in (data[:-1], data + b"\x00", data.replace(b'"rows":1000', b'"rows":1001')):
        with pytest.raises(ProofError, match="proof/file"):
            decode_data_key(bad)


def test_an_answer_that_would_have_less_than_100_bits_is_refused() -> None:
    """Whoever makes a key chooses its preset: who checks a proof counts look-ups again, before reading the proof."""
    case = dense()
    key = ProofKey(case.statement.program, find_preset("fast-12"), case.statement.commitments)
    widest = max(key.program.sides, key=lambda side: side.bits)
    many = replace(key, program=replace(key.program, sides=(*key.program.sides, *[widest] * 60_000)))
    for tried, message in ((key, "proof/length"), (many, "too few bits")):
        file = ProofFile(tried, ZERO_DIGEST, ZERO_DIGEST, case.statement.publics, ZERO_DIGEST, b"")
        with pytest.raises(ProofError, match=message):
            check_proof(file, key=None, against=None, progress=lambda _: None)
