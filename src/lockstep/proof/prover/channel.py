"""The prover's side of the transcript: what it says is absorbed and kept; masked values get the next pad."""

from collections.abc import Sequence

from lockstep.crypto.goldilocks import Element, add, encode_elements
from lockstep.crypto.proof_of_work import grind
from lockstep.crypto.transcript import NONCE_BYTES
from lockstep.crypto.vector_kernels import Words, to_element
from lockstep.proof.statement import Statement, start_transcript
from lockstep.proof.verifier.messages import Round
from lockstep.proof.verifier.pads import PadNumbers

Elements = tuple[Element, ...]


class ProverChannel:
    """Says a proof. ``pads``: the pads by number, ``[NP, 2]``."""

    def __init__(self, statement: Statement, pads: Words) -> None:
        self._transcript = start_transcript(statement)
        self._parts: list[bytes] = []
        self._pads = pads
        self._next_pad = PadNumbers(statement.program.fractions).stream

    @property
    def proof(self) -> bytes:
        """All that was said."""
        return b"".join(self._parts)

    def clear(self, values: Sequence[Element]) -> Elements:
        """Say values as they are."""
        self._say(encode_elements(*values))
        return tuple(values)

    def masked(self, values: Sequence[Element]) -> Elements:
        """Say values under the next pads; returns what was sent."""
        numbers = range(self._next_pad, self._next_pad + len(values))
        self._next_pad += len(values)
        return self.masked_by(values, numbers)

    def masked_by(self, values: Sequence[Element], numbers: Sequence[int]) -> Elements:
        """Say values under pads with given numbers."""
        return self.clear([add(v, to_element(self._pads[n])) for v, n in zip(values, numbers, strict=True)])

    def root(self, root: bytes) -> None:
        """Say a Merkle root."""
        self._say(root)

    def openings(self, data: bytes) -> None:
        """Add openings: roots bind them, so they are not absorbed."""
        self._parts.append(data)

    def work(self, bits: int) -> None:
        """Find and say a nonce, if work is asked."""
        if bits:
            self._say(grind(self._transcript.state, bits).to_bytes(NONCE_BYTES, "big"))

    def challenge(self) -> Element:
        return self._transcript.challenge()

    def challenges(self, count: int) -> Elements:
        return tuple(self._transcript.challenges(count))

    def indices(self, count: int, log_size: int) -> list[int]:
        return self._transcript.indices(count, log_size)

    def round(self, values: Sequence[Element], *, work: int = 0) -> Round:
        """A masked sumcheck message, then its challenge."""
        sent = self.masked(values)
        self.work(work)
        return Round(sent, self.challenge())

    def clear_round(self, values: Sequence[Element], *, work: int) -> Element:
        """A sumcheck message in the clear; returns its challenge."""
        self.clear(values)
        self.work(work)
        return self.challenge()

    def _say(self, data: bytes) -> None:
        self._transcript.absorb(data)
        self._parts.append(data)
