"""`bench prove`: ratios are of what was measured, and a side that fails leaves a row and no excuse."""

from dataclasses import replace
from functools import partial

from bench.models import mlp
from bench.provers.calldata import CalldataGas, price
from bench.provers.chain import ChainGas
from bench.provers.costs import Costs, Failure
from bench.provers.lockstep import ChainProof
from bench.provers.models import Case
from bench.provers.rows import chain_rows, comparison_rows, side_rows
from lockstep.proof.files import ProofFile
from lockstep.proof.key import ProofKey
from lockstep.proof.parameters import PRESETS
from lockstep.testing.bench import Row
from lockstep.types import ZERO_DIGEST
from tests.unit.proof.tiny import PROGRAM

BUILD = partial(mlp, 2, 1)
CASE = Case("small", "small model", BUILD, BUILD, prove_ratio=100, prove_limit=1.0)
THEIRS = Costs(7.0, 50.0, 49.0, 0.5, 3072, 1000 * 2**20, 20 * 2**20, 0.01)
OURS = Costs(0.5, 0.5, 0.49, 0.01, 30_000, 100 * 2**20, 30 * 2**20, 0.02)
TOO_LARGE = Failure("setup", "out of memory at 20 GiB", 1000 * 2**20)


def test_ratios_of_time_and_memory_are_judged() -> None:
    assert list(comparison_rows(CASE, OURS, THEIRS)) == [
        Row("small model", "prove, EZKL / Lockstep", 100.0, "×", ">= 100", True),
        Row("small model", "prove, EZKL / Lockstep, by the clock", 100.0, "×"),
        Row("small model", "peak memory, Lockstep / EZKL", 0.1, "×", "<= 0.2", True),
        Row("small model", "memory above the libraries, Lockstep / EZKL (no promise)", 0.071, "×"),
    ]
    slow = Costs(0.5, 0.5, 0.5, 0.01, 30_000, 201 * 2**20, 30 * 2**20, 0.02)
    assert [row.holds for row in comparison_rows(CASE, slow, THEIRS)] == [False, None, False, None]


def test_limit_that_ezkl_exceeded_bounds_its_memory_and_nothing_its_time() -> None:
    assert list(comparison_rows(CASE, OURS, TOO_LARGE)) == [
        Row("small model", "prove, EZKL / Lockstep", "no proof of EZKL", ""),
        Row("small model", "peak memory, Lockstep / EZKL (which needs more)", 0.1, "×", "<= 0.2", True),
    ]
    refused = Failure("verify", "the proof is refused")
    assert [row.holds for row in comparison_rows(CASE, OURS, refused)] == [None, None]


def test_no_proof_of_ours_misses_every_target() -> None:
    assert [row.holds for row in comparison_rows(CASE, TOO_LARGE, THEIRS)] == [False, False]


def test_only_our_side_is_held_to_the_limit_on_time() -> None:
    judged = {
        name: [row for row in side_rows(CASE, name, OURS) if row.holds is not None] for name in ("EZKL", "Lockstep")
    }
    assert judged == {"EZKL": [], "Lockstep": [Row("small model", "Lockstep: prove", 0.5, "s", "<= 1", True)]}


def test_failure_says_where_and_why() -> None:
    expected = [Row("small model", "EZKL: failed at setup", "out of memory at 20 GiB", "")]
    assert list(side_rows(CASE, "EZKL", TOO_LARGE)) == expected


def test_what_only_one_side_has_is_shown_too() -> None:
    noted = Costs(1, 1, 1, 1, 1, 1, 1, 1, notes=(("preset", "fast-12", ""),))
    assert Row("small model", "Lockstep: preset", "fast-12", "") in list(side_rows(CASE, "Lockstep", noted))


def test_calldata_is_priced_by_both_rules() -> None:
    assert price(bytes(100) + b"\x01" * 1000) == CalldataGas(21_000 + 400 + 16_000, 21_000 + 1000 + 40_000)


def test_gas_of_a_proof_is_judged_by_the_run() -> None:
    case = replace(CASE, chain_gas={64: 10_000})
    file = ProofFile(ProofKey(PROGRAM, PRESETS[5], ()), ZERO_DIGEST, ZERO_DIGEST, (), ZERO_DIGEST, bytes(1000))
    figures = {}
    for total in (640_000, 700_000):
        rows = list(
            chain_rows(case, 64, ChainProof(2.0, file), lambda _, total=total: ChainGas(total, 500_000, 600_000))
        )
        figures[total] = {row.metric.partition(": ")[2]: (row.value, row.holds) for row in rows if row.unit == "gas"}
    assert figures[640_000] == {
        "calldata": (500_000, None),
        "calldata floor": (600_000, None),
        "execution": (140_000, None),
        "gas of the transaction": (640_000, None),
        "gas of each run": (10_000, True),
    }
    assert figures[700_000]["gas of each run"] == (10_938, False)


def test_no_proof_for_a_chain_misses_its_limit() -> None:
    case = replace(CASE, chain_gas={1: 10_000})
    rows = list(chain_rows(case, 1, TOO_LARGE, lambda _: ChainGas(0, 0, 0)))
    assert [row.holds for row in rows] == [None, False]
