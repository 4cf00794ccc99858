"""A prover that says one thing wrong and goes on honestly from there is refused, whatever it is."""

from collections.abc import Iterator

import numpy as np
import pytest

from lockstep.crypto.goldilocks import MODULUS
from lockstep.proof.prover import matrices, prove
from lockstep.proof.prover.channel import ProverChannel
from lockstep.proof.verifier.channel import ELEMENT_BYTES, ROOT_BYTES
from lockstep.proof.verifier.pads import PadNumbers
from tests.differential.judges import Judges
from tests.unit.proof.proving import SMALL, Proving, dense


@pytest.fixture(scope="module")
def honest() -> Proving:
    return dense()


def _altered(data: bytes, place: int) -> bytes:
    """One element plus one, or a root with one other bit."""
    if len(data) == ROOT_BYTES:
        return bytes([data[0] ^ 1]) + data[1:]
    word = (int.from_bytes(data[place : place + 8], "big") + 1) % MODULUS
    return data[:place] + word.to_bytes(8, "big") + data[place + 8 :]


def _say_wrongly(patch: pytest.MonkeyPatch, message: int, place: int = 0) -> list[int]:
    """Alter a message before it is absorbed; returns a list that fills with the lengths of all messages."""
    lengths: list[int] = []

    class Liar(ProverChannel):
        def _say(self, data: bytes) -> None:
            lengths.append(len(data))
            super()._say(_altered(data, place) if len(lengths) - 1 == message else data)

    patch.setattr(prove, "ProverChannel", Liar)
    return lengths


def _messages(both: Judges, case: Proving) -> list[int]:
    with pytest.MonkeyPatch.context() as patch:
        lengths = _say_wrongly(patch, -1)
        both.accept(case.statement, case.proof())
    return lengths


def _places(lengths: list[int]) -> Iterator[tuple[int, int]]:
    """Every element of the short messages; the first and the last of the final vector."""
    for message, length in enumerate(lengths):
        if length == ROOT_BYTES:
            yield message, 0
        elif length <= 4 * ELEMENT_BYTES:
            yield from ((message, place) for place in range(0, length, ELEMENT_BYTES))
        else:
            yield from ((message, 0), (message, length - ELEMENT_BYTES))


def test_every_message_matters(both: Judges, honest: Proving) -> None:
    lengths = _messages(both, honest)
    assert lengths.count(ROOT_BYTES) == 1 + len(SMALL.levels) and max(lengths) == ELEMENT_BYTES << SMALL.final_bits
    for message, place in _places(lengths):
        with pytest.MonkeyPatch.context() as patch:
            _say_wrongly(patch, message, place)
            proof = honest.proof()
        assert both.refusal(honest.statement, proof) in ("proof/final", "proof/opening"), (message, place)


def _with_pads(patch: pytest.MonkeyPatch, number: int, word: int | None, *, degree: int | None = None) -> None:
    """Commit to another value of a pad than the prover says with (and, of δ, the same)."""
    draw = matrices._draw_pads

    def drawn(*arguments: object) -> tuple[np.ndarray, np.ndarray]:
        row, pads = draw(*arguments)  # type: ignore[arg-type]
        if degree is not None:
            row[degree] = 1
            return row, pads
        value = (int(pads[number][0]) + 1) % MODULUS if word is None else word
        row[number] = pads[number, 0] = value
        if word is not None:
            row[SMALL.pad_capacity + number] = pads[number, 1] = word
        return row, pads

    patch.setattr(matrices, "_draw_pads", drawn)


def test_every_product_of_pads_is_checked(both: Judges, honest: Proving) -> None:
    numbers = PadNumbers(honest.statement.program.fractions)
    for layer in range(numbers.fractions):
        for number in numbers.products(layer):
            with pytest.MonkeyPatch.context() as patch:
                _with_pads(patch, number, None)
                proof = honest.proof()
            assert both.refusal(honest.statement, proof) == "proof/final", number


@pytest.mark.parametrize("degree", [1 << (SMALL.log_columns - 1), (1 << SMALL.log_columns) - 1, SMALL.row_length - 1])
def test_a_pad_row_of_high_degree_is_refused(both: Judges, honest: Proving, degree: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        _with_pads(patch, 0, None, degree=degree)
        proof = honest.proof()
    assert both.refusal(honest.statement, proof) == "proof/final"


def test_a_blinding_of_zero_is_refused(both: Judges, honest: Proving) -> None:
    with pytest.MonkeyPatch.context() as patch:
        _with_pads(patch, PadNumbers(honest.statement.program.fractions).blinding, 0)
        proof = honest.proof()
    assert both.refusal(honest.statement, proof) == "proof/denominator"
